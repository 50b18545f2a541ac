package rest

import (
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"tetherd/gateway"
)

var sampleLine = regexp.MustCompile(`^([a-zA-Z_:][a-zA-Z0-9_:]*)(\{(?:[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\[\\"n])*",?)*\})? (\S+)$`)

// parseMetrics reads the text format strictly: every family has its help and type
// once, in front of all of its samples, and no sample comes twice.
func parseMetrics(t *testing.T, text string) map[string]float64 {
	t.Helper()
	if !strings.HasSuffix(text, "\n") {
		t.Error("the last line does not end")
	}
	samples := make(map[string]float64)
	kinds := make(map[string]string)
	var current, helped string
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		if rest, ok := strings.CutPrefix(line, "# HELP "); ok {
			helped, _, _ = strings.Cut(rest, " ")
			continue
		}
		if rest, ok := strings.CutPrefix(line, "# TYPE "); ok {
			name, kind, _ := strings.Cut(rest, " ")
			if name != helped || kinds[name] != "" || kind != "gauge" && kind != "counter" {
				t.Errorf("family out of place: %s", line)
			}
			if kind == "counter" != strings.HasSuffix(name, "_total") {
				t.Errorf("%s is a %s", name, kind)
			}
			current, kinds[name] = name, kind
			continue
		}
		m := sampleLine.FindStringSubmatch(line)
		if m == nil {
			t.Errorf("not a sample: %q", line)
			continue
		}
		if m[1] != current {
			t.Errorf("sample outside of its family: %s", line)
		}
		if _, twice := samples[m[1]+m[2]]; twice {
			t.Errorf("given twice: %s", line)
		}
		v, err := strconv.ParseFloat(m[3], 64)
		if err != nil {
			t.Errorf("%s: %v", line, err)
		}
		samples[m[1]+m[2]] = v
	}
	return samples
}

func TestMetrics(t *testing.T) {
	full := fullStatus
	full.Counters.SentFailed, full.Counters.SentUnknown = 2, 1
	w := newWorld(t, fakeModem{full}, fakeModem{gateway.ModemStatus{Modem: "shed", State: gateway.ModemAbsent, Signal: 99, Registration: 4}})
	w.seed()
	w.send("hi", "+4915110000002")
	a := w.do("GET", "/metrics", "")
	if a.status != 200 || a.header.Get("Content-Type") != "text/plain; version=0.0.4; charset=utf-8" {
		t.Fatalf("got %d %s", a.status, a.header.Get("Content-Type"))
	}
	got := parseMetrics(t, a.body+"\n")
	for name, want := range map[string]float64{
		`tetherd_messages{state="Pending"}`:                                2,
		`tetherd_messages{state="Failed"}`:                                 0,
		`tetherd_webhooks`:                                                 1,
		`tetherd_deliveries_pending{webhook="w1"}`:                         0,
		`tetherd_deliveries_dead{webhook="w1"}`:                            0,
		`tetherd_health{status="warn"}`:                                    1,
		`tetherd_modem_state{modem="office",state="ready"}`:                1,
		`tetherd_modem_state{modem="shed",state="ready"}`:                  0,
		`tetherd_modem_state{modem="shed",state="absent"}`:                 1,
		`tetherd_modem_signal_dbm{modem="office"}`:                         -85,
		`tetherd_modem_registered{modem="office"}`:                         1,
		`tetherd_modem_registered{modem="shed"}`:                           0,
		`tetherd_modem_storage_used{modem="office"}`:                       3,
		`tetherd_modem_sent_total{modem="office",result="accepted"}`:       7,
		`tetherd_modem_sent_total{modem="office",result="failed"}`:         2,
		`tetherd_modem_sent_total{modem="office",result="unknown"}`:        1,
		`tetherd_modem_recovery_steps_total{modem="office",step="radio"}`:  2,
		`tetherd_modem_recovery_steps_total{modem="shed",step="usb"}`:      0,
		`tetherd_modem_recovery_step{modem="office"}`:                      3,
		`tetherd_modem_power_problem{modem="office"}`:                      1,
		`tetherd_modem_since_seconds{modem="office"}`:                      1773411916,
		`tetherd_modem_recovering{modem="shed"}`:                           0,
		`tetherd_modem_brown_outs_total{modem="shed"}`:                     0,
		`tetherd_modem_state{modem="office",state="waiting"}`:              0,
		`tetherd_modem_registration{modem="shed"}`:                         4,
		`tetherd_modem_sessions_total{modem="office"}`:                     4,
		`tetherd_modem_recovery_steps_total{modem="office",step="reopen"}`: 0,
	} {
		if v, ok := got[name]; !ok || v != want {
			t.Errorf("%s = %v, %v, want %v", name, v, ok, want)
		}
	}
	if _, ok := got[`tetherd_modem_signal_dbm{modem="shed"}`]; ok {
		t.Error("an unknown signal has a value")
	}
	for _, secret := range []string{full.Number, full.SMSC, full.IMEI, full.ICCID, "4915110000002"} {
		if strings.Contains(a.body, strings.TrimPrefix(secret, "+")) {
			t.Errorf("%s is among the metrics", secret)
		}
	}
	if t.Failed() {
		t.Log(slices.Sorted(maps.Keys(got)))
	}
}

func TestMetricsNeedCredentials(t *testing.T) {
	for _, open := range []bool{false, true} {
		w := newWorld(t)
		h, err := New(Options{
			Gateway: w.gateway, Webhooks: &fakeWebhooks{}, Username: "sms", Password: "secret", OpenMetrics: open,
			Collect: func(m *Metrics) { m.Gauge("extra", "A \\ in\ntwo lines.").Sample(0.25, "l", "a\"b\\c\nd") },
		})
		if err != nil {
			t.Fatal(err)
		}
		w.serve(h)
		want := 401
		if open {
			want = 200
		}
		if a := w.anonymous("GET", "/metrics"); a.status != want {
			t.Errorf("open %v: got %d, want %d", open, a.status, want)
		}
		a := w.do("GET", "/metrics", "")
		if got := parseMetrics(t, a.body+"\n"); got[`extra{l="a\"b\\c\nd"}`] != 0.25 || !strings.Contains(a.body, `# HELP extra A \\ in\ntwo lines.`) {
			t.Errorf("open %v: %d, nothing of what was collected besides: %s", open, a.status, a.body)
		}
	}
}
