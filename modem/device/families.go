package device

import "slices"

// family is what is known about the devices of a maker, as data.
type family struct {
	name   string
	vendor uint16
	// adapter tells that it is a serial adapter: a modem may hang on it, or anything
	// else.
	adapter bool
	// products limits the family to some products of the vendor; nil is all.
	products []uint16
	ports    []portRule // the first that fits counts
}

// portRule says what a port of a family is for.
type portRule struct {
	products []uint16 // nil is all
	// number is the interface's bInterfaceNumber, or any.
	number int
	// class is bInterfaceClass, bInterfaceSubClass and bInterfaceProtocol; nil is any.
	class []uint8
	role  Role
}

// any stands for every interface.
const anyInterface = -1

// at, modem, diag and the others are rules by product and interface.
func rule(role Role, number int, products ...uint16) portRule {
	return portRule{products: products, number: number, role: role}
}

// families is searched from the top. The configuration file of udev in configs/
// names the same devices.
var families = []family{
	{
		name: "Huawei", vendor: 0x12d1, ports: []portRule{
			// Newer sticks describe their ports in subclass and protocol; news come on
			// PCUI only.
			{number: anyInterface, class: []uint8{0xff, 0x01, 0x01}, role: RoleModem},
			{number: anyInterface, class: []uint8{0xff, 0x02, 0x01}, role: RoleModem},
			{number: anyInterface, class: []uint8{0xff, 0x03, 0x01}, role: RoleModem},
			{number: anyInterface, class: []uint8{0xff, 0x01, 0x02}, role: RoleAT},
			{number: anyInterface, class: []uint8{0xff, 0x02, 0x02}, role: RoleAT},
			{number: anyInterface, class: []uint8{0xff, 0x03, 0x02}, role: RoleAT},
			{number: anyInterface, class: []uint8{0xff, 0x01, 0x03}, role: RoleDiag},
			{number: anyInterface, class: []uint8{0xff, 0x02, 0x03}, role: RoleDiag},
			{number: anyInterface, class: []uint8{0xff, 0x01, 0x05}, role: RoleGPS},
			{number: anyInterface, class: []uint8{0xff, 0x01, 0x14}, role: RoleGPS},
			// Older ones: the modem comes first, PCUI last.
			rule(RoleModem, 0, 0x1001, 0x1003),
			rule(RoleAT, 1, 0x1003),
			rule(RoleAT, 2, 0x1001),
		},
	},
	{
		name: "ZTE", vendor: 0x19d2, ports: []portRule{
			rule(RoleAT, 2, 0x0002, 0x0012, 0x0016, 0x0017, 0x0018, 0x0019),
			rule(RoleModem, 4, 0x0002, 0x0012),
			rule(RoleModem, 1, 0x0016, 0x0017, 0x0018, 0x0019),
			rule(RoleAT, 0, 0x0001, 0x0003, 0x0004, 0x0005, 0x0006, 0x0007, 0x0008, 0x0009),
			rule(RoleModem, 1, 0x0001, 0x0003, 0x0004, 0x0005, 0x0006, 0x0007, 0x0008, 0x0009),
			rule(RoleAT, 3, 0x0031),
			rule(RoleAT, 4, 0x0033),
		},
	},
	{
		name: "Quectel", vendor: 0x2c7c, ports: []portRule{
			rule(RoleDiag, 0, 0x0121, 0x0125, 0x0191, 0x0195, 0x0296, 0x0306, 0x0512, 0x0620, 0x0800),
			rule(RoleGPS, 1, 0x0121, 0x0125, 0x0191, 0x0195, 0x0296, 0x0306, 0x0512, 0x0620, 0x0800),
			rule(RoleAT, 2, 0x0121, 0x0125, 0x0191, 0x0195, 0x0296, 0x0306, 0x0512, 0x0620, 0x0800),
			rule(RoleModem, 3, 0x0121, 0x0125, 0x0191, 0x0195, 0x0296, 0x0306, 0x0512, 0x0620, 0x0800),
		},
	},
	{
		name: "SIMCom", vendor: 0x1e0e, ports: []portRule{
			rule(RoleDiag, 0, 0x9001),
			rule(RoleGPS, 1, 0x9001),
			rule(RoleAT, 2, 0x9001, 0x9011, 0x9206, 0xcefe),
			rule(RoleModem, 3, 0x9001),
			rule(RoleAudio, 4, 0x9001),
			rule(RoleModem, 4, 0x9011, 0x9206),
			rule(RoleAT, 3, 0x9100, 0x9200),
			rule(RoleModem, 1, 0x9100, 0x9200),
		},
	},
	{
		name: "Telit", vendor: 0x1bc7, ports: []portRule{
			rule(RoleAT, 0, 0x1003, 0x1004, 0x1005, 0x1006),
			rule(RoleAT, 3, 0x1010),
			rule(RoleAT, 1, 0x1031, 0x1033),
			rule(RoleAT, 4, 0x1040),
			rule(RoleAT, 5, 0x1041),
		},
	},
	{name: "Sierra Wireless", vendor: 0x1199},
	// Receivers for satellite navigation have the same vendor: only the modems.
	{name: "u-blox", vendor: 0x1546, products: []uint16{0x1102, 0x1104, 0x1141, 0x1143, 0x1146, 0x1151}, ports: []portRule{
		rule(RoleAT, 0, 0x1102, 0x1104, 0x1141, 0x1143, 0x1146, 0x1151),
	}},
	{name: "Cinterion", vendor: 0x1e2d},
	{name: "Fibocom", vendor: 0x2cb7},
	{name: "Fibocom", vendor: 0x1782, products: []uint16{0x4d10}},
	{name: "Fibocom", vendor: 0x1508, products: []uint16{0x1000, 0x1001}},
	{name: "Option", vendor: 0x0af0},
	{name: "Alcatel", vendor: 0x1bbb},
	{name: "D-Link", vendor: 0x2001, products: []uint16{0x7d00, 0x7d01, 0x7d02, 0x7d03, 0x7d04, 0x7e35}},

	{name: "FTDI adapter", vendor: 0x0403, adapter: true},
	{name: "Prolific adapter", vendor: 0x067b, adapter: true},
	{name: "Silicon Labs CP210x adapter", vendor: 0x10c4, adapter: true},
	{name: "WCH CH34x adapter", vendor: 0x1a86, adapter: true},
}

