package devicetest

import "fmt"

// HuaweiE3131 is a 3G stick with three ports, and a card reader.
func HuaweiE3131(path string, firstTTY int) Stick {
	return Stick{
		Path: path, Vendor: "12d1", Product: "1506", Manufacturer: "HUAWEI Technology", Name: "HUAWEI Mobile",
		Interfaces: []Interface{
			{Class: "ff/01/01", Driver: "option", TTY: usb(firstTTY)},
			{Class: "ff/01/03", Driver: "option", TTY: usb(firstTTY + 1)},
			{Class: "ff/01/02", Driver: "option", TTY: usb(firstTTY + 2)},
			{Class: "08/06/50", Driver: "usb-storage"},
		},
	}
}

// HuaweiStorage is a stick of Huawei before it was told to be a modem.
func HuaweiStorage(path string) Stick {
	return Stick{
		Path: path, Vendor: "12d1", Product: "1446", Manufacturer: "HUAWEI Technology", Name: "HUAWEI Mobile",
		Interfaces: []Interface{{Class: "08/06/50", Driver: "usb-storage"}},
	}
}

// HuaweiHiLink is a stick that is a router.
func HuaweiHiLink(path string) Stick {
	return Stick{
		Path: path, Vendor: "12d1", Product: "14dc", Manufacturer: "HUAWEI_MOBILE", Name: "HUAWEI_MOBILE", Serial: "0123456789ABCDEF",
		Interfaces: []Interface{{Class: "02/06/00", Driver: "cdc_ether"}, {Class: "0a/00/00", Driver: "cdc_ether"}, {Class: "08/06/50", Driver: "usb-storage"}},
	}
}

// QuectelEC25 is an LTE module with four ports and a network card.
func QuectelEC25(path string, firstTTY int) Stick {
	return Stick{
		Path: path, Vendor: "2c7c", Product: "0125", Manufacturer: "Quectel", Name: "EC25-E",
		Interfaces: []Interface{
			{Class: "ff/ff/ff", Driver: "option", TTY: usb(firstTTY)},
			{Class: "ff/00/00", Driver: "option", TTY: usb(firstTTY + 1)},
			{Class: "ff/00/00", Driver: "option", TTY: usb(firstTTY + 2)},
			{Class: "ff/00/00", Driver: "option", TTY: usb(firstTTY + 3)},
			{Class: "ff/ff/ff", Driver: "qmi_wwan"},
		},
	}
}

// SIM7600 is an LTE module with five ports.
func SIM7600(path string, firstTTY int) Stick {
	s := Stick{Path: path, Vendor: "1e0e", Product: "9001", Manufacturer: "SimTech, Incorporated", Name: "SimTech, Incorporated", Serial: "0123456789ABCDEF"}
	for i := range 5 {
		s.Interfaces = append(s.Interfaces, Interface{Class: "ff/ff/ff", Driver: "option", TTY: usb(firstTTY + i)})
	}
	return s
}

// CP2102 is a serial adapter, on which a SIM800 may hang.
func CP2102(path string, tty int) Stick {
	return Stick{
		Path: path, Vendor: "10c4", Product: "ea60", Manufacturer: "Silicon Labs", Name: "CP2102 USB to UART Bridge Controller", Serial: "0001",
		Interfaces: []Interface{{Class: "ff/00/00", Driver: "cp210x", TTY: usb(tty)}},
	}
}

// Phone is a telephone with a port of the abstract control model.
func Phone(path string) Stick {
	return Stick{
		Path: path, Vendor: "0421", Product: "0661", Manufacturer: "Nokia", Name: "Nokia 6303i", Serial: "351234567890123",
		Interfaces: []Interface{{Number: 1, Class: "02/02/01", Driver: "cdc_acm", TTY: "ttyACM0"}, {Number: 2, Class: "0a/00/00", Driver: "cdc_acm"}},
	}
}

// Keyboard is no modem at all.
func Keyboard(path string) Stick {
	return Stick{
		Path: path, Vendor: "046d", Product: "c31c", Manufacturer: "Logitech", Name: "USB Keyboard",
		Interfaces: []Interface{{Class: "03/01/01", Driver: "usbhid"}},
	}
}

func usb(n int) string { return fmt.Sprintf("ttyUSB%d", n) }
