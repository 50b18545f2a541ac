package emulator

import "time"

// QuectelEC25 is a Quectel EC25 LTE module: storage ready only after +QIND, indices from 0.
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
		Lacks:         []string{"+CPINR"},
		Resets:        map[string]ResetKind{"+QPOWD": PowerDown, "+QPOWD=1": PowerDown, "+QPOWD=0": PowerDown},
		Replies: map[string][]string{
			"+QPINC?":  {`+QPINC: "SC",{pintries},{puktries}`, `+QPINC: "P2",3,10`},
			"+QCCID":   {"+QCCID: {iccid}"},
			"+QNWINFO": {`+QNWINFO: "FDD LTE","26201","LTE BAND 3",1300`},
		},
	}
}

// QuectelM26 is a Quectel M26 GSM module: no phase 2+ for messages, service codes answered
// in hexadecimal UCS2 under the coding scheme of plain text.
func QuectelM26() Profile {
	return Profile{
		Name: "quectel-m26", Manufacturer: "Quectel_Ltd", Model: "Quectel_M26", Revision: "Revision: M26FBR03A10",
		Capabilities:  "+CGSM",
		BootLines:     []string{"RDY", "+CFUN: 1", "+CPIN: {pin}"},
		ReadyLines:    []string{"Call Ready", "SMS Ready"},
		SwallowLines:  1,
		SIMDelay:      500 * time.Millisecond,
		RegisterDelay: 500 * time.Millisecond,
		Stores:        []string{"SM", "ME", "MT"},
		Services:      []int{0, 128},
		CNMI:          [5][]int{{0, 1, 2, 3}, {0, 1, 2, 3}, {0, 2}, {0, 1}, {0, 1}},
		USSD:          USSDHexUCS2,
		USSDBlocks:    true,
		Lacks:         []string{"+CEREG", "+CPINR"},
		Resets:        map[string]ResetKind{"+QPOWD=1": PowerDown, "+QPOWD=0": PowerDown},
		Replies: map[string][]string{
			"+QTRPIN": {"+QTRPIN: {pintries},3,{puktries},10"},
			"+QCCID":  {"{iccid}"},
		},
	}
}
