package config

import (
	"math"
	"net"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/nyaruka/phonenumbers"
	"golang.org/x/crypto/bcrypt"
)

// integer returns a whole number within the bounds.
func (b *builder) integer(path string, least, most int) int {
	v := b.get(path)
	n, err := strconv.Atoi(v.text)
	if err != nil || n < least || n > most {
		b.bad(path, v, "is not a whole number from %d to %d", least, most)
		return 0
	}
	return n
}

// choice returns one of the given words.
func (b *builder) choice(path string, words ...string) string {
	v := b.get(path)
	if slices.Contains(words, v.text) {
		return v.text
	}
	hint := ""
	if near := nearest(v.text, words); near != "" {
		hint = ": did you mean " + near + "?"
	}
	b.bad(path, v, "is none of %s%s", strings.Join(words, ", "), hint)
	return ""
}

// words returns what was written as a list, or with commas, without repetitions.
func (b *builder) words(path string) []string {
	var list []string
	for word := range strings.SplitSeq(b.get(path).text, ",") {
		if word = strings.TrimSpace(word); word != "" && !slices.Contains(list, word) {
			list = append(list, word)
		}
	}
	return list
}

// boolean returns true or false.
func (b *builder) boolean(path string) bool {
	v := b.get(path)
	if v.text != "true" && v.text != "false" {
		b.bad(path, v, "is neither true nor false")
	}
	return v.text == "true"
}

// duration returns a length of time within the bounds.
func (b *builder) duration(path string, least, most time.Duration) time.Duration {
	v := b.get(path)
	d, ok := parseDuration(v.text)
	switch {
	case !ok:
		b.bad(path, v, "is not a length of time: write a number with its unit, such as 30s, 5m, 12h or 90d")
	case d < least || d > most:
		b.bad(path, v, "is not between %s and %s", formatDuration(least), formatDuration(most))
	}
	return d
}

// durationOr returns a length of time within the bounds, or 0 if the given word
// is written instead.
func (b *builder) durationOr(path, word string, least, most time.Duration) time.Duration {
	v := b.get(path)
	if v.text == word {
		return 0
	}
	d, ok := parseDuration(v.text)
	switch {
	case !ok:
		b.bad(path, v, "is not a length of time: write a number with its unit, such as 5m, 12h or 90d, or the word %s", word)
	case d < least || d > most:
		b.bad(path, v, "is not between %s and %s, nor the word %s", formatDuration(least), formatDuration(most), word)
	}
	return d
}

const day = 24 * time.Hour

var leadingDays = regexp.MustCompile(`^([0-9]{1,6})d`)

// parseDuration reads what time.ParseDuration reads, with days of 24 hours in
// front.
func parseDuration(s string) (time.Duration, bool) {
	var days time.Duration
	if m := leadingDays.FindStringSubmatch(s); m != nil {
		n, err := strconv.Atoi(m[1])
		if err != nil || int64(n) > math.MaxInt64/int64(day)/2 {
			return 0, false
		}
		days = time.Duration(n) * day
		if s = s[len(m[0]):]; s == "" {
			return days, true
		}
	}
	d, err := time.ParseDuration(s)
	if err != nil || d < 0 || days > math.MaxInt64-d {
		return 0, false
	}
	return days + d, true
}

