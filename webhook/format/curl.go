package format

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"unicode/utf8"

	"tetherd/gateway"
)

// Curl returns a script for a POSIX shell that sends b to url as a delivery is sent,
// with fresh signatures. It needs curl and openssl, and the secret in the environment
// variable SECRET: it does not contain it, secret only tells its form. It fails for a
// body that no shell variable can hold.
func (f *Format) Curl(url, delivery string, b *Body, r *gateway.Rendering, secret string) (string, error) {
	if bytes.IndexByte(b.Bytes, 0) >= 0 || !utf8.Valid(b.Bytes) {
		return "", errors.New("write curl command: the body is not text")
	}
	var s strings.Builder
	fmt.Fprintf(&s, "SECRET=${SECRET:?must hold the secret of the webhook}\n")
	fmt.Fprintf(&s, "BODY=%s\n", shellQuote(string(b.Bytes)))
	fmt.Fprintf(&s, "ID=%s\n", shellQuote(delivery))
	s.WriteString("TIMESTAMP=$(date +%s)\n")

	headers := []string{
		`"Webhook-Id: $ID"`, `"Webhook-Timestamp: $TIMESTAMP"`, `'Webhook-Attempt: 1'`, `'Webhook-Test: 1'`,
	}
	if b.ContentType != "" {
		headers = append(headers, shellQuote("Content-Type: "+b.ContentType))
	}
	if !strings.HasPrefix(secret, signingPrefix) { // openssl would need the key in a file
		s.WriteString("KEY=$(" + shellKey(secret) + ")\n")
		s.WriteString(`LISTED=$(printf %s "$ID.$TIMESTAMP.$BODY" | openssl dgst -sha256 -mac HMAC -macopt "hexkey:$KEY" -binary | base64 | tr -d '\n')` + "\n")
		headers = append(headers, `"Webhook-Signature: v1,$LISTED"`)
	}
	for i, scheme := range []*scheme{f.own, extras[r.Signature]} {
		if scheme == nil {
			continue
		}
		name := [...]string{"SIGNATURE", "EXTRA"}[i]
		s.WriteString(name + "=$(printf %s " + scheme.shellMessage() + " | openssl dgst -" + scheme.hash + ` -hmac "$SECRET" | sed 's/^.* //')` + "\n")
		headers = append(headers, scheme.shellHeaders(name)...)
	}
	s.WriteString("curl --silent --show-error --include --globoff --request " + b.Method)
	for _, h := range headers {
		s.WriteString(" \\\n  --header " + h)
	}
	if b.Method != http.MethodGet {
		s.WriteString(" \\\n  --data-raw \"$BODY\"")
	}
	s.WriteString(" \\\n  --url " + shellQuote(b.Target(url)) + "\n")
	return s.String(), nil
}

// shellKey returns a command that prints the key of Standard Webhooks in hex.
func shellKey(secret string) string {
	const hex = ` | od -An -v -tx1 | tr -d ' \n'`
	if b, ok := strings.CutPrefix(secret, secretPrefix); ok {
		if _, err := decodeBase64(b); err == nil {
			// Padding may be missing; what follows it is not looked at.
			return `printf %s== "${SECRET#` + secretPrefix + `}" | base64 --decode 2>/dev/null` + hex
		}
	}
	return `printf %s "$SECRET"` + hex
}

func (s *scheme) shellMessage() string {
	switch {
	case s.listed:
		return `"$TIMESTAMP.$BODY"`
	case s.stamp != "":
		return `"$BODY$TIMESTAMP"`
	}
	return `"$BODY"`
}

func (s *scheme) shellHeaders(variable string) []string {
	switch {
	case s.listed:
		return []string{`"` + s.header + `: t=$TIMESTAMP,v1=$` + variable + `"`}
	case s.stamp != "":
		return []string{`"` + s.stamp + `: $TIMESTAMP"`, `"` + s.header + `: ` + s.prefix + `$` + variable + `"`}
	}
	return []string{`"` + s.header + `: ` + s.prefix + `$` + variable + `"`}
}

// shellQuote returns s as one word of a POSIX shell.
func shellQuote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }
