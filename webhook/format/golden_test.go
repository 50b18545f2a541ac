package format

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tetherd/gateway"
)

var update = flag.Bool("update", false, "write what formats make of events into testdata")

// goldenInput is a sample event for a webhook, as it would be after a time in the
// store.
func goldenInput(t *testing.T, f gateway.Format, typ gateway.EventType) *Input {
	t.Helper()
	e := Sample(typ, time.Date(2026, 6, 22, 15, 46, 11, 999_999_999, time.FixedZone("", 7*3600)))
	e.ID = "event-0000000000000001"
	b, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	var stored gateway.Event
	if err := json.Unmarshal(b, &stored); err != nil {
		t.Fatal(err)
	}
	in := &Input{
		DeviceID: "device-00000000000001", Delivery: "delivery-000000000001", Event: &stored,
		Webhook:   &gateway.Endpoint{ID: "hook-1", URL: "https://user:pass@example.com/sms?token=secret"},
		Rendering: gateway.Rendering{Format: f},
	}
	if f == gateway.FormatTemplate {
		in.Rendering.Template = `{"chat": 1, "text": {{json (printf "%s from %s: %s" .Type (default "nobody" .From) .Text)}}, "all": {{json .Payload}}}`
	}
	return in
}

// TestGolden compares what each format makes of each event, whole and thin, with
// testdata/<format>.txt.
func TestGolden(t *testing.T) {
	for _, f := range Formats() {
		t.Run(string(f.Name), func(t *testing.T) {
			var got strings.Builder
			for _, typ := range gateway.EventTypes {
				in := goldenInput(t, f.Name, typ)
				carried := "carried"
				if !f.Carries(typ, &in.Rendering) {
					carried = "only if extended"
				}
				fmt.Fprintf(&got, "# %s, %s\n", typ, carried)
				for _, thin := range []bool{false, true} {
					in.Rendering.Thin = thin
					b, err := Render(in)
					if err != nil {
						t.Fatalf("%s: %v", typ, err)
					}
					again, err := Render(in)
					if err != nil || !bytes.Equal(again.Bytes, b.Bytes) {
						t.Errorf("%s: rendered again it is %s, %v", typ, again.Bytes, err)
					}
					diff(t, string(typ)+" in JavaScript", string(b.Bytes), jsonAgain(t, b.Bytes))
					fmt.Fprintf(&got, "%s\n", b.Bytes)
				}
			}
			golden := filepath.Join("testdata", string(f.Name)+".txt")
			if *update {
				if err := os.MkdirAll("testdata", 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(golden, []byte(got.String()), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			diff(t, "go test -run TestGolden -update writes it anew", strings.Split(string(want), "\n"), strings.Split(got.String(), "\n"))
		})
	}
}

// Thin bodies hold nothing that people wrote, and no numbers.
func TestThin(t *testing.T) {
	for _, f := range Formats() {
		for _, typ := range gateway.EventTypes {
			in := goldenInput(t, f.Name, typ)
			in.Rendering.Thin = true
			if in.Rendering.Template != "" {
				in.Rendering.Template = `{"text":{{json .Text}},"from":{{json .From}},"to":{{json .To}},"data":{{json .Data}},"all":{{json .Payload}},"thin":{{json .Thin}}}`
			}
			b, err := Render(in)
			if err != nil {
				t.Fatal(err)
			}
			for _, private := range []string{samplePeer[1:], sampleOwn[1:], "Hello!", "SGVsbG8h", "A picture", "STOP", "START", "balance is", `"Yes"`, "confirm"} {
				if strings.Contains(string(b.Bytes), private) {
					t.Errorf("%s of %s tells %s: %s", f.Name, typ, private, b.Bytes)
				}
			}
			if !b.Thin || !strings.Contains(string(b.Bytes), `"thin":true`) {
				t.Errorf("%s of %s is not marked: %s", f.Name, typ, b.Bytes)
			}
		}
	}
}

// A message can have 255 parts. What does not fit is left out, not cut off.
func TestTooLarge(t *testing.T) {
	for _, f := range Formats() {
		in := goldenInput(t, f.Name, gateway.EventReceived)
		p := in.Event.Payload.(gateway.MessageReceived)
		p.Text = strings.Repeat("\x01", 255*67)
		in.Event.Payload = p
		b, err := Render(in)
		if err != nil {
			t.Fatal(err)
		}
		if !b.Thin || len(b.Bytes) > 1000 || f.Name != gateway.FormatTemplate && !strings.Contains(string(b.Bytes), `"thin":true`) {
			t.Errorf("%s: %d bytes, thin %v", f.Name, len(b.Bytes), b.Thin)
		}
		p.Text = strings.Repeat("\u20ac", 10_000)
		in.Event.Payload = p
		if b, err = Render(in); err != nil || b.Thin || len(b.Bytes) < 30_000 {
			t.Errorf("%s: %d bytes, thin %v, error %v", f.Name, len(b.Bytes), b.Thin, err)
		}
	}
	in := goldenInput(t, gateway.FormatSMSGate, gateway.EventPing)
	checks := map[string]gateway.Check{}
	for i := range 1000 {
		checks[fmt.Sprint("check-", i)] = gateway.Check{Description: "a description that is not content of a message"}
	}
	in.Event.Payload = gateway.Ping{Health: gateway.Health{Status: gateway.Pass, Checks: checks}}
	if b, err := Render(in); err == nil || !strings.Contains(err.Error(), "65536 are allowed") {
		t.Errorf("%d bytes, error %v", len(b.Bytes), err)
	}
}

func TestUnknownFormat(t *testing.T) {
	in := goldenInput(t, "telegram", gateway.EventPing)
	if b, err := Render(in); err == nil {
		t.Errorf("rendered as %s", b.Bytes)
	}
	if _, ok := Lookup("telegram"); ok {
		t.Error("it is known")
	}
}

func BenchmarkRender(b *testing.B) {
	for _, f := range Formats() {
		b.Run(string(f.Name), func(b *testing.B) {
			e := Sample(gateway.EventReceived, time.Unix(0, 0))
			in := &Input{
				DeviceID: "device-00000000000001", Delivery: "delivery-000000000001", Event: &e,
				Webhook:   &gateway.Endpoint{ID: "hook-1"},
				Rendering: gateway.Rendering{Format: f.Name, Template: `{"text":{{json .Text}},"from":{{json .From}}}`},
			}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Render(in); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
