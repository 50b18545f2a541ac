package gateway_test

import (
	"encoding/base64"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tetherd/gateway"
)

func TestNewSecret(t *testing.T) {
	a, b := gateway.NewSecret(), gateway.NewSecret()
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(a, "whsec_"))
	if a == b || err != nil || len(key) != 32 || !strings.HasPrefix(a, "whsec_") {
		t.Errorf("got %q and %q, want two different ones of 32 bytes", a, b)
	}
}

// keys describes the valid secrets of a webhook, newest first.
func (w *world) keys(id string) []string {
	w.t.Helper()
	e, _ := w.gw.Endpoint(id)
	now := w.db.Timeline().Now()
	var out []string
	for _, s := range e.ValidSecrets(now) {
		line := s.Key
		if strings.HasPrefix(line, "whsec_") {
			line = "new"
		}
		if s.ListOnly {
			line += " in the list only"
		}
		if s.Until != 0 {
			line += " for " + now.Until(s.Until).String()
		}
		out = append(out, line)
	}
	return out
}

func TestRotateSecret(t *testing.T) {
	bubble(t, 1, func(w *world) {
		w.opts.SigningKey = "global"
		w.start()
		w.register(gateway.Endpoint{ID: "own", Events: []gateway.EventType{gateway.EventSent}, Secrets: []gateway.Secret{{Key: "first"}}})
		w.register(gateway.Endpoint{ID: "shared", Events: []gateway.EventType{gateway.EventSent}})
		rotate := func(id string, grace time.Duration) error {
			_, err := w.gw.RotateSecret(w.t.Context(), id, grace)
			return err
		}
		want := func(id string, keys ...string) {
			t.Helper()
			if diff := cmp.Diff(keys, w.keys(id)); diff != "" {
				t.Errorf("%s (-want +got)\n%s", id, diff)
			}
		}
		for _, id := range []string{"own", "shared"} {
			if err := rotate(id, time.Hour); err != nil {
				t.Fatal(err)
			}
		}
		want("own", "new in the list only", "first for 1h0m0s")
		want("shared", "new in the list only", "global for 1h0m0s")

		// A second time within the grace: the first stays until when it would have.
		w.pass(30 * time.Minute)
		if err := rotate("own", 2*time.Hour); err != nil {
			t.Fatal(err)
		}
		want("own", "new in the list only", "new in the list only for 2h0m0s", "first for 30m0s")

		// The wall clock does not end it early.
		w.jump(24 * time.Hour)
		want("own", "new in the list only", "new in the list only for 2h0m0s", "first for 30m0s")
		w.pass(30 * time.Minute)
		want("own", "new in the list only", "new in the list only for 1h30m0s")
		if _, err := w.gw.ActivateSecret(w.t.Context(), "own"); err != nil {
			t.Fatal(err)
		}
		want("own", "new", "new in the list only for 1h30m0s")
		w.stop()
		w.start()
		want("own", "new", "new in the list only for 1h30m0s")

		// No more than five at a time, and none of the older ones without a grace.
		for range 3 {
			if err := rotate("own", time.Hour); err != nil {
				t.Fatal(err)
			}
		}
		if err := rotate("own", time.Hour); gateway.CodeOf(err) != gateway.Conflict || len(w.keys("own")) != 5 {
			t.Errorf("a sixth secret: got %v and %q, want a conflict", err, w.keys("own"))
		}
		if err := rotate("own", 0); err != nil {
			t.Fatal(err)
		}
		want("own", "new")

		for _, grace := range []time.Duration{-1, 7*24*time.Hour + 1} {
			if err := rotate("own", grace); gateway.CodeOf(err) != gateway.Invalid {
				t.Errorf("grace %v: got %v, want it refused", grace, err)
			}
		}
		if err := rotate("none", time.Hour); !errors.Is(err, gateway.ErrNotFound) {
			t.Errorf("no such webhook: got %v", err)
		}
		w.register(gateway.Endpoint{ID: "plain", Events: []gateway.EventType{gateway.EventSent}})
		if _, err := w.gw.ActivateSecret(w.t.Context(), "plain"); gateway.CodeOf(err) != gateway.Conflict {
			t.Errorf("activate without a secret: got %v, want a conflict", err)
		}
	})
}

