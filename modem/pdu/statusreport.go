package pdu

import (
	"time"

	"github.com/warthog618/sms/encoding/tpdu"

	"tetherd/gateway/sms"
)

// Repairs of status reports.
const (
	repairPI       = "octets after the status dropped"
	repairReportUD = "optional fields of the report cut off, dropped"
)

// A StatusReport tells the fate of a sent message: SMS-STATUS-REPORT
// (3GPP TS 23.040 section 9.2.2.3).
type StatusReport struct {
	// SMSC is the service centre's number, empty if the modem does not say.
	SMSC string
	// MR is the TP-MR the modem gave the message when it was sent.
	MR byte
	// Recipient is where the message went. Service centres rewrite numbers, so
	// compare the last digits only.
	Recipient Address
	// SCTS is when the service centre took the message, Discharge when it was
	// delivered or last tried, each in the zone it names; the zero time if
	// that is not a time.
	SCTS, Discharge time.Time
	// Status is TP-ST: see StatusOf and StatusText.
	Status byte
	// Qualifier is TP-SRQ: the report answers an SMS-COMMAND, not an
	// SMS-SUBMIT.
	Qualifier bool
	// TPDU holds the octets as received, without the padding of a SIM's
	// record.
	TPDU []byte
	// Repairs lists in plain words what was wrong and how it was read; nil if
	// nothing was.
	Repairs []string
}

// decodeStatusReport decodes what follows the first octet.
func decodeStatusReport(r *reader, fo tpdu.FirstOctet, smsc string) (*StatusReport, error) {
	mr, err := r.octet("message reference")
	if err != nil {
		return nil, err
	}
	recipient, err := r.address("recipient address")
	if err != nil {
		return nil, err
	}
	scts, err := r.timestamp("service centre time stamp", repairSCTS)
	if err != nil {
		return nil, err
	}
	discharge, err := r.timestamp("discharge time", repairDischarge)
	if err != nil {
		return nil, err
	}
	status, err := r.octet("status")
	if err != nil {
		return nil, err
	}
	r.optionalFields()
	return &StatusReport{
		SMSC:      smsc,
		MR:        mr,
		Recipient: recipient,
		SCTS:      scts,
		Discharge: discharge,
		Status:    status,
		Qualifier: fo.SRQ(),
		TPDU:      r.tpdu(),
		Repairs:   r.repairs,
	}, nil
}

// piReserved are the bits of TP-PI that must be zero: four without a meaning
// and the one that announces another octet (3GPP TS 23.040 section 9.2.3.27).
const piReserved = 0xf8

// optionalFields passes over what may follow the status, so that it counts as
// part of the TPDU. SIM records are padded with FF to 176 octets: if the
// parameter indicator is not sane, the report ends with its status.
func (r *reader) optionalFields() {
	if r.rest() == 0 {
		return
	}
	pi := tpdu.PI(r.octets[r.next])
	if pi&piReserved != 0 {
		r.repaired(repairPI)
		return
	}
	end := r.next + 1
	if pi.PID() {
		end++
	}
	alphabet := sms.GSM7
	if pi.DCS() {
		if end < len(r.octets) {
			alphabet = schemeOf(r.octets[end]).alphabet
		}
		end++
	}
	if end > len(r.octets) || pi.UDL() && end == len(r.octets) {
		r.repaired(repairReportUD)
		return
	}
	r.next = end
	if pi.UDL() {
		length := int(r.octets[r.next])
		r.next++
		// Notes octets missing or left over.
		r.userData(alphabet, length)
		return
	}
	if r.rest() > 0 {
		r.repaired(repairPI)
	}
}
