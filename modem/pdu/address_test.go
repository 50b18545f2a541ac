package pdu_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tetherd/modem/pdu"
)

func TestDecodeAddress(t *testing.T) {
	name := func(length int, toa byte, text string) string {
		return fmt.Sprintf("%02X%02X%X", length, toa, pack(0, septetsOf(t, text)...))
	}
	for _, tt := range []struct {
		name  string
		field string
		want  pdu.Address
	}{
		{"international", "0B919471325476F8", pdu.Address{Number: "+49172345678", TOA: 0x91}},
		{"international, other plan", "04902143", pdu.Address{Number: "+1234", TOA: 0x90}},
		{"national", "04A14949", pdu.Address{Number: "9494", TOA: 0xa1}},
		{"short code", "038121F3", pdu.Address{Number: "123", TOA: 0x81}},
		{"abbreviated", "04E12143", pdu.Address{Number: "1234", TOA: 0xe1}},
		{"every digit", "0F811032547698BADCFE", pdu.Address{Number: "0123456789*#abc", TOA: 0x81}},
		{"empty", "0081", pdu.Address{TOA: 0x81}},
		{"empty international", "0091", pdu.Address{TOA: 0x91}},
		{"name of 7", name(13, 0xd0, "sipgate"), pdu.Address{Number: "sipgate", Alphanumeric: true, TOA: 0xd0}},
		{"name of 11", name(20, 0xd0, "InternetSMS"), pdu.Address{Number: "InternetSMS", Alphanumeric: true, TOA: 0xd0}},
		{"name of 1", name(2, 0xd0, "X"), pdu.Address{Number: "X", Alphanumeric: true, TOA: 0xd0}},
		{"name of digits", name(7, 0xd1, "1234"), pdu.Address{Number: "1234", Alphanumeric: true, TOA: 0xd1}},
		{"name with an escape", name(9, 0xd0, "T{€"), pdu.Address{Number: "T{€", Alphanumeric: true, TOA: 0xd0}},
		{"name with an at sign", name(14, 0xd0, "me@there"), pdu.Address{Number: "me@there", Alphanumeric: true, TOA: 0xd0}},
		{"empty name", "00D0", pdu.Address{Alphanumeric: true, TOA: 0xd0}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := mustDeliver(t, smscField+"04"+tt.field+"0000"+sctsField+"0141")
			if diff := cmp.Diff(tt.want, got.From); diff != "" {
				t.Errorf("From (-want +got):\n%s", diff)
			}
			if got.Repairs != nil || text(got.Body) != "A" {
				t.Errorf("text %q, repaired %q", text(got.Body), got.Repairs)
			}
		})
	}
}

func TestDecodeSMSC(t *testing.T) {
	for _, tt := range []struct{ name, field, want string }{
		{"absent", "00", ""},
		{"type alone", "0191", ""},
		{"international", "0791947101670000", "+491710760000"},
		{"odd", "069121436587F9", "+123456789"},
		{"unknown", "038121F3", "123"},
		{"fill all through", "0391FFFF", ""},
		{"20 digits", "0B9121436587092143658709", "+12345678901234567890"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := mustDeliver(t, tt.field+"04"+oaField+"0000"+sctsField+"0141")
			if got.SMSC != tt.want || got.Repairs != nil {
				t.Errorf("SMSC = %q, repaired %q, want %q", got.SMSC, got.Repairs, tt.want)
			}
		})
	}
}
