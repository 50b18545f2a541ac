package emulator

import "time"

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
		PushNotice:    `+CMTI: "{mem}",{index},"MMS PUSH",2,1`,
		Lacks:         []string{"+CEREG", "+CPINR"},
		Resets:        map[string]ResetKind{"+CPOWD=1": PowerDown, "+CPOWD=0": PowerDown},
		Replies: map[string][]string{
			"+CIURC=0": nil,
			"+CIURC=1": nil,
			"+SPIC":    {"+SPIC: {pintries},3,{puktries},10"},
			"+CBC":     {"+CBC: 0,85,4041"},
		},
	}
}

// SIM7600 is a SIMCom SIM7600 LTE module: indices from 0, an extra CR at the end of
// unsolicited lines, messages usable after SMS DONE.
func SIM7600() Profile {
	return Profile{
		Name: "sim7600", Manufacturer: "SIMCOM INCORPORATED", Model: "SIMCOM_SIM7600E-H", Revision: "SIM7600M22_V2.0",
		Capabilities:  "+CGSM,+FCLASS,+DS",
		BootLines:     []string{"RDY", "+CPIN: {pin}"},
		ReadyLines:    []string{"SMS DONE", "PB DONE"},
		BootDelay:     200 * time.Millisecond,
		SIMDelay:      800 * time.Millisecond,
		RegisterDelay: 500 * time.Millisecond,
		Stores:        []string{"ME", "MT", "SM", "SR"},
		FirstZero:     true,
		CNMI:          [5][]int{{0, 1, 2}, {0, 1, 2, 3}, {0, 2}, {0, 1, 2}, {0, 1}},
		FullLine:      "+SMS FULL",
		MissedCall:    "MISSED_CALL: 07:00AM {number}",
		URCTail:       "\r\r\n",
		Lacks:         []string{"+CPINR", "+CCID"},
		Resets:        map[string]ResetKind{"+CRESET": Restart, "+CPOF": PowerDown},
		Replies: map[string][]string{
			"+SPIC":    {"+SPIC: {pintries},{puktries},3,10"},
			"+CPSI?":   {"+CPSI: LTE,Online,262-01,0x00C3,27447553,175,EUTRAN-BAND3,1300,5,5,-92,-832,-530,15"},
			"+CNSMOD?": {"+CNSMOD: 0,8"},
		},
	}
}
