package line

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

const pduA = "07911326040000F0040B911346610089F60000208062917314080CC8F71D14969741F977FD07"

const pduB = "07911326040000F0040B911346610089F60000208062917314080CC8F71D14969741F977FD08"

func TestAnswers(t *testing.T) {
	csq := Command{Prefix: []string{"+CSQ:"}, Timeout: time.Minute}
	bare := Command{Prefix: []string{"+CGMM:"}, Bare: true, Timeout: time.Minute}
	list := Command{Prefix: []string{"+CMGL:"}, Many: true, PDU: true, Timeout: time.Minute}
	creg := Command{Prefix: []string{"+CREG:"}, Timeout: time.Minute}
	tests := []struct {
		name string
		cmd  Command
		text string
		says string
		want []string
		err  string
		urcs []URC
	}{
		{name: "plain", cmd: csq, text: "+CSQ", says: "\r\n+CSQ: 20,99\r\n\r\nOK\r\n", want: []string{"+CSQ: 20,99"}},
		{name: "echo", cmd: csq, text: "+CSQ", says: "AT+CSQ\r\r\n+CSQ: 20,99\r\n\r\nOK\r\n", want: []string{"+CSQ: 20,99"}},
		{name: "echo in lower case", cmd: csq, text: "E0", says: "ate0\r\r\nOK\r\n"},
		{name: "CR only", cmd: csq, text: "+CSQ", says: "+CSQ: 20,99\rOK\r", want: []string{"+CSQ: 20,99"}},
		{name: "LF only", cmd: csq, text: "+CSQ", says: "+CSQ: 20,99\nOK\n", want: []string{"+CSQ: 20,99"}},
		{name: "CR CR LF", cmd: csq, text: "+CSQ", says: "+CSQ: 20,99\r\r\nOK\r\r\n", want: []string{"+CSQ: 20,99"}},
		{name: "blanks around", cmd: csq, text: "+CSQ", says: "\r\n  +CSQ: 20,99 \r\n OK \r\n", want: []string{"+CSQ: 20,99"}},
		{name: "NUL and FF", cmd: csq, text: "+CSQ", says: "\x00\xff\r\n+C\x00SQ: 20,99\r\n\xff\xffOK\r\n", want: []string{"+CSQ: 20,99"}},
		{name: "numeric OK", cmd: Command{Numeric: true, Timeout: time.Minute}, text: "", says: "0\r"},
		{name: "numeric error", cmd: Command{Numeric: true, Timeout: time.Minute}, text: "", says: "4\r", err: "ERROR"},
		{name: "rest of a line", cmd: csq, text: "+CSQ", says: "4\r\nOK\r\n", urcs: []URC{{Line: "4"}}},
		{name: "error", cmd: csq, text: "+CSQ", says: "\r\nERROR\r\n", err: "ERROR"},
		{name: "Huawei error", cmd: csq, text: "+CSQ", says: "\r\nCOMMAND NOT SUPPORT\r\n", err: "ERROR"},
		{name: "Motorola error", cmd: csq, text: "+CSQ", says: "\r\nMODEM ERROR: 5\r\n", err: "ERROR"},
		{name: "Samsung error", cmd: csq, text: "+CSQ", says: "\r\nNA\r\n", err: "ERROR"},
		{name: "CMS error", cmd: csq, text: "+CSQ", says: "\r\n+CMS ERROR: 500\r\n", err: "CMS Error: 500"},
		{name: "CMS error without colon", cmd: csq, text: "+CSQ", says: "\r\n+CMS ERROR 500\r\n", err: "CMS Error: 500"},
		{name: "CMS error without blank", cmd: csq, text: "+CSQ", says: "\r\n+CMS ERROR:500 \r\n", err: "CMS Error: 500"},
		{name: "CME error", cmd: csq, text: "+CSQ", says: "\r\n+CME ERROR: 14\r\n", err: "CME Error: 14"},
		{name: "CME error without number", cmd: csq, text: "+CSQ", says: "\r\n+CME ERROR\r\n", err: "ERROR"},
		{
			name: "hang-up is no answer", cmd: csq, text: "+CSQ", says: "\r\nNO CARRIER\r\n\r\n+CSQ: 20,99\r\n\r\nOK\r\n", want: []string{"+CSQ: 20,99"},
			urcs: []URC{{Kind: Call, Line: "NO CARRIER"}},
		},
		{
			name: "codes in between", cmd: csq, text: "+CSQ", says: "\r\n+CMTI: \"SM\",3\r\n+CSQ: 20,99\r\n\r\n+CDSI: \"SR\",1\r\n\r\nOK\r\nRING\r\n",
			want: []string{"+CSQ: 20,99"}, urcs: []URC{{Kind: Stored, Line: `+CMTI: "SM",3`}, {Kind: Stored, Line: `+CDSI: "SR",1`}, {Kind: Call, Line: "RING"}},
		},
		{
			name: "direct message in between", cmd: csq, text: "+CSQ", says: "\r\n+CMT: ,24\r\n+CSQ: 20,99\r\n" + pduA + "\r\n\r\nOK\r\n",
			want: []string{"+CSQ: 20,99"}, urcs: []URC{{Kind: Direct, Line: "+CMT: ,24", Payload: pduA}},
		},
		{
			name: "blank line before the PDU", cmd: csq, text: "+CSQ", says: "+CDS: 24\r\n\r\n\r\n" + pduA + "\r\n+CSQ: 20,99\r\nOK\r\n",
			want: []string{"+CSQ: 20,99"}, urcs: []URC{{Kind: Direct, Line: "+CDS: 24", Payload: pduA}},
		},
		{
			name: "a PDU belongs to the last header", cmd: list, text: "+CMGL=4", says: "+CMT: \"ME\",1\r\n+CMGL: 1,0,,24\r\n" + pduA + "\r\nOK\r\n",
			want: []string{"+CMGL: 1,0,,24", pduA}, urcs: []URC{{Kind: Direct, Line: "+CMT: \"ME\",1"}},
		},
		{
			name: "a direct message inside a list", cmd: list, text: "+CMGL=4", says: "+CMGL: 1,0,,24\r\n+CMT: ,24\r\n" + pduB + "\r\n" + pduA + "\r\nOK\r\n",
			want: []string{"+CMGL: 1,0,,24", pduA}, urcs: []URC{{Kind: Direct, Line: "+CMT: ,24", Payload: pduB}},
		},
		{
			name: "a direct message that was a stored one", cmd: csq, text: "+CSQ", says: "+CMT: \"ME\",1\r\n" + pduA + "\r\n+CDS: \"SR\",12\r\n" + pduB + "\r\n+CSQ: 20,99\r\nOK\r\n",
			want: []string{"+CSQ: 20,99"}, urcs: []URC{{Kind: Direct, Line: "+CMT: \"ME\",1"}, {Kind: Direct, Line: "+CDS: \"SR\",12"}},
		},
		{
			name: "a stored one inside a list", cmd: list, text: "+CMGL=4", says: "+CMGL: 1,0,,24\r\n+CMT: \"SM\",2\r\n" + pduA + "\r\n" + pduB + "\r\nOK\r\n",
			want: []string{"+CMGL: 1,0,,24", pduA}, urcs: []URC{{Kind: Direct, Line: "+CMT: \"SM\",2"}},
		},
		{
			name: "a sender by the name of a storage", cmd: csq, text: "+CSQ", says: "+CMT: \"ME\",30\r\n" + pduA + "\r\n+CSQ: 20,99\r\nOK\r\n",
			want: []string{"+CSQ: 20,99"}, urcs: []URC{{Kind: Direct, Line: "+CMT: \"ME\",30", Payload: pduA}},
		},
		{name: "PDU without header", cmd: csq, text: "+CSQ", says: pduA + "\r\n+CSQ: 20,99\r\nOK\r\n", want: []string{"+CSQ: 20,99"}},
		{
			name: "unknown line", cmd: csq, text: "+CSQ", says: "^RSSI:17\r\n+CSQ: 20,99\r\n^BOOT:1,2\r\nOK\r\n", want: []string{"+CSQ: 20,99"},
			urcs: []URC{{Line: "^RSSI:17"}, {Line: "^BOOT:1,2"}},
		},
		{
			name: "answer and code alike", cmd: creg, text: "+CREG?", says: "\r\n+CREG: 1,1\r\n\r\n+CREG: 5\r\n\r\nOK\r\n", want: []string{"+CREG: 1,1"},
			urcs: []URC{{Kind: Network, Line: "+CREG: 5"}},
		},
		{
			name: "bare lines", cmd: bare, text: "+CGMM", says: "\r\nE1552\r\n\r\n+CMTI: \"ME\",1\r\n^RSSI:3\r\nOK\r\n", want: []string{"E1552"},
			urcs: []URC{{Kind: Stored, Line: `+CMTI: "ME",1`}, {Line: "^RSSI:3"}},
		},
		{name: "bare digits", cmd: bare, text: "+CIMI", says: "\r\n262011234567890\r\n\r\nOK\r\n", want: []string{"262011234567890"}},
		{name: "bare number of a card", cmd: bare, text: "+CCID", says: "\r\n8949020000012345678F\r\n\r\nOK\r\n", want: []string{"8949020000012345678F"}},
		{name: "PDU instead of it", cmd: bare, text: "+CCID", says: "\r\n8949020000012345678F01234567\r\n\r\nOK\r\n"},
		{name: "bare zero is no result", cmd: bare, text: "+CGMR", says: "\r\n0\r\n\r\nOK\r\n", want: []string{"0"}},
		{
			name: "list", cmd: list, text: "+CMGL=4", says: "\r\n+CMGL: 1,0,,24\r\n" + pduA + "\r\n+CMTI: \"SM\",3\r\n+CMGL: 2,1,,24\r\n+CMT: ,24\r\n00" + pduA + "\r\n" + pduA + "\r\n\r\nOK\r\n",
			want: []string{"+CMGL: 1,0,,24", pduA, "+CMGL: 2,1,,24", pduA},
			urcs: []URC{{Kind: Stored, Line: `+CMTI: "SM",3`}, {Kind: Direct, Line: "+CMT: ,24", Payload: "00" + pduA}},
		},
		{name: "list with an extra PDU", cmd: list, text: "+CMGL=4", says: "+CMGL: 1,0,,24\r\n" + pduA + "\r\n" + pduA + "\r\nOK\r\n", want: []string{"+CMGL: 1,0,,24", pduA}},
		{
			name: "list with a garbled PDU", cmd: list, text: "+CMGL=4",
			says: "+CMGL: 1,0,,24\r\n" + pduA[:40] + "L: 2,0,,24\r\n" + pduA + "\r\n+CMGL: 3,0,,24\r\n^RSSI:3\r\n" + pduA + "\r\nOK\r\n",
			want: []string{"+CMGL: 1,0,,24", "+CMGL: 3,0,,24", pduA}, urcs: []URC{{Line: pduA[:40] + "L: 2,0,,24"}, {Line: "^RSSI:3"}},
		},
		{
			name: "direct message garbled", cmd: csq, text: "+CSQ", says: "+CMT: ,24\r\n" + pduA[:40] + "x\r\n" + pduA + "\r\n+CSQ: 20,99\r\nOK\r\n",
			want: []string{"+CSQ: 20,99"}, urcs: []URC{{Kind: Direct, Line: "+CMT: ,24"}},
		},
		{name: "overlong line", cmd: csq, text: "+CSQ", says: strings.Repeat("x", 70<<10) + "\r\n+CSQ: 20,99\r\nOK\r\n", want: []string{"+CSQ: 20,99"}},
		{name: "late +CMGS of nobody", cmd: csq, text: "+CSQ", says: "+CMGS: 4\r\n+CSQ: 20,99\r\nOK\r\n", want: []string{"+CSQ: 20,99"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t)
				done := b.start(tt.cmd, tt.text, "")
				if got, want := b.written(), "AT"+tt.text+"\r"; got != want {
					t.Errorf("written = %q, want %q", got, want)
				}
				b.say(t, tt.says)
				select {
				case r := <-done:
					if diff := cmp.Diff(tt.want, r.info, cmpopts.EquateEmpty()); diff != "" {
						t.Errorf("answer (-want +got):\n%s", diff)
					}
					if got := message(r.err); got != tt.err {
						t.Errorf("err = %q, want %q", got, tt.err)
					}
					if r.out.TimedOut || r.out.Dirty {
						t.Errorf("outcome = %+v, want an answer in time", r.out)
					}
				default:
					t.Fatal("command still waits")
				}
				if diff := cmp.Diff(tt.urcs, b.heard(), cmpopts.EquateEmpty()); diff != "" {
					t.Errorf("unsolicited (-want +got):\n%s", diff)
				}
			})
		})
	}
}

func TestDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		begun := time.Now()
		r := <-b.start(Command{Prefix: []string{"+COPS:"}, Timeout: 45 * time.Second}, "+COPS?", "")
		if got, want := time.Since(begun), 45*time.Second; got != want {
			t.Errorf("ended after %v, want %v", got, want)
		}
		if !r.out.TimedOut || !r.out.Dirty {
			t.Errorf("outcome = %+v, want TimedOut and Dirty", r.out)
		}

		// The overdue answer comes while the line is brought back in step.
		done := b.start(Command{Prefix: []string{"+CMEE:"}, Resync: true, Timeout: 3 * time.Second}, "+CMEE?", "")
		b.say(t, "\r\n+COPS: 0,0,\"O2\"\r\n\r\nOK\r\n")
		b.say(t, "\r\n+CMEE: 1\r\n\r\nOK\r\n")
		r = <-done
		if diff := cmp.Diff([]string{"+CMEE: 1"}, r.info); diff != "" || r.err != nil || r.out.Dirty {
			t.Errorf("resync = %+v (-want +got):\n%s", r, diff)
		}
	})
}

func TestFinalMissing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		begun := time.Now()
		done := b.start(Command{Prefix: []string{"+CPIN:"}, Timeout: time.Minute, Lone: 3 * time.Second}, "+CPIN?", "")
		b.say(t, "\r\n+CPIN: READY\r\n")
		r := <-done
		if got, want := time.Since(begun), 3*time.Second; got != want {
			t.Errorf("ended after %v, want %v", got, want)
		}
		if diff := cmp.Diff([]string{"+CPIN: READY"}, r.info); diff != "" || r.err != nil {
			t.Errorf("err = %v, answer (-want +got):\n%s", r.err, diff)
		}
		if r.out.TimedOut || !r.out.Dirty {
			t.Errorf("outcome = %+v, want Dirty and not TimedOut", r.out)
		}
	})
}

