package emulator

import (
	"fmt"
	"math/rand"
	"time"
)

// submitPoints are the moments of a submit at which a port is lost.
var submitPoints = []struct {
	at    Point
	name  string
	about string
}{
	{AfterCMGS, "command", "after +CMGS"},
	{AfterPrompt, "prompt", "after the prompt"},
	{MidPDU, "pdu", "in the middle of the PDU"},
	{AfterCtrlZ, "ctrl-z", "after Ctrl-Z, before the network has the message"},
	{AfterSubmit, "submit", "after the network accepted, before the answer"},
	{AfterMR, "reference", "after the reference, before the OK"},
}

// portFaults are those of the port as a device.
func portFaults() []NamedFault {
	var out []NamedFault
	for _, p := range submitPoints {
		out = append(out,
			NamedFault{Name: "close-at-" + p.name, About: "the port is lost " + p.about + ", and back after two seconds", Closes: true, New: once(Fault{At: p.at, Do: ClosePort, Back: 2 * time.Second})},
			NamedFault{Name: "pull-at-" + p.name, About: "the modem loses its power " + p.about + ", and is back after five seconds", Closes: true, New: once(Fault{At: p.at, Do: PullOut, Back: 5 * time.Second})},
		)
	}
	return append(out,
		NamedFault{Name: "close-in-write", About: "the port is lost in the middle of a line", Closes: true, New: func(seed int64) []Fault {
			return []Fault{{At: OnWrite, Offset: 1 + rand.New(rand.NewSource(seed)).Intn(200), Do: ClosePort, Back: 2 * time.Second}}
		}},
		NamedFault{Name: "close-idle", About: "the port is lost after three seconds, and back after two", Closes: true, New: once(Fault{At: AtTime, After: 3 * time.Second, Do: ClosePort, Back: 2 * time.Second})},
		NamedFault{Name: "slow-return", About: "the modem is pulled out and back after a minute", Closes: true, New: once(Fault{At: AtTime, After: 3 * time.Second, Do: PullOut, Back: time.Minute})},
		NamedFault{Name: "flapping", About: "the modem is pulled out twenty times, every three seconds, for one second", Closes: true, New: once(Fault{At: AtTime, After: 3 * time.Second, Times: 20, Do: PullOut, Back: time.Second})},
		NamedFault{Name: "storage-mode", About: "the modem is pulled out and comes back without a serial port", Closes: true, Lasts: true, New: once(Fault{At: AtTime, After: 3 * time.Second, Do: PullOut})},
		NamedFault{Name: "reset-and-gone", About: "AT+CFUN=1,1 says OK, then the port is lost for twenty seconds", Closes: true, New: once(Fault{At: AfterFinal, Command: "+CFUN=1,1", Do: PullOut, Back: 20 * time.Second})},
		NamedFault{Name: "other-modem", About: "another modem comes back in its place", Closes: true, New: func(seed int64) []Fault {
			r := rand.New(rand.NewSource(seed))
			imei := withLuhn(fmt.Sprintf("35693803%06d", r.Intn(1e6)))
			return []Fault{{At: AtTime, After: 3 * time.Second, Do: PullOut, Back: 5 * time.Second, With: func(m *Modem) { m.SetIdentity(imei, "", "") }}}
		}},
		NamedFault{Name: "other-sim", About: "the modem comes back with another SIM", Closes: true, New: func(seed int64) []Fault {
			n := rand.New(rand.NewSource(seed)).Intn(1e6)
			iccid, imsi := withLuhn(fmt.Sprintf("894902000001%06d", n)), fmt.Sprintf("262029999%06d", n)
			return []Fault{{At: AtTime, After: 3 * time.Second, Do: PullOut, Back: 5 * time.Second, With: func(m *Modem) { m.SetIdentity("", iccid, imsi) }}}
		}},
		NamedFault{Name: "mute", About: "the port is there and nothing is heard or said for 90 seconds", New: once(Fault{At: OnCommand, Do: Silence, For: 90 * time.Second})},
		NamedFault{Name: "nmea", About: "the port says where it is instead of answering, for 30 seconds", New: once(Fault{
			At: OnCommand, Times: -1, Until: 30 * time.Second, Do: DropAnswer,
			Emit: []byte("$GPGGA,,,,,,0,,,,,,,,*66\r\n$GPRMC,,V,,,,,,,,,,N*53\r\n"),
		})},
		NamedFault{Name: "diag", About: "the port speaks a binary protocol instead of answering, for 30 seconds", New: once(Fault{
			At: OnCommand, Times: -1, Until: 30 * time.Second, Do: DropAnswer,
			Emit: []byte("\x13\x0c\x00\x7d\x5d\x62\x1d\x7e\x79\x00\x00\x00\x00\x00\xc8\x9d\x7e"),
		})},
	)
}