// A webhook can be paused, and its secret changed, even if its address would not be
// accepted any more.
func TestPauseNeedsNoVetting(t *testing.T) {
	bubble(t, 1, func(w *world) {
		strict := false
		w.opts.CheckEndpoint = func(*gateway.Endpoint) error {
			if strict {
				return errors.New("refused")
			}
			return nil
		}
		w.start()
		w.register(gateway.Endpoint{ID: "x", Events: []gateway.EventType{gateway.EventSent}})
		strict = true
		e, err := w.gw.PauseEndpoint(w.t.Context(), "x", gateway.Pause{Reason: gateway.PausedGone, Note: "410"})
		if err != nil || e.Paused == nil || e.Paused.Since.IsZero() {
			t.Fatalf("pause: got %+v, %v", e.Paused, err)
		}
		if e, err = w.gw.PauseEndpoint(w.t.Context(), "x", gateway.Pause{Reason: gateway.PausedByOwner}); err != nil || e.Paused.Reason != gateway.PausedGone {
			t.Errorf("pause again: got %+v, %v, want the first pause", e.Paused, err)
		}
		if _, err := w.gw.RotateSecret(w.t.Context(), "x", 0); err != nil {
			t.Errorf("rotate: %v", err)
		}
		if e, err = w.gw.ResumeEndpoint(w.t.Context(), "x"); err != nil || e.Paused != nil {
			t.Errorf("resume: got %+v, %v", e.Paused, err)
		}
		if _, err := w.gw.EditEndpoint(w.t.Context(), "x", func(e *gateway.Endpoint) error { return nil }); gateway.CodeOf(err) != gateway.Invalid {
			t.Errorf("edit: got %v, want it refused", err)
		}
		if _, err := w.gw.PauseEndpoint(w.t.Context(), "x", gateway.Pause{Note: "a\nb"}); gateway.CodeOf(err) != gateway.Invalid {
			t.Errorf("a note with a line break: got %v, want it refused", err)
		}
		for _, f := range []func() error{
			func() error { _, err := w.gw.PauseEndpoint(w.t.Context(), "y", gateway.Pause{}); return err },
			func() error { _, err := w.gw.ResumeEndpoint(w.t.Context(), "y"); return err },
		} {
			if err := f(); !errors.Is(err, gateway.ErrNotFound) {
				t.Errorf("no such webhook: got %v", err)
			}
		}
	})
}

// The log says where events go, without what may be secret.
func TestWebhooksAreLogged(t *testing.T) {
	bubble(t, 0, func(w *world) {
		var log strings.Builder
		w.log = &log
		w.start()
		w.register(gateway.Endpoint{ID: "x", URL: "https://SECRET:SECRET@example.org/SECRET?k=SECRET", Events: failing, Name: "SECRET"})
		w.register(gateway.Endpoint{ID: "x", URL: "https://other.example/SECRET", Events: failing})
		w.register(gateway.Endpoint{ID: "x", URL: "https://other.example/SECRET", Events: failing, Slots: 2})
		if err := w.gw.DeleteEndpoint(w.t.Context(), "x"); err != nil {
			t.Fatal(err)
		}
		w.stop()
		want := `{"level":"info","webhook":"x","host":"example.org","events":["webhook:failing"],"message":"webhook registered"}
{"level":"info","webhook":"x","host":"other.example","message":"webhook has another URL"}
{"level":"info","webhook":"x","message":"webhook deleted"}
`
		if diff := cmp.Diff(want, log.String()); diff != "" {
			t.Errorf("log (-want +got)\n%s", diff)
		}
	})
}