// What comes with an answer and is no part of it is counted.
func TestStrays(t *testing.T) {
	read := Command{Prefix: []string{"+CMGR:"}, PDU: true, Timeout: time.Minute}
	bare := Command{Prefix: []string{"+CGMM:"}, Bare: true, Timeout: time.Minute}
	tests := []struct {
		name string
		cmd  Command
		text string
		says string
		want int
	}{
		{"clean", read, "+CMGR=1", "\r\n+CMGR: 0,,24\r\n" + pduA + "\r\n\r\nOK\r\n", 0},
		{"echo", read, "+CMGR=1", "AT+CMGR=1\r\r\n+CMGR: 0,,24\r\n" + pduA + "\r\n\r\nOK\r\n", 0},
		{"PDU cut in two", read, "+CMGR=1", "\r\n+CMGR: 0,,24\r\n" + pduA[:30] + "\r\nRING\r\n" + pduA[30:] + "\r\n\r\nOK\r\n", 2},
		{"PDU cut in two by nothing", read, "+CMGR=1", "\r\n+CMGR: 0,,24\r\n" + pduA[:30] + "\r\n" + pduA[30:] + "\r\n\r\nOK\r\n", 1},
		{"code between", read, "+CMGR=1", "\r\n+CMGR: 0,,24\r\n+CMTI: \"SM\",1\r\n" + pduA + "\r\n\r\nOK\r\n", 1},
		{"direct message between", read, "+CMGR=1", "\r\n+CMGR: 0,,24\r\n+CMT: ,24\r\n" + pduB + "\r\n" + pduA + "\r\nOK\r\n", 2},
		{"line too long", read, "+CMGR=1", strings.Repeat("x", 5<<10) + "\r\n+CMGR: 0,,24\r\n" + pduA + "\r\nOK\r\n", 1},
		{"second answer", read, "+CMGR=1", "+CMGR: 0,,24\r\n" + pduA + "\r\n+CMGR: 0,,24\r\nOK\r\n", 1},
		{"behind it", read, "+CMGR=1", "+CMGR: 0,,24\r\n" + pduA + "\r\nOK\r\nRING\r\n", 0},
		{"bare", bare, "+CGMM", "E1552\r\nOK\r\n", 0},
		{"code among bare", bare, "+CGMM", "E1552\r\n^RSSI:3\r\nOK\r\n", 1},
		{"service string", read, "+CMGR=1", "+CUSD: 0,\"a\r\nb\",15\r\n+CMGR: 0,,24\r\n" + pduA + "\r\nOK\r\n", 2},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t)
				done := b.start(tt.cmd, tt.text, "")
				b.say(t, tt.says)
				if got := (<-done).out.Strays; got != tt.want {
					t.Errorf("strays = %d, want %d", got, tt.want)
				}
			})
		})
	}
}

