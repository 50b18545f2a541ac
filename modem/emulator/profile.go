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

	// Stores are the message storages offered, first the one used after power-up.
	// Empty is SM, ME and MT.
	Stores []string
	// ReportStore takes status reports of CNMI ds 0 and 2; "" is mem3.
	ReportStore string
	// FirstZero makes 0 the first index of a storage instead of 1.
	FirstZero bool
	// FullLine is sent when a message finds its storage full; "{mem}" is the storage.
	FullLine string
	// ShortCPMS answers a set of +CPMS with OK alone.
	ShortCPMS bool

	// CNMI are the values accepted for mode, mt, bm, ds and bfr. A nil list is the full
	// range of 27.005 §3.4.1.
	CNMI [5][]int
	// CNMITest replaces the answer to +CNMI=?, for modems that promise more than they take.
	CNMITest string
	// Services are the values +CSMS accepts; nil is 0 and 1.
	Services []int
	// AckTimeout is how long the modem waits for +CNMA; 0 is 15 s.
	AckTimeout time.Duration

	// Prompt is sent for +CMGS; "" is "\r\n> ".
	Prompt string
	// RefuseEarly checks registration before the prompt instead of after the PDU.
	RefuseEarly bool
	// OmitReference answers +CMGS with OK alone.
	OmitReference bool
	// ReferenceFormat prints the message reference; "" is "%d".
	ReferenceFormat string
	// BarePIN answers +CPIN? without a final OK.
	BarePIN bool
	// EscapeOK answers OK to an escape outside a prompt.
	EscapeOK bool

	// LineHead and LineTail frame every line in verbose mode; "" is "\r\n" for both.
	LineHead, LineTail string
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
	// ChunkSize cuts output into writes of at most so many octets; 0 does not cut.
	ChunkSize int

	// Replies are commands answered with fixed lines and OK, by their upper-case text
	// without AT. An empty list is OK alone. They come before the built-in commands. In the
	// lines "{iccid}", "{pin}" (the state), "{pintries}" and "{puktries}" are filled in.
	Replies map[string][]string
	// Noise is sent again and again while a host is attached.
	Noise []Noise
}

// Noise is an unsolicited line of no meaning to us, sent every Every.
type Noise struct {
	Every time.Duration
	Line  string
}

// Generic is a modem as the standards describe it.
func Generic() Profile {
	return Profile{Name: "generic", Manufacturer: "Generic", Model: "27.005", Revision: "1.0"}
}

// HuaweiStick is a Huawei E-series USB stick: indices from 0, CNMI mode 2 is promised and
// refused, its own word for an unknown command, periodic signal lines.
func HuaweiStick() Profile {
	return Profile{
		Name: "huawei-stick", Manufacturer: "huawei", Model: "E3131", Revision: "21.158.39.00.414",
		Capabilities: "+CGSM,+DS,+ES",
		ReadyLines:   []string{"^SIMST:1", "^SRVST:2"},
		Stores:       []string{"SM", "ME"},
		FirstZero:    true,
		FullLine:     `^SMMEMFULL: "{mem}"`,
		CNMI:         [5][]int{{0, 1}, {0, 1, 2, 3}, {0, 2, 3}, {0, 1, 2}, {0, 1}},
		CNMITest:     "+CNMI: (0,1,2),(0,1,2,3),(0,2,3),(0,1,2),(0,1)",
		Unknown:      "COMMAND NOT SUPPORT",
		Replies: map[string][]string{
			"^CURC=0":    nil,
			"^CURC=1":    nil,
			"^PORTSEL=1": nil,
			"^ICCID?":    {"^ICCID: {iccid}"},
			"^CPIN?":     {"^CPIN: {pin},,{puktries},{pintries},10,3"},
			"^SYSINFO":   {"^SYSINFO:2,3,0,5,1,,4"},
		},
		Noise: []Noise{
			{Every: 7 * time.Second, Line: "^RSSI:18"},
			{Every: 20 * time.Second, Line: "^BOOT:21277243,0,0,0,75"},
		},
	}
}

// SIM800 is a SIMCom SIM800 module on a UART: it swallows the first lines while it finds
// the baud rate, boots with a list of lines, ends its lines with an extra CR.
func SIM800() Profile {
	return Profile{
		Name: "sim800", Manufacturer: "SIMCOM_Ltd", Model: "SIMCOM_SIM800L", Revision: "Revision:1418B05SIM800L24",
		Capabilities:  "+CGSM",
		BootLines:     []string{"RDY", "+CFUN: 1", "+CPIN: {pin}"},
		ReadyLines:    []string{"Call Ready", "SMS Ready"},
		SwallowLines:  2,
		SIMDelay:      500 * time.Millisecond,
		RegisterDelay: 500 * time.Millisecond,
		Stores:        []string{"SM", "ME", "MT"},
		CNMI:          [5][]int{{0, 1, 2, 3}, {0, 1, 2, 3}, {0, 2}, {0, 1}, {0, 1}},
		FullLine:      `+CIEV: "SMSFULL",1`,
		Replies: map[string][]string{
			"+CIURC=0": nil,
			"+CIURC=1": nil,
			"+SPIC":    {"+SPIC: {pintries},3,{puktries},10"},
			"+CBC":     {"+CBC: 0,85,4041"},
		},
	}
}

// QuectelEC25 is a Quectel EC25 LTE module: storage ready only after +QIND, registration by
// CEREG, indices from 0.
func QuectelEC25() Profile {
	return Profile{
		Name: "quectel-ec25", Manufacturer: "Quectel", Model: "EC25", Revision: "EC25EFAR06A06M4G",
		Capabilities:  "+CGSM",
		BootLines:     []string{"RDY", "+CFUN: 1", "+CPIN: {pin}"},
		ReadyLines:    []string{"+QUSIM: 1", "+QIND: SMS DONE", "+QIND: PB DONE"},
		SIMDelay:      300 * time.Millisecond,
		RegisterDelay: 200 * time.Millisecond,
		Stores:        []string{"ME", "SM", "MT"},
		FirstZero:     true,
		CNMI:          [5][]int{{0, 1, 2}, {0, 1, 2, 3}, {0, 2}, {0, 1, 2}, {0, 1}},
		FullLine:      `+QIND: "smsfull","{mem}"`,
		Replies: map[string][]string{
			"+QPINC?":  {`+QPINC: "SC",{pintries},{puktries}`, `+QPINC: "P2",3,10`},
			"+QCCID":   {"+QCCID: {iccid}"},
			"+QNWINFO": {`+QNWINFO: "FDD LTE","26201","LTE BAND 3",1300`},
		},
	}
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
	if p.AckTimeout == 0 {
		p.AckTimeout = 15 * time.Second
	}
	return p
}

// indexBase is the first index of a storage.
func (p Profile) indexBase() int {
	if p.FirstZero {
		return 0
	}
	return 1
}
