package emulator

import (
	"fmt"
	"time"
)

// StatusReport describes an SMS-STATUS-REPORT to be put on the network with
// Network.DeliverTPDU, for reports the network would not send by itself.
type StatusReport struct {
	MR        byte
	Recipient string
	SCTS      time.Time // when the service centre had the message
	Discharge time.Time
	Status    byte // TP-ST, 3GPP 23.040 §9.2.3.15
	Command   bool // it answers an SMS-COMMAND (TP-SRQ)
	Padded    bool // with ones to the size of a record on the SIM
}

// Encode builds the TPDU. It fails if the recipient is no number.
func (r StatusReport) Encode() ([]byte, error) {
	ra, err := encodeAddress(r.Recipient)
	if err != nil {
		return nil, fmt.Errorf("encode recipient: %w", err)
	}
	out := report{MR: r.MR, Address: ra, SCTS: r.SCTS, Out: r.Discharge, Status: r.Status}.encode()
	if r.Command {
		out[0] |= bitSRR
	}
	for r.Padded && len(out) < 164 {
		out = append(out, 0xff)
	}
	return out, nil
}
