package modem

import (
	"time"

	"tetherd/modem/line"
)

// What suits modems that follow the standards, or whose maker is not known.
var (
	genericModes  = []int{2, 1, 3, 0}
	genericStores = []string{"ME", "MT", "SM"}
	genericRefuse = []string{"+CHUP", "H"} // the first ends voice calls only, 3GPP TS 27.007 §6.5
	// The last reads EF-ICCID itself (3GPP TS 31.102 §4.2, 27.007 §8.18).
	genericCards = []string{"+CCID", "+ICCID", "^ICCID?", "+QCCID", "#CCID", "+CICCID", "+ZGETICCID", "+CRSM=176,12258,0,0,10"}
	genericPIN   = []counter{{"+CPINR", "+CPINR:", "SIM PIN", 1}, {`+CPINR="SIM PIN"`, "+CPINR:", "SIM PIN", 1}}
	// slowPace suits phones that lose octets, and ports at 9600 baud.
	slowPace = line.Pace{
		Prompt: 100 * time.Millisecond, Chunk: 64, ChunkGap: 50 * time.Millisecond, End: 500 * time.Millisecond, Gap: 100 * time.Millisecond,
	}
	qualcommModes = []int{1, 2, 3, 0} // mode 2 is announced and then refused, or does nothing
	// Where reports are kept if ds is 2 is known from the manuals, or from +CPMS.
	storedReports = []int{2, 1, 0}
	directReports = []int{1, 2, 0}
)

// profiles is searched from the top: particular models stand above their maker, and
// makers above those whose name is part of theirs.
var profiles = []profile{
	{ // volatile notifications; its only storage is the SIM
		name: "huawei-mg323", maker: "huawei", models: []string{"mg323", "gtm900"}, modes: qualcommModes, stores: []string{"SM"},
		reports: storedReports, pin: []counter{{"^CPIN?", "^CPIN:", "", 3}}, settle: 3 * time.Second,
	},
	{
		name: "huawei", maker: "huawei|brovi|vodafone (huawei)", explains: true, packedUSSD: true, modes: qualcommModes, quiet: []string{"^CURC=0"}, cards: []string{"^ICCID?"},
		pin:    []counter{{"^CPIN?", "^CPIN:", "", 3}},
		settle: 3 * time.Second, // or the firmware restarts
	},
	{
		// +ZUSIMR lines come without end, until the stick crashes or is asked about its
		// storages.
		name: "zte", maker: "zte|onda", first: []string{"+CPMS?"}, modes: qualcommModes, quiet: []string{"+ZURC=0"},
		cards: []string{"+ZGETICCID"}, noAck: true,
		pin: []counter{{"+ZPINPUK=?", "+ZPINPUK:", "", 0}, {"+ZRAP?", "+ZRAP:", "", 0}},
	},
	{ // ASR chip set
		name: "simcom-a76xx", maker: "simcom|incorporated", explains: true, models: []string{"a76", "a78"}, cards: []string{"+CICCID"},
		pin: []counter{{"+SPIC", "+SPIC:", "", 0}},
	},
	{
		name: "simtech", maker: "simcom|simtech", explains: true, models: []string{"sim5", "sim7", "sim8200", "sim8300"}, modes: qualcommModes,
		cards: []string{"+CICCID"}, pin: []counter{{"+SPIC", "+SPIC:", "", 0}},
	},
	{
		name: "simcom", maker: "simcom", explains: true, modes: qualcommModes, quiet: []string{"+CIURC=0"}, noAck: true,
		pin: []counter{{"+SPIC", "+SPIC:", "", 0}},
	},
	{
		name: "quectel-2g", maker: "quectel", explains: true, models: []string{"m10", "m26", "m35", "m50", "m66", "m72", "m85", "m95", "mc60"},
		cards: []string{"+QCCID"}, noAck: true,
	},
	{
		name: "quectel", maker: "quectel", explains: true, cards: []string{"+QCCID"},
		pin: []counter{{"+QPINC?", "+QPINC:", "SC", 1}},
	},
	{name: "u-blox", maker: "u-blox|ublox", explains: true, reports: storedReports, pin: []counter{{"+UPINCNT", "+UPINCNT:", "", 0}}},
	{name: "cinterion", maker: "cinterion|gemalto|thales", explains: true, reports: storedReports, cards: []string{"^SCID"}, warn: []string{"^SMGO=1"}, pin: []counter{{`^SPIC="SC"`, "^SPIC:", "", 0}, {"^SPIC", "^SPIC:", "", 0}}},
	{ // needs rests
		name: "siemens-m20", maker: "siemens", models: []string{"m20"}, reports: storedReports, cards: []string{"^SCID"}, pace: slowPace,
	},
	{name: "siemens", maker: "siemens", reports: storedReports, cards: []string{"^SCID"}, warn: []string{"^SMGO=1"}, pin: []counter{{"^SPIC", "^SPIC:", "", 0}}},
	{name: "telit", maker: "telit", explains: true, reports: storedReports, cards: []string{"#CCID"}, pin: []counter{{"#PCT", "#PCT:", "", 0}}},
	{name: "novatel", maker: "novatel", modes: qualcommModes, reports: []int{2, 0}, noAck: true}, // refuses the +CNMA it waits for
	{name: "wavecom", maker: "wavecom"},
	{name: "airprime", maker: "sierra", models: []string{"fastrack", "fxt", "q24", "q26", "sl6", "sl8", "wismo", "multiband"}},
	{name: "sierra", maker: "sierra", modes: qualcommModes, pin: []counter{{"+CPNNUM", "", "PIN1", 1}}},
	{name: "option", maker: "option", noAck: true, quiet: []string{"_OSQI=0"}, pin: []counter{{"_OERCN?", "_OERCN:", "", 0}}},
	{name: "sony-ericsson", maker: "sony ericsson|sonyericsson", noLink: true},
	{name: "mbm", maker: "ericsson", modes: qualcommModes, pin: []counter{{"*EPIN?", "*EPIN:", "", 0}}},
	{name: "icera", maker: "icera", pin: []counter{{"%PINNUM?", "%PINNUM:", "", 0}}},
	{name: "xmm", maker: "infineon|intel|fibocom", pin: []counter{{"+XPINCNT", "+XPINCNT:", "", 0}}},
	{name: "longcheer", maker: "longcheer|tct mobile|alcatel|speedup|4g systems", modes: qualcommModes, pin: []counter{{"+CPNNUM", "", "PIN1", 1}}},
	{name: "nokia", maker: "nokia", stores: []string{"ME"}, noLink: true}, // keeps messages in the phone
	{name: "samsung-android", maker: "samsung", models: []string{"gt-i", "gt-n", "gt-p", "sm-"}, noLink: true, receivesOnly: true},
	{name: "samsung", maker: "samsung", noLink: true},
	{name: "pantech", maker: "pantech", modes: qualcommModes, noLink: true},
	{name: "sagem", maker: "sagem", base: 900, noLink: true},
	{name: "gigaset-gdc201", models: []string{"gdc201"}, stores: []string{"SM"}}, // lists a memory of its own that does not work
	{name: "thuraya", maker: "thuraya", modes: []int{2, 1, 0}, reports: []int{0, 1, 2}, noLink: true},
	{name: "qualcomm", maker: "qualcomm", modes: qualcommModes, noUSSDEnd: true, pin: []counter{{"+CPNNUM", "", "PIN1", 1}}},
	{name: "generic"},
}