// formatDuration writes d as people do: 90d, 1h, 500ms.
func formatDuration(d time.Duration) string {
	if d >= day && d%day == 0 {
		return strconv.FormatInt(int64(d/day), 10) + "d"
	}
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// listen returns an address to listen on.
func (b *builder) listen(path string) string {
	v := b.get(path)
	host, port, err := net.SplitHostPort(v.text)
	if err != nil {
		b.bad(path, v, "is not an address: write host:port, such as 127.0.0.1:8080, or :8080 for every interface")
		return ""
	}
	if n, err := strconv.Atoi(port); err != nil || n < 0 || n > math.MaxUint16 {
		b.bad(path, v, "has no port from 0 to 65535 behind the colon")
		return ""
	}
	if bare, _, _ := strings.Cut(host, "%"); host != "" && host != "localhost" && net.ParseIP(bare) == nil {
		b.bad(path, v, "names a host: write the IP address of an interface of this machine, or :%s for all of them", port)
		return ""
	}
	return v.text
}

// loopback reports whether only this machine reaches an address.
func loopback(listen string) bool {
	host, _, err := net.SplitHostPort(listen)
	ip := net.ParseIP(host)
	return err == nil && (host == "localhost" || ip != nil && ip.IsLoopback())
}

// region returns the code of a country.
func (b *builder) region(path string) string {
	v := b.get(path)
	code := strings.ToUpper(v.text)
	if code != "" && !phonenumbers.GetSupportedRegions()[code] {
		b.bad(path, v, "is not the two-letter code of a country, such as DE, GB or US")
	}
	return code
}

// username returns the name of an account.
func (b *builder) username(path string) string {
	v := b.get(path)
	if v.text == "" || len(v.text) > 128 || strings.ContainsFunc(v.text, func(r rune) bool { return r == ':' || unicode.IsControl(r) }) {
		b.bad(path, v, "cannot be a user name: it has 1 to 128 characters, none of them a colon")
	}
	return v.text
}

// hash returns a bcrypt hash.
func (b *builder) hash(path string) string {
	v, ok := b.values[path]
	if !ok {
		return ""
	}
	if _, err := bcrypt.Cost([]byte(v.text)); err != nil {
		b.bad(path, v, `is not a bcrypt hash: make one with "tetherd hash-password" and put it in single quotes`)
	}
	return v.text
}

var phoneNumber = regexp.MustCompile(`^\+?[0-9]{3,20}$`)

// number returns a telephone number, freed of what people put between digits.
func (b *builder) number(path string) string {
	v := b.get(path)
	s := bareNumber(v.text)
	if s != "" && !phoneNumber.MatchString(s) {
		b.bad(path, v, `is not a telephone number: write "+", country code and number`)
	}
	return s
}

// bareNumber takes out what people put between digits.
func bareNumber(s string) string {
	return strings.NewReplacer(" ", "", "-", "", "(", "", ")", "", "/", "").Replace(s)
}

// numbers returns several telephone numbers, each once, that messages can be sent to.
func (b *builder) numbers(path string, most int) (out []string) {
	v := b.get(path)
	for part := range strings.SplitSeq(v.text, ",") {
		s := bareNumber(part)
		switch {
		case s == "":
		case !phoneNumber.MatchString(s) || !b.dialled(s):
			b.bad(path, v, `has %q, which is not a telephone number: write "+", country code and number, with commas in between`, shorten(strings.TrimSpace(part)))
			return nil
		case !slices.Contains(out, s):
			out = append(out, s)
		}
	}
	if len(out) > most {
		b.bad(path, v, "has %d numbers, the most is %d", len(out), most)
	}
	return out
}

// keywords returns several texts that messages may consist of.
func (b *builder) keywords(path string, most int) (out []string) {
	v := b.get(path)
	for part := range strings.SplitSeq(v.text, ",") {
		s := strings.TrimSpace(part)
		switch {
		case s == "":
		case len(s) > 100 || !strings.ContainsFunc(s, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }):
			b.bad(path, v, "has %q, which is no keyword: write up to 100 letters, digits and blanks, with commas in between", shorten(s))
			return nil
		default:
			out = append(out, s)
		}
	}
	if len(out) > most {
		b.bad(path, v, "has %d keywords, the most is %d", len(out), most)
	}
	return out
}

// dialled reports whether a number can be dialled: numbers of a country are judged
// by its rules, others are left to the network.
func (b *builder) dialled(number string) bool {
	if !strings.HasPrefix(number, "+") {
		return true
	}
	n, err := phonenumbers.Parse(number, "")
	return err == nil && phonenumbers.IsPossibleNumber(n)
}
