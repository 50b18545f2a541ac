package modem

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tetherd/gateway"
	"tetherd/modem/emulator"
)

// A record that is cut in the same way whenever it is read stays on the SIM, and is
// taken in as it is once it can be read.
func TestRecordCut(t *testing.T) {
	text := strings.Repeat("and so on ", 14)
	tests := []struct {
		name string
		cut  func(b []byte) []byte
	}{
		{"by a code", func(b []byte) []byte {
			return bytes.Join([][]byte{b[:len(b)/2], b[len(b)/2:]}, []byte("\r\nRING\r\n"))
		}},
		{"in the middle", func(b []byte) []byte { return append(b[:len(b)/2:len(b)/2], b[len(b)/2+8:]...) }},
		{"at its end", func(b []byte) []byte { return bytes.Replace(b, b[len(b)-20:len(b)-8], nil, 1) }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			pipe(t, func(t *testing.T, w world) {
				r := newRig(t, w, rigOptions{})
				r.awaitState(gateway.ModemReady)
				r.device.Fault(emulator.Fault{At: emulator.OnWrite, Times: -1, Mangle: func(b []byte) []byte {
					if !bytes.Contains(b, []byte("+CMGL:")) && !bytes.Contains(b, []byte("+CMGR:")) {
						return b
					}
					return tt.cut(b)
				}})
				r.deliver(text)
				time.Sleep(10 * time.Minute)
				if got := len(r.device.Stored()); got != 1 {
					t.Errorf("%d records are on the SIM, want the one that cannot be read", got)
				}
				r.device.ClearFaults()
				if diff := cmp.Diff([]string{text}, texts(r.inbox.awaitFragments(t, 1))); diff != "" {
					t.Errorf("texts (-want +got):\n%s", diff)
				}
				r.awaitEmpty()
			})
		})
	}
}

// A record that is short for good does not fill the SIM: it is taken in as it is read.
func TestRecordShort(t *testing.T) {
	pipe(t, func(t *testing.T, w world) {
		r := newRig(t, w, rigOptions{})
		r.awaitState(gateway.ModemReady)
		r.device.Fault(emulator.Fault{At: emulator.OnWrite, Times: -1, Mangle: func(b []byte) []byte {
			if bytes.Contains(b, []byte("+CMGR:")) || bytes.Contains(b, []byte("+CMGL:")) {
				return bytes.Replace(b, b[len(b)-20:len(b)-8], nil, 1)
			}
			return b
		}})
		r.deliver(strings.Repeat("and so on ", 14))
		time.Sleep(doubtFor - time.Second)
		if got := len(r.device.Stored()); got != 1 {
			t.Errorf("%d records are on the SIM before %v are over, want 1", got, doubtFor)
		}
		fs := r.inbox.awaitFragments(t, 1)
		if len(fs[0].Notes) == 0 {
			t.Error("nothing notes that it is short")
		}
		r.awaitEmpty()
	})
}

// A listing that lost all between a header and the PDU of the next record costs neither.
func TestListingGap(t *testing.T) {
	pipe(t, func(t *testing.T, w world) {
		r := newRig(t, w, rigOptions{})
		r.awaitState(gateway.ModemReady)
		r.deliver("before") // by which the listing comes to be trusted
		r.inbox.awaitFragments(t, 1)
		r.awaitEmpty()
		r.device.Fault(emulator.Fault{At: emulator.OnWrite, Times: -1, Mangle: func(b []byte) []byte {
			lines := bytes.SplitAfter(b, []byte("\r\n"))
			for i := range lines {
				// A header, its PDU, an empty line, and the next header.
				if i+3 < len(lines) && bytes.HasPrefix(lines[i], []byte("+CMGL:")) && bytes.HasPrefix(lines[i+3], []byte("+CMGL:")) {
					return bytes.Join(append(lines[:i+1:i+1], lines[i+4:]...), nil)
				}
			}
			return b
		}})
		r.device.Fault(emulator.Fault{At: emulator.OnCommand, Command: "+CMGL", Times: 1, Delay: 5 * time.Second})
		r.deliver("one 1")
		r.deliver("two 2")
		time.Sleep(5 * time.Minute)
		r.device.ClearFaults()
		r.inbox.awaitFragments(t, 3)
		r.awaitEmpty()
		got := texts(r.inbox.awaitFragments(t, 3)) // one of them may have come twice
		for _, want := range []string{"one 1", "two 2"} {
			if !strings.Contains(strings.Join(got, "|"), want) {
				t.Errorf("texts = %q, %q is lost", got, want)
			}
		}
	})
}

// Digits of the SIM's identity that are lost on the line do not make it another one.
func TestIdentityGarbled(t *testing.T) {
	pipe(t, func(t *testing.T, w world) {
		r := newRig(t, w, rigOptions{unborn: true})
		n := 0
		r.device.Fault(emulator.Fault{At: emulator.OnWrite, Times: -1, Mangle: func(b []byte) []byte {
			i := bytes.Index(b, []byte(testICCID))
			if i < 0 || n == 3 {
				return b
			}
			n++
			at := i + 10 + n // another one each time
			return append(b[:at:at], b[at+1:]...)
		}})
		r.plug.in()
		if got := r.awaitState(gateway.ModemReady).SIMID; got != testICCID {
			t.Errorf("SIM = %q, want %q", got, testICCID)
		}
	})
}
