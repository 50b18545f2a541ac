package emulator

// sim is the part of the SIM that is not a storage of messages. It survives power cycles.
type sim struct {
	present                  bool
	pin                      string // "" asks for none
	pinTries, pukTries       int    // left
	pinAttempts, pukAttempts int    // made, right or wrong
	smsc                     string
}

// state is what +CPIN? answers, or the CME error instead.
func (s sim) state(unlocked bool) (string, int) {
	switch {
	case !s.present:
		return "", cmeNoSIM
	case s.pin == "" || unlocked:
		return "READY", 0
	case s.pinTries > 0:
		return "SIM PIN", 0
	case s.pukTries > 0:
		return "SIM PUK", 0
	}
	return "", cmeSIMFailure
}

// verify tries a PIN. It returns a CME error, 0 if the PIN is right. The counter of tries
// starts anew with the right PIN.
func (s *sim) verify(pin string, tries int) int {
	if s.pinTries == 0 {
		return cmePUKNeeded
	}
	s.pinAttempts++
	if pin == s.pin {
		s.pinTries = tries
		return 0
	}
	s.pinTries--
	if s.pinTries == 0 {
		return cmePUKNeeded
	}
	return cmeWrongPIN
}

// unblock tries a PUK and sets a new PIN.
func (s *sim) unblock(puk, want, pin string, tries int) int {
	if s.pukTries == 0 {
		return cmeSIMFailure
	}
	s.pukAttempts++
	if puk != want {
		s.pukTries--
		if s.pukTries == 0 {
			return cmeSIMFailure
		}
		return cmeWrongPIN
	}
	s.pin, s.pinTries, s.pukTries = pin, tries, defaultPUKTries
	return 0
}
