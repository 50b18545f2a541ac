package modem

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"tetherd/modem/line"
)

// maxEvidence bounds what is kept of a modem's words, in octets.
const maxEvidence = 200

// private are digits that may be of a number, and hexadecimal ones that may be of a
// PDU.
var private = regexp.MustCompile(`[0-9A-Fa-f]{16,}|\+?[0-9]{5,}`)

// evidence joins what a modem said, without what may tell a number or a text.
func evidence(said ...string) string {
	var out []string
	for _, s := range said {
		if s = strings.TrimSpace(strings.ToValidUTF8(s, "?")); s != "" {
			out = append(out, private.ReplaceAllString(s, "…"))
		}
	}
	text := strings.Join(out, "; ")
	for len(text) > maxEvidence {
		_, size := utf8.DecodeLastRuneInString(text)
		text = text[:len(text)-size]
	}
	return text
}

// explain asks the modem why the PDU before was refused (3GPP TS 27.007 §6.10,
// +CEER), if it is known to tell. Its error ends the session.
func (s *session) explain() (said string, err error) {
	if !s.profile.explains || s.noCEER {
		return "", nil
	}
	lines, err := s.conn.run("+CEER", line.Command{Prefix: []string{"+CEER:"}, Timeout: quickLimit})
	if err != nil {
		s.noCEER = true
		return "", unlessFatal(err)
	}
	return strings.Join(lines, " "), nil
}
