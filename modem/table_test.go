package modem

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/warthog618/modem/at"

	"tetherd/gateway"
)

// Every row says what to do in words fit for people, and none makes a PDU that may
// have left look as if it had not.
func TestCauses(t *testing.T) {
	for _, family := range []string{"CMS", "CME"} {
		for code := range 1024 {
			name := fmt.Sprint(family, " ", code)
			r := refusal{family: family, code: code}
			c := r.cause()
			if !strings.HasSuffix(c.text, ".") || strings.Count(c.text, ". ") > 0 || strings.ToUpper(c.text[:1]) != c.text[:1] {
				t.Errorf("%s: %q is no plain sentence", name, c.text)
			}
			if c.wait < 0 || c.wait > time.Minute || c.wait > 0 && c.verdict != again && c.verdict != pause {
				t.Errorf("%s: wait %v", name, c.wait)
			}
			for _, committed := range []bool{false, true} {
				e := r.sendError(committed, nil)
				if e.Code != name || e.Text == "" {
					t.Errorf("%s: error %+v", name, e)
				}
				if got, want := e.Fate == gateway.Unknown, c.verdict == doubtful && committed; got != want {
					t.Errorf("%s, committed %v: fate %v", name, committed, e.Fate)
				}
				if e.Fate == gateway.NotSent && committed {
					t.Errorf("%s: not sent although it was handed over", name)
				}
			}
		}
	}
}

// Modems that answer in words are understood by the wording of the standard.
func TestCausesInWords(t *testing.T) {
	for words, want := range map[string]finding{
		"SIM busy":          {pause, 2 * time.Second, "The SIM is busy."},
		"SIM PIN required":  {pause, 0, "The SIM needs its PIN."},
		"network timeout":   {doubtful, 0, "The network did not answer the modem in time."},
		"unassigned number": {never, 0, "The number is not assigned to anyone."},
		"out of paper":      {again, 0, "The modem refused: out of paper."},
	} {
		r, ok := refused(at.CMSError(words))
		if got := r.cause(); !ok || got != want {
			t.Errorf("%q: got %+v, want %+v", words, got, want)
		}
	}
	if got, want := (refusal{code: -1}).cause(), (finding{again, 0, "The modem refused without saying why."}); got != want {
		t.Errorf("bare ERROR: got %+v, want %+v", got, want)
	}
}

func TestRefused(t *testing.T) {
	tests := []struct {
		err  error
		want refusal
		ok   bool
		name string
	}{
		{at.CMSError("38"), refusal{"CMS", 38, ""}, true, "CMS 38"},
		{at.CMEError("100"), refusal{"CME", 100, ""}, true, "CME 100"},
		{at.CMSError("SIM busy"), refusal{"CMS", 314, ""}, true, "CMS 314"},
		{at.CMSError("out of luck"), refusal{"CMS", -1, "out of luck"}, true, "CMS"},
		{fmt.Errorf("run: %w", at.CMSError("500")), refusal{"CMS", 500, ""}, true, "CMS 500"},
		{at.ErrError, refusal{"", -1, ""}, true, "ERROR"},
		{at.ErrClosed, refusal{}, false, ""},
		{errTimeout, refusal{}, false, ""},
		{nil, refusal{}, false, ""},
	}
	for _, tt := range tests {
		got, ok := refused(tt.err)
		if diff := cmp.Diff(tt.want, got, cmp.AllowUnexported(refusal{})); diff != "" || ok != tt.ok {
			t.Errorf("refused(%v): ok = %v (-want +got):\n%s", tt.err, ok, diff)
		}
		if ok && got.name() != tt.name {
			t.Errorf("name of %v = %q, want %q", tt.err, got.name(), tt.name)
		}
	}
}

func TestProfileFor(t *testing.T) {
	tests := []struct{ manufacturer, model, want string }{
		{"huawei", "E3131", "huawei"},
		{"HUAWEI TECHNOLOGIES CO., LTD", "E173", "huawei"},
		{"SIMCOM_Ltd", "SIMCOM_SIM800L", "simcom"},
		{"Quectel", "EC25", "quectel"},
		{"huawei", "MG323", "huawei-mg323"},
		{"ZTE CORPORATION", "MF190", "zte"},
		{"ZTE INCORPORATED", "MF710", "zte"},
		{"SIMCOM INCORPORATED", "SIMCOM_SIM7600E-H", "simtech"},
		{"SIMCOM INCORPORATED", "A7670E-FASE", "simcom-a76xx"},
		{"INCORPORATED", "A7670E-FASE", "simcom-a76xx"},
		{"SIMCOM_Ltd", "SIMCOM_SIM900", "simcom"},
		{"Quectel_Ltd", "Quectel_M95", "quectel-2g"},
		{"Quectel_Ltd", "M26", "quectel-2g"},
		{"u-blox", "SARA-R410M-02B", "u-blox"},
		{"Telit", "LE910C1-EU", "telit"},
		{"Cinterion", "EHS6", "cinterion"},
		{"Gemalto", "PLS8-E", "cinterion"},
		{"SIEMENS", "MC55i", "siemens"},
		{"WAVECOM MODEM", "MULTIBAND  900E  1800", "wavecom"},
		{"Sierra Wireless", "FXT009", "airprime"},
		{"Sierra Wireless, Incorporated", "MC7455", "sierra"},
		{"Option N.V.", "GTM382", "option"},
		{"SONY ERICSSON", "W810", "sony-ericsson"},
		{"Ericsson", "F3507g", "mbm"},
		{"Novatel Wireless Incorporated", "MC950D", "novatel"},
		{"QUALCOMM INCORPORATED", "un2420", "qualcomm"},
		{"Nokia", "Nokia N900", "nokia"},
		{"SAMSUNG", "SM-G900F", "samsung-android"},
		{"SAMSUNG", "SGH-X660", "samsung"},
		{"PANTECH", "UM185", "pantech"},
		{"", "GDC201", "gigaset-gdc201"},
		{"", "", "generic"},
		{"Acme", "9000", "generic"},
	}
	for _, tt := range tests {
		p := profileFor(tt.manufacturer, tt.model)
		if p.name != tt.want {
			t.Errorf("profile of %q %q = %q, want %q", tt.manufacturer, tt.model, p.name, tt.want)
		}
		if len(p.modes) == 0 || len(p.stores) == 0 || len(p.cards) < len(genericCards) || len(p.pin) < len(genericPIN) {
			t.Errorf("profile %q is not filled in: %+v", p.name, p)
		}
	}
}

