package emulator

import "time"

// MMSNotification is an M-Notification.ind (OMA MMS Encapsulation 1.2 §6.2), which tells
// that a multimedia message waits. It comes as a WAP push.
type MMSNotification struct {
	TransactionID string
	From          string // address, as "+491701111111/TYPE=PLMN"; "" leaves it out
	Subject       string // "" leaves it out
	Size          int    // of the message, in octets
	Expiry        time.Duration
	Location      string // where to fetch it
}

// Encode builds the body of the WAP push, from the header of WSP on.
func (n MMSNotification) Encode() []byte {
	// WAP-230-WSP §8.2.4.1: transaction, type push, size of the headers, content type
	// application/vnd.wap.mms-message, X-Wap-Application-Id mms.ua.
	out := []byte{0x01, 0x06, 0x03, 0xbe, 0xaf, 0x84}
	text := func(field byte, s string) {
		out = append(append(append(out, field), s...), 0)
	}
	out = append(out, 0x8c, 0x82) // X-Mms-Message-Type: m-notification-ind
	text(0x98, n.TransactionID)
	out = append(out, 0x8d, 0x90) // X-Mms-MMS-Version: 1.0
	if n.From != "" {
		out = append(out, 0x89, byte(len(n.From)+2), 0x80)
		out = append(append(out, n.From...), 0)
	}
	if n.Subject != "" {
		text(0x96, n.Subject)
	}
	out = append(out, 0x8a, 0x80) // X-Mms-Message-Class: personal
	out = append(append(out, 0x8e), longInteger(n.Size)...)
	expiry := append([]byte{0x81}, longInteger(int(n.Expiry/time.Second))...)
	out = append(append(out, 0x88, byte(len(expiry))), expiry...)
	text(0x83, n.Location)
	return out
}

// longInteger is a Long-integer of WSP §8.4.2.1: a length and the octets, high first.
func longInteger(n int) []byte {
	var octets []byte
	for ; n > 0; n >>= 8 {
		octets = append([]byte{byte(n)}, octets...)
	}
	if octets == nil {
		octets = []byte{0}
	}
	return append([]byte{byte(len(octets))}, octets...)
}

// DataParts returns the SMS-DELIVER TPDUs of data for an application port (3GPP 23.040
// §9.2.3.24.4): one if it fits, else parts that share ref. It returns nil if from is no
// address or 255 parts do not do.
func DataParts(from string, destination, source uint16, data []byte, ref uint8, scts time.Time) [][]byte {
	ports := []byte{iePorts16, 4, byte(destination >> 8), byte(destination), byte(source >> 8), byte(source)}
	const single, part = udOctets - 7, udOctets - 12
	var chunks [][]byte
	for len(data) > single || len(chunks) > 0 && len(data) > 0 {
		n := min(part, len(data))
		chunks, data = append(chunks, data[:n]), data[n:]
	}
	if chunks == nil {
		chunks = [][]byte{data}
	}
	if len(chunks) > 255 {
		return nil
	}
	var out [][]byte
	for i, c := range chunks {
		head := ports
		if len(chunks) > 1 {
			head = append(concatHeader(uint16(ref), i+1, len(chunks)), ports...)
		}
		tpdu, err := Deliver{From: from, DCS: 0x04, SCTS: scts, UDH: head, Data: c}.Encode()
		if err != nil {
			return nil
		}
		out = append(out, tpdu)
	}
	return out
}
