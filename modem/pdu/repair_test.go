package pdu_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tetherd/gateway/sms"
	"tetherd/modem/pdu"
)

// TestRepair holds one vector for each thing real devices get wrong.
func TestRepair(t *testing.T) {
	const (
		head  = smscField + "04" + oaField + "0000" + sctsField
		hello = "05E8329BFD06"
	)
	for _, tt := range []struct {
		name       string
		hexPDU     string
		wantText   string
		wantNumber string
		wantRepair string
	}{
		{
			"text after the digits", head + hello + "\r\nOK", "hello", "",
			"octets after a character that is not hexadecimal dropped",
		},
		{"half an octet", head + hello + "5", "hello", "", "half an octet at the end dropped"},
		{
			"reserved message type", smscField + "07" + oaField + "0000" + sctsField + hello, "hello", "",
			"reserved message type read as SMS-DELIVER",
		},
		{
			"length counts the fill", smscField + "04" + "0C919471325476F8" + "0000" + sctsField + hello, "hello", "+49172345678",
			"address: ended by F before its length",
		},
		{
			"fill inside", smscField + "04" + "0891947F3254" + "0000" + sctsField + hello, "hello", "+49",
			"address: ended by F before its length",
		},
		{
			"fill is not F", smscField + "04" + "0B91947132547608" + "0000" + sctsField + hello, "hello", "+49172345678",
			"address: fill is not F",
		},
		{
			"name counts its padding", smscField + "04" + "0ED0F334FC1CA69701" + "0000" + sctsField + hello, "hello", "sipgate",
			"address: padding at the end of the name dropped",
		},
		{
			"reserved coding group", smscField + "04" + oaField + "0088" + sctsField + hello, "hello", "",
			"reserved data coding scheme read as GSM 7-bit text",
		},
		{
			"F9 with ucs2", smscField + "04" + oaField + "00F9" + sctsField + "080422043504410442", "Тест", "",
			"reserved data coding scheme, alphabet guessed from the length",
		},
		{
			"F8 with septets", smscField + "04" + oaField + "00F8" + sctsField + "0AE8329BFD4697D9EC37", "hellohello", "",
			"reserved data coding scheme, alphabet guessed from the length",
		},
		{"user data missing", head, "", "", "user data missing"},
		{"septets missing", head + "0AE8329BFD46", "hello", "", "user data shorter than its length"},
		{"octets after septets", head + hello + "FFFFFF", "hello", "", "octets after the user data dropped"},
		{
			"padding septet", head + "07F334FC1CA69741", "sipgate", "",
			"padding after the last septet is not zero",
		},
		{
			"odd ucs2", smscField + "04" + oaField + "0008" + sctsField + "05" + "044F044F04", "яя", "",
			"odd number of octets of UCS-2, last one dropped",
		},
		{
			"header longer than the text", smscField + "44" + oaField + "0008" + sctsField + "04" + "2041044F", "\u2041я", "",
			"user data header longer than the user data, read as text",
		},
		{
			"first element cut off", smscField + "44" + oaField + "0008" + sctsField + "06" + "030009AA044F", "\u0300\u09aaя", "",
			"user data header longer than the user data, read as text",
		},
		{
			"later element cut off", smscField + "44" + oaField + "0008" + sctsField + "0A" + "07000309020108FF" + "044F", "я", "",
			"user data header: element cut off",
		},
		{
			"part of nothing", smscField + "44" + oaField + "0008" + sctsField + "08" + "050003010003" + "044F", "я", "",
			"user data header: impossible part number, read as a single message",
		},
		{
			"part zero", smscField + "44" + oaField + "0008" + sctsField + "08" + "050003010300" + "044F", "я", "",
			"user data header: impossible part number, read as a single message",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := mustDeliver(t, tt.hexPDU)
			if text(got.Body) != tt.wantText {
				t.Errorf("text %q, want %q", text(got.Body), tt.wantText)
			}
			if tt.wantNumber != "" && got.From.Number != tt.wantNumber {
				t.Errorf("From = %q, want %q", got.From.Number, tt.wantNumber)
			}
			checkRepairs(t, got.Repairs, tt.wantRepair)
		})
	}
}

