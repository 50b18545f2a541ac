package rest

import (
	"encoding/json"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"tetherd/gateway"
)

// tour asks for everything once, in an order in which there is something to answer.
type tour struct {
	*world
	d       *description
	visited map[string]bool // operations that were a success, by their names
}

// call makes a request, which must be answered with want, and holds it against the
// description, as every answer is.
func (v *tour) call(method, path, body string, want int, header ...string) answered {
	v.t.Helper()
	req, err := http.NewRequestWithContext(v.t.Context(), method, v.url+path, strings.NewReader(body))
	if err != nil {
		v.t.Fatal(err)
	}
	a := v.do(method, path, body, header...)
	if a.status != want {
		v.t.Errorf("%s %s: got %d %s, want %d", method, path, a.status, a.body, want)
	}
	o, _ := v.d.operation(req)
	if o == nil {
		v.t.Errorf("%s %s is not described", method, path)
		return a
	}
	if want < 400 {
		if err := v.d.checkRequest(req, body); err != nil {
			v.t.Error(err)
		}
	}
	if a.status < 400 {
		v.visited[o.OperationID] = true
	}
	return a
}

// text returns a field of an answer.
func (v *tour) text(a answered, field string) string {
	v.t.Helper()
	var o map[string]any
	if err := json.Unmarshal([]byte(a.body), &o); err != nil {
		v.t.Fatal(err)
	}
	s, _ := o[field].(string)
	return s
}

// Every operation does what the description says, on the real gateway and store.
func TestDescriptionHolds(t *testing.T) {
	w := newWorldWith(t, Options{Recordings: tape{}}, fakeModem{fullStatus})
	v := &tour{world: w, d: describedOrFail(t), visited: make(map[string]bool)}
	w.gateway.OptOut = &gateway.OptOutRules{}
	w.gateway.Balances = map[string]gateway.BalanceQuery{fullStatus.Modem: {Code: "*100#", Match: regexp.MustCompile(`(\d)`)}}
	w.fill()
	ds := w.history(3)
	for i := range 2 {
		ds[i].State, ds[i].Ended = gateway.Exhausted, w.db.Timeline().Now()
		w.store(gateway.Change{Deliveries: []gateway.Delivery{ds[i]}})
	}
	if err := w.db.AppendLog(t.Context(), []gateway.LogEntry{{At: at(10, 0, 0), Level: gateway.LogInfo, Module: "m", Message: "one", Context: json.RawMessage(`{"n":1}`)}}); err != nil {
		t.Fatal(err)
	}
	v.system()
	v.messages()
	v.webhooks(ds)
	v.modems(fullStatus.Modem)
	v.logIsClean()
	unvisited := make(map[string]bool)
	for _, o := range v.d.ops {
		able := false
		for status := range o.Responses.Map() {
			able = able || status < "400"
		}
		if able && !v.visited[o.OperationID] {
			unvisited[o.String()] = true
		}
	}
	if len(unvisited) > 0 {
		t.Errorf("never a success, add to the tour: %v", slices.Sorted(maps.Keys(unvisited)))
	}
}

// logIsClean reports what the log of all this, at its most talkative, must not have.
func (v *tour) logIsClean() {
	v.t.Helper()
	log := v.log.String()
	if strings.Count(log, "\n") < 100 {
		v.t.Errorf("got %d lines: is it the log?", strings.Count(log, "\n"))
	}
	for what, secret := range map[string]string{
		"a phone number": "4915110000", "a token": "eyJ", "credentials": "Basic ", "the password": `"secret"`, "a signing secret": "whsec_",
		"a passphrase": "open sesame", "a password of a webhook": "hook-password", "a header of a webhook": "hook-header", "the query of a webhook": "hook-query", "a text": "“hi”",
		"a key of a request": "once-key",
	} {
		if i := strings.Index(log, secret); i >= 0 {
			v.t.Errorf("the log has %s: %s", what, log[max(i-200, 0):min(i+100, len(log))])
		}
	}
}

