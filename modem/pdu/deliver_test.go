package pdu_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"tetherd/gateway/sms"
	"tetherd/modem/pdu"
)

func TestSound(t *testing.T) {
	const good = "07911326040000F0040B911346610089F60000208062917314080CC8F71D14969741F977FD07"
	for _, tt := range []struct {
		in   string
		want bool
	}{
		{good, true},
		{good[:len(good)-2], false},
		{good + "00", false},
		{"", false},
		{"0791", false},
		{"0006D60B911326880736F4111011719551401110117195714000", true},
	} {
		if got := pdu.Sound(tt.in); got != tt.want {
			t.Errorf("Sound(%q) = %v, want %v", tt.in, got, tt.want)
		}
	}
}

func TestFits(t *testing.T) {
	const (
		good   = "07911326040000F0040B911346610089F60000208062917314080CC8F71D14969741F977FD07"
		report = "0006D60B911326880736F4111011719551401110117195714000"
	)
	for _, tt := range []struct {
		in   string
		want bool
	}{
		{good, true},
		{good[:len(good)-1], false},
		{good[:len(good)-2], false},
		{good[:len(good)-2] + "x", false},
		{good + "00", false},
		{good[:34] + "AB" + good[36:], true}, // the month is not one
		{good[:len(good)-26], false},         // no user data at all
		{"", false},
		{"0791", false},
		{report, true},
		{report + "FFFF", false},
		{report + "04", false}, // TP-UDL is announced
	} {
		if got := pdu.Fits(tt.in); got != tt.want {
			t.Errorf("Fits(%q) = %v, want %v", tt.in, got, tt.want)
		}
	}
}

func TestDecodeDeliver(t *testing.T) {
	tpduDigits := "04" + oaField + "0000" + sctsField + "0AE8329BFD4697D9EC37"
	got := mustDeliver(t, " "+smscField+tpduDigits+"\r\n")
	want := &pdu.Deliver{
		SMSC:  "+491710760000",
		From:  pdu.Address{Number: "+49172345678", TOA: 0x91},
		SCTS:  sctsTime(),
		Class: pdu.NoClass,
		Body:  sms.Body{Text: "hellohello"},
		TPDU:  octets(t, tpduDigits),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Decode (-want +got):\n%s", diff)
	}
	if _, offset := got.SCTS.Zone(); offset != 2*3600 {
		t.Errorf("SCTS is %d s east of UTC, want %d", offset, 2*3600)
	}
}

// TestDecodeSpelling: case and white space do not matter, nor does an SMSC the
// modem leaves out.
func TestDecodeSpelling(t *testing.T) {
	got := mustDeliver(t, "\t0004"+"0b919471325476f8"+"0000"+sctsField+"0ae8329bfd4697d9ec37\n")
	if got.SMSC != "" || got.From.Number != "+49172345678" || text(got.Body) != "hellohello" || got.Repairs != nil {
		t.Errorf("Decode = %+v", got)
	}
}

// TestDecodeSchemes covers the groups of 3GPP TS 23.038 section 4. The content
// reads differently in each alphabet.
func TestDecodeSchemes(t *testing.T) {
	const content = "F4F29C0E"
	want := map[sms.Alphabet]sms.Body{
		sms.GSM7:  {Text: "test"},
		sms.UCS2:  {Alphabet: sms.UCS2, UTF16: []uint16{0xf4f2, 0x9c0e}},
		sms.Data8: {Alphabet: sms.Data8, Data: []byte{0xf4, 0xf2, 0x9c, 0x0e}},
	}
	for _, tt := range []struct {
		name     string
		dcs      byte
		alphabet sms.Alphabet
		class    int
	}{
		{"general", 0x00, sms.GSM7, pdu.NoClass},
		{"general, class bits without meaning", 0x03, sms.GSM7, pdu.NoClass},
		{"general, data", 0x04, sms.Data8, pdu.NoClass},
		{"general, ucs2", 0x08, sms.UCS2, pdu.NoClass},
		{"general, reserved alphabet", 0x0c, sms.GSM7, pdu.NoClass},
		{"class 0", 0x10, sms.GSM7, 0},
		{"class 1, data", 0x15, sms.Data8, 1},
		{"class 2, ucs2", 0x1a, sms.UCS2, 2},
		{"class 3", 0x13, sms.GSM7, 3},
		{"marked for deletion", 0x40, sms.GSM7, pdu.NoClass},
		{"marked for deletion, class 0, ucs2", 0x58, sms.UCS2, 0},
		{"waiting, discard", 0xc8, sms.GSM7, pdu.NoClass},
		{"waiting, store", 0xd8, sms.GSM7, pdu.NoClass},
		{"waiting, store, ucs2", 0xe8, sms.UCS2, pdu.NoClass},
		{"last group, class 0", 0xf0, sms.GSM7, 0},
		{"last group, class 2", 0xf2, sms.GSM7, 2},
		{"last group, class 1, data", 0xf5, sms.Data8, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			// Four septets take four octets, the last of them half empty.
			got := mustDeliver(t, deliverPDU(0x04, tt.dcs, "04"+content))
			if diff := cmp.Diff(want[tt.alphabet], got.Body); diff != "" {
				t.Errorf("Body (-want +got):\n%s", diff)
			}
			if got.DCS != tt.dcs || got.Class != tt.class || got.Repairs != nil {
				t.Errorf("DCS %02X of class %d repaired by %q, want class %d", got.DCS, got.Class, got.Repairs, tt.class)
			}
		})
	}
}

