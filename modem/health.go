package modem

// examine has a look, after messages to several numbers failed, at what an ordinary
// poll does not see: the service centre's number and the message storage. What is
// wrong becomes the reason of the rest. Its error ends the session.
func (s *session) examine() error {
	s.ailing = false
	lines, err := s.conn.query("+CSCA?", "+CSCA:", storeLimit)
	if fatal(err) {
		return err
	}
	if err == nil && parseCSCA(lines) == "" && s.m.o.SMSC == "" {
		s.m.rests.reason = "Sending rests after several messages failed: the SIM has no service centre number. Set smsc in the configuration."
	}
	_, f, err := s.usage()
	if fatal(err) {
		return err
	}
	s.log.Warn().AnErr("storage", err).Int("stored", f.used).Int("capacity", f.total).
		Int("registration", s.reg.stat).Int("signal", s.m.Status().Signal).
		Str("reason", s.m.rests.reason).Msg("several messages failed in a row: sending rests")
	return nil
}
