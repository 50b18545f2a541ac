package emulator

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf16"
)

// Delivery is something that arrives at a modem: TPDUs in an order, with what a receiver
// has to make of them.
type Delivery struct {
	Name  string // as "parts-out-of-order"
	About string
	TPDUs [][]byte
	// Texts are the messages a receiver shows in the end, in no order; nil where that is
	// the receiver's choice or no text.
	Texts []string
}

// Deliveries returns a catalogue of messages that are well formed but not plain. at is
// their time stamp. It fails to encode nothing if from is a number or a name.
func Deliveries(from string, at time.Time) []Delivery {
	b := &composer{from: from, at: at}
	return slices.Concat(b.parts(), b.texts(), b.kinds())
}

// composer builds deliveries of one originator.
type composer struct {
	from string
	at   time.Time
}

// deliver encodes one TPDU; an empty list if it cannot.
func (b *composer) deliver(d Deliver) [][]byte {
	if d.From == "" {
		d.From = b.from
	}
	if d.SCTS.IsZero() {
		d.SCTS = b.at
	}
	tpdu, err := d.Encode()
	if err != nil {
		return nil
	}
	return [][]byte{tpdu}
}

// part is one part of a concatenated text in GSM 7 bit.
func (b *composer) part(ref uint16, wide bool, part, total int, text string) []byte {
	head := []byte{ieConcat8, 3, byte(ref), byte(total), byte(part)}
	if wide {
		head = []byte{ieConcat16, 4, byte(ref >> 8), byte(ref), byte(total), byte(part)}
	}
	return b.deliver(Deliver{UDH: head, Text: text})[0]
}

// parts are concatenated messages whose parts go astray.
func (b *composer) parts() []Delivery {
	p := func(ref uint16, part, total int, text string) []byte { return b.part(ref, false, part, total, text) }
	w := func(ref uint16, part, total int, text string) []byte { return b.part(ref, true, part, total, text) }
	later := &composer{from: b.from, at: b.at.Add(time.Minute)}
	var huge [][]byte
	var all strings.Builder
	for i := range 255 {
		text := fmt.Sprintf("%03d ", i+1)
		huge = append(huge, p(200, i+1, 255, text))
		all.WriteString(text)
	}
	ucs2 := b.deliver(Deliver{DCS: 0x08, UDH: concatHeader(13, 2, 2), Text: "жж"})[0]
	return []Delivery{
		{"parts-in-order", "three parts in their order", [][]byte{p(1, 1, 3, "one "), p(1, 2, 3, "two "), p(1, 3, 3, "three")}, []string{"one two three"}},
		{"parts-out-of-order", "three parts, the last first", [][]byte{p(2, 3, 3, "three"), p(2, 1, 3, "one "), p(2, 2, 3, "two ")}, []string{"one two three"}},
		{"part-twice", "a part comes twice", [][]byte{p(3, 1, 2, "one "), p(3, 1, 2, "one "), p(3, 2, 2, "two")}, []string{"one two"}},
		{"part-again", "a part comes again with a later time stamp", [][]byte{p(4, 1, 2, "one "), later.part(4, false, 1, 2, "one "), p(4, 2, 2, "two")}, []string{"one two"}},
		{"part-missing", "the second of three parts never comes", [][]byte{p(5, 1, 3, "one "), p(5, 3, 3, "three")}, nil},
		{"reference-reused", "the next message has the same reference", [][]byte{p(6, 1, 2, "one "), p(6, 2, 2, "two"), later.part(6, false, 1, 2, "red "), later.part(6, false, 2, 2, "blue")}, []string{"one two", "red blue"}},
		{"reference-mixed", "two messages with one reference, the first incomplete", [][]byte{p(7, 1, 2, "lost "), later.part(7, false, 1, 2, "red "), later.part(7, false, 2, 2, "blue")}, []string{"red blue"}},
		{"widths-mixed", "8 and 16 bit references of the same value interleave", [][]byte{p(8, 1, 2, "one "), w(8, 1, 2, "red "), p(8, 2, 2, "two"), w(8, 2, 2, "blue")}, []string{"one two", "red blue"}},
		{"totals-differ", "two parts of one reference disagree about their number", [][]byte{p(9, 1, 2, "one "), p(9, 2, 3, "two")}, nil},
		{"part-zero", "a part with number 0 stands alone", [][]byte{p(10, 0, 2, "zero")}, []string{"zero"}},
		{"part-beyond-total", "a part beyond the total stands alone", [][]byte{p(11, 3, 2, "three")}, []string{"three"}},
		{"one-of-one", "a concatenated message of one part", [][]byte{p(12, 1, 1, "single")}, []string{"single"}},
		{"none-of-none", "a concatenated message of no parts", [][]byte{p(12, 0, 0, "nothing")}, []string{"nothing"}},
		{"alphabets-mixed", "one part in GSM 7 bit and one in UCS2", [][]byte{p(13, 1, 2, "one "), ucs2}, []string{"one жж"}},
		{"split-surrogates", "a character is cut between two parts", b.splitSurrogate(), []string{"жж😀жж"}},
		{"255-parts", "as many parts as there can be", huge, []string{all.String()}},
		{"twice-same-time", "a message comes again as it was, as after a lost acknowledgement", repeat(b.deliver(Deliver{Text: "once"})[0], 2), []string{"once"}},
		{"twice-later", "the same text is sent again a minute later", [][]byte{b.deliver(Deliver{Text: "again"})[0], later.deliver(Deliver{Text: "again"})[0]}, []string{"again", "again"}},
	}
}

func repeat(tpdu []byte, n int) [][]byte { return slices.Repeat([][]byte{tpdu}, n) }

// splitSurrogate is a text in UCS2 whose middle character has one half in each part.
func (b *composer) splitSurrogate() [][]byte {
	units := utf16.Encode([]rune("жж😀жж"))
	var out [][]byte
	for i, half := range [][]uint16{units[:3], units[3:]} {
		oa, err := encodeAddress(b.from)
		if err != nil {
			return nil
		}
		d := Deliver{DCS: 0x08, SCTS: b.at, UDH: concatHeader(14, i+1, 2)}
		tpdu, err := d.encode(oa, nil, utf16Octets(half), alphabetUCS2)
		if err != nil {
			return nil
		}
		out = append(out, tpdu)
	}
	return out
}
