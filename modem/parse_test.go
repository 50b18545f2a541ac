package modem

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

const pduB = "07911326040000F0040B911346610089F60000208062917314080CC8F71D14969741F977FD07"

func lines(s string) []string { return strings.Split(s, "\n") }

func TestParseCMGL(t *testing.T) {
	tests := []struct {
		name, in string
		want     []entry
	}{
		{"none", "", nil},
		{"standard", "+CMGL: 1,0,,30\n" + pduB, []entry{{1, 0, 30, pduB}}},
		{"alpha", `+CMGL: 12,1,"a,b",30` + "\n" + pduB, []entry{{12, 1, 30, pduB}}},
		{"no blank", "+CMGL:0,3,\"\",30\n" + pduB, []entry{{0, 3, 30, pduB}}},
		{"three fields", "+CMGL: 17,3,35\n" + pduB, []entry{{17, 3, 35, pduB}}},
		{"lower case", "+CMGL: 1,0,,30\n" + strings.ToLower(pduB), []entry{{1, 0, 30, pduB}}},
		{"two", "+CMGL: 1,0,,30\n" + pduB + "\n+CMGL: 900,1,,31\n" + pduB, []entry{{1, 0, 30, pduB}, {900, 1, 31, pduB}}},
		{"PDU lost", "+CMGL: 1,0,,30\n+CMGL: 2,0,,30\n" + pduB, []entry{{1, 0, 30, ""}, {2, 0, 30, pduB}}},
		{"no index", "+CMGL: ,0,,30\n" + pduB, nil},
		{"no length", "+CMGL: 1,0\n" + pduB, []entry{{1, 0, -1, pduB}}},
		{"status in words", `+CMGL: 1,"REC UNREAD",,30` + "\n" + pduB, []entry{{1, -1, 30, pduB}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, parseCMGL(lines(tt.in)), cmp.AllowUnexported(entry{}), cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("entries (-want +got):\n%s", diff)
			}
		})
	}
}

func TestParseCMGR(t *testing.T) {
	tests := []struct {
		name, in string
		want     entry
		ok       bool
	}{
		{"standard", "+CMGR: 1,,30\n" + pduB, entry{7, 1, 30, pduB}, true},
		{"length alone", "+CMGR: 24\n" + pduB, entry{7, -1, 24, pduB}, true},
		{"blanks", "+CMGR: ,,92\n" + pduB, entry{7, -1, 92, pduB}, true},
		{"no alpha", "+CMGR: 0,23\n" + pduB, entry{7, 0, 23, pduB}, true},
		{"empty place", "+CMGR: 0,,0", entry{7, 0, 0, ""}, false},
		{"nothing", "", entry{7, -1, -1, ""}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, ok := parseCMGR(lines(tt.in), 7)
			if diff := cmp.Diff(tt.want, got, cmp.AllowUnexported(entry{})); diff != "" || ok != tt.ok {
				t.Errorf("ok = %v, entry (-want +got):\n%s", ok, diff)
			}
		})
	}
}

func TestWhole(t *testing.T) {
	tests := []struct {
		e    entry
		want bool
	}{
		{entry{length: 30, pdu: pduB}, true},
		{entry{length: 29, pdu: pduB}, false},
		{entry{length: -1, pdu: pduB}, false},
		{entry{length: 30, pdu: pduB[:74]}, false},
		{entry{length: 2, pdu: "00AABB"}, true},
		{entry{length: 0, pdu: ""}, false},
		{entry{length: 0, pdu: "XX"}, false},
	}
	for _, tt := range tests {
		if got := tt.e.whole(); got != tt.want {
			t.Errorf("whole(%d, %q) = %v, want %v", tt.e.length, tt.e.pdu, got, tt.want)
		}
	}
}