// familyOf returns the row for a device, nil if none fits.
func familyOf(vendor, product uint16) *family {
	for i := range families {
		f := &families[i]
		if f.vendor == vendor && (f.products == nil || slices.Contains(f.products, product)) {
			return f
		}
	}
	return nil
}

func (d Device) family() string {
	if f := familyOf(d.Vendor, d.Product); f != nil && d.USB {
		return f.name
	}
	return ""
}

// IsModem tells whether devices of this vendor and product are known to be
// modems, whatever state they are in.
func (d Device) IsModem() bool {
	f := familyOf(d.Vendor, d.Product)
	return d.USB && (f != nil && !f.adapter || d.Mode() != ModeModem)
}

// assignRoles says what each port is for.
func (d *Device) assignRoles() {
	f := familyOf(d.Vendor, d.Product)
	for i := range d.Ports {
		p := &d.Ports[i]
		p.Role, p.Known = RoleUnknown, false
		if !d.USB {
			continue
		}
		if f != nil {
			if j := slices.IndexFunc(f.ports, func(r portRule) bool { return r.fits(d.Product, p.Interface) }); j >= 0 {
				p.Role, p.Known = f.ports[j].role, true
				continue
			}
		}
		// USB CDC 1.2 §5.1.3: abstract control model with the commands of V.250 or of
		// 3GPP 27.007.
		if c := p.Interface; c.Class == 2 && c.SubClass == 2 && c.Protocol >= 1 && c.Protocol <= 6 && f == nil {
			p.Role, p.Known = RoleAT, len(d.Ports) == 1
		}
	}
}

func (r portRule) fits(product uint16, i Interface) bool {
	return (r.products == nil || slices.Contains(r.products, product)) &&
		(r.number == anyInterface || r.number == i.Number) &&
		(r.class == nil || slices.Equal(r.class, []uint8{i.Class, i.SubClass, i.Protocol}))
}
