package gateway

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
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
	// Waiting are the message waiting indications in it.
	Waiting []Waiting `json:"waiting,omitempty"`
	TPDU    []byte    `json:"tpdu"`            // as received, without the SMSC field
	Notes   []string  `json:"notes,omitempty"` // what had to be repaired to decode it
	// Undecoded is set when the TPDU could not be read; From and Body are then
	// empty and the TPDU is all there is.
	Undecoded bool `json:"undecoded,omitempty"`
	// Copy is set of a stored part whose content came with another message, too.
	Copy bool `json:"copy,omitempty"`
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
	InboundMMS  InboundType = "MMS" // the notification of a multimedia message
)

// InboundTypes lists every type.
var InboundTypes = []InboundType{InboundSMS, InboundData, InboundMMS}

// Inbound is a complete incoming message, or what came of one. Of its fields only
// ReplacedBy ever changes.
type Inbound struct {
	Seq        uint64      `json:"seq"` // given by the store; 0 until stored
	Type       InboundType `json:"type"`
	From       string      `json:"from"`
	To         string      `json:"to,omitempty"` // number of the SIM, if known
	Modem      string      `json:"modem"`
	SIM        int         `json:"sim"`
	Text       string      `json:"text"`
	Data       []byte      `json:"data,omitempty"`    // content of an InboundData; the push that an InboundMMS came in
	Ports      *Ports      `json:"ports,omitempty"`   // application addressed; nil for none
	MMS        *MMS        `json:"mms,omitempty"`     // of an InboundMMS, else nil
	ReceivedAt time.Time   `json:"received"`          // SCTS if plausible, else arrival
	SCTS       time.Time   `json:"scts,omitzero"`     // of the first part
	ArrivedAt  time.Time   `json:"arrived"`           // of the last part
	TPDUs      [][]byte    `json:"tpdus"`             // as received, in the order of the parts
	Missing    int         `json:"missing,omitempty"` // parts that never came
	Notes      []string    `json:"notes,omitempty"`
	Waiting    []Waiting   `json:"waiting,omitempty"`
	Flash      bool        `json:"flash,omitempty"` // class 0: meant to be shown at once and not kept
	// Silent is set for what nobody is told of: short messages of type 0
	// (3GPP 23.040 §9.2.3.9), and indications without a text that need not be kept.
	Silent bool `json:"silent,omitempty"`
	// Canary is the ID of the modem that sent it as a canary; empty: it is none. Nobody is
	// told of it then, unless the owner wants that.
	Canary string `json:"canary,omitempty"`

	// Replaces is the Seq of the message whose place this one takes, 0 for none:
	// because its sender says so by its type (3GPP 23.040 §9.2.3.9), or because it
	// is the same one with more of its parts, in which case Completes is set.
	Replaces  uint64 `json:"replaces,omitempty"`
	Completes bool   `json:"completes,omitempty"`
	// ReplacedBy is the Seq of the message that Replaces this one; set by the store.
	ReplacedBy uint64 `json:"replacedBy,omitempty"`
	// DuplicateOf is the Seq of a message that differs in nothing but the time stamp
	// of the service centre, which probably sent it twice; 0 for none.
	DuplicateOf uint64 `json:"duplicateOf,omitempty"`

	// Parts are what is there of an incomplete message, for late parts to join.
	Parts []Fragment `json:"parts,omitempty"`
	// Keys are what the message can be found by: see [Reader.InboundByKey].
	Keys []InboundKey `json:"keys,omitempty"`
}

// MMS says where a multimedia message waits (OMA-TS-MMS-ENC §6.2). The operator
// alone can hand it over.
type MMS struct {
	TransactionID string    `json:"tid"`
	Subject       string    `json:"subject,omitempty"`
	Size          int64     `json:"size"` // octets
	ContentClass  string    `json:"class,omitempty"`
	Location      string    `json:"location"`
	Expires       time.Time `json:"expires,omitzero"` // it waits no longer; zero if that is not known
	Pusher        string    `json:"pusher"`           // sender of the SMS that brought the notification
}

// Waiting is an indication that messages wait elsewhere, such as in a mailbox
// (3GPP 23.040 §9.2.3.24.2, 23.038 §4).
type Waiting struct {
	Kind   string `json:"kind"`            // "voicemail", "fax", "email", "other" or "video"
	Active bool   `json:"active"`          // false: none waits any more
	Store  bool   `json:"store,omitempty"` // the message is to be kept beside the indication
	Count  int    `json:"count"`           // how many wait, 255 for that or more; -1 if it does not say
}

// InboundKey is what incoming messages can be found by: a digest of what they
// have in common.
type InboundKey [16]byte

// inboundKey returns the key for what is alike in kind, SIM and the rest.
func inboundKey(kind, simID string, alike any) InboundKey {
	h := sha256.New()
	if err := json.NewEncoder(h).Encode([]any{kind, simID, alike}); err != nil {
		panic("gateway: key of a message: " + err.Error()) // of types that can be encoded
	}
	return InboundKey(h.Sum(nil)[:len(InboundKey{})])
}

// MarshalText writes k in hexadecimal digits.
func (k InboundKey) MarshalText() ([]byte, error) { return hex.AppendEncode(nil, k[:]), nil }

// UnmarshalText reads what MarshalText wrote.
func (k *InboundKey) UnmarshalText(b []byte) error {
	if len(b) != hex.EncodedLen(len(k)) {
		return fmt.Errorf("unmarshal key of a message: %d digits", len(b))
	}
	_, err := hex.Decode(k[:], b)
	return err
}

// MessageID returns the identifier of in that events carry and the inbox shows,
// the low 32 bits of its sequence number in hex.
func (in *Inbound) MessageID() string { return InboundID(in.Seq) }

// InboundID returns the MessageID of the message with the given Seq, empty for 0.
func InboundID(seq uint64) string {
	if seq == 0 {
		return ""
	}
	return fmt.Sprintf("%08x", uint32(seq))
}
