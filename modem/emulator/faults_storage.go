package emulator

import (
	"bytes"
	"regexp"
	"time"
)

// storageFaults are those of the message storages.
func storageFaults() []NamedFault {
	return []NamedFault{
		{Name: "storage-full", About: "all storages are full of foreign messages", Lasts: true, New: once(Fault{At: OnCommand, With: func(m *Modem) {
			m.Fill("SM", 0)
			m.Fill("ME", 0)
		}})},
		{Name: "delete-refused", About: "three messages are not deleted", New: once(Fault{At: BeforeCMGD, Times: 3, Final: "+CMS ERROR: 320"})},
		{Name: "delete-done-refused", About: "three messages are deleted and the modem says they are not", New: once(Fault{At: BeforeFinal, Command: "+CMGD=", Times: 3, Final: "+CMS ERROR: 320"})},
		{Name: "delete-unanswered", About: "three messages are deleted without an answer", New: once(Fault{At: BeforeFinal, Command: "+CMGD=", Times: 3, Do: DropAnswer})},
		{Name: "read-missing", About: "two messages that were announced are not there when read", New: once(Fault{At: BeforeCMGR, Times: 2, Final: "+CMS ERROR: 321"})},
		{Name: "read-empty", About: "two reads are answered with OK alone", New: once(Fault{At: BeforeCMGR, Times: 2, Final: "OK"})},
		{Name: "list-hangs", About: "three listings have no answer", New: once(Fault{At: BeforeCMGL, Times: 3, Do: DropAnswer})},
		{Name: "list-refused", About: "three listings end in an error", New: once(Fault{At: BeforeCMGL, Times: 3, Final: "+CMS ERROR: 500"})},
		{Name: "list-empty-error", About: "three listings end in the error of an empty place", New: once(Fault{At: BeforeCMGL, Times: 3, Final: "+CMS ERROR: 321"})},
		{Name: "list-shifted", About: "one listing shows indices that are not those of the messages", New: once(Fault{At: OnWrite, Command: "+CMGL", Mangle: shiftIndices})},
		{Name: "list-corrupt", About: "one listing has a PDU that is no hexadecimal", New: once(Fault{At: OnWrite, Command: "+CMGL", Mangle: corruptPDU})},
		{Name: "read-corrupt", About: "two reads have a PDU that is no hexadecimal", New: once(Fault{At: OnWrite, Command: "+CMGR", Times: 2, Mangle: corruptPDU})},
		{Name: "read-cut", About: "two reads have half a PDU", New: once(Fault{At: OnWrite, Command: "+CMGR", Times: 2, Mangle: cutPDU})},
		{Name: "stores-reset", About: "+CPMS falls back to the SIM three times", New: once(Fault{At: AtTime, After: 7 * time.Second, Times: 3, With: func(m *Modem) { m.SelectStores([3]string{"SM", "SM", "SM"}) }})},
		{Name: "other-store", About: "messages are received into a storage that was not asked for", New: once(Fault{At: AtTime, After: 7 * time.Second, Times: 3, With: func(m *Modem) {
			other := "SM"
			m.mu.Lock()
			if m.vol.mems[2] == "SM" {
				other = "ME"
			}
			m.mu.Unlock()
			m.SelectStores([3]string{2: other})
		}})},
	}
}

var (
	listedHeader = regexp.MustCompile(`\+CMG[RL]: [^\r\n]*[\r\n]+`)
	listedIndex  = regexp.MustCompile(`\+CMGL: (\d+)`)
	pduLine      = regexp.MustCompile(`[\r\n][0-9A-F]{30,}[\r\n]`)
)

func shiftIndices(b []byte) []byte {
	return listedIndex.ReplaceAllFunc(b, func(m []byte) []byte {
		last := m[len(m)-1]
		return append(m[:len(m)-1:len(m)-1], '0'+(last-'0'+1)%10)
	})
}

// corruptPDU spoils a digit of the first PDU.
func corruptPDU(b []byte) []byte {
	if m := pduLine.FindIndex(b); m != nil {
		b[m[0]+21] = 'Z'
	}
	return b
}

// cutPDU leaves half of the first PDU.
func cutPDU(b []byte) []byte {
	m := pduLine.FindIndex(b)
	if m == nil {
		return b
	}
	half := (m[0] + m[1]) / 2
	return append(bytes.Clone(b[:half]), b[m[1]-1:]...)
}