func TestParseStored(t *testing.T) {
	tests := []struct {
		in, mem string
		index   int
		ok      bool
	}{
		{`+CMTI: "SM",7`, "SM", 7, true},
		{`+CMTI:"ME",0`, "ME", 0, true},
		{`+CMTI: SM , 12`, "SM", 12, true},
		{`+CDSI: "MT",2`, "MT", 2, true},
		{`+CMTI: "SM",1,"MMS PUSH",2,1`, "SM", 1, true},
		{`+CMTI: "SM"`, "", 0, false},
		{`+CMTI`, "", 0, false},
		{`+CMTI: "SM",x`, "", 0, false},
	}
	for _, tt := range tests {
		mem, index, ok := parseStored(tt.in)
		if mem != tt.mem || index != tt.index || ok != tt.ok {
			t.Errorf("parseStored(%q) = %q, %d, %v; want %q, %d, %v", tt.in, mem, index, ok, tt.mem, tt.index, tt.ok)
		}
	}
}

func TestParseCPMS(t *testing.T) {
	tests := []struct {
		in   string
		mem  string
		want fill
		ok   bool
	}{
		{"+CPMS: 3,30,3,30,3,30", "", fill{3, 30}, true},
		{`+CPMS: "ME",23,255,"ME",23,255,"ME",23,255`, "ME", fill{23, 255}, true},
		{`+CPMS: SM,0,10,SM,0,10`, "SM", fill{0, 10}, true},
		{`+CPMS: "SM",0,10`, "SM", fill{0, 10}, true},
		{`+CPMS: (3,30),(3,30)`, "", fill{3, 30}, false},
		{`+CPMS: "SM"`, "SM", fill{}, false},
		{`+CPMS: `, "", fill{}, false},
		{`OK`, "", fill{}, false},
	}
	for _, tt := range tests {
		mem, got, ok := parseCPMS([]string{tt.in})
		if ok != tt.ok || ok && (mem != tt.mem || got != tt.want) {
			t.Errorf("parseCPMS(%q) = %q, %v, %v; want %q, %v, %v", tt.in, mem, got, ok, tt.mem, tt.want, tt.ok)
		}
	}
}

func TestParseStores(t *testing.T) {
	tests := []struct {
		in   string
		want [3][]string
	}{
		{`+CPMS: ("SM","ME"),("SM"),("ME","MT")`, [3][]string{{"SM", "ME"}, {"SM"}, {"ME", "MT"}}},
		{`+CPMS:("SM"),("SM")`, [3][]string{{"SM"}, {"SM"}, nil}},
		{`+CPMS: (("SM","BM","SR"),("SM"))`, [3][]string{{"SM", "BM", "SR"}, {"SM"}, nil}},
		{`+CPMS: "SM","ME"`, [3][]string{{"SM", "ME"}, {"SM", "ME"}, {"SM", "ME"}}},
		{`+CPMS: (ME", "SR"),("ME"),("ME")`, [3][]string{{"ME", "SR"}, {"ME"}, {"ME"}}},
		{`+CPMS: ("ME" "MT" "SM"),("SM"),("SM")`, [3][]string{{"ME", "MT", "SM"}, {"SM"}, {"SM"}}},
		{`+CPMS: (),(),()`, [3][]string{}},
		{`+CPMS: ,,`, [3][]string{}},
		{`+CPMS: `, [3][]string{}},
		{`+CPMS: ("SM_P","ME_P")`, [3][]string{{"SM_P", "ME_P"}, nil, nil}},
	}
	for _, tt := range tests {
		if diff := cmp.Diff(tt.want, parseStores([]string{tt.in}), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("parseStores(%q) (-want +got):\n%s", tt.in, diff)
		}
	}
}

func TestParseCNMIRanges(t *testing.T) {
	tests := []struct {
		in   string
		want [5][]int
	}{
		{"+CNMI: (0-2),(0,1,3),(0,2),(0-2),(0,1)", [5][]int{{0, 1, 2}, {0, 1, 3}, {0, 2}, {0, 1, 2}, {0, 1}}},
		{"+CNMI:(0-3),(0-3),(0,2,3),(0,1,2),(1)", [5][]int{{0, 1, 2, 3}, {0, 1, 2, 3}, {0, 2, 3}, {0, 1, 2}, {1}}},
		{"+CNMI: (2),(1)", [5][]int{{2}, {1}, nil, nil, nil}},
		{"+CNMI: 2,1,0,0,0", [5][]int{{2}, {1}, {0}, {0}, {0}}},
		{"+CNMI: (0,1-2),(0-)", [5][]int{{0, 1, 2}, nil}},
		{"+CNMI: (0-999999999)", [5][]int{numbers("0-255")}},
		{"", [5][]int{}},
	}
	for _, tt := range tests {
		if diff := cmp.Diff(tt.want, parseCNMIRanges([]string{tt.in}), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("parseCNMIRanges(%q) (-want +got):\n%s", tt.in, diff)
		}
	}
}