// TestRepairLeavesTPDU: what a device adds is no part of the message, so that
// the same message read twice is recognised.
func TestRepairLeavesTPDU(t *testing.T) {
	want := mustDeliver(t, deliverPDU(0x04, 0x00, "05E8329BFD06"))
	got := mustDeliver(t, deliverPDU(0x04, 0x00, "05E8329BFD06")+"00FF55AA")
	if diff := cmp.Diff(want.TPDU, got.TPDU); diff != "" {
		t.Errorf("TPDU (-clean +padded):\n%s", diff)
	}
}

// TestCompressedIsKept: nobody can read compressed text, but nothing is lost.
func TestCompressedIsKept(t *testing.T) {
	got := mustDeliver(t, deliverPDU(0x44, 0x20, octetUD("050003010201"+"DEADBEEF")))
	want := sms.Body{Alphabet: sms.Data8, Data: []byte{0xde, 0xad, 0xbe, 0xef}}
	if diff := cmp.Diff(want, got.Body); diff != "" {
		t.Errorf("Body (-want +got):\n%s", diff)
	}
	if got.Concat == nil || got.Concat.Total != 2 {
		t.Errorf("Concat = %+v, want part 1 of 2", got.Concat)
	}
	checkRepairs(t, got.Repairs, "compressed text kept as data")
}

// TestGuessedData: an odd length cannot be UCS-2.
func TestGuessedData(t *testing.T) {
	got := mustDeliver(t, deliverPDU(0x04, 0xfa, octetUD("010203")))
	want := sms.Body{Alphabet: sms.Data8, Data: []byte{1, 2, 3}}
	if diff := cmp.Diff(want, got.Body); diff != "" || got.Class != 2 {
		t.Errorf("class %d, Body (-want +got):\n%s", got.Class, diff)
	}
}

func TestDecodeErrors(t *testing.T) {
	for _, tt := range []struct {
		name, hexPDU string
		want         string
		truncated    bool
	}{
		{"nothing", "", "SMSC address", true},
		{"no digits", "+CMGL", "SMSC address", true},
		{"a single digit", "0", "SMSC address", true},
		{"SMSC overrun", "0791", "SMSC address", true},
		{"SMSC too long", "0D91" + strings.Repeat("21", 20), "SMSC address: 13 octets are too many", false},
		{"SMSC alone", smscField, "first octet", true},
		{"no address", smscField + "04", "originating address", true},
		{"address overrun", smscField + "04" + "0B919471", "originating address", true},
		{"address too long", smscField + "04" + "1591" + strings.Repeat("21", 30), "originating address: 21 semi-octets are too many", false},
		{"no protocol identifier", smscField + "04" + oaField, "protocol identifier", true},
		{"no coding scheme", smscField + "04" + oaField + "00", "data coding scheme", true},
		{"time stamp cut off", smscField + "04" + oaField + "0000" + sctsField[:12], "service centre time stamp", true},
		{"submit cut off", "0001", "message reference", true},
		{"submit without destination", "000100", "destination address", true},
		{"submit without validity", "0011000481012000" + "00", "validity period", true},
		{"report without reference", "0006", "message reference", true},
		{"report without recipient", "000601", "recipient address", true},
		{"report without times", "000601" + oaField, "service centre time stamp", true},
		{"report without discharge", "000601" + oaField + sctsField, "discharge time", true},
		{"report without status", "000601" + oaField + sctsField + sctsField, "status", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m, err := pdu.Decode(tt.hexPDU)
			if err == nil {
				t.Fatalf("Decode = %+v, want an error", m)
			}
			if m != nil {
				t.Errorf("Decode = %#v with an error, want nil", m)
			}
			if !strings.HasPrefix(err.Error(), "decode "+tt.want) || errors.Is(err, pdu.ErrTruncated) != tt.truncated {
				t.Errorf("error %q, truncated %t, want %q", err, errors.Is(err, pdu.ErrTruncated), "decode "+tt.want)
			}
		})
	}
}
