package store

import (
	"encoding/binary"
	"errors"
	"time"

	"tetherd/gateway"
)

// signBit flips the order of two's complement into that of unsigned bytes.
const signBit = 1 << 63

func appendU16(b []byte, v uint16) []byte { return binary.BigEndian.AppendUint16(b, v) }
func appendU32(b []byte, v uint32) []byte { return binary.BigEndian.AppendUint32(b, v) }
func appendU64(b []byte, v uint64) []byte { return binary.BigEndian.AppendUint64(b, v) }

func u32Key(v uint32) []byte { return appendU32(make([]byte, 0, 4), v) }
func u64Key(v uint64) []byte { return appendU64(make([]byte, 0, 8), v) }

// appendI64 orders as v does.
func appendI64(b []byte, v int64) []byte { return appendU64(b, uint64(v)^signBit) }

func appendTick(b []byte, t gateway.Tick) []byte { return appendI64(b, int64(t)) }

// appendPriority orders higher priorities first.
func appendPriority(b []byte, p int8) []byte { return append(b, byte(127-int(p))) }

// appendTime orders as t does, to the nanosecond, in 12 bytes.
func appendTime(b []byte, t time.Time) []byte {
	return appendU32(appendI64(b, t.Unix()), uint32(t.Nanosecond()))
}

// appendStr delimits s, so that no string's rows lie among those of another.
func appendStr(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

var errCorruptKey = errors.New("corrupt key")

// A reader takes apart what the append functions made. After the first
// shortage all values are zero and err is set.
type reader struct {
	b   []byte
	err error
}

func (r *reader) take(n int) []byte {
	if r.err != nil || len(r.b) < n {
		r.err = errCorruptKey
		return make([]byte, n)
	}
	v := r.b[:n]
	r.b = r.b[n:]
	return v
}

func (r *reader) u8() byte           { return r.take(1)[0] }
func (r *reader) u16() uint16        { return binary.BigEndian.Uint16(r.take(2)) }
func (r *reader) u32() uint32        { return binary.BigEndian.Uint32(r.take(4)) }
func (r *reader) u64() uint64        { return binary.BigEndian.Uint64(r.take(8)) }
func (r *reader) i64() int64         { return int64(r.u64() ^ signBit) }
func (r *reader) tick() gateway.Tick { return gateway.Tick(r.i64()) }
func (r *reader) time() time.Time    { return time.Unix(r.i64(), int64(r.u32())).UTC() }
func (r *reader) idx() int           { return int(r.u32()) }
func (r *reader) priority() int8     { return int8(127 - int(r.u8())) }

func (r *reader) uvarint() uint64 {
	v, n := binary.Uvarint(r.b)
	if r.err != nil || n <= 0 {
		r.err = errCorruptKey
		return 0
	}
	r.b = r.b[n:]
	return v
}

func (r *reader) varint() int64 {
	v, n := binary.Varint(r.b)
	if r.err != nil || n <= 0 {
		r.err = errCorruptKey
		return 0
	}
	r.b = r.b[n:]
	return v
}

// optionalTime reads a zero, or a one and a time.
func (r *reader) optionalTime() (t time.Time) {
	if r.u8() != 0 {
		t = r.time()
	}
	return t
}

func (r *reader) str() string {
	n := r.uvarint()
	if r.err != nil || n > uint64(len(r.b)) {
		r.err = errCorruptKey
		return ""
	}
	return string(r.take(int(n)))
}

func (r *reader) lane() gateway.Lane {
	return gateway.Lane{SIM: int(r.u32()), Pin: r.str(), Rule: r.str(), Prefer: r.str()}
}

func (r *reader) ref() gateway.RecipientRef {
	return gateway.RecipientRef{Seq: r.u64(), Idx: r.idx()}
}

// end returns an error if bytes are missing or left over.
func (r *reader) end() error {
	if r.err == nil && len(r.b) > 0 {
		r.err = errCorruptKey
	}
	return r.err
}

// after returns the smallest key behind all that begin with prefix, or nil if
// there is no such key.
func after(prefix []byte) []byte {
	for i := len(prefix) - 1; i >= 0; i-- {
		if prefix[i] < 0xff {
			k := append([]byte(nil), prefix[:i+1]...)
			k[i]++
			return k
		}
	}
	return nil
}
