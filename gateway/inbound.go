package gateway

import (
	"crypto/sha256"
	"fmt"
	"time"

	"tetherd/gateway/sms"
)

// Concat is a concatenation header (3GPP 23.040 §9.2.3.24.1, .24.8).
type Concat struct {
	Ref   uint16 `json:"ref"`
	Wide  bool   `json:"wide,omitempty"` // the reference has 16 bits
	Part  int    `json:"part"`           // from 1
	Total int    `json:"total"`
}

// Fragment is one SMS-DELIVER as it came from a modem: a whole message, or one
// part of a concatenated one.
type Fragment struct {
	SIMID  string    `json:"simid"` // identity of the receiving SIM: ICCID, else IMSI, else the modem
	Modem  string    `json:"modem"`
	SIM    int       `json:"sim"`           // slot, from 1
	Own    string    `json:"own,omitempty"` // number of the SIM, if known
	From   string    `json:"from"`
	TOA    byte      `json:"toa"`              // type-of-address of From
	SCTS   time.Time `json:"scts,omitzero"`    // zero if it was not readable
	At     time.Time `json:"at"`               // arrival here
	Concat *Concat   `json:"concat,omitempty"` // nil for a single message
	Ports  *Ports    `json:"ports,omitempty"`  // nil if it is addressed to no application
	Body   sms.Body  `json:"body"`
	Class  int       `json:"class"` // 0–3, -1 if none
	PID    byte      `json:"pid,omitempty"`
	DCS    byte      `json:"dcs,omitempty"`
	TPDU   []byte    `json:"tpdu"`            // as received, without the SMSC field
	Notes  []string  `json:"notes,omitempty"` // what had to be repaired to decode it
	// Undecoded is set when the TPDU could not be read; From and Body are then
	// empty and the TPDU is all there is.
	Undecoded bool `json:"undecoded,omitempty"`
}

// FragmentKey identifies a received TPDU: a copy of it, read again after a
// crash, has the same key. Two messages with equal texts differ in their SCTS
// and so in their keys.
type FragmentKey [sha256.Size]byte

// Key returns the identity of f's TPDU on its SIM.
func (f *Fragment) Key() FragmentKey {
	h := sha256.New()
	h.Write([]byte(f.SIMID))
	h.Write([]byte{0})
	h.Write(f.TPDU)
	return FragmentKey(h.Sum(nil))
}

// GroupKey identifies the concatenated message a fragment belongs to. References
// are reused, so there may be several groups with equal keys but for Gen.
type GroupKey struct {
	SIMID string
	From  string
	TOA   byte
	Wide  bool
	Ref   uint16
	Total int
	Gen   uint32 // tells groups with a reused reference apart; counted from 0
}

// Group returns the group of f, with Gen 0. f.Concat must not be nil.
func (f *Fragment) Group() GroupKey {
	return GroupKey{SIMID: f.SIMID, From: f.From, TOA: f.TOA, Wide: f.Concat.Wide, Ref: f.Concat.Ref, Total: f.Concat.Total}
}

// StoredFragment is a fragment of an incomplete message.
type StoredFragment struct {
	Group    GroupKey
	Fragment Fragment
	Since    Tick // when it was stored
}

// InboundType tells kinds of incoming messages apart, in the spelling of the API.
type InboundType string

// The types.
const (
	InboundSMS  InboundType = "SMS"
	InboundData InboundType = "DATA_SMS"
)

// Inbound is a complete incoming message.
type Inbound struct {
	Seq        uint64      `json:"seq"` // given by the store; 0 until stored
	Type       InboundType `json:"type"`
	From       string      `json:"from"`
	To         string      `json:"to,omitempty"` // number of the SIM, if known
	Modem      string      `json:"modem"`
	SIM        int         `json:"sim"`
	Text       string      `json:"text"`
	Data       []byte      `json:"data,omitempty"` // user data of an InboundData
	ReceivedAt time.Time   `json:"received"`       // SCTS if plausible, else arrival
	SCTS       time.Time   `json:"scts,omitzero"`
	ArrivedAt  time.Time   `json:"arrived"`
	TPDUs      [][]byte    `json:"tpdus"`
	Missing    int         `json:"missing,omitempty"` // parts that never came
	Notes      []string    `json:"notes,omitempty"`
}

// MessageID returns the identifier of in that events carry and the inbox shows,
// the low 32 bits of its sequence number in hex.
func (in *Inbound) MessageID() string { return inboundID(in.Seq) }

func inboundID(seq uint64) string { return fmt.Sprintf("%08x", uint32(seq)) }
