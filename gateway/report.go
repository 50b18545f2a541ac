package gateway

import "time"

// Report is an SMS-STATUS-REPORT (3GPP 23.040 §9.2.2.3) as it came from a modem.
type Report struct {
	SIMID     string    `json:"simid"`
	Modem     string    `json:"modem"`
	MR        int       `json:"mr"` // TP-MR, 0–255
	Recipient string    `json:"to"` // TP-RA as the SMSC wrote it
	Status    byte      `json:"st"` // TP-ST
	Outcome   Outcome   `json:"outcome"`
	Text      string    `json:"text"`          // one plain sentence for Status
	SCTS      time.Time `json:"scts,omitzero"` // when the SMSC accepted the message
	Discharge time.Time `json:"dt,omitzero"`   // when it was delivered or given up
	At        time.Time `json:"at"`            // arrival here
	TPDU      []byte    `json:"tpdu"`
}

// Outcome is what a report's TP-ST means (3GPP 23.040 §9.2.3.15).
type Outcome uint8

// The outcomes.
const (
	StillTrying  Outcome = iota // 0x20–0x3F
	WasDelivered                // 0x00–0x1F
	WasNot                      // 0x40–0xFF: permanent, or given up by the SMSC
)

// ParkedReport is a report whose part is not known yet: it can overtake the
// answer to the PDU it is about.
type ParkedReport struct {
	Seq    uint64 // given by the store; 0 until stored
	Report Report
	Since  Tick // when it was stored
}
