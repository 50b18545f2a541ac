package pdu_test

import (
	"fmt"
	"sync"
	"testing"

	"tetherd/modem/pdu"
)

// languageVectors are national language texts in septets, with the elements
// that name their tables (3GPP TS 23.038 annex A).
var languageVectors = []struct {
	name, udh string
	septets   []byte
	want      string
}{
	{
		"Turkish, locking", "03250101",
		[]byte{0x40, 's', 't', 'a', 'n', 'b', 'u', 'l', ' ', 0x1c, 0x1d, 0x0b, 0x0c, 0x07, 0x60},
		"İstanbul ŞşĞğıç",
	},
	{
		"Turkish, single shift", "03240101",
		[]byte{0x1b, 0x53, 0x1b, 0x67, 0x1b, 0x49, 0x1b, 0x69, 0x1b, 0x63, 0x1b, 0x65, 0x1b, 'x', 0x60},
		"Şğİıç€x¿",
	},
	{
		"Turkish, both", "06250101240101",
		[]byte{0x40, 0x1b, 0x53, 0x1b, 0x28, 0x1b, 0x1c},
		"İŞ{Ş",
	},
	{
		"Spanish, single shift", "03240102",
		[]byte{0x1b, 0x41, 0x1b, 0x61, 0x1b, 0x49, 0x1b, 0x69, 0x1b, 0x4f, 0x1b, 0x6f, 0x1b, 0x55, 0x1b, 0x75, 0x1b, 0x09, 0x7d},
		"ÁáÍíÓóÚúçñ",
	},
	{
		"Spanish has no locking table", "03250102",
		[]byte{0x40, 'h', 0x60},
		"¡h¿",
	},
	{
		"Portuguese, locking", "03250103",
		[]byte{0x04, 0x06, 0x09, 0x0b, 0x0c, 0x0e, 0x0f, 0x13, 0x18, 0x5b, 0x5c, 0x7b, 0x7c, 0x60},
		"êúçÔôÁáÇ€ÃÕãõ~",
	},
	{
		"Portuguese, single shift", "03240103",
		[]byte{0x1b, 0x05, 0x1b, 0x1f, 0x1b, 0x0b, 0x1b, 0x5b, 0x1b, 0x7c, 0x1b, 0x7f, 0x1b, 0x61},
		"êÊÔÃõâÂ",
	},
	{"Hindi, locking", "03250106", []byte{0x03, 0x15, 0x1f, ' ', '0'}, "अकञ 0"},
	{"unknown language", "06250163240163", []byte{0x40, 0x1b, 0x65}, "¡€"},
	{"the library's decimal identifiers mean nothing", "06190101180101", []byte{0x40, 0x1b, 0x53}, "¡S"},
	{"escape at the end", "03250101", []byte{'a', 0x1b}, "a "},
	{"control character", "03240101", []byte{0x1b, 0x0d, 'a'}, "\ra"},
	{"wrong element length", "0425020101", []byte{0x40}, "¡"},
}

func TestDecodeLanguages(t *testing.T) {
	for _, tt := range languageVectors {
		t.Run(tt.name, func(t *testing.T) {
			got := mustDeliver(t, deliverPDU(0x44, 0x00, septetUD(t, tt.udh, tt.septets...)))
			if text(got.Body) != tt.want || got.Repairs != nil {
				t.Errorf("text %q, repaired %q, want %q", text(got.Body), got.Repairs, tt.want)
			}
		})
	}
}

// TestDecodeLanguagesTogether: the tables are shared by all modems. It is the
// race detector that finds fault here.
func TestDecodeLanguagesTogether(t *testing.T) {
	var lines []string
	for language := range 20 {
		udh := fmt.Sprintf("062501%02X2401%02X", language, language)
		lines = append(lines, deliverPDU(0x44, 0x00, septetUD(t, udh, '0', '1', '2')))
	}
	var running sync.WaitGroup
	for range 4 {
		running.Go(func() {
			for language, line := range lines {
				m, err := pdu.Decode(line)
				d, ok := m.(*pdu.Deliver)
				if !ok || text(d.Body) != "012" {
					t.Errorf("language %d: decoded to %+v, %v, want the text 012", language, m, err)
				}
			}
		})
	}
	running.Wait()
}
