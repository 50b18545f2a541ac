package emulator

import "time"

// Profile is what makes one family of modems differ from another, as data. The zero value
// of every field is the behaviour 3GPP 27.005, 27.007 and V.250 describe. A Profile is not
// changed after it was given to a modem.
type Profile struct {
	// Name tells profiles apart in logs.
	Name string
	// Manufacturer, Model and Revision answer +CGMI, +CGMM and +CGMR.
	Manufacturer, Model, Revision string
	// Capabilities answers +GCAP; "" is "+CGSM".
	Capabilities string

	// BootLines are sent at power-up. "{pin}" in a line becomes the answer of +CPIN?.
	BootLines []string
	// ReadyLines are sent when the SIM is unlocked and read.
	ReadyLines []string
	// BootDelay is how long after power-up nothing is heard or answered.
	BootDelay time.Duration
	// SIMDelay is how long the SIM stays busy (CME 14, CMS 314) once it is unlocked.
	SIMDelay time.Duration
	// RegisterDelay is the time from a ready SIM to registration.
	RegisterDelay time.Duration
	// SwallowLines is how many command lines after power-up get no answer.
	SwallowLines int
	// SwallowIdle is the idle time after which the first command line gets no answer;
	// 0 loses none.
	SwallowIdle time.Duration
	// RadioOff starts the modem with +CFUN: 0; it registers after AT+CFUN=1.
	RadioOff bool
	// EchoSticks keeps the echo on at ATE0 unless ATE1 came first on a line of its own.
	EchoSticks bool
	// BusyCode is the CME error while the SIM is busy; 0 is 14, or CMS 314.
	BusyCode int

	// Stores are the message storages offered, first the one used after power-up.
	// Empty is SM, ME and MT.
	Stores []string
	// ReportStore takes status reports of CNMI ds 0 and 2; "" is mem3.
	ReportStore string
	// FirstZero makes 0 the first index of a storage instead of 1.
	FirstZero bool
	// FirstIndex is the first index by storage, where it is neither 0 nor 1.
	FirstIndex map[string]int
	// FullLine is sent when a message finds its storage full; "{mem}" is the storage.
	FullLine string
	// ShortCPMS answers a set of +CPMS with OK alone.
	ShortCPMS bool
	// CPMSTest replaces the answer to +CPMS=?.
	CPMSTest string
	// CPMSLeast and CPMSMost are how many storages +CPMS takes; 0 is 1 and 3. With a most
	// of 1 the answers have one storage too.
	CPMSLeast, CPMSMost int
	// CPMSFilled refuses an empty storage between commas.
	CPMSFilled bool

	// CNMI are the values accepted for mode, mt, bm, ds and bfr. A nil list is the full
	// range of 27.005 §3.4.1.
	CNMI [5][]int
	// CNMITest replaces the answer to +CNMI=?, for modems that promise more than they take.
	CNMITest string
	// Formats are the values +CMGF accepts, first the one after power-up; nil is 0 and 1.
	Formats []int
	// ErrorModes are the values +CMEE accepts; nil is 0, 1 and 2.
	ErrorModes []int
	// Services are the values +CSMS accepts; nil is 0 and 1.
	Services []int
	// AckTimeout is how long the modem waits for +CNMA; 0 is 15 s.
	AckTimeout time.Duration

	// Prompt is sent for +CMGS; "" is "\r\n> ".
	Prompt string
	// RefuseEarly checks registration before the prompt instead of after the PDU.
	RefuseEarly bool
	// SubmitFinal ends every submit after its Ctrl-Z, for phones that take the PDU and
	// cannot send. Nothing reaches the network.
	SubmitFinal string
	// Entry prints what +CMGL has after the index and +CMGR after its name, with "{stat}"
	// and "{len}"; "" is "{stat},,{len}".
	Entry string
	// ListShift is added to the indices +CMGL shows, which are then not those of +CMGR and
	// +CMGD.
	ListShift int
	// EmptyList is the CMS error of +CMGL when there is nothing to list; 0 is OK.
	EmptyList int
	// Missing is the final result of +CMGR for an empty place; "" is CMS error 321.
	Missing string
	// ReportHead stands before the length of a routed status report; "" is "+CDS: ".
	ReportHead string
	// PushNotice is the indication of a stored WAP push, with "{mem}" and "{index}"; "" is
	// that of any message.
	PushNotice string
	// OmitReference answers +CMGS with OK alone.
	OmitReference bool
	// StaleStat leaves a stored message that +CMSS sent marked as unsent.
	StaleStat bool
	// ReferenceFormat prints the message reference; "" is "%d".
	ReferenceFormat string
	// BarePIN answers +CPIN? without a final OK.
	BarePIN bool
	// EscapeOK answers OK to an escape outside a prompt.
	EscapeOK bool

	// Registration prints the answer to +CREG? and its likes, and RegistrationURC the
	// change, with "{name}", "{n}", "{stat}" and "{cell}". "" is "{name}: {n},{stat}{cell}"
	// and "{name}: {stat}{cell}".
	Registration, RegistrationURC string
	// Cell is what "{cell}" becomes in mode 2 while registered.
	Cell string
	// LateRegistration sends the registration after the OK of +CREG=1.
	LateRegistration bool

	// MissedCall is sent after a call that was not answered, with "{number}"; "" is none.
	MissedCall string

	// USSD is how strings of +CUSD are written.
	USSD USSDForm
	// USSDStopHangs leaves AT+CUSD=2 without an answer.
	USSDStopHangs bool
	// USSDBlocks refuses submits with CME error 258 while a session is open.
	USSDBlocks bool

	// LineHead and LineTail frame every line in verbose mode; "" is "\r\n" for both.
	LineHead, LineTail string
	// URCTail ends unsolicited lines; "" is LineTail.
	URCTail string
	// Unknown is the final result of a command the modem does not know; "" is ERROR.
	Unknown string
	// Finals replaces the final results OK and ERROR by other spellings.
	Finals map[string]string
	// ErrorFormat prints the name and the number or text of an error; "" is "%s: %v".
	ErrorFormat string
	// CMSAlways sends +CMS ERROR with its number even in +CMEE=0.
	CMSAlways bool

	// CommandDelay passes before each command line is carried out.
	CommandDelay time.Duration
	// Delays pass before commands that begin so, upper case without AT.
	Delays map[string]time.Duration
	// ChunkSize cuts output into writes of at most so many octets; 0 does not cut.
	ChunkSize int

	// Replies are commands answered with fixed lines and OK, by their upper-case text
	// without AT. An empty list is OK alone. They come before the built-in commands. In the
	// lines "{iccid}", "{pin}" (the state), "{pintries}" and "{puktries}" are filled in.
	Replies map[string][]string
	// Lacks are names of commands the modem does not know, as "+CPINR".
	Lacks []string
	// Resets are the vendor's commands that restart the modem or switch it off.
	Resets map[string]ResetKind
	// Noise is sent again and again while a host is attached.
	Noise []Noise
}

