package emulator

import "time"

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
		USSD:         USSDPacked,
		Resets:       map[string]ResetKind{"^RESET": Restart},
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

// ZTE is a ZTE MF-series USB stick: a flood of +ZUSIMR that restarts it unless +CPMS? ends
// it, a comma before the length of a routed report, CNMI mode 2 promised and refused.
func ZTE() Profile {
	return Profile{
		Name: "zte", Manufacturer: "ZTE INCORPORATED", Model: "MF667", Revision: "BD_MF667V1.0.0B01",
		Capabilities: "+CGSM,+DS,+ES",
		ReadyLines:   []string{"+ZDONR: \"Test Network\",262,1,\"CS_PS\",\"ROAM_OFF\"", "+ZPASR: \"HSPA+\""},
		SIMDelay:     time.Second,
		Stores:       []string{"ME", "SM"},
		CNMI:         [5][]int{{0, 1}, {0, 1, 2, 3}, {0, 2, 3}, {0, 1, 2}, {0, 1}},
		CNMITest:     "+CNMI: (0,1,2),(0,1,2,3),(0,2,3),(0,1,2),(0,1)",
		ReportHead:   "+CDS: ,",
		USSD:         USSDHexUCS2,
		Lacks:        []string{"+CPINR"},
		Resets:       map[string]ResetKind{"+ZRST": Restart},
		Replies: map[string][]string{
			"+ZURC=0":     nil,
			"+ZURC=1":     nil,
			"+ZOPRT=5":    nil,
			"+ZCDRUN=8":   {"Close autorun state result(0:FAIL 1:SUCCESS):1"},
			"+ZGETICCID":  {"+ZGETICCID: {iccid}"},
			"+ZPINPUK=?":  {"+ZPINPUK: {pintries},{puktries}"},
			"+ZSNT=0,0,0": nil,
		},
		Noise: []Noise{{Every: 250 * time.Millisecond, Line: "+ZUSIMR:2", Until: "+CPMS?", Crash: 400}},
	}
}
