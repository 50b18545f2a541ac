package gateway

import (
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// Bounds of what a webhook can be told to do.
const (
	maxEndpointName = 100 // characters
	maxTemplate     = 16 << 10
	maxWord         = 20
	minTimeout      = time.Second
	maxTimeout      = 2 * time.Minute
	maxRetries      = 50
	maxRetryDelay   = 24 * time.Hour
	maxJitter       = 10 // percent
	maxSlots        = 32
	maxHeaders      = 20
	maxHeaderBytes  = 4 << 10 // names and values together; some receivers take 16 KB in all
	maxSecret       = 256     // bytes
	maxCredential   = 1024
	maxPEM          = 64 << 10
	maxPins         = 10
)

// check returns an [Invalid] error that names the field in the spelling of the API
// if something about e can be told to be wrong without knowing how it is sent.
func (e *Endpoint) check() error {
	for _, check := range []func() error{
		e.checkNames, e.Rendering.check, e.checkSecrets, e.checkHeaders, e.checkAuth, e.checkTLS, e.Retry.check, e.checkFlow,
	} {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

func (e *Endpoint) checkNames() error {
	switch {
	case len(e.URL) > 4096 || len(e.ID) > 128 || strings.ContainsFunc(e.ID+e.URL, isControl):
		return Invalidf("id and url must be at most 128 and 4096 characters, without control characters")
	case slices.Contains(reservedIDs, e.ID):
		return Invalidf("id must not be %s, which names something else: choose another", e.ID)
	case utf8.RuneCountInString(e.Name) > maxEndpointName || strings.ContainsFunc(e.Name, isControl):
		return Invalidf("name must be at most %d characters, without control characters", maxEndpointName)
	case len(e.Modems) > 100:
		return Invalidf("modems must be at most 100 names; leave it out for all modems")
	}
	return nil
}

// reservedIDs cannot be those of webhooks: in the API they are something else.
var reservedIDs = []string{"egress"}

// check vets no more than the size of things: what they may be depends on the format.
func (r Rendering) check() error {
	switch {
	case len(r.Template) > maxTemplate:
		return Invalidf("template must be at most %d bytes", maxTemplate)
	case len(r.Format) > maxWord || len(r.Kind) > maxWord || len(r.Method) > maxWord || len(r.Signature) > maxWord:
		return Invalidf("format, kind, method and signature must be at most %d characters", maxWord)
	case len(r.ContentType) > 100 || strings.ContainsFunc(r.ContentType, notInHeader):
		return Invalidf("contentType must be that of a body, such as application/json")
	}
	return nil
}

func (e *Endpoint) checkSecrets() error {
	for _, s := range e.Secrets {
		switch n := len(s.Key); {
		case n == 0 || n > maxSecret:
			return Invalidf("secret must have at most %d bytes, and at least one; true makes a good one", maxSecret)
		case strings.ContainsFunc(s.Key, isControl) || !utf8.ValidString(s.Key):
			return Invalidf("secret must not have control characters")
		case s.Key == Redacted:
			return Invalidf("secret is %s, which stands for one that is not shown, and none is stored: write it, or true to have one made", Redacted)
		}
	}
	return nil
}

// checkAuth vets how e is authorised, which can be said in one way only.
func (e *Endpoint) checkAuth() error {
	if u, err := url.Parse(e.URL); err == nil && u.User != nil && e.Auth != nil {
		return Invalidf("auth and a user in the url exclude each other: leave one out")
	}
	a := e.Auth
	if a == nil {
		return nil
	}
	if slices.ContainsFunc(e.Headers, func(h Header) bool { return strings.EqualFold(h.Name, "Authorization") }) {
		return Invalidf("auth and headers.Authorization exclude each other: leave one out")
	}
	if len(a.Username) > maxCredential || len(a.Password) > maxCredential || len(a.Token) > maxCredential {
		return Invalidf("auth.username, auth.password and auth.token must be at most %d bytes", maxCredential)
	}
	switch a.Type {
	case "basic":
		switch {
		case a.Username == "" || strings.ContainsFunc(a.Username, func(r rune) bool { return r == ':' || isControl(r) }):
			return Invalidf("auth.username must be given, without a colon or control characters")
		case strings.ContainsFunc(a.Password, isControl):
			return Invalidf("auth.password must not have control characters")
		case a.Token != "":
			return Invalidf("auth.token is for type bearer: leave it out")
		}
	case "bearer":
		switch {
		case a.Token == "" || strings.ContainsFunc(a.Token, func(r rune) bool { return r <= ' ' || r > '~' }):
			return Invalidf("auth.token must be given, without spaces and in ASCII")
		case a.Username != "" || a.Password != "":
			return Invalidf("auth.username and auth.password are for type basic: leave them out")
		}
	default:
		return Invalidf("auth.type must be basic or bearer")
	}
	return nil
}

func (e *Endpoint) checkTLS() error {
	t := e.TLS
	switch {
	case t == nil:
		return nil
	case len(t.CA) > maxPEM || len(t.Cert) > maxPEM || len(t.Key) > maxPEM:
		return Invalidf("tls.ca, tls.cert and tls.key must be at most %d bytes of PEM", maxPEM)
	case (t.Cert == "") != (t.Key == ""):
		return Invalidf("tls.cert and tls.key must be given together")
	case len(t.Pins) > maxPins:
		return Invalidf("tls.pins must be at most %d", maxPins)
	case len(t.ServerName) > 253 || strings.ContainsFunc(t.ServerName, notInHeader):
		return Invalidf("tls.serverName must be the name of a host")
	}
	return nil
}

func (r *RetryPolicy) check() error {
	if r.Max != nil && (*r.Max < 0 || *r.Max > maxRetries) {
		return Invalidf("retry.max must be a whole number from 0 to %d", maxRetries)
	}
	if r.Base != 0 && (r.Base < time.Second || r.Base > maxRetryDelay) {
		return Invalidf("retry.base must be a duration from 1s to 24h")
	}
	if r.Base != 0 && len(r.Schedule) > 0 {
		return Invalidf("retry.base and retry.schedule exclude each other: leave one out")
	}
	if len(r.Schedule) > maxRetries {
		return Invalidf("retry.schedule must have at most %d delays", maxRetries)
	}
	for _, d := range r.Schedule {
		if d < time.Second || d > maxRetryDelay {
			return Invalidf("retry.schedule must have delays from 1s to 24h")
		}
	}
	if r.Jitter < 0 || r.Jitter > maxJitter {
		return Invalidf("retry.jitter must be a whole number of percent from 0 to %d", maxJitter)
	}
	for _, code := range r.GiveUpOn {
		if code < 300 || code > 599 {
			return Invalidf("retry.giveUpOn must have HTTP statuses from 300 to 599")
		}
	}
	return nil
}

// checkFlow vets what says when and how much is sent.
func (e *Endpoint) checkFlow() error {
	switch {
	case e.Timeout != 0 && (e.Timeout < minTimeout || e.Timeout > maxTimeout):
		return Invalidf("timeout must be a duration from 1s to 2m")
	case !slices.Contains([]RedirectPolicy{RedirectDefault, RedirectFail, RedirectFollow, RedirectSuccess}, e.Redirects):
		return Invalidf("redirects must be fail, follow or treat-as-success")
	case e.Rate.PerSecond != 0 && !(e.Rate.PerSecond >= 0.001 && e.Rate.PerSecond <= 10000):
		return Invalidf("rate.perSecond must be a number from 0.001 to 10000")
	case e.Rate.Burst < 0 || e.Rate.Burst > 10000:
		return Invalidf("rate.burst must be a whole number from 1 to 10000")
	case e.Rate.Burst != 0 && e.Rate.PerSecond == 0:
		return Invalidf("rate.burst needs rate.perSecond")
	case e.Slots < 0 || e.Slots > maxSlots:
		return Invalidf("slots must be a whole number from 1 to %d", maxSlots)
	case e.Ordered && e.Slots > 1:
		return Invalidf("ordered sends one at a time: leave out slots")
	case e.Ordered && e.Newest:
		return Invalidf("ordered and drain newest-first exclude each other: leave one out")
	case e.MaxPending < 0 || e.MaxPending > 10_000_000:
		return Invalidf("maxPending must be a whole number from 1 to 10000000")
	}
	return nil
}
