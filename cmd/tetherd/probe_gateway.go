package main

import (
	"tetherd/gateway"
	"tetherd/gateway/api"
	"tetherd/modem"
)

// gatewayReport is what a running gateway knows of a modem.
func gatewayReport(m *api.Modem) modem.Report {
	r := modem.Report{
		Port: m.Port, Baud: m.Baud,
		Manufacturer: m.Manufacturer, Model: m.Model, Revision: m.Revision, IMEI: m.IMEI,
		SIM: modem.SIMReport{ICCID: m.SIM.ICCID, Number: m.SIM.PhoneNumber, SMSC: m.SIM.SMSC},
		Network: modem.NetworkReport{
			Registered: m.Network.Registered, Operator: m.Network.Operator,
			Registrations: []modem.RegistrationReport{{Domain: "best", Stat: m.Network.Stat, Words: m.Network.Registration}},
		},
	}
	if m.SIM.ICCID == "" {
		r.SIM.IMSI = m.SIM.ID
	}
	if m.Signal != nil {
		r.Network.Signal = &m.Signal.RSSI
	}
	if s := m.Storage; s != nil {
		r.Storages = []modem.StorageReport{{Name: s.Name, Used: s.Used, Capacity: s.Capacity, Receives: true}}
	}
	if s := m.Setup; s != nil {
		r.Profile = s.Profile
		r.Setup = &gateway.ModemSetup{
			Profile: s.Profile, Charset: s.Charset, StoragesOffered: s.StoragesOffered, Storages: s.Storages,
			CNMIOffered: s.CNMIOffered, CNMI: s.CNMI, CSMS: -1, Messages: gateway.Path(s.Messages), Reports: gateway.Path(s.Reports),
		}
		if s.CSMS != nil {
			r.Setup.CSMS = *s.CSMS
		}
		for _, o := range s.Oddities {
			r.Findings = append(r.Findings, gateway.Oddity{Text: o.Text, Matters: o.Matters})
		}
		r.Setup.Oddities = r.Findings
	}
	lack := func(text string) { r.Findings = append(r.Findings, gateway.Oddity{Text: text, Matters: true}) }
	if m.Power != nil {
		lack(m.Power.Reason)
	}
	if m.SharedWith != "" {
		lack("Its port is used by " + m.SharedWith + ", too: each takes answers that are meant for the other.")
	}
	r.Reason = m.Reason
	switch gateway.ModemState(m.State) {
	case gateway.ModemReady:
		r.Conclude()
	case gateway.ModemStarting:
		r.Verdict = modem.VerdictUnknown
	case gateway.ModemWaiting:
		r.Verdict = modem.VerdictCannotSend
	case gateway.ModemBlocked:
		r.Verdict = modem.VerdictOwner
	default:
		r.Verdict = modem.VerdictUnusable
	}
	return r
}