func (v *tour) system() {
	v.call("GET", "/", "", 200)
	v.call("GET", "/health", "", 200)
	v.call("GET", "/health/live", "", 200)
	v.call("GET", "/devices", "", 200)
	v.call("DELETE", "/devices/other", "", 404)
	v.call("DELETE", "/devices/"+v.gateway.DeviceID(), "", 400)
	v.call("GET", "/metrics", "", 200)
	v.call("GET", "/logs?from=2020-01-01T00:00:00Z", "", 200)
	v.call("GET", "/openapi.yaml", "", 200)
	v.call("GET", "/openapi.json", "", 200)
	v.call("GET", "/docs", "", 301)
	v.call("GET", "/docs/index.html", "", 200)
	v.call("GET", "/docs/other.html", "", 404)
	v.call("GET", "/settings", "", 200)
	v.call("GET", "/settings?sources=true", "", 200)
	v.call("PATCH", "/settings", `{"messages":{"limit_period":"PerHour","limit_value":100}}`, 200)
	v.call("PATCH", "/settings", `{"encryption":{"passphrase":"open sesame"}}`, 200)
	v.call("PUT", "/settings", `{"logs":{"lifetime_days":10}}`, 200)
	v.call("PUT", "/settings", `{"logs":{"lifetime_days":"x"}}`, 400)
	token := v.call("POST", "/auth/token", `{"ttl":60,"scopes":["messages:read"]}`, 201)
	refresh := "Bearer " + v.text(token, "refresh_token")
	v.call("POST", "/auth/token", `{"scopes":[]}`, 400)
	v.call("POST", "/auth/token/refresh", "", 200, "Authorization", refresh)
	v.call("POST", "/auth/token/refresh", "", 401, "Authorization", refresh)
	v.call("POST", "/opt-outs", `{"phoneNumber":"+4915110000002"}`, 403, "Authorization", "Bearer "+v.text(token, "access_token"))
	v.call("DELETE", "/auth/token/"+v.text(token, "id"), "", 204)
	v.call("GET", "/", "", 401, "Authorization", "Basic x")
}

