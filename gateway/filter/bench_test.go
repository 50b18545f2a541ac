package filter

import (
	"fmt"
	"strings"
	"testing"
)

// BenchmarkMatch holds one message against a thousand filters of each kind, as an
// event is held against the webhooks.
func BenchmarkMatch(b *testing.B) {
	for name, form := range map[string]string{
		"phone":   `{"type":"phone","condition":"starts_with","value":"+1555%04d"}`,
		"keyword": `{"type":"keyword","condition":"contains","value":"urgent %d"}`,
		"regex":   `{"type":"keyword","condition":"regex","value":"urgent\\s+%d\\b"}`,
		"time":    `{"type":"time","days":["monday"],"hours":{"start":"09:00","end":"%02[1]d:59"},"timezone":"Europe/Berlin"}`,
		"tree":    `{"any":[{"type":"device","device_ids":["a%[1]d"]},{"all":[{"type":"phone","condition":"contains","value":"%[1]d"},{"type":"keyword","condition":"ends_with","value":"%[1]d"}]}]}`,
	} {
		b.Run(name, func(b *testing.B) {
			filters := make([]*Filter, 1000)
			for i := range filters {
				n := i
				if name == "time" {
					n = 10 + i%14
				}
				filters[i] = parse(b, fmt.Sprintf(form, n))
			}
			text := strings.Repeat("Ein ganz gewöhnlicher Text, ", 6)
			b.ReportAllocs()
			for b.Loop() {
				facts := sms("+4915112345678", text)
				for _, f := range filters {
					f.Match(facts)
				}
			}
		})
	}
}

// BenchmarkCostlyPattern is about the worst that is accepted, and sent.
func BenchmarkCostlyPattern(b *testing.B) {
	f := parse(b, `{"type":"keyword","condition":"regex","value":"(?:a?){300}a{300}b"}`)
	text := strings.Repeat("a", 39015)
	for b.Loop() {
		f.Match(sms("", text))
	}
}