func TestDecodeText(t *testing.T) {
	for _, tt := range []struct {
		name  string
		first byte
		dcs   byte
		ud    string
		want  string
	}{
		{"empty", 0x04, 0x00, "00", ""},
		{"seven septets and a free one", 0x04, 0x00, septetUD(t, "", septetsOf(t, "sipgate")...), "sipgate"},
		{"at sign at the end", 0x04, 0x00, septetUD(t, "", septetsOf(t, "sipgate@")...), "sipgate@"},
		{"extension table", 0x04, 0x00, septetUD(t, "", septetsOf(t, "[5 €]")...), "[5 €]"},
		{"unknown extension", 0x04, 0x00, septetUD(t, "", 0x1b, 'b'), "b"},
		{"after a header of 6", 0x44, 0x00, septetUD(t, "050003010201", septetsOf(t, "hello")...), "hello"},
		{"after a header of 7", 0x44, 0x00, septetUD(t, "06080400010201", septetsOf(t, "hello")...), "hello"},
		{"after a header of 12", 0x44, 0x00, septetUD(t, "0B0003010201050400170017", septetsOf(t, "hello")...), "hello"},
		{"after an empty header", 0x44, 0x00, septetUD(t, "00", septetsOf(t, "hello")...), "hello"},
		{"header alone", 0x44, 0x00, septetUD(t, "050003010201"), ""},
		{"ucs2", 0x04, 0x08, octetUD("044F0020D83DDC4D"), "я 👍"},
		{"ucs2, byte order mark", 0x04, 0x08, octetUD("FEFF044F"), "я"},
		{"ucs2, lone halves", 0x04, 0x08, octetUD("DC4D0041D83D"), "\ufffdA\ufffd"},
		{"ucs2 after a header", 0x44, 0x08, octetUD("050003010201044F"), "я"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := mustDeliver(t, deliverPDU(tt.first, tt.dcs, tt.ud))
			if text(got.Body) != tt.want {
				t.Errorf("text %q, want %q", text(got.Body), tt.want)
			}
			if got.Repairs != nil {
				t.Errorf("Repairs = %q, want none", got.Repairs)
			}
		})
	}
}

