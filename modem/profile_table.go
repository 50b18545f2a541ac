package modem

import "time"

var (
	genericModes   = []int{2, 1, 3, 0}
	genericReports = []int{1, 2, 0}
	genericStores  = []string{"ME", "MT", "SM"}
	genericCards   = []string{"+CCID", "+ICCID", "^ICCID?", "+QCCID", "#CCID", "+ZGETICCID"}
	genericPIN     = []counter{{"+CPINR", "+CPINR: SIM PIN,", 0}, {`+CPINR="SIM PIN"`, "+CPINR: SIM PIN,", 0}}
	qualcommModes  = []int{1, 2, 3, 0} // mode 2 is announced and then refused, or does nothing
)

// profiles is searched from the top.
var profiles = []profile{
	{
		name: "huawei", maker: "huawei", modes: qualcommModes, quiet: []string{"^CURC=0"}, cards: []string{"^ICCID?"},
		pin:    []counter{{"^CPIN?", "^CPIN:", 3}},
		settle: 3 * time.Second, // or the firmware restarts
	},
	{name: "zte", maker: "zte", modes: qualcommModes, quiet: []string{"+ZURC=0"}, cards: []string{"+ZGETICCID"}},
	{name: "simcom", maker: "simcom", modes: qualcommModes, quiet: []string{"+CIURC=0"}, pin: []counter{{"+SPIC", "+SPIC:", 0}}},
	{name: "quectel", maker: "quectel", cards: []string{"+QCCID"}, pin: []counter{{"+QPINC?", `+QPINC: "SC",`, 0}}},
	{name: "telit", maker: "telit", cards: []string{"#CCID"}, pin: []counter{{"#PCT", "#PCT:", 0}}},
	{name: "u-blox", maker: "u-blox", pin: []counter{{"+UPINCNT", "+UPINCNT:", 0}}},
	{name: "cinterion", maker: "cinterion", cards: []string{"^SCID"}, pin: []counter{{`^SPIC="SC"`, "^SPIC:", 0}}},
	{name: "siemens", maker: "siemens", cards: []string{"^SCID"}},
	{name: "novatel", maker: "novatel", modes: qualcommModes, reports: []int{2, 0}}, // refuses the +CNMA it waits for
	{name: "qualcomm", maker: "qualcomm", modes: qualcommModes},
	{name: "generic"},
}
