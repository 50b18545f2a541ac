package wap

import "bytes"

// reader takes values off the front of a slice. What is not there reads as ok
// false, and then nothing was taken.
type reader struct{ b []byte }

func (r *reader) octet() (v byte, ok bool) {
	if len(r.b) == 0 {
		return 0, false
	}
	v, r.b = r.b[0], r.b[1:]
	return v, true
}

func (r *reader) take(n int) (v []byte, ok bool) {
	if n < 0 || n > len(r.b) {
		return nil, false
	}
	v, r.b = r.b[:n:n], r.b[n:]
	return v, true
}

// uintvar takes a number of seven bits an octet, the most significant first
// (WSP §8.1.2).
func (r *reader) uintvar() (v int, ok bool) {
	for i, o := range r.b {
		if i == 4 {
			return 0, false // more than a message can be long
		}
		v = v<<7 | int(o&0x7f)
		if o < 0x80 {
			r.b = r.b[i+1:]
			return v, true
		}
	}
	return 0, false
}

// The first octets that are no length (WSP §8.4.1.2).
const (
	lengthQuote = 31   // the length follows as a uintvar
	firstText   = 32   // text begins here
	quote       = 0x7f // before a text that begins with an octet above it
	shortInt    = 0x80 // the octet is the value
)

// valueLength takes the length of a value and the value (WSP §8.4.2.2). If fewer
// octets are left than it says, they are the value, and short is set.
func (r *reader) valueLength() (v *reader, short, ok bool) {
	saved := r.b
	first, ok := r.octet()
	if !ok || first > lengthQuote {
		r.b = saved
		return nil, false, false
	}
	n := int(first)
	if first == lengthQuote {
		if n, ok = r.uintvar(); !ok {
			r.b = saved
			return nil, false, false
		}
	}
	if n > len(r.b) {
		n, short = len(r.b), true
	}
	b, _ := r.take(n)
	return &reader{b}, short, true
}

// integer takes an Integer-value: of seven bits in one octet, or octets after
// their number (WSP §8.4.2.3).
func (r *reader) integer() (v uint64, ok bool) {
	switch {
	case len(r.b) == 0:
		return 0, false
	case r.b[0] >= shortInt:
		o, _ := r.octet()
		return uint64(o &^ shortInt), true
	case r.b[0] > 8 || int(r.b[0]) >= len(r.b):
		return 0, false
	}
	n, _ := r.octet()
	octets, _ := r.take(int(n))
	for _, o := range octets {
		v = v<<8 | uint64(o)
	}
	return v, true
}

// text takes octets up to a zero, or all there are, without the quote before and
// the zero behind them.
func (r *reader) text() []byte {
	v := r.b
	if i := bytes.IndexByte(v, 0); i >= 0 {
		v, r.b = v[:i], v[i+1:]
	} else {
		r.b = nil
	}
	if len(v) > 0 && v[0] == quote {
		v = v[1:]
	}
	return v
}

// skip takes a value of any kind: its first octet says how long it is
// (WSP §8.4.1.2).
func (r *reader) skip() (ok bool) {
	switch {
	case len(r.b) == 0:
		return false
	case r.b[0] >= shortInt:
		r.octet()
	case r.b[0] >= firstText:
		r.text()
	default:
		var short bool
		_, short, ok = r.valueLength()
		return ok && !short
	}
	return true
}
