package emulator

import (
	"bytes"
	"regexp"
	"strings"
	"time"
)

// staleList is what an earlier host asked for and never read.
const staleList = "\r\n+CMGL: 1,1,,17\r\n07919471016700000405812143F50000621020304050000178\r\n\r\nOK\r\n"

// stray are unsolicited lines that come at any time.
var stray = []string{"\r\nRING\r\n", "\r\n+CREG: 1\r\n", "\r\n^RSSI:18\r\n", "\r\n+CSQ: 7,99\r\n", "\r\n+CMTI: \"SM\",29\r\n"}

// dialogueFaults are those of commands, answers and prompts.
func dialogueFaults() []NamedFault {
	return []NamedFault{
		{Name: "no-answer", About: "one command has no answer", New: once(Fault{At: OnCommand, Skip: 1, Do: DropAnswer})},
		{Name: "no-answers", About: "six commands in a row have no answer", New: once(Fault{At: OnCommand, Skip: 1, Times: 6, Do: DropAnswer})},
		{Name: "some-answers", About: "one command in five has no answer for a minute", New: func(seed int64) []Fault {
			return []Fault{{At: OnCommand, Times: -1, Until: spoil, Probability: 0.2, Seed: seed, Do: DropAnswer}}
		}},
		{Name: "late-answer", About: "one command is answered after 75 seconds", New: once(Fault{At: OnCommand, Skip: 1, Delay: 75 * time.Second})},
		{Name: "late-reference", About: "a submit is accepted and answered after 200 seconds", New: once(Fault{At: AfterSubmit, Delay: 200 * time.Second})},
		{Name: "no-final", About: "three answers have no final result", New: once(Fault{At: BeforeFinal, Times: 3, Do: DropAnswer})},
		{Name: "no-submit-answer", About: "a submit is accepted and has no answer", New: once(Fault{At: AfterSubmit, Do: DropAnswer})},
		{Name: "no-submit", About: "a submit is not accepted and has no answer", New: once(Fault{At: AfterCtrlZ, Do: DropAnswer})},
		{Name: "reference-only", About: "a submit has its reference but no OK", New: once(Fault{At: AfterMR, Do: DropAnswer})},
		{Name: "stray-lines", About: "unsolicited lines come before answers, before final results and between reference and OK", New: once(strays()...)},
		{Name: "stray-in-pair", About: "an unsolicited line comes between header and PDU", New: once(insert("+CMGR", afterHeader), insert("+CMGL", afterHeader))},
		{Name: "stray-in-line", About: "an unsolicited line comes in the middle of ten lines", New: once(Fault{At: OnWrite, Times: 10, Mangle: func(b []byte) []byte { return insertAt(b, len(b)/2, stray[0]) }})},
		{Name: "bare-error", About: "three commands end in ERROR", New: once(Fault{At: OnCommand, Skip: 1, Times: 3, Final: "ERROR"})},
		{Name: "text-error", About: "errors have texts instead of numbers", New: once(Fault{At: OnCommand, Skip: 1, Times: 3, Final: "+CME ERROR: SIM busy"})},
		{Name: "error-without-colon", About: "a submit ends in an error without a colon", New: once(Fault{At: AfterCtrlZ, Final: "+CMS ERROR 500"})},
		{Name: "busy", About: "commands end in CME error 515 for ten seconds", New: once(Fault{At: OnCommand, Times: -1, Until: 10 * time.Second, Final: "+CME ERROR: 515"})},
		{Name: "two-prompts", About: "the prompt comes twice", New: once(Fault{At: AfterPrompt, Times: 3, Emit: []byte("\r\n> ")})},
		{Name: "no-prompt", About: "the prompt is lost; the modem waits for a PDU", New: once(Fault{At: OnWrite, Command: "+CMGS", Mangle: nothing})},
		{Name: "late-prompt", About: "the prompt comes after 25 seconds", New: once(Fault{At: AfterCMGS, Delay: 25 * time.Second})},
		{Name: "prompt-after-echo", About: "the prompt stands behind an echo in one line", New: once(Fault{At: OnWrite, Command: "+CMGS", Times: 3, Mangle: func(b []byte) []byte {
			return bytes.Replace(b, []byte("\r\n> "), []byte("AT+CMGS=20\r> "), 1)
		}})},
		{Name: "error-for-prompt", About: "two submits are refused before the prompt", New: once(Fault{At: AfterCMGS, Times: 2, Final: "+CMS ERROR: 500"})},
		{Name: "stale-output", About: "what an earlier host asked for is still there when the port opens", New: once(Fault{At: OnOpen, Emit: []byte(staleList)})},
		{Name: "leftover-prompt", About: "the port opens at the prompt of an earlier host", New: once(Fault{At: OnOpen, Emit: []byte("\r\n> "), Do: OpenPrompt})},
		{Name: "ok-without-reference", About: "submits are answered with OK alone", New: once(submitAnswer(`\r\n\+CMGS: \d+\r\n`, ""))},
		{Name: "reference-zeros", About: "the reference is 000", New: once(submitAnswer(`\+CMGS: \d+`, "+CMGS: 000"))},
		{Name: "reference-and-more", About: "the reference has further fields behind it", New: once(submitAnswer(`(\+CMGS: \d+)`, `$1,"26/11/21,07:00:00+04"`))},
	}
}

func strays() []Fault {
	var out []Fault
	for i, at := range []Point{OnCommand, BeforeFinal, AfterMR, AfterCMGS, AfterPrompt, AfterFinal} {
		out = append(out, Fault{At: at, Times: 5, Emit: []byte(stray[i%len(stray)])})
	}
	return out
}

// insert puts a stray line at a place of what is written for a command.
func insert(command string, place func([]byte) int) Fault {
	return Fault{At: OnWrite, Command: command, Times: 3, Mangle: func(b []byte) []byte {
		if i := place(b); i > 0 {
			return insertAt(b, i, strings.TrimPrefix(stray[0], "\r\n"))
		}
		return b
	}}
}

// afterHeader is the end of the first line that has a PDU below it.
func afterHeader(b []byte) int {
	if m := listedHeader.FindIndex(b); m != nil {
		return m[1]
	}
	return 0
}

func insertAt(b []byte, i int, s string) []byte {
	return append(append(append([]byte(nil), b[:i]...), s...), b[i:]...)
}

// submitAnswer rewrites the answers of three submits.
func submitAnswer(pattern, to string) Fault {
	re := regexp.MustCompile(pattern)
	return Fault{At: OnWrite, Command: "+CMGS", Times: 6, Mangle: func(b []byte) []byte {
		return re.ReplaceAll(b, []byte(to))
	}}
}