func (v *tour) messages() {
	send := `{"id":"m1","textMessage":{"text":"hi"},"phoneNumbers":["+4915110000001"]}`
	v.call("POST", "/messages", send, 202)
	v.call("POST", "/messages", send, 409)
	v.call("POST", "/messages", `{"phoneNumbers":["+4915110000001"]}`, 400)
	v.call("POST", "/messages?skipPhoneValidation=true", `{"dataMessage":{"data":"SGVsbG8=","port":53739},"phoneNumbers":["12"],"priority":5,"scheduleAt":"2099-01-01T00:00:00Z","ttl":5}`, 202)
	v.call("GET", "/messages?includeContent=true&limit=10&state=Pending", "", 200)
	v.call("GET", "/messages/m1", "", 200)
	v.call("GET", "/messages/m1/trace", "", 200)
	v.call("DELETE", "/messages/m1", "", 200)
	v.call("POST", "/messages/m1/retry", "", 202)
	v.call("POST", "/messages/m1/retry", "", 409)
	v.call("GET", "/messages/other", "", 404)
	v.call("POST", "/messages?dryRun=true", `{"textMessage":{"text":"“hi”"},"encoding":"smart","phoneNumbers":["+4915110000001"]}`, 200)
	v.call("POST", "/messages/batch?dryRun=true", `{"message":"hi","phoneNumbers":["+4915110000001","+4915110000002"]}`, 200)
	v.call("POST", "/messages/preview", `{"text":"“hi”🙂","phoneNumbers":["+4915110000001"]}`, 200)
	batch := `{"textMessage":{"text":"hi"},"messages":[{"id":"b1","phoneNumbers":["+4915110000003"]},{"phoneNumbers":["+4915110000004"]}]}`
	v.call("POST", "/messages/batch", batch, 202, "Idempotency-Key", "once-key")
	v.call("POST", "/messages/batch", batch, 202, "Idempotency-Key", "once-key")
	v.call("POST", "/messages/batch?partial=true", `{"phoneNumbers":["+4915110000003"]}`, 422, "Idempotency-Key", "once-key")
	v.call("POST", "/messages/batch", `{"phoneNumbers":["+4915110000003"]}`, 400)
	v.call("POST", "/messages/b1/release", "", 409)
	held, err := v.gateway.Message("b1")
	if err != nil {
		v.t.Fatal(err)
	}
	held.Recipients[0].Hold = "which looks like a loop"
	v.store(gateway.Change{Messages: []gateway.Message{held}})
	v.call("POST", "/messages/b1/release", "", 200)
	v.call("GET", "/inbox?include=raw", "", 200)
	v.call("GET", "/inbox/text:1", "", 200)
	v.call("GET", "/inbox/text:1/attachments/1", "", 404)
	v.call("GET", "/inbox/text:1/attachments/x", "", 400)
	v.call("GET", "/inbox?from=soon", "", 400)
	span := `{"since":"2026-01-01T00:00:00Z","until":"2026-12-31T00:00:00Z","messageTypes":["SMS"],"webhookDelivery":"Batch"}`
	v.call("POST", "/inbox/export", span, 202)
	v.call("POST", "/inbox/refresh", span, 202)
	v.call("POST", "/opt-outs", `{"phoneNumber":"+4915110000002"}`, 201)
	v.call("POST", "/opt-outs", `{"phoneNumber":"+4915110000002"}`, 200)
	v.call("GET", "/opt-outs", "", 200)
	v.call("DELETE", "/opt-outs/+4915110000002", "", 204)
}

