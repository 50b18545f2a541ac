package modem

// reboot is how a family of modems is told to restart.
type reboot struct {
	// command answers OK or nothing; the modem leaves the bus for up to 40 s then.
	// Empty: none is known to do it.
	command string
	// storage says that on USB it may come back as a storage device, which needs
	// usb_modeswitch to become a modem again.
	storage bool
}

// genericReboot is that of modems that follow the standards (3GPP TS 27.007 §8.2).
// On USB nobody knows what a modem comes back as of which nothing is known.
var genericReboot = reboot{"+CFUN=1,1", true}

// reboots are the rows of profiles that differ, by name. Phones have none: they
// are not ours to restart.
var reboots = map[string]reboot{
	"huawei-mg323":    {"+CFUN=1,1", false},
	"huawei":          {"^RESET", true},
	"zte":             {"+ZRST", true},
	"simcom-a76xx":    {"+CRESET", false},
	"simtech":         {"+CRESET", false},
	"simcom":          {"+CFUN=1,1", false},
	"quectel-2g":      {"+CFUN=1,1", false},
	"quectel":         {"+CFUN=1,1", false},
	"u-blox":          {"+CFUN=16", false},
	"cinterion":       {"+CFUN=1,1", false},
	"siemens":         {"+CFUN=1,1", false},
	"telit":           {"#REBOOT", false},
	"wavecom":         {"+CFUN=1", false}, // restarts at each
	"airprime":        {"+CFUN=1", false},
	"option":          {},
	"sony-ericsson":   {},
	"nokia":           {},
	"samsung-android": {},
	"samsung":         {},
	"pantech":         {},
	"sagem":           {},
	"gigaset-gdc201":  {},
	"thuraya":         {},
}
