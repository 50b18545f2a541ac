package modem

import (
	"testing"
)

// Whatever a modem says, no parser panics or invents what cannot be.
func FuzzParse(f *testing.F) {
	for _, s := range []string{
		"+CMGL: 1,0,,30\n" + pduB, "+CMGR: 1,,30\n" + pduB, `+CPMS: ("SM","ME"),("SM")`, "+CNMI: (0-2),(0,1)",
		`+CREG: 2,5,"84CD","00D30173",2`, "+CSQ: 20,99", `+CPIN: "READY"`, `+COPS: 0,0,"004F0032"`, `+CSCA: "+49",145`,
		"98940200002143658709", `+CMTI: "SM",1`, "+CMGS: 1", `"""(((`, "-,-,(-)", "+CPMS: 999999999999,1",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		l := lines(s)
		for _, e := range parseCMGL(l) {
			if e.index < 0 {
				t.Errorf("entry without index: %+v", e)
			}
			e.whole()
		}
		if e, ok := parseCMGR(l, 3); ok && (e.pdu == "" || e.index != 3) {
			t.Errorf("record %+v", e)
		}
		if _, fill, ok := parseCPMS(l); ok && (fill.used < 0 || fill.total < 0) {
			t.Errorf("fill %+v", fill)
		}
		parseStores(l)
		for _, r := range parseCNMIRanges(l) {
			if len(r) > maxRange {
				t.Errorf("range of %d values", len(r))
			}
		}
		if got := cnmiChoices(parseCNMIRanges(l), genericModes, directReports, false); len(got) > 100 {
			t.Errorf("%d settings to try", len(got))
		}
		for _, line := range l {
			if stat, ok := parseCREG(line); ok && (stat < 0 || stat > 11) {
				t.Errorf("registration %d", stat)
			}
			if mr, _ := parseMR(line); mr < -1 || mr > 255 {
				t.Errorf("reference %d", mr)
			}
			parseStored(line)
		}
		if rssi, _ := parseCSQ(l); rssi < 0 || rssi > 31 && rssi != 99 {
			t.Errorf("signal %d", rssi)
		}
		if id, ok := parseICCID(l); ok && (len(id) < 18 || len(id) > 20 || !digits(id)) {
			t.Errorf("ICCID %q", id)
		}
		parseCPIN(l)
		parseCOPS(l)
		parseCSCA(l)
		parseCNUM(l)
		parseText(l, "+CGMM:")
		parseDigits(l, 14, 17)
	})
}