func TestCNMIChoices(t *testing.T) {
	tests := []struct {
		name    string
		ranges  [5][]int
		modes   []int
		reports []int
		noRoom  bool
		want    []string // the first of them
	}{
		{"unknown", [5][]int{}, genericModes, directReports, false, []string{"2,1,0,1,0", "2,1,0,2,0", "2,1,0,0,0", "1,1,0,1,0"}},
		{"bfr 1 only", [5][]int{{0, 1, 2}, {0, 1}, {0}, {0, 1}, {1}}, genericModes, directReports, false, []string{"2,1,0,1,1", "2,1,0,0,1", "1,1,0,1,1"}},
		{"mode 1 only, no announcement", [5][]int{{1}, {0, 2}, {0}, {1}, {0}}, genericModes, directReports, false, []string{
			"1,1,0,1,0", "1,1,0,1", "1,1,0", "1,1", "1,0,0,1,0", "1,0,0,1", "1,0,0", "1,0",
		}},
		{"routing only", [5][]int{{1}, {2}, {0}, {1}, {0}}, genericModes, directReports, false, []string{
			"1,1,0,1,0", "1,1,0,1", "1,1,0", "1,1", "1,2,0,1,0",
		}},
		{"Qualcomm", [5][]int{{0, 1, 2}, {0, 1, 2, 3}, {0, 2}, {0, 1, 2}, {0, 1}}, qualcommModes, directReports, false, []string{"1,1,0,1,0", "1,1,0,2,0"}},
		{"no room", [5][]int{{1, 2}, {0, 1, 2}, {0}, {1}, {0}}, genericModes, directReports, true, []string{
			"2,2,0,1,0", "1,2,0,1,0", "2,2,0,1", "2,2,0", "2,2", "1,2,0,1", "1,2,0", "1,2", "2,1,0,1,0",
		}},
		{"no room, no routing", [5][]int{{1}, {0, 1}, {0}, {1}, {0}}, genericModes, directReports, true, []string{"1,1,0,1,0"}},
		{"odd bm", [5][]int{{1}, {1}, {2, 3}, {1}, {0}}, genericModes, directReports, false, []string{"1,1,2,1,0"}},
		{"reports stored", [5][]int{{0, 1}, {1}, {0}, {0, 2}, {0}}, genericModes, directReports, false, []string{"1,1,0,2,0"}},
	}
	for _, tt := range tests {
		got := cnmiChoices(tt.ranges, tt.modes, tt.reports, tt.noRoom)
		if len(got) < len(tt.want) {
			t.Errorf("%s: choices %q, want at least %q", tt.name, got, tt.want)
			continue
		}
		if diff := cmp.Diff(tt.want, got[:len(tt.want)]); diff != "" {
			t.Errorf("%s: choices (-want +got):\n%s", tt.name, diff)
		}
	}
}

func TestParseMR(t *testing.T) {
	tests := []struct {
		in string
		mr int
		ok bool
	}{
		{"+CMGS: 42", 42, true},
		{"+CMGS:0", 0, true},
		{"+CMGS: 000", 0, true},
		{`+CMGS: 7,"26/01/02,03:04:05+04"`, 7, true},
		{"+CMSS: 42", 42, true},
		{"+CMGS: ", -1, true},
		{"+CMGS: 256", -1, true},
		{"+CMGS: x", -1, true},
		{"OK", -1, false},
		{"", -1, false},
	}
	for _, tt := range tests {
		if mr, ok := parseMR(tt.in); mr != tt.mr || ok != tt.ok {
			t.Errorf("parseMR(%q) = %d, %v; want %d, %v", tt.in, mr, ok, tt.mr, tt.ok)
		}
	}
}
