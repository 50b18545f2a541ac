package gateway_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"tetherd/gateway"
)

func TestEndpointIsChecked(t *testing.T) {
	bubble(t, 1, func(w *world) {
		w.start()
		ok := gateway.Endpoint{ID: "x", URL: "https://example.org/", Events: []gateway.EventType{gateway.EventSent}}
		for name, tt := range map[string]struct {
			change func(*gateway.Endpoint)
			want   string // the start of the error; empty: it is accepted
		}{
			"plain":       {func(*gateway.Endpoint) {}, ""},
			"reserved id": {func(e *gateway.Endpoint) { e.ID = "egress" }, "id must not be egress"},
			"long url":    {func(e *gateway.Endpoint) { e.URL += strings.Repeat("x", 4096) }, "id and url must be at most"},
			"long name":   {func(e *gateway.Endpoint) { e.Name = strings.Repeat("ü", 101) }, "name must be at most"},
			"name":        {func(e *gateway.Endpoint) { e.Name = strings.Repeat("ü", 100) }, ""},
			"no event":    {func(e *gateway.Endpoint) { e.Events = nil }, "Unsupported event: event must name one"},
			"wrong event": {func(e *gateway.Endpoint) { e.Events = []gateway.EventType{"sms:lost"} }, `Unsupported event "sms:lost": event must be one of sms:received, `},
			"never happens": {func(e *gateway.Endpoint) {
				e.Events = []gateway.EventType{gateway.EventMMSDownloaded, gateway.EventBatchMMSDownloaded}
			}, ""},
			"long format": {func(e *gateway.Endpoint) { e.Format = gateway.Format(strings.Repeat("x", 21)) }, "format, kind, method and signature must be at most 20"},
			"long template": {func(e *gateway.Endpoint) {
				e.Format, e.Template = gateway.FormatTemplate, strings.Repeat("x", 16<<10+1)
			}, "template must be at most"},
			"content type":     {func(e *gateway.Endpoint) { e.ContentType = "a/b\r\nX: y" }, "contentType must be that of a body"},
			"empty secret":     {func(e *gateway.Endpoint) { e.Secrets = []gateway.Secret{{}} }, "secret must have at most 256 bytes"},
			"redacted secret":  {func(e *gateway.Endpoint) { e.Secrets = []gateway.Secret{{Key: "***"}} }, "secret is ***"},
			"control secret":   {func(e *gateway.Endpoint) { e.Secrets = []gateway.Secret{{Key: "a\nb"}} }, "secret must not have control characters"},
			"header":           {func(e *gateway.Endpoint) { e.Headers = []gateway.Header{{Name: "X-Api-Key", Value: "a b"}} }, ""},
			"header name":      {func(e *gateway.Endpoint) { e.Headers = []gateway.Header{{Name: "X Key", Value: "a"}} }, `headers: "X Key" is not the name of a header`},
			"header injection": {func(e *gateway.Endpoint) { e.Headers = []gateway.Header{{Name: "X-Key", Value: "a\r\nHost: b"}} }, "headers.X-Key must be in ASCII"},
			"header umlaut":    {func(e *gateway.Endpoint) { e.Headers = []gateway.Header{{Name: "X-Key", Value: "ü"}} }, "headers.X-Key must be in ASCII"},
			"header of ours":   {func(e *gateway.Endpoint) { e.Headers = []gateway.Header{{Name: "webhook-ID", Value: "a"}} }, "headers.webhook-ID is set by the gateway"},
			"header of HTTP":   {func(e *gateway.Endpoint) { e.Headers = []gateway.Header{{Name: "Content-Length", Value: "1"}} }, "headers.Content-Length is set by the gateway"},
			"header twice":     {func(e *gateway.Endpoint) { e.Headers = []gateway.Header{{Name: "A"}, {Name: "a"}} }, "headers.a is given twice"},
			"large headers":    {func(e *gateway.Endpoint) { e.Headers = []gateway.Header{{Name: "A", Value: strings.Repeat("x", 4096)}} }, "headers must be at most 4096 bytes"},
			"many headers":     {func(e *gateway.Endpoint) { e.Headers = make([]gateway.Header, 21) }, "headers must be at most 20"},
			"auth type":        {func(e *gateway.Endpoint) { e.Auth = &gateway.EndpointAuth{Type: "digest"} }, "auth.type must be basic or bearer"},
			"basic": {func(e *gateway.Endpoint) {
				e.Auth = &gateway.EndpointAuth{Type: "basic", Username: "u", Password: "pä:"}
			}, ""},
			"basic colon":  {func(e *gateway.Endpoint) { e.Auth = &gateway.EndpointAuth{Type: "basic", Username: "u:v"} }, "auth.username must be given, without a colon"},
			"basic token":  {func(e *gateway.Endpoint) { e.Auth = &gateway.EndpointAuth{Type: "basic", Username: "u", Token: "t"} }, "auth.token is for type bearer"},
			"bearer":       {func(e *gateway.Endpoint) { e.Auth = &gateway.EndpointAuth{Type: "bearer", Token: "t.u-v"} }, ""},
			"bearer space": {func(e *gateway.Endpoint) { e.Auth = &gateway.EndpointAuth{Type: "bearer", Token: "t u"} }, "auth.token must be given, without spaces"},
			"bearer user":  {func(e *gateway.Endpoint) { e.Auth = &gateway.EndpointAuth{Type: "bearer", Token: "t", Username: "u"} }, "auth.username and auth.password are for type basic"},
			"auth and user": {func(e *gateway.Endpoint) {
				e.URL, e.Auth = "https://u:p@example.org/", &gateway.EndpointAuth{Type: "bearer", Token: "t"}
			}, "auth and a user in the url exclude each other"},
			"auth and header": {func(e *gateway.Endpoint) {
				e.Headers, e.Auth = []gateway.Header{{Name: "authorization", Value: "x"}}, &gateway.EndpointAuth{Type: "bearer", Token: "t"}
			}, "auth and headers.Authorization exclude each other"},
			"half a pair":   {func(e *gateway.Endpoint) { e.TLS = &gateway.EndpointTLS{Cert: "x"} }, "tls.cert and tls.key must be given together"},
			"server name":   {func(e *gateway.Endpoint) { e.TLS = &gateway.EndpointTLS{ServerName: "a\nb"} }, "tls.serverName must be the name of a host"},
			"no retries":    {func(e *gateway.Endpoint) { e.Retry.Max = new(0) }, ""},
			"many retries":  {func(e *gateway.Endpoint) { e.Retry.Max = new(51) }, "retry.max must be a whole number from 0 to 50"},
			"hasty base":    {func(e *gateway.Endpoint) { e.Retry.Base = time.Millisecond }, "retry.base must be a duration from 1s to 24h"},
			"two schedules": {func(e *gateway.Endpoint) { e.Retry.Base, e.Retry.Schedule = time.Minute, []time.Duration{time.Minute} }, "retry.base and retry.schedule exclude"},
			"schedule":      {func(e *gateway.Endpoint) { e.Retry.Schedule = []time.Duration{time.Second, 25 * time.Hour} }, "retry.schedule must have delays from 1s to 24h"},
			"jitter":        {func(e *gateway.Endpoint) { e.Retry.Jitter = 11 }, "retry.jitter must be"},
			"give up on":    {func(e *gateway.Endpoint) { e.Retry.GiveUpOn = []int{204} }, "retry.giveUpOn must have HTTP statuses from 300 to 599"},
			"timeout":       {func(e *gateway.Endpoint) { e.Timeout = 3 * time.Minute }, "timeout must be a duration from 1s to 2m"},
			"redirects":     {func(e *gateway.Endpoint) { e.Redirects = "ask" }, "redirects must be fail, follow or treat-as-success"},
			"rate":          {func(e *gateway.Endpoint) { e.Rate.PerSecond = math.NaN() }, "rate.perSecond must be"},
			"burst alone":   {func(e *gateway.Endpoint) { e.Rate.Burst = 3 }, "rate.burst needs rate.perSecond"},
			"slots":         {func(e *gateway.Endpoint) { e.Slots = 33 }, "slots must be a whole number from 1 to 32"},
			"ordered slots": {func(e *gateway.Endpoint) { e.Ordered, e.Slots = true, 2 }, "ordered sends one at a time"},
			"ordered drain": {func(e *gateway.Endpoint) { e.Ordered, e.Newest = true, true }, "ordered and drain newest-first"},
			"max pending":   {func(e *gateway.Endpoint) { e.MaxPending = -1 }, "maxPending must be"},
		} {
			e := ok
			tt.change(&e)
			_, err := w.gw.SaveEndpoint(w.t.Context(), e)
			switch {
			case tt.want == "" && err != nil:
				t.Errorf("%s: got %v, want it accepted", name, err)
			case tt.want != "" && (gateway.CodeOf(err) != gateway.Invalid || !strings.HasPrefix(err.Error(), tt.want)):
				t.Errorf("%s: got %v, want it refused: %s", name, err, tt.want)
			}
		}
		// Events that are named twice are told once.
		e := w.register(gateway.Endpoint{ID: "twice", Events: []gateway.EventType{gateway.EventSent, gateway.EventFailed, gateway.EventSent}})
		if len(e.Events) != 2 {
			t.Errorf("got %q, want each once", e.Events)
		}
	})
}
