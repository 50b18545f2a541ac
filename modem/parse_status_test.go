package modem

import (
	"strings"
	"testing"
)

func TestParseCREG(t *testing.T) {
	tests := []struct {
		in   string
		stat int
		ok   bool
	}{
		{"+CREG: 0,1", 1, true},
		{"+CREG: 1", 1, true},
		{"+CREG:5", 5, true},
		{`+CREG: 2,5,"84CD","00D30173",2`, 5, true},
		{"+CREG: 1,84CD,00D30173", 1, true},
		{"+CREG: 1,1,84CD,00D30173", 1, true},
		{`+CREG: 1,"84CD","00D30173"`, 1, true},
		{`+CREG: 1,"05","00D30173"`, 1, true},
		{`+CREG:002,001,"18d8","ffff"`, 1, true},
		{`+CREG: 2,1,"  0 5","1 3"`, 1, true},
		{`+CREG: 1,10,"84CD"`, 10, true},
		{"+CEREG: 4,6", 6, true},
		{"+CREG: 0, 3", 3, true},
		{`+CREG: 2,1,"84CD`, 1, true},
		{"+CREG: 2,2,,", 2, true},
		{"+CREG: ", 0, false},
		{"+CREG", 0, false},
		{"+CREG: x", 0, false},
	}
	for _, tt := range tests {
		stat, ok := parseCREG(tt.in)
		if ok != tt.ok || ok && stat != tt.stat {
			t.Errorf("parseCREG(%q) = %d, %v; want %d, %v", tt.in, stat, ok, tt.stat, tt.ok)
		}
	}
}

func TestParseCSQ(t *testing.T) {
	tests := []struct {
		in   string
		want int
	}{
		{"+CSQ: 20,99", 20},
		{"+CSQ:0,0", 0},
		{"+CSQ: 99,99", 99},
		{"+CSQ: 31", 31},
		{"+CSQ: 140,99", 20},
		{"+CSQ: 199,99", 99},
		{"+CSQ: 50,99", 99},
		{"+CSQ: ", 99},
	}
	for _, tt := range tests {
		if got, _ := parseCSQ([]string{tt.in}); got != tt.want {
			t.Errorf("parseCSQ(%q) = %d, want %d", tt.in, got, tt.want)
		}
	}
}

