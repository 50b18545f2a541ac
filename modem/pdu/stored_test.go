package pdu_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tetherd/gateway/sms"
	"tetherd/modem/pdu"
)

func TestDecodeStored(t *testing.T) {
	for _, tt := range []struct {
		name   string
		digits string
		want   pdu.Stored
	}{
		{
			"no validity", "21" + "07" + "04810120" + "0010" + "0141",
			pdu.Stored{MR: 7, StatusReport: true, DCS: 0x10, Class: 0, Body: sms.Body{Text: "A"}},
		},
		{
			"relative validity", "11" + "00" + "04810120" + "0000" + "AA" + "0141",
			pdu.Stored{Class: pdu.NoClass, Body: sms.Body{Text: "A"}},
		},
		{
			"absolute validity", "19" + "00" + "04810120" + "4000" + sctsField + "0141",
			pdu.Stored{PID: 0x40, Class: pdu.NoClass, Body: sms.Body{Text: "A"}},
		},
		{
			"enhanced validity", "09" + "00" + "04810120" + "0000" + "010B0000000000" + "0141",
			pdu.Stored{Class: pdu.NoClass, Body: sms.Body{Text: "A"}},
		},
		{
			"part to a port", "41" + "00" + "04810120" + "0004" + "0D" + "0B000309020105040B8423F0" + "01",
			pdu.Stored{
				DCS: 4, Class: pdu.NoClass,
				Concat: &pdu.Concat{Ref: 9, Part: 1, Total: 2},
				Ports:  &pdu.Ports{Dst: 2948, Src: 9200},
				Body:   sms.Body{Alphabet: sms.Data8, Data: []byte{1}},
			},
		},
		{
			"padding of a SIM record", "01" + "00" + "04810120" + "0000" + "0141" + "FFFFFF",
			pdu.Stored{
				Class: pdu.NoClass, Body: sms.Body{Text: "A"},
				Repairs: []string{"octets after the user data dropped"},
			},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			want := tt.want
			want.SMSC = "+491710760000"
			want.To = pdu.Address{Number: "1002", TOA: 0x81}
			want.TPDU = octets(t, strings.TrimRight(tt.digits, "F"))
			m, err := pdu.Decode(smscField + tt.digits)
			if err != nil {
				t.Fatalf("Decode: %v", err)
			}
			if diff := cmp.Diff(pdu.Message(&want), m); diff != "" {
				t.Errorf("Decode (-want +got):\n%s", diff)
			}
		})
	}
}

func TestDecodeStoredErrors(t *testing.T) {
	for _, tt := range []struct{ name, hexPDU, want string }{
		{"nothing", "", "decode SMSC address: PDU ends early"},
		{"SMSC alone", "00", "decode first octet: PDU ends early"},
		{"cut off", "000100048101", "decode destination address: PDU ends early"},
		{"no scheme", "00010004810120" + "00", "decode data coding scheme: PDU ends early"},
		{"no identifier", "00010004810120", "decode protocol identifier: PDU ends early"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := pdu.Decode(tt.hexPDU)
			if err == nil || err.Error() != tt.want || got != nil {
				t.Errorf("Decode = %+v, %v, want %q", got, err, tt.want)
			}
		})
	}
}