// ResetKind is what a vendor's command does to the power, after its OK.
type ResetKind int

// The kinds of [Profile.Resets].
const (
	Restart   ResetKind = iota // the modem boots anew
	PowerDown                  // the modem is off until Modem.Reset or Port.Plug
)

// Noise is an unsolicited line of no meaning to us, sent every Every.
type Noise struct {
	Every time.Duration
	Line  string
	// Until is a command, as "+CPMS?", that ends the noise until the next power-up.
	Until string
	// Crash is how many lines the modem survives before it restarts; 0 is any number.
	Crash int
}

// orDefaults fills in what an empty field stands for.
func (p Profile) orDefaults() Profile {
	text := func(field *string, value string) {
		if *field == "" {
			*field = value
		}
	}
	text(&p.Capabilities, "+CGSM")
	text(&p.Prompt, "\r\n> ")
	text(&p.ReferenceFormat, "%d")
	text(&p.LineHead, "\r\n")
	text(&p.LineTail, "\r\n")
	text(&p.Unknown, "ERROR")
	text(&p.ErrorFormat, "%s: %v")
	text(&p.URCTail, p.LineTail)
	text(&p.Entry, "{stat},,{len}")
	text(&p.ReportHead, "+CDS: ")
	text(&p.Registration, "{name}: {n},{stat}{cell}")
	text(&p.RegistrationURC, "{name}: {stat}{cell}")
	text(&p.Cell, `,"00C3","0001A2B3",7`)
	if len(p.Stores) == 0 {
		p.Stores = []string{"SM", "ME", "MT"}
	}
	full := [5][]int{{0, 1, 2, 3}, {0, 1, 2, 3}, {0, 2, 3}, {0, 1, 2}, {0, 1}}
	for i := range p.CNMI {
		if p.CNMI[i] == nil {
			p.CNMI[i] = full[i]
		}
	}
	if p.Services == nil {
		p.Services = []int{0, 1}
	}
	if p.Formats == nil {
		p.Formats = []int{0, 1}
	}
	if p.ErrorModes == nil {
		p.ErrorModes = []int{0, 1, 2}
	}
	if p.CPMSLeast == 0 {
		p.CPMSLeast = 1
	}
	if p.CPMSMost == 0 {
		p.CPMSMost = 3
	}
	if p.AckTimeout == 0 {
		p.AckTimeout = 15 * time.Second
	}
	return p
}

// indexBase is the first index of a storage.
func (p Profile) indexBase(mem string) int {
	if base, ok := p.FirstIndex[mem]; ok {
		return base
	}
	if p.FirstZero {
		return 0
	}
	return 1
}
