package pdu_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tetherd/modem/pdu"
)

const reportDigits = "06" + "AB" + oaField + sctsField + "52013171038580" + "00"

func mustReport(t *testing.T, hexPDU string) *pdu.StatusReport {
	t.Helper()
	m, err := pdu.Decode(hexPDU)
	if err != nil {
		t.Fatalf("Decode(%s): %v", hexPDU, err)
	}
	r, ok := m.(*pdu.StatusReport)
	if !ok {
		t.Fatalf("Decode(%s) is a %T, want a *StatusReport", hexPDU, m)
	}
	return r
}

func TestDecodeStatusReport(t *testing.T) {
	got := mustReport(t, smscField+reportDigits)
	want := &pdu.StatusReport{
		SMSC:      "+491710760000",
		MR:        0xab,
		Recipient: pdu.Address{Number: "+49172345678", TOA: 0x91},
		SCTS:      sctsTime(),
		Discharge: sctsTime().Add(13 * time.Second),
		Status:    0,
		TPDU:      octets(t, reportDigits),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Decode (-want +got):\n%s", diff)
	}
}

func TestStatusReportVariants(t *testing.T) {
	const (
		dropped = "octets after the status dropped"
		cutOff  = "optional fields of the report cut off, dropped"
	)
	const body = "AB" + oaField + sctsField + sctsField + "46"
	for _, tt := range []struct {
		name       string
		digits     string
		wantTPDU   string
		qualifier  bool
		wantRepair string
	}{
		{"answers a command", "26" + body, "26" + body, true, ""},
		{"padding of a SIM record", "06" + body + strings.Repeat("FF", 100), "06" + body, false, dropped},
		{"no optional field", "06" + body + "00", "06" + body + "00", false, ""},
		{"octets after no optional field", "06" + body + "000000", "06" + body + "00", false, dropped},
		{"protocol and coding", "06" + body + "030000", "06" + body + "030000", false, ""},
		{"text", "06" + body + "07000005E8329BFD06", "06" + body + "07000005E8329BFD06", false, ""},
		{"data", "06" + body + "060402ABCD", "06" + body + "060402ABCD", false, ""},
		{"optional field missing", "06" + body + "01", "06" + body, false, cutOff},
		{"coding missing", "06" + body + "02", "06" + body, false, cutOff},
		{"length missing", "06" + body + "04", "06" + body, false, cutOff},
		{"text cut off", "06" + body + "0405E832", "06" + body + "0405E832", false, "user data shorter than its length"},
		{"octets after the text", "06" + body + "0405E8329BFD0655", "06" + body + "0405E8329BFD06", false, "octets after the user data dropped"},
		{"indicator to be extended", "06" + body + "80", "06" + body, false, dropped},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := mustReport(t, smscField+tt.digits)
			if got.MR != 0xab || got.Status != 0x46 || got.Qualifier != tt.qualifier {
				t.Errorf("MR %02X, status %02X, qualifier %t, want AB, 46, %t", got.MR, got.Status, got.Qualifier, tt.qualifier)
			}
			if diff := cmp.Diff(octets(t, tt.wantTPDU), got.TPDU); diff != "" {
				t.Errorf("TPDU (-want +got):\n%s", diff)
			}
			checkRepairs(t, got.Repairs, tt.wantRepair)
		})
	}
}

func TestStatusReportBogusTimes(t *testing.T) {
	got := mustReport(t, "00"+"06AB"+oaField+"00000000000000"+"FFFFFFFFFFFFFF"+"00")
	if !got.SCTS.IsZero() || !got.Discharge.IsZero() {
		t.Errorf("SCTS %v, discharge %v, want none", got.SCTS, got.Discharge)
	}
	want := []string{"service centre time stamp is not a time", "discharge time is not a time"}
	if diff := cmp.Diff(want, got.Repairs); diff != "" {
		t.Errorf("Repairs (-want +got):\n%s", diff)
	}
}
