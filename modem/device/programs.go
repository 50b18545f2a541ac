package device

// remedies say how a program is kept away from a port, by its name as
// /proc/PID/comm shows it.
var remedies = map[string]string{
	"ModemManager":    "Install 60-tetherd.rules in /etc/udev/rules.d and plug the modem in again, or run \"systemctl disable --now ModemManager\".",
	"NetworkManager":  "Delete its mobile broadband connection.",
	"brltty":          "Remove the package brltty, or run \"systemctl mask --now brltty brltty-udev\".",
	"gpsd":            "Take the port out of DEVICES and set USBAUTO=\"false\" in /etc/default/gpsd, then restart gpsd.",
	"pppd":            "End the data call, or give it another port of the modem.",
	"wvdial":          "End the data call, or give it another port of the modem.",
	"chat":            "End the data call, or give it another port of the modem.",
	"smsd":            "Run \"systemctl disable --now smstools\": only one program can serve a modem.",
	"gammu-smsd":      "Run \"systemctl disable --now gammu-smsd\": only one program can serve a modem.",
	"asterisk":        "Take the modem out of the configuration of Asterisk.",
	"ofonod":          "Run \"systemctl disable --now ofono\".",
	"getty":           "Run \"systemctl disable --now serial-getty@PORT\" and take the console off this port.",
	"agetty":          "Run \"systemctl disable --now serial-getty@PORT\" and take the console off this port.",
	"minicom":         "Close it.",
	"picocom":         "Close it.",
	"screen":          "Close it.",
	"cu":              "Close it.",
	"tetherd":         "Stop one of the two, or give each modem to one of them.",
	"fwupd":           "Wait until it is done, or run \"systemctl mask --now fwupd\".",
	"mtp-probe":       "Wait until it is done.",
	"zigbee2mqtt":     "Give it the name of its own adapter's port.",
	"hass":            "Take the modem out of its integrations.",
	"systemd-udevd":   "Wait until it is done.",
	"(udev-worker)":   "Wait until it is done.",
	"usb_modeswitch":  "Wait until it is done.",
	"usb_modeswitch_": "Wait until it is done.",
}

// remedyElse is for programs nothing is known about.
const remedyElse = "Stop that program, or keep it away from this port."