// Answers that are texts.
func TestParseTexts(t *testing.T) {
	cpin := func(l []string) string { s, _ := parseCPIN(l); return s }
	iccid := func(l []string) string { s, _ := parseICCID(l); return s }
	imei := func(l []string) string { s, _ := parseDigits(l, 14, 17); return s }
	imsi := func(l []string) string { s, _ := parseDigits(l, 14, 15); return s }
	model := func(l []string) string { return parseText(l, "+CGMM:") }
	tests := []struct {
		name  string
		parse func([]string) string
		in    string
		want  string
	}{
		{"CPIN", cpin, "+CPIN: READY", "READY"},
		{"CPIN quoted", cpin, `+CPIN:"READY"`, "READY"},
		{"CPIN lower case", cpin, "+CPIN: sim pin", "SIM PIN"},
		{"CPIN empty", cpin, "+CPIN: ", ""},
		{"COPS", parseCOPS, `+COPS: 0,0,"O2 - de",2`, "O2 - de"},
		{"COPS comma", parseCOPS, `+COPS: 0,0,"a,b",2`, "a,b"},
		{"COPS UCS2", parseCOPS, `+COPS: 0,0,"004F0032"`, "O2"},
		{"COPS none", parseCOPS, "+COPS: 0", ""},
		{"CSCA", parseCSCA, `+CSCA: "+491710760000",145`, "+491710760000"},
		{"CSCA without plus", parseCSCA, `+CSCA: "491710760000",145`, "+491710760000"},
		{"CSCA national", parseCSCA, `+CSCA: "01710760000",129`, "01710760000"},
		{"CSCA UCS2", parseCSCA, `+CSCA: "002B003400390031",145`, "+491"},
		{"CSCA UCS2 bare", parseCSCA, `+CSCA: 002B003400390031,145`, "+491"},
		{"CSCA unset", parseCSCA, `+CSCA: "",129`, ""},
		{"CNUM", parseCNUM, `+CNUM: "me","+4915112345",145`, "+4915112345"},
		{"CNUM empty", parseCNUM, `+CNUM: ,"",129`, ""},
		{"ICCID", iccid, "+CCID: 89490200001234567890", "89490200001234567890"},
		{"ICCID bare", iccid, "89490200001234567890", "89490200001234567890"},
		{"ICCID quoted", iccid, `+CCID: "8949020000123456789F"`, "8949020000123456789"},
		{"ICCID swapped", iccid, "^ICCID: 98940200002143658709", "89492000001234567890"},
		{"ICCID swapped, filled", iccid, "989402000021436587F7", "8949200000123456787"},
		{"ICCID behind a result", iccid, `+CRSM: 144,0,"989402000021436587F9"`, "8949200000123456789"},
		{"ICCID with letters", iccid, "+ICCID: 8986011A2B3C4D5E6F70", "8986011A2B3C4D5E6F70"},
		{"ICCID none", iccid, "+CCID: ", ""},
		{"ICCID among others", iccid, "noise\n+QCCID: 8949020000123456789f", "8949020000123456789"},
		{"IMEI", imei, "490154203237518", "490154203237518"},
		{"IMEI prefix", imei, `+CGSN: "490154203237518"`, "490154203237518"},
		{"IMEI with SVN", imei, "490154203237518,23", "490154203237518"},
		{"IMSI", imsi, "262011234567890", "262011234567890"},
		{"IMSI behind noise", imsi, "+CIMI:\n262011234567890", "262011234567890"},
		{"model", model, "+CGMM: E3131", "E3131"},
		{"model quoted", model, `"SIM  7600"   `, "SIM 7600"},
		{"model overlong", model, strings.Repeat("x", 300), strings.Repeat("x", 64)},
		{"model cut inside a character", model, strings.Repeat("x", 63) + "é", strings.Repeat("x", 63)},
		{"model empty", model, "", ""},
	}
	for _, tt := range tests {
		if got := tt.parse(lines(tt.in)); got != tt.want {
			t.Errorf("%s: %q gives %q, want %q", tt.name, tt.in, got, tt.want)
		}
	}
}

func TestParseCounter(t *testing.T) {
	tests := []struct {
		maker, in string
		want      int
		ok        bool
	}{
		{"", "+CPINR: SIM PIN,3,3", 3, true},
		{"", "+CPINR: SIM PUK,10,10\n+CPINR: SIM PIN,2", 2, true},
		{"huawei", "^CPIN: SIM PIN,1,10,1,10,3", 1, true},
		{"huawei", "^CPIN: READY,,10,3,10,3", 3, true},
		{"quectel", "+QPINC: \"SC\",3,10\n+QPINC: \"P2\",1,10", 3, true},
		{"simcom", "+SPIC: 3,3,10,10", 3, true},
		{"telit", "#PCT: 2", 2, true},
		{"", `+CPINR: "SIM PIN",2,3`, 2, true},
		{"", "+CPINR: SIM PIN2,1,3\n+CPINR: SIM PIN,3,3", 3, true},
		{"quectel", "+QPINC: \"P2\",1,10\n+QPINC: \"SC\",3,10", 3, true},
		{"u-blox", "+UPINCNT: 3,3,10,10", 3, true},
		{"cinterion", "^SPIC: 3", 3, true},
		{"zte", "+ZPINPUK: 2,10", 2, true},
		{"ericsson", "*EPIN: 2,10,3,10", 2, true},
		{"fibocom", "+XPINCNT: 1, 3, 10, 10", 1, true},
		{"option", "_OERCN: 3, 10", 3, true},
		{"icera", "%PINNUM: 2, 10, 3, 10", 2, true},
		{"longcheer", "PIN1=3; PUK1=10; PIN2=2; PUK2=10", 3, true},
		{"longcheer", "PIN2=2; PUK1=10", 0, false},
		{"huawei", "^CPIN: READY", 0, false},
		{"", "OK", 0, false},
	}
	for _, tt := range tests {
		c := profileFor(tt.maker, "").pin[0]
		got, ok := parseCounter(lines(tt.in), c)
		if got != tt.want || ok != tt.ok {
			t.Errorf("%s %q = %d, %v; want %d, %v", tt.maker, tt.in, got, ok, tt.want, tt.ok)
		}
	}
}