func TestDecodeHeader(t *testing.T) {
	type header struct {
		Concat *pdu.Concat
		Ports  *pdu.Ports
	}
	for _, tt := range []struct {
		name string
		udh  string
		want header
	}{
		{"reference of 8 bits", "050003FE0302", header{Concat: &pdu.Concat{Ref: 0xfe, Part: 2, Total: 3}}},
		{"reference of 16 bits", "06080412340202", header{Concat: &pdu.Concat{Ref: 0x1234, Wide: true, Part: 2, Total: 2}}},
		{"the last one counts", "0A00030101010003020202", header{Concat: &pdu.Concat{Ref: 2, Part: 2, Total: 2}}},
		{"one part of one", "050003010101", header{}},
		{"wrong length", "0400020102", header{}},
		{"ports of 8 bits", "04040217E2", header{Ports: &pdu.Ports{Dst: 23, Src: 226}}},
		{"ports of 16 bits", "0605040B8423F0", header{Ports: &pdu.Ports{Dst: 2948, Src: 9200}}},
		{
			"both", "0B00030702010504D1EB0000",
			header{Concat: &pdu.Concat{Ref: 7, Part: 1, Total: 2}, Ports: &pdu.Ports{Dst: 53739}},
		},
		{"text formatting is passed over", "0A0A03010203" + "0003070201", header{Concat: &pdu.Concat{Ref: 7, Part: 1, Total: 2}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := mustDeliver(t, deliverPDU(0x44, 0x04, octetUD(tt.udh+"AB")))
			if diff := cmp.Diff(tt.want, header{got.Concat, got.Ports}); diff != "" {
				t.Errorf("header (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff([]byte{0xab}, got.Body.Data); diff != "" {
				t.Errorf("data (-want +got):\n%s", diff)
			}
			if got.Repairs != nil {
				t.Errorf("Repairs = %q, want none", got.Repairs)
			}
		})
	}
}

func TestDecodeWaiting(t *testing.T) {
	for _, tt := range []struct {
		name  string
		first byte
		dcs   byte
		ud    string
		want  []pdu.Waiting
	}{
		{"none", 0x04, 0x00, "00", nil},
		{"voicemail, discard", 0x04, 0xc8, "00", []pdu.Waiting{{Kind: pdu.WaitingVoicemail, Active: true, Count: -1}}},
		{"voicemail cleared", 0x04, 0xc0, "00", []pdu.Waiting{{Kind: pdu.WaitingVoicemail, Count: -1}}},
		{"fax, store", 0x04, 0xd9, "00", []pdu.Waiting{{Kind: pdu.WaitingFax, Active: true, Store: true, Count: -1}}},
		{"email, ucs2", 0x04, 0xea, "00", []pdu.Waiting{{Kind: pdu.WaitingEmail, Active: true, Store: true, Count: -1}}},
		{"other", 0x04, 0xdb, "00", []pdu.Waiting{{Kind: pdu.WaitingOther, Active: true, Store: true, Count: -1}}},
		{"counted", 0x44, 0x04, octetUD("0401020003"), []pdu.Waiting{{Kind: pdu.WaitingVoicemail, Active: true, Count: 3}}},
		{"count of zero, stored", 0x44, 0x04, octetUD("0401028100"), []pdu.Waiting{{Kind: pdu.WaitingFax, Store: true}}},
		{"video", 0x44, 0x04, octetUD("0401020701"), []pdu.Waiting{{Kind: pdu.WaitingVideo, Active: true, Count: 1}}},
		{"scheme and header", 0x44, 0xc8, septetUD(t, "04010202FF"), []pdu.Waiting{
			{Kind: pdu.WaitingVoicemail, Active: true, Count: -1},
			{Kind: pdu.WaitingEmail, Active: true, Count: 255},
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := mustDeliver(t, deliverPDU(tt.first, tt.dcs, tt.ud))
			if diff := cmp.Diff(tt.want, got.Waiting); diff != "" {
				t.Errorf("Waiting (-want +got):\n%s", diff)
			}
		})
	}
	if got, want := pdu.WaitingVideo.String(), "video"; got != want {
		t.Errorf("String() = %q, want %q", got, want)
	}
}

func TestDecodePID(t *testing.T) {
	for _, tt := range []struct {
		pid     string
		silent  bool
		replace int
	}{
		{"00", false, 0},
		{"40", true, 0},
		{"41", false, 1},
		{"47", false, 7},
		{"48", false, 0},
		{"5F", false, 0},
		{"7F", false, 0},
	} {
		t.Run(tt.pid, func(t *testing.T) {
			got := mustDeliver(t, smscField+"00"+oaField+tt.pid+"00"+sctsField+"00")
			if got.Silent() != tt.silent || got.Replace() != tt.replace {
				t.Errorf("PID %02X: silent %t, replace %d, want %t, %d", got.PID, got.Silent(), got.Replace(), tt.silent, tt.replace)
			}
			if !got.MoreToCome {
				t.Error("MoreToCome = false with TP-MMS 0")
			}
		})
	}
}
