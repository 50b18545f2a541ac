package emulator

import "time"

// UBlox is a u-blox SARA module: deaf until +AT: READY, mode 1 and no indications after
// power-up, reports stored and indicated in MT.
func UBlox() Profile {
	return Profile{
		Name: "u-blox", Manufacturer: "u-blox", Model: "SARA-R410M-02B", Revision: "L0.0.00.00.05.06",
		Capabilities:  "+FCLASS, +CGSM",
		BootLines:     []string{"+AT: READY"},
		ReadyLines:    []string{"+PBREADY"},
		BootDelay:     2 * time.Second,
		SIMDelay:      time.Second,
		RegisterDelay: time.Second,
		Stores:        []string{"ME", "SM", "MT"},
		ReportStore:   "MT",
		CNMI:          [5][]int{{1, 0, 2}, {0, 1, 2, 3}, {0, 2}, {0, 1, 2}, {0, 1}},
		Lacks:         []string{"+CPINR"},
		Resets:        map[string]ResetKind{"+CFUN=16": Restart, "+CPWROFF": PowerDown},
		Replies:       map[string][]string{"+UPINCNT": {"+UPINCNT: {pintries},3,{puktries},10"}},
	}
}

// Telit is a Telit LE910 module: an escape outside a prompt is answered, the name field of
// listed messages is an empty string, reports go to a storage of their own.
func Telit() Profile {
	return Profile{
		Name: "telit", Manufacturer: "Telit", Model: "LE910-EU1", Revision: "17.01.521",
		Capabilities:  "+CGSM,+DS,+FCLASS,+MS,+ES",
		ReadyLines:    []string{"#QSS: 3"},
		BootDelay:     time.Second,
		SIMDelay:      500 * time.Millisecond,
		RegisterDelay: 500 * time.Millisecond,
		Stores:        []string{"SM", "ME"},
		ReportStore:   "SR",
		CNMI:          [5][]int{{0, 1, 2, 3}, {0, 1, 2, 3}, {0, 2, 3}, {0, 1, 2}, {0, 1}},
		Entry:         `{stat},"",{len}`,
		EscapeOK:      true,
		USSD:          USSDJunk,
		Lacks:         []string{"+CPINR", "+ICCID"},
		Resets:        map[string]ResetKind{"#REBOOT": Restart, "#SHDN": PowerDown},
		Replies: map[string][]string{
			"#CCID": {"#CCID: {iccid}"},
			"#PCT":  {"#PCT: {pintries}"},
			"#QSS?": {"#QSS: 2,3"},
		},
	}
}

// Cinterion is a Siemens or Cinterion module: only bfr 1, a storage for reports, its own
// lines for boot and a full storage.
func Cinterion() Profile {
	return Profile{
		Name: "cinterion", Manufacturer: "Cinterion", Model: "EHS6", Revision: "REVISION 03.001",
		Capabilities:  "+CGSM,+FCLASS",
		BootLines:     []string{"^SYSSTART"},
		ReadyLines:    []string{"+CIEV: simstatus,5"},
		SIMDelay:      2 * time.Second,
		RegisterDelay: time.Second,
		Stores:        []string{"SM", "ME", "MT"},
		ReportStore:   "SR",
		FullLine:      "^SMGO: 2",
		CNMI:          [5][]int{{0, 1, 2}, {0, 1}, {0, 2}, {0, 1, 2}, {1}},
		Lacks:         []string{"+CPINR", "+ICCID", "+CCID"},
		Resets:        map[string]ResetKind{"^SMSO": PowerDown},
		Replies: map[string][]string{
			"^SCID":      {"^SCID: {iccid}"},
			`^SPIC="SC"`: {"^SPIC: {pintries}"},
			"^SMGO=1":    nil,
			"^SQPORT?":   {`^SQPORT: "Application"`},
		},
	}
}

// Wavecom is a Wavecom or Sierra Fastrack terminal: +CPIN? without OK, one storage in +CPMS
// and an odd list of them, no error texts, the registration sent after the OK of +CREG.
func Wavecom() Profile {
	return Profile{
		Name: "wavecom", Manufacturer: "WAVECOM MODEM", Model: "900E  1800", Revision: "R7.4.1.201208290946.SL8084",
		Capabilities:     "+CGSM,+FCLASS",
		SIMDelay:         3 * time.Second,
		RegisterDelay:    time.Second,
		Stores:           []string{"SM", "SR"},
		CPMSTest:         `+CPMS: (("SM","BM","SR"),("SM"))`,
		CPMSMost:         1,
		BarePIN:          true,
		BusyCode:         515,
		ErrorModes:       []int{0, 1},
		LateRegistration: true,
		CNMI:             [5][]int{{0, 1, 2}, {0, 1, 2, 3}, {0, 2}, {0, 1, 2}, {0, 1}},
		Lacks:            []string{"+CEREG", "+CGREG", "+CPINR", "+ICCID"},
	}
}

// Gobi is a Qualcomm Gobi card: CNMI mode 2 and report routing promised and refused, blanks
// in the cell of +CREG, no answer to AT+CUSD=2.
func Gobi() Profile {
	return Profile{
		Name: "gobi", Manufacturer: "QUALCOMM INCORPORATED", Model: "HP un2420 Mobile Broadband Module", Revision: "D3600-STSUGN-1575",
		Capabilities:  "+CGSM,+DS",
		SIMDelay:      time.Second,
		RegisterDelay: 500 * time.Millisecond,
		Stores:        []string{"SM", "ME", "MT"},
		FirstZero:     true,
		CNMI:          [5][]int{{0, 1}, {0, 1, 2, 3}, {0, 2}, {0, 2}, {0, 1}},
		CNMITest:      "+CNMI: (0,1,2),(0,1,2,3),(0,2),(0,1,2),(0,1)",
		Cell:          ",  0 5,  1A2B",
		USSDStopHangs: true,
		Lacks:         []string{"+CPINR", "+CEREG", "+CCID"},
		Replies:       map[string][]string{"+CPNNUM": {"PIN1={pintries}; PUK1={puktries}; PIN2=3; PUK2=10"}},
	}
}
