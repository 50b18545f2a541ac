package line

import (
	"fmt"
	"strings"
)

// trace tells the hook about a line, without what is secret or private in it.
func (l *Line) trace(dir byte, text string) {
	if l.o.Trace == nil {
		return
	}
	if !l.o.TraceAll {
		text = Mask(text)
	}
	l.o.Trace(dir, text)
}

// Mask replaces what is secret or private in a line: PINs, PDUs, and strings in
// quotes that hold numbers or texts.
func Mask(text string) string {
	if isPDU(text) {
		return fmt.Sprintf("<%d digits>", len(text))
	}
	if rest, found := cutPrefixFold(text, "AT+CPIN="); found && rest != "" {
		return text[:len(text)-len(rest)] + "****"
	}
	if rest, found := cutPrefixFold(text, "AT+CLCK="); found && rest != "" {
		return text[:len(text)-len(rest)] + "****"
	}
	for _, private := range [...]string{"+CNUM:", "+CUSD:", "AT+CUSD=", "+CLIP:", "+CMGL:", "+CMGR:", "+CMT:", "+CDS:"} {
		if _, found := cutPrefixFold(text, private); found {
			return maskQuoted(text)
		}
	}
	return text
}

// maskQuoted replaces the content of quoted strings.
func maskQuoted(text string) string {
	var b strings.Builder
	for i, part := range strings.Split(text, `"`) {
		if i > 0 {
			b.WriteByte('"')
		}
		if i%2 == 1 && part != "" {
			part = "…"
		}
		b.WriteString(part)
	}
	return b.String()
}
