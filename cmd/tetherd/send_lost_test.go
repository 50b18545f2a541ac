package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"tetherd/gateway/api"
)

// TestSendFileLostAnswer loses the connection at the second of three requests, and at
// each time that package net/http repeats it because it has a key, before or after the
// gateway had it: running the command again sends what is left, once.
func TestSendFileLostAnswer(t *testing.T) {
	r := start(t, emulatedConfig(t))
	for i, tt := range []struct {
		name string
		done bool // the gateway had the request
	}{{"not done", false}, {"done", true}} {
		t.Run(tt.name, func(t *testing.T) {
			var batches atomic.Int32
			var healed atomic.Bool
			link := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
				lose := false
				if req.URL.Path == "/messages/batch" && req.URL.Query().Get("dryRun") == "" {
					lose = batches.Add(1) >= 2 && !healed.Load()
				}
				if lose && !tt.done {
					panic(http.ErrAbortHandler)
				}
				forward(t, w, req, r.url, lose)
			}))
			t.Cleanup(link.Close)
			var file strings.Builder
			for n := range 5 {
				fmt.Fprintf(&file, "{\"phoneNumbers\":[\"+49151000000%d%d\"],\"message\":\"Hello\",\"scheduleAt\":\"2090-01-01T00:00:00Z\"}\n", i, n)
			}
			send := func() (stdout, stderr string, err error) {
				var out, errs bytes.Buffer
				c := withEnv(map[string]string{"TETHERD_URL": link.URL, "TETHERD_PASSWORD": "secret"})
				c.stdin, c.stdout, c.stderr = strings.NewReader(file.String()), &out, &errs
				err = c.sendFile(t.Context(), sendOptions{file: "-", most: 2}, nil)
				return out.String(), errs.String(), err
			}
			stored := func() int {
				t.Helper()
				_, n, err := r.Messages(t.Context(), api.MessageQuery{})
				if err != nil {
					t.Fatal(err)
				}
				return n - 5*i // of the tests before
			}
			out, note, err := send()
			if want := 2; err == nil || !strings.Contains(note, "accepted 2 of 5; run the command again: nothing is sent twice") || strings.Count(out, "\n") != want {
				t.Errorf("got %q, %q, %v", out, note, err)
			}
			if want := map[bool]int{false: 2, true: 4}[tt.done]; stored() != want {
				t.Errorf("%d messages are stored, want %d", stored(), want)
			}
			healed.Store(true)
			out, note, err = send()
			if err != nil || note != "5 messages accepted\n" || strings.Count(out, "\n") != 5 || stored() != 5 {
				t.Errorf("again: got %q, %q, %v, and %d stored", out, note, err, stored())
			}
		})
	}
}

// forward has a gateway answer a request, and loses the answer if it is told to.
func forward(t *testing.T, w http.ResponseWriter, req *http.Request, url string, lose bool) {
	t.Helper()
	out, err := http.NewRequestWithContext(req.Context(), req.Method, url+req.URL.RequestURI(), req.Body)
	if err != nil {
		t.Error(err)
		return
	}
	out.Header = req.Header.Clone()
	resp, err := http.DefaultTransport.RoundTrip(out)
	if err != nil {
		t.Error(err)
		return
	}
	defer resp.Body.Close()
	if lose {
		panic(http.ErrAbortHandler)
	}
	for name, values := range resp.Header {
		w.Header()[name] = values
	}
	w.WriteHeader(resp.StatusCode)
	if _, err := io.Copy(w, resp.Body); err != nil {
		t.Error(err)
	}
}