func (v *tour) webhooks(ds []gateway.Delivery) {
	hook := `{"id":"w2","url":"https://example.org/2?t=hook-query","events":["sms:received"],"format":"standard","filter":{"type":"phone","condition":"starts_with","value":"+49"},` +
		`"headers":{"X-A":"hook-header"},"auth":{"type":"basic","username":"u","password":"hook-password"},"timeout":"10s","retry":{"max":3,"schedule":["10s",20]},"rate":{"perSecond":1,"burst":2},"paused":true}`
	v.call("POST", "/webhooks", hook, 201)
	v.call("POST", "/webhooks", `{"url":"https://example.org","event":"sms:nothing"}`, 400)
	v.call("GET", "/webhooks", "", 200)
	v.call("GET", "/webhooks/w2", "", 200)
	v.call("GET", "/webhooks/other", "", 404)
	v.call("PUT", "/webhooks/w3", `{"url":"https://example.org/3","event":"sms:sent"}`, 201)
	v.call("PUT", "/webhooks/w3", `{"url":"https://example.org/3","event":"sms:sent"}`, 200)
	v.call("PATCH", "/webhooks/w3", `{"name":"x","timeout":null}`, 200)
	v.call("POST", "/webhooks/w3/pause", `{"note":"moved"}`, 200)
	v.call("POST", "/webhooks/w3/resume", "", 200)
	v.call("GET", "/webhooks/w3/stats", "", 200)
	v.call("POST", "/webhooks/w3/test?mode=reach", "", 200)
	v.call("POST", "/webhooks/w3/secret/rotate", `{"grace":"1h"}`, 200)
	v.call("GET", "/webhooks/w3/secret", "", 200)
	v.call("POST", "/webhooks/w3/secret/activate", "", 200)
	v.call("GET", "/webhooks/egress", "", 200)
	v.call("GET", "/docs/webhook-prompt?format=standard", "", 200)
	v.call("DELETE", "/webhooks/w3", "", 204)

	v.call("GET", "/webhooks/w1/deliveries?state=dead", "", 200)
	v.call("GET", "/webhooks/w1/deliveries/"+ds[0].ID, "", 200)
	v.call("POST", "/webhooks/w1/deliveries/"+ds[0].ID+"/redeliver", `{"newId":true}`, 202)
	v.call("POST", "/webhooks/w1/deliveries/"+ds[2].ID+"/cancel", "", 200)
	v.call("GET", "/webhooks/w1/attempts?limit=5", "", 200)
	job := v.call("POST", "/webhooks/w1/recover", `{"state":["exhausted"]}`, 202)
	v.call("POST", "/webhooks/w1/replay-missing", "", 202)
	v.call("GET", "/webhooks/w1/jobs", "", 200)
	v.call("GET", "/webhooks/w1/jobs/"+v.text(job, "id"), "", 200)
	v.call("GET", "/events?event=sms:failed&limit=2", "", 200)
	v.call("GET", "/events/stream?after=x", "", 400)
	_, end := v.lines("/events/stream") // which does not end by itself
	end()
	v.visited["streamEvents"] = true

	bin := v.text(v.call("POST", "/bins", "", 201), "id")
	for _, method := range binMethods {
		v.call(method, "/bin/"+bin, "", 200)
	}
	v.call("GET", "/bins/"+bin+"/requests", "", 200)
	v.call("DELETE", "/bins/"+bin, "", 204)
	v.call("GET", "/bins/"+bin+"/requests", "", 404)

	v.call("POST", "/routes", `{"id":"r1","name":"one","filter":{"any":[{"type":"keyword","condition":"contains","value":"x"}]},"action":{"webhook":"https://example.org/r"}}`, 201)
	v.call("PUT", "/routes/r2", `{"action":{"webhookId":"w1","exclusive":true}}`, 201)
	v.call("PUT", "/routes/r2", `{"action":{"webhookId":"w1","notify_admin":true}}`, 200)
	v.call("PATCH", "/routes/r2", `{"enabled":false}`, 200)
	v.call("GET", "/routes", "", 200)
	v.call("GET", "/routes/r1", "", 200)
	v.call("POST", "/routes/r1/test", `{"phone":"+4915110000001","text":"xx"}`, 200)
	v.call("DELETE", "/routes/r2", "", 204)
	v.call("GET", "/routes/r2", "", 404)
}

func (v *tour) modems(name string) {
	v.call("GET", "/modems", "", 200)
	v.call("GET", "/modems/"+name, "", 200)
	v.call("GET", "/modems/other", "", 404)
	v.call("GET", "/modems/"+name+"/history", "", 200)
	v.call("GET", "/limits", "", 200)
	v.call("GET", "/messages?search=hi", "", 200)
	v.call("GET", "/inbox?search=hi", "", 200)
	v.call("POST", "/modems/"+name+"/restart?level=init", "", 202)
	v.call("POST", "/modems/"+name+"/restart?level=radio", "", 429)
	v.call("POST", "/modems/"+name+"/purge", "", 200)
	v.call("POST", "/modems/"+name+"/ussd", `{"code":"*100#"}`, 200)
	v.call("DELETE", "/modems/"+name+"/ussd", "", 204)
	v.call("POST", "/modems/"+name+"/balance", "", 200)
	v.call("GET", "/modems/"+name+"/trace?after=0", "", 200)
	v.call("POST", "/canary/run", "", 409)
	v.gateway.Canary = &gateway.CanaryOptions{Every: 3600e9, Timeout: 600e9, PerDay: 1, Misses: 2}
	v.call("POST", "/canary/run?modem="+name, "", 202)
	v.call("GET", "/canary", "", 200)
	v.call("GET", "/messages", "", 200)
	v.call("GET", "/recordings", "", 200)
	v.call("GET", "/recordings/office-1.log", "", 200)
	v.call("GET", "/recordings/other", "", 404)
}
