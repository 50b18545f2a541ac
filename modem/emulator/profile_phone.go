package emulator

import "time"

// Nokia is a Nokia phone: the first command after a rest is lost, the echo has to be
// switched on before it can be switched off, +CPMS=? lists nothing.
func Nokia() Profile {
	return Profile{
		Name: "nokia", Manufacturer: "Nokia", Model: "Nokia C6-00", Revision: "V 11.0.024",
		Capabilities: "+CGSM,+DS,+W",
		SwallowIdle:  10 * time.Second,
		EchoSticks:   true,
		Stores:       []string{"ME", "SM"},
		CPMSTest:     "+CPMS: (),(),()",
		CNMI:         [5][]int{{0, 1, 2, 3}, {0, 1, 2, 3}, {0, 2, 3}, {0, 1, 2}, {0, 1}},
		Lacks:        []string{"+CEREG", "+CPINR", "+CCID", "+ICCID", "+QCCID"},
		Unknown:      "ERROR",
	}
}

// SamsungGalaxy is an Android phone in modem mode: every command of a submit is accepted
// and the submit itself refused.
func SamsungGalaxy() Profile {
	return Profile{
		Name: "samsung-galaxy", Manufacturer: "SAMSUNG ELECTRONICS CORPORATION", Model: "GT-I9300", Revision: "I9300XXEMG4",
		Capabilities: "+CGSM",
		Stores:       []string{"ME"},
		CPMSTest:     `+CPMS: ("ME"),("ME"),("ME")`,
		SubmitFinal:  "+CMS ERROR: 303",
		Lacks:        []string{"+CPINR", "+CCID", "+ICCID", "+QCCID", "+CMGW", "+CMSS"},
	}
}

// Pantech is a Pantech stick: +CMGL without the name field, zeros in front of registration
// states, a slow +CSQ.
func Pantech() Profile {
	return Profile{
		Name: "pantech", Manufacturer: "Pantech", Model: "UML290", Revision: "L0290VWB333F.234",
		Capabilities: "+CGSM",
		Stores:       []string{"ME", "SM"},
		CNMI:         [5][]int{{0, 1, 2}, {0, 1, 2, 3}, {0, 2}, {0, 2}, {0, 1}},
		Entry:        "{stat},{len}",
		Registration: `{name}:00{n},00{stat},"18d8","ffff"`,
		Delays:       map[string]time.Duration{"+CSQ": 2 * time.Second},
		Lacks:        []string{"+CPINR", "+QCCID"},
	}
}

// MotorolaText is a Motorola phone that knows messages in text mode only, with its own
// words for errors and high indices.
func MotorolaText() Profile {
	return Profile{
		Name: "motorola-text", Manufacturer: `"Motorola CE, Copyright 2000"`, Model: `"GSM900","GSM1800","GSM1900","GSM850","MODEL=L7"`, Revision: "R4515_G_08.B7.5DR",
		Capabilities: "+CGSM",
		BootLines:    []string{"+MBAN: Copyright 2000-2004 Motorola, Inc."},
		Stores:       []string{"ME", "SM"},
		FirstIndex:   map[string]int{"ME": 3800},
		Formats:      []int{1},
		EmptyList:    517,
		Finals:       map[string]string{"ERROR": "MODEM ERROR: 4"},
		Lacks:        []string{"+CEREG", "+CPINR", "+CCID", "+ICCID", "+QCCID"},
		Replies:      map[string][]string{"+MODE=2": nil},
	}
}