func TestRests(t *testing.T) {
	now := time.Unix(0, 0)
	var r rests
	if _, _, ok := r.resting(now); ok {
		t.Error("the zero value rests")
	}
	for _, want := range []time.Duration{30, 60, 120, 240, 480, 600, 600} {
		r.begin(now, 0, "why")
		if got := r.until.Sub(now); got != want*time.Second {
			t.Errorf("rest of %v, want %v", got, want*time.Second)
		}
	}
	if state, reason, ok := r.resting(now); !ok || reason != "why" || state != gateway.ModemWaiting {
		t.Errorf("resting = %q, %q, %v", state, reason, ok)
	}
	r.proven()
	r.begin(now, 2*time.Second, "briefly")
	if got := r.until.Sub(now); got != 2*time.Second {
		t.Errorf("rest of %v after a success, want 2 s", got)
	}
	r.proven()
	for i, tt := range []struct {
		number string
		want   bool
	}{{"1", false}, {"1", false}, {"2", false}, {"1", false}, {"3", true}} {
		if got := r.refused(tt.number); got != tt.want {
			t.Errorf("refusal %d of %s: suspect = %v, want %v", i, tt.number, got, tt.want)
		}
	}
}

func TestNew(t *testing.T) {
	good := Options{Name: "a", Port: "/dev/ttyUSB0", Inbox: &inbox{}, Journal: &journal{}, PIN: "1234"}
	tests := []struct {
		name   string
		change func(o *Options)
		want   string
	}{
		{"good", func(*Options) {}, ""},
		{"no PIN", func(o *Options) { o.PIN, o.Journal = "", nil }, ""},
		{"no name", func(o *Options) { o.Name = "" }, "name"},
		{"no port", func(o *Options) { o.Port = "" }, "port"},
		{"no inbox", func(o *Options) { o.Inbox = nil }, "inbox"},
		{"no journal", func(o *Options) { o.Journal = nil }, "journal"},
		{"PIN too short", func(o *Options) { o.PIN = "123" }, "PIN"},
		{"PIN too long", func(o *Options) { o.PIN = "123456789" }, "PIN"},
		{"PIN with a quote", func(o *Options) { o.PIN = `12"4` }, "PIN"},
		{"result timeout", func(o *Options) { o.ResultTimeout = time.Millisecond }, "result timeout"},
		{"baud rate", func(o *Options) { o.Baud = 9600 }, ""},
		{"no baud rate", func(o *Options) { o.Baud = 9601 }, "9600"},
		{"SMS domain", func(o *Options) { o.Domain = "cs" }, ""},
		{"no SMS domain", func(o *Options) { o.Domain = "lte" }, "cs-preferred"},
		{"sweep interval", func(o *Options) { o.SweepInterval = -1 }, "sweep interval"},
	}
	for _, tt := range tests {
		o := good
		tt.change(&o)
		m, err := New(o)
		switch {
		case tt.want == "":
			if err != nil {
				t.Errorf("%s: %v", tt.name, err)
				continue
			}
			if s := m.Status(); m.ID() != "a" || s.Modem != "a" || s.State != gateway.ModemAbsent || s.Reason == "" {
				t.Errorf("%s: status %+v", tt.name, s)
			}
			if m.o.ResultTimeout != 180*time.Second || m.o.SweepInterval != 45*time.Second {
				t.Errorf("%s: defaults %v, %v", tt.name, m.o.ResultTimeout, m.o.SweepInterval)
			}
		case err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "123"):
			t.Errorf("%s: error %v, want %q in it", tt.name, err, tt.want)
		}
	}
}

func TestReasonFor(t *testing.T) {
	m := &Modem{o: Options{Port: "/dev/ttyUSB0"}}
	for _, err := range []error{errMute, errDesync, errGone, errors.New("other"), errors.Join(errGone, errors.New("EIO"))} {
		if got := m.reasonFor(err); !strings.Contains(got, "/dev/ttyUSB0") || !strings.HasSuffix(got, ".") {
			t.Errorf("reason for %v = %q", err, got)
		}
	}
}
