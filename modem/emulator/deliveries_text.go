package emulator

import (
	"strings"
	"time"
)

// texts are messages whose text or originator is out of the ordinary.
func (b *composer) texts() []Delivery {
	one := func(name, about string, d Deliver, texts ...string) Delivery {
		return Delivery{name, about, b.deliver(d), texts}
	}
	septets := func(head []byte, s ...byte) [][]byte {
		oa, err := encodeAddress(b.from)
		if err != nil {
			return nil
		}
		tpdu, err := Deliver{SCTS: b.at, UDH: head}.encode(oa, s, nil, alphabetGSM7)
		if err != nil {
			return nil
		}
		return [][]byte{tpdu}
	}
	long := strings.Repeat("0123456789", 16)
	return []Delivery{
		one("empty", "no text at all", Deliver{}, ""),
		one("extension", "characters of the extension", Deliver{Text: "{[€]}~^|\\"}, "{[€]}~^|\\"),
		one("commercial-at", "a text of septets 0", Deliver{Text: "@@@@@@@@"}, "@@@@@@@@"),
		one("full", "160 septets", Deliver{Text: long}, long),
		one("line-ends", "a text that looks like answers of a modem", Deliver{Text: "OK\r\n+CMGS: 7\r\nERROR\n> "}, "OK\r\n+CMGS: 7\r\nERROR\n> "),
		one("emoji", "characters beyond 16 bits", Deliver{DCS: 0x08, Text: "😀🇩🇪👩‍🚒"}, "😀🇩🇪👩‍🚒"),
		one("right-to-left", "Arabic and Hebrew", Deliver{DCS: 0x08, Text: "مرحبا שלום"}, "مرحبا שלום"),
		{"turkish-single-shift", "the single shift table of Turkish (3GPP 23.038 A.2.1)", septets([]byte{0x24, 1, 1}, 0x1b, 0x53, 0x1b, 0x73, 0x1b, 0x67), []string{"Şşğ"}},
		{"turkish-locking-shift", "the locking shift table of Turkish (3GPP 23.038 A.3.1)", septets([]byte{0x25, 1, 1}, 0x1c, 0x1d, 0x0b), []string{"ŞşĞ"}},
		{"escape-at-end", "an escape with nothing behind it", septets(nil, 'x', 0x1b), nil},
		one("name", "an alphanumeric originator", Deliver{From: "Info €", Text: "named"}, "named"),
		one("short-code", "a short code as originator", Deliver{From: "33", Text: "short"}, "short"),
		one("service-code", "an originator with signs", Deliver{From: "*100#", Text: "signs"}, "signs"),
		one("more-to-come", "the network has more waiting", Deliver{Text: "more", More: true}, "more"),
		one("future", "a time stamp five years ahead", Deliver{Text: "future", SCTS: b.at.AddDate(5, 0, 0)}, "future"),
		one("west", "a time zone west of Greenwich", Deliver{Text: "west", SCTS: b.at.In(time.FixedZone("", -9*3600-1800))}, "west"),
	}
}

// kinds are messages of other kinds than plain text.
func (b *composer) kinds() []Delivery {
	one := func(name, about string, d Deliver, texts ...string) Delivery {
		return Delivery{name, about, b.deliver(d), texts}
	}
	later := &composer{from: b.from, at: b.at.Add(time.Minute)}
	push := MMSNotification{
		TransactionID: "T1a2b3c", From: "+491701111111/TYPE=PLMN", Subject: "Holiday", Size: 123456,
		Expiry: 48 * time.Hour, Location: "http://mms.example.net/T1a2b3c",
	}.Encode()
	return []Delivery{
		one("class-0", "shown at once, stored nowhere", Deliver{DCS: 0x10, Text: "flash"}, "flash"),
		one("class-0-ucs2", "the same in UCS2", Deliver{DCS: 0x18, Text: "ж flash"}, "ж flash"),
		one("class-1", "for the modem", Deliver{DCS: 0x11, Text: "class 1"}, "class 1"),
		one("class-2", "for the SIM", Deliver{DCS: 0x12, Text: "class 2"}, "class 2"),
		one("class-3", "for the host", Deliver{DCS: 0xf3, Text: "class 3"}, "class 3"),
		one("waiting-discard", "voice mail waits, the text may be dropped", Deliver{DCS: 0xc8, Text: "3 calls"}),
		one("waiting-store", "voice mail waits, with a text to keep", Deliver{DCS: 0xd8, Text: "3 calls"}, "3 calls"),
		one("waiting-ucs2", "fax waits, with a text in UCS2", Deliver{DCS: 0xe9, Text: "ж fax"}, "ж fax"),
		one("waiting-over", "voice mail waits no more", Deliver{DCS: 0xc0}),
		one("waiting-count", "a count of voice mails in the header", Deliver{UDH: []byte{0x01, 2, 0x80, 5}, Text: "5 calls"}, "5 calls"),
		one("type-0", "a short message of type 0, to be acknowledged and not shown", Deliver{PID: 0x40, Text: "silent"}),
		{"replace", "a message that replaces an earlier one of the same type", [][]byte{b.deliver(Deliver{PID: 0x41, Text: "old"})[0], later.deliver(Deliver{PID: 0x41, Text: "new"})[0]}, nil},
		one("return-call", "a return call message", Deliver{PID: 0x5f, Text: "call me"}),
		one("sim-download", "data for the SIM", Deliver{PID: 0x7f, DCS: 0xf6, Data: []byte{0x02, 0x70, 0x00, 0x00, 0x0e}}),
		one("data", "8 bit data without a port", Deliver{DCS: 0x04, Data: []byte{0x00, 0x1a, 0x1b, 0x0d, 0x0a, 0xff}}),
		one("port-8", "data for an 8 bit port", Deliver{DCS: 0x04, UDH: []byte{0x04, 2, 240, 241}, Data: []byte("port")}),
		{"port-16", "data for a 16 bit port", DataParts(b.from, 16000, 9999, []byte("port"), 0, b.at), nil},
		{"wap-push", "notification of a multimedia message", DataParts(b.from, wapPushPort, 9200, push, 0x42, b.at), nil},
		one("email", "a mail through a gateway", Deliver{PID: 0x32, Text: "a@example.net hello"}),
		one("reply-address", "an address to reply to in the header", Deliver{UDH: []byte{0x22, 5, 5, 0x81, 0x21, 0x43, 0xf5}, Text: "reply"}, "reply"),
		one("unknown-element", "an element of the header nobody knows", Deliver{UDH: []byte{0x7e, 2, 1, 2}, Text: "element"}, "element"),
	}
}
