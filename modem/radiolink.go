package modem

import "strconv"

// The modes of +CMMS (3GPP TS 27.005 §3.5.6): whether the radio connection is
// given up behind each message, or kept up for the next.
const (
	linkReleased = 0
	linkKept     = 2
)

// keepLink keeps the radio connection up between the parts of a message, which
// saves setting it up for each. Its error ends the session.
func (s *session) keepLink() error {
	if s.linked {
		return nil
	}
	return s.setLink(linkKept)
}

// releaseLink lets go of the connection behind the last part.
func (s *session) releaseLink() error {
	if !s.linked {
		return nil
	}
	return s.setLink(linkReleased)
}

// setLink changes the mode, unless the modem does not know it or must not be asked.
func (s *session) setLink(mode int) error {
	s.linked = false
	if s.profile.noLink || s.noLink {
		return nil
	}
	err := s.conn.set("+CMMS="+strconv.Itoa(mode), quickLimit)
	s.noLink = err != nil
	s.linked = err == nil && mode == linkKept
	return unlessFatal(err)
}
