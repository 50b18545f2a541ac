package line

// Kind sorts unsolicited result codes by what they mean to a receiver and sender
// of short messages.
type Kind uint8

// The kinds. The zero value means nothing to us.
const (
	Noise     Kind = iota
	Stored         // +CMTI, +CDSI: a message was stored; the line tells where
	Direct         // +CMT, +CDS: a message or report, in Payload; empty if it got lost
	Broadcast      // +CBM: a cell broadcast, in Payload
	Network        // registration may have changed
	SIM            // the SIM may have changed
	Boot           // the modem restarted: all settings are lost
	Ready          // something became usable; follows a start, or a SIM that comes ready, by seconds
	Full           // a storage is full
	Power          // the supply voltage is out of bounds
	Call           // a call comes in or ends
	Service        // +CUSD: an answer of the network to a service code, or one more line of it
	Late           // the answer to a PDU, after its deadline
)

func (k Kind) String() string {
	return [...]string{
		"noise", "stored", "direct", "broadcast", "network", "sim", "boot", "ready", "full", "power", "call", "service", "late",
	}[k]
}

// URC is an unsolicited result code.
type URC struct {
	Kind    Kind
	Line    string // as received
	Payload string // hexadecimal line that belongs to it
}

// pattern is a row of the table of unsolicited result codes.
type pattern struct {
	prefix  string
	kind    Kind
	payload bool // a line with a PDU follows (3GPP TS 27.005 §3.4.1)
}

// patterns is searched from the top for the first prefix of a line. A line that
// the running command expects, such as +CREG: while AT+CREG? runs, is its answer
// and not looked up.
var patterns = [...]pattern{
	{"+CMTI:", Stored, false},
	{"+CDSI:", Stored, false},
	{"+CMT:", Direct, true},
	{"+CDS:", Direct, true},
	{"+CBM:", Broadcast, true},

	{"+CREG:", Network, false},
	{"+CGREG:", Network, false},
	{"+CEREG:", Network, false},
	{"+C5GREG:", Network, false},

	{"+CPIN:", SIM, false},
	{"+QUSIM:", SIM, false}, // Quectel
	{"+SIM:", SIM, false},
	{"^SIMST:", SIM, false}, // Huawei
	{"^SCKS:", SIM, false},  // Cinterion

	{"RDY", Boot, false},
	{"+CFUN:", Boot, false},
	{"^SYSSTART", Boot, false},  // Cinterion
	{"*ATREADY:", Boot, false},  // ASR
	{"+AT: READY", Boot, false}, // u-blox
	{"*EMRDY:", Boot, false},    // Ericsson
	{"APP RDY", Boot, false},
	{"+WIND: 3", Boot, false},          // Wavecom
	{"MODEM:STARTUP", Boot, false},     // GCT, Sequans
	{"^SYSLOADING", Boot, false},       // Cinterion
	{"^EXIT", Boot, false},             // Cinterion: a fatal error, a restart follows
	{"NORMAL POWER DOWN", Boot, false}, // SIMCom
	{"POWERED DOWN", Boot, false},      // Quectel
	{"^SHUTDOWN", Boot, false},         // Cinterion
	{"UNDER-VOLTAGE POWER DOWN", Boot, false},
	{"OVER-VOLTAGE POWER DOWN", Boot, false},
	{"UNDER-VOLTAGE WARN", Power, false},
	{"OVER-VOLTAGE WARN", Power, false},

	{"SMS READY", Ready, false},       // SIM800
	{"SMS DONE", Ready, false},        // SIM7xxx
	{"+QIND: SMS DONE", Ready, false}, // Quectel
	{"CALL READY", Ready, false},
	{"PB DONE", Ready, false},
	{"+QIND: PB DONE", Ready, false},
	{"+PBREADY", Ready, false}, // u-blox
	{"+WIND: 4", Ready, false}, // Wavecom
	{"+WIND: 7", Ready, false}, // the same
	{"#QSS: 3", Ready, false},  // Telit: the SIM's messages and phone book
	{"#QSS:", SIM, false},

	{"^SMMEMFULL:", Full, false}, // Huawei
	{"+SMS FULL", Full, false},   // SIMCom
	{"^SMGO:", Full, false},      // Cinterion
	{`+QIND: "SMSFULL"`, Full, false},
	{`+CIEV: "SMSFULL"`, Full, false},

	{"+CUSD:", Service, false},

	{"RING", Call, false},
	{"+CRING:", Call, false},
	{"+CLIP:", Call, false},
	{"NO CARRIER", Call, false},
	{"BUSY", Call, false},
	{"NO ANSWER", Call, false},
	{"NO DIALTONE", Call, false},
	{"MISSED_CALL:", Call, false},
	{"VOICE CALL:", Call, false},
	{"CONNECT", Call, false},
}

// lookup finds line in the table.
func lookup(line string) (pattern, bool) {
	for _, p := range patterns {
		if _, found := cutPrefixFold(line, p.prefix); found {
			return p, true
		}
	}
	return pattern{}, false
}

// vendorMark tells lines that begin like an unsolicited code of some vendor; no
// command that takes bare lines is answered with one.
func vendorMark(line string) bool {
	switch line[0] {
	case '+', '^', '*', '#', '%', '$', '&', '_', '!', '@':
		return true
	}
	return false
}
