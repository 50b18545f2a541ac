package format

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"
)

// guess is something that may have been signed, or signed with, in place of the
// right one, and what to tell if so.
type guess struct {
	bytes []byte
	tell  string
}

const wrongSecret = "the secret is another one, or the body is not the one that was signed. " +
	"Take the body as it came, not one that a framework parsed or that was pasted through an editor"

// keyGuesses returns the keys that a secret is taken for, that of its text first.
func keyGuesses(secret string) []guess {
	gs := []guess{{[]byte(secret), ""}}
	trimmed := strings.Trim(secret, " \t\r\n\"'")
	if trimmed != secret {
		gs = append(gs, guess{[]byte(trimmed), "the secret has spaces, quotes or a line break around it that do not belong to it"})
	}
	gs = append(gs, guess{[]byte(trimmed + "\n"), "it was made with a line break after the secret"})
	rest, ok := strings.CutPrefix(trimmed, secretPrefix)
	if !ok {
		gs = append(gs, guess{[]byte(secretPrefix + trimmed), "the secret lacks " + secretPrefix + " at its beginning"})
	} else {
		gs = append(gs, guess{[]byte(rest), "it was made with the secret without " + secretPrefix})
	}
	if key, err := decodeBase64(rest); err == nil {
		gs = append(gs, guess{key, "it was made with the bytes that the secret is the base64 of"})
	}
	return gs
}

// bodyGuesses returns bodies that b may have been made from, b first.
func bodyGuesses(b []byte) []guess {
	gs := []guess{{b, ""}}
	add := func(g []byte, tell string) {
		for _, known := range gs {
			if bytes.Equal(known.bytes, g) {
				return
			}
		}
		gs = append(gs, guess{g, tell})
	}
	add(bytes.TrimSpace(b), "the body has line breaks or spaces around it that were not sent")
	add(bytes.TrimPrefix(b, []byte("\xef\xbb\xbf")), "the body has a byte order mark that was not sent")
	if v, err := parseJSON(b); err == nil {
		add(v.appendJSON(nil), "the body was parsed and written again, with other spaces, escapes or numbers: take the raw body")
	}
	return gs
}

// explain says why got is not the value of s that secret and body have.
func (s *scheme) explain(got, secret string, body []byte, timestamp string) string {
	clean := strings.TrimSpace(got)
	digest, hasPrefix := strings.CutPrefix(clean, s.prefix)
	switch {
	case s.prefix != "" && !hasPrefix:
		digest = clean
	case s.prefix == "" && strings.Contains(clean, "="):
		digest = clean[strings.LastIndexByte(strings.TrimRight(clean, "="), '=')+1:]
	}
	sum, err := hex.DecodeString(digest)
	if err != nil {
		if sum, err = base64.StdEncoding.DecodeString(digest); err != nil {
			return fmt.Sprintf("it must be %s%d lower-case hex digits", prefixText(s.prefix), 2*s.new()().Size())
		}
	}
	if tell := s.find(sum, secret, body, timestamp); tell != "" {
		return tell
	}
	if len(sum) != s.new()().Size() {
		return fmt.Sprintf("it has %d bytes, an HMAC with %s has %d", len(sum), s.hash, s.new()().Size())
	}
	return wrongSecret
}

func prefixText(prefix string) string {
	if prefix == "" {
		return ""
	}
	return prefix + " and "
}

// find looks for what was signed, and with what, to get sum. It returns what to
// tell, or "".
func (s *scheme) find(sum []byte, secret string, body []byte, timestamp string) string {
	t := []byte(timestamp)
	layouts := func(b []byte) []guess {
		right := guess{bytes.Join([][]byte{b, t}, nil), ""}
		if s.stamp == "" {
			return []guess{right}
		}
		return []guess{
			right,
			{b, "it was made of the body alone; " + s.stamp + " has to follow it"},
			{bytes.Join([][]byte{t, b}, nil), s.stamp + " was put before the body; it has to follow it"},
			{bytes.Join([][]byte{t, b}, []byte(".")), "it was made of time, dot and body; it has to be body and time"},
			{bytes.Join([][]byte{b, t}, []byte(".")), "there is a dot between body and time that does not belong there"},
		}
	}
	for _, key := range keyGuesses(secret) {
		for _, content := range bodyGuesses(body) {
			for _, message := range layouts(content.bytes) {
				if bytes.Equal(mac(s.new(), key.bytes, message.bytes), sum) {
					return told("it has another form: it must be "+prefixText(s.prefix)+"lower-case hex digits, without anything around them",
						key.tell, content.tell, message.tell)
				}
			}
		}
	}
	return ""
}

// told joins what there is to tell, or returns instead if there is nothing.
func told(instead string, parts ...string) string {
	var all []string
	for _, p := range parts {
		if p != "" {
			all = append(all, p)
		}
	}
	if len(all) == 0 {
		return instead
	}
	return strings.Join(all, "; ")
}

// explainStandard says why no signature of list fits.
func explainStandard(list, secret string, prefix, body []byte) string {
	if strings.Contains(list, ", ") {
		return "there are commas between its signatures: several headers were joined"
	}
	if !strings.Contains(" "+list, " v1") {
		return "there is neither a v1 nor a v1a signature in it"
	}
	ed := strings.HasPrefix(secret, signingPrefix) || strings.HasPrefix(secret, publicPrefix)
	if _, err := verifyingKey(secret); ed && err != nil {
		return "the key cannot be read: " + err.Error()
	}
	for _, content := range bodyGuesses(body) {
		if matches(list, secret, prefix, content.bytes) {
			return content.tell
		}
		for _, key := range keyGuesses(secret) {
			if strings.Contains(" "+list+" ", " "+hmacItem(key.bytes, prefix, content.bytes)+" ") {
				if key.tell == "" {
					key.tell = "it was made with the text of the secret; the key is what follows " + secretPrefix + " in base64"
				}
				return told("", key.tell, content.tell)
			}
		}
	}
	return wrongSecret + "; Webhook-Id and Webhook-Timestamp are signed, too"
}
