package emulator

import (
	"fmt"
	"strings"
	"time"
)

// receive takes a TPDU from the network. It is called with Network.mu held.
func (m *Modem) receive(rec *InboundRecord) disposition {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.reachable() {
		return unreachable
	}
	if rec.Report {
		return m.receiveReport(rec)
	}
	class := -1
	if d, err := decodeDeliver(rec.TPDU); err == nil {
		class = classOf(d.DCS)
	}
	mt := m.vol.cnmi[1]
	direct := false
	mem := m.vol.mems[2]
	switch class { // 3GPP 27.005 §3.4.1, <mt>
	case 0:
		direct = mt != 0 // shown at once, never stored, if anyone listens
	case 2:
		mem = "SM"
	case 3:
		direct = mt == 2 || mt == 3
	default:
		direct = mt == 2
	}
	if direct && m.routes() {
		return m.route(rec, "+CMT: ,%d\r\n%s")
	}
	notice := ""
	if mt != 0 {
		if notice = m.pushNotice(rec.TPDU); notice == "" {
			notice = `+CMTI: "%s",%d`
		}
	}
	return m.file(rec, mem, notice)
}

// receiveReport takes a status report, by <ds> of +CNMI.
func (m *Modem) receiveReport(rec *InboundRecord) disposition {
	mem := m.vol.mems[2]
	if m.profile.ReportStore != "" {
		mem = m.profile.ReportStore
	}
	if m.hidden {
		return m.file(rec, "SM", "")
	}
	switch m.vol.cnmi[3] {
	case 1:
		if m.routes() {
			return m.route(rec, m.profile.ReportHead+"%d\r\n%s")
		}
	case 2:
		return m.file(rec, mem, `+CDSI: "%s",%d`)
	}
	return m.file(rec, mem, "")
}

// routes tells whether there is a host to route to.
func (m *Modem) routes() bool { return m.attached && m.vol.cnmi[0] != 0 && !m.silent() }

// route hands a TPDU to the host instead of storing it. In phase 2+ the host has to
// acknowledge it (3GPP 27.005 §3.2.1).
func (m *Modem) route(rec *InboundRecord, format string) disposition {
	pdu := append(encodeSMSC(m.net.opt.SMSC), rec.TPDU...)
	rec.Direct, rec.Mem, rec.Index = true, "", 0
	m.urc(fmt.Sprintf(format, len(rec.TPDU), upperHex(pdu)))
	if m.vol.csms == 0 {
		return taken
	}
	epoch := m.epoch
	var timer *time.Timer
	timer = time.AfterFunc(m.profile.AckTimeout, func() {
		m.mu.Lock()
		defer m.release()
		if m.epoch == epoch && m.vol.ack == timer {
			m.endAck(false)
		}
	})
	m.vol.ack = timer
	return awaitingAck
}

// endAck ends the wait for +CNMA. Without an acknowledgement the modem stops routing:
// 3GPP 27.005 §3.4.4 sets mt and ds to zero.
func (m *Modem) endAck(ok bool) {
	if m.vol.ack == nil {
		return
	}
	m.vol.ack.Stop()
	m.vol.ack = nil
	m.ackOK = &ok
	if !ok {
		m.vol.cnmi[1], m.vol.cnmi[3] = 0, 0
	}
}

// file stores a TPDU and tells the host where, if notice is not empty.
func (m *Modem) file(rec *InboundRecord, mem, notice string) disposition {
	sl := m.keep(mem, StoredRecord{Stat: statUnread, TPDU: rec.TPDU, SMSC: m.net.opt.SMSC}, rec)
	if sl == nil {
		if !m.vol.fullTold && m.profile.FullLine != "" {
			m.vol.fullTold = true
			m.urc(strings.ReplaceAll(m.profile.FullLine, "{mem}", mem))
		}
		return memoryFull
	}
	rec.Direct, rec.Mem, rec.Index = false, sl.Mem, sl.Index
	if notice != "" {
		m.indicate(fmt.Sprintf(notice, mem, m.shown(mem, sl)))
	}
	return taken
}

// indicate sends an indication now, or keeps it while CNMI mode is 0.
func (m *Modem) indicate(line string) {
	if m.vol.cnmi[0] != 0 {
		m.urc(line)
		return
	}
	if len(m.vol.held) == maxWaitingLines {
		m.vol.held = m.vol.held[1:]
	}
	m.vol.held = append(m.vol.held, line)
}

// upperHex prints octets as the modem does.
func upperHex(b []byte) string {
	const digits = "0123456789ABCDEF"
	out := make([]byte, 2*len(b))
	for i, o := range b {
		out[2*i], out[2*i+1] = digits[o>>4], digits[o&0x0f]
	}
	return string(out)
}