func TestHeaderWithoutPDU(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.say(t, "+CMT: ,24\r\n")
		time.Sleep(payloadWithin + time.Millisecond)
		b.say(t, pduA+"\r\n")
		want := []URC{{Kind: Direct, Line: "+CMT: ,24"}}
		if diff := cmp.Diff(want, b.heard()); diff != "" {
			t.Errorf("unsolicited (-want +got):\n%s", diff)
		}
		if got := b.line.Counts().Unpaired; got != 2 {
			t.Errorf("unpaired = %d, want header and PDU", got)
		}
	})
}

func TestAbort(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		done := b.start(Command{Timeout: time.Hour}, "+CFUN=1", "")
		b.line.Abort()
		r := <-done
		if !r.out.Aborted || !r.out.Dirty || r.err == nil {
			t.Errorf("outcome = %+v, %v; want Aborted and Dirty", r.out, r.err)
		}
	})
}

func TestPortLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		done := b.start(Command{Timeout: time.Hour}, "+CFUN=1", "")
		_ = b.modem.Close()
		if r := <-done; r.err == nil {
			t.Error("command succeeded without a port")
		}
		<-b.line.Done()
		if b.line.Err() == nil {
			t.Error("Err = nil, want why the port is gone")
		}
		b.line.Begin(Command{Timeout: time.Second})
		if _, err := b.line.Write([]byte("AT\r\n")); err == nil {
			t.Error("Write succeeded without a port")
		}
	})
}
