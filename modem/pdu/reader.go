package pdu

import (
	"bytes"
	"fmt"
	"slices"
)

// A reader walks through the octets of a PDU and remembers what had to be
// repaired.
type reader struct {
	octets  []byte
	start   int // of the TPDU
	next    int // octet to be read
	repairs []string
}

// repaired notes a repair once.
func (r *reader) repaired(what string) {
	if !slices.Contains(r.repairs, what) {
		r.repairs = append(r.repairs, what)
	}
}

// rest returns how many octets are left.
func (r *reader) rest() int { return len(r.octets) - r.next }

// take returns the next n octets, which belong to field. They alias the PDU.
func (r *reader) take(n int, field string) ([]byte, error) {
	if n > r.rest() {
		return nil, fmt.Errorf("decode %s: %w", field, ErrTruncated)
	}
	r.next += n
	return r.octets[r.next-n : r.next], nil
}

// octet returns the next octet, which is field.
func (r *reader) octet(field string) (byte, error) {
	b, err := r.take(1, field)
	if err != nil {
		return 0, err
	}
	return b[0], nil
}

// tpdu returns a copy of the TPDU up to the octet to be read next.
func (r *reader) tpdu() []byte {
	return bytes.Clone(r.octets[r.start:r.next])
}
