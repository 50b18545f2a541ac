package pdu

import (
	"strings"

	"github.com/warthog618/sms/encoding/gsm7/charset"
)

// escape introduces a character of a single shift table
// (3GPP TS 23.038 section 6.2.1.1).
const escape = 0x1b

// A language holds the tables of one national language identifier (3GPP TS
// 23.038 section 6.2.1.2.4), indexed by septet; zero means no such character.
type language struct {
	locking [128]rune
	shift   [128]rune
}

// languages is indexed by national language identifier. The library builds
// its maps at first use and without a lock, so they are all asked for here,
// before anything can run at the same time, and read from arrays ever after.
var languages = loadLanguages()

func loadLanguages() *[charset.End]language {
	var all [charset.End]language
	for id := range all {
		l := &all[id]
		for septet, r := range charset.NewDecoder(id) {
			l.locking[septet] = r
		}
		for septet, r := range charset.NewExtDecoder(id) {
			l.shift[septet] = r
		}
		// A lone escape shows as a space, and 1B 0D is a control character
		// without a symbol, not the line feed the library has.
		l.locking[escape] = ' '
		l.shift['\r'] = 0
	}
	// Missing in the library (3GPP TS 23.038 annex A.2.3).
	all[charset.Portuguese].shift[0x1f] = 'Ê'
	return &all
}

// languageText decodes unpacked septets with the given tables; an unknown
// identifier stands for the default alphabet. An escape before a septet
// without a character in the single shift table shows that of the locking
// shift table.
func languageText(septets []byte, locking, shift int) string {
	basic := &languages[known(locking)].locking
	extension := &languages[known(shift)].shift
	var b strings.Builder
	b.Grow(2 * len(septets))
	for i := 0; i < len(septets); i++ {
		s := septets[i] & 0x7f
		r := basic[s]
		if s == escape && i+1 < len(septets) {
			i++
			s = septets[i] & 0x7f
			if r = extension[s]; r == 0 {
				r = basic[s]
			}
		}
		if r == 0 {
			r = ' '
		}
		b.WriteRune(r)
	}
	return b.String()
}

func known(id int) int {
	if id >= len(languages) {
		return charset.Default
	}
	return id
}
