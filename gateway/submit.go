package gateway

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"
	"unicode/utf8"

	"tetherd/gateway/sms"
)

// Bounds of one submission.
const (
	maxRecipients = 1000
	maxIDLength   = 128
	maxTextBytes  = 1 << 17 // more than 255 parts can hold
)

// Submission is a request to send a text, or data for an application.
type Submission struct {
	ID              string // empty: one is made
	User            string // who asks for it; may be empty
	Text            string
	Encoding        sms.Encoding // of Text, which is stored as it is
	Data            *Data        // instead of Text; nil for a text
	Flash           bool         // of class 0: shown at once and usually not kept; for texts only
	SMSC            string       // number of the service centre to use; empty: the modem's
	Numbers         []string
	SIM             int // slot, from 1; 0 is any
	Priority        int8
	DeliveryReport  bool
	TTL             time.Duration // 0: none
	ValidUntil      time.Time     // zero: none; not together with TTL
	ScheduleAt      time.Time     // zero: at once
	SkipNumberCheck bool          // dial the digits as they are
	// Encrypted says that Text, or Data.Content, and each number is encrypted as
	// package sealed has it. Data is base64 inside of the encryption.
	Encrypted bool
}

// Data is content for an application on the recipient's device.
type Data struct {
	Content []byte // 1 to 133 octets
	Port    int    // it listens on, 0–65535
}

// Submit takes a message on. When it returns without an error the message is
// stored durably and will be sent. Errors with a code tell the caller what to
// mend: [Invalid], [Conflict] for an ID that exists, [TooSoon] if its user sent as
// many as allowed, [Unavailable] while the gateway is stopping or cannot store.
func (g *Gateway) Submit(ctx context.Context, s Submission) (Message, error) {
	r, err := g.SubmitBatch(ctx, Batch{User: s.User, Items: []BatchItem{{Submission: s}}})
	if e, ok := errors.AsType[*BatchError](err); ok {
		return Message{}, e.Refused[0].Err
	} else if err != nil {
		return Message{}, err
	}
	return r.Messages[0], nil
}

// newMessage checks s and makes the message it asks for.
func (g *Gateway) newMessage(ctx context.Context, s Submission) (Message, error) {
	now, plausible := g.clock.Wall()
	now = now.Round(0)
	var secret string
	given := s.Numbers
	if s.Encrypted {
		var err error
		if secret, given, err = g.open(ctx, &s); err != nil {
			return Message{}, err
		}
	}
	if err := s.check(now, plausible); err != nil {
		return Message{}, err
	}
	smsc, err := serviceCentre(s.SMSC)
	if err != nil {
		return Message{}, err
	}
	m := Message{
		ID: s.ID, User: s.User, Text: s.Text, Flash: s.Flash, SMSC: smsc, SIM: s.SIM, Priority: s.Priority, DeliveryReport: s.DeliveryReport,
		CreatedAt: now, ScheduleAt: s.ScheduleAt, ValidUntil: s.ValidUntil,
		Recipients: make([]Recipient, len(s.Numbers)),
	}
	if s.Data != nil {
		m.Data, m.Ports = s.Data.Content, &Ports{Dst: uint16(s.Data.Port)}
	} else if _, err := sms.SplitAs(s.Text, s.Encoding, g.MaxParts); err != nil {
		return Message{}, textError(err)
	} else {
		m.Encoding = s.Encoding
	}
	if s.Encrypted {
		m.Text, m.Data, m.Sealed = "", nil, secret
	}
	if m.ID == "" {
		m.ID = NewID()
	}
	if s.TTL > 0 {
		m.Expires = g.clock.Now().Add(s.TTL)
	}
	phase := Queued
	if !s.ScheduleAt.IsZero() {
		phase = Held
	}
	seen := make(map[string]int, len(s.Numbers))
	for i, number := range s.Numbers {
		addr, err := g.dial(number, s.SkipNumberCheck)
		switch {
		case err != nil && s.Encrypted:
			return Message{}, BadField(fmt.Sprintf("phoneNumbers[%d]", i), "phoneNumbers[%d] cannot be sent to: %v", i, err)
		case err != nil:
			return Message{}, BadField(fmt.Sprintf("phoneNumbers[%d]", i), "phoneNumbers[%d] %q cannot be sent to: %v", i, number, err)
		}
		if first, dup := seen[addr]; dup {
			return Message{}, BadField(fmt.Sprintf("phoneNumbers[%d]", i), "phone numbers must be unique: phoneNumbers[%d] and phoneNumbers[%d] are the same", first, i)
		}
		if err := g.refuseOptedOut(i, number, addr); err != nil {
			return Message{}, err
		}
		seen[addr] = i
		m.Recipients[i] = Recipient{Number: given[i], Address: addr, State: Pending, Phase: phase}
	}
	m.note(now)
	return m, nil
}

func (g *Gateway) dial(number string, unchecked bool) (string, error) {
	switch {
	case len(number) > 128:
		return "", errors.New("it has more than 128 characters")
	case unchecked:
		return dialUnchecked(number)
	}
	return dial(number, g.Region)
}

// check refuses what can be judged without the store.
func (s *Submission) check(now time.Time, plausible bool) error {
	if err := s.checkContent(); err != nil {
		return err
	}
	switch {
	case len(s.Numbers) == 0:
		return BadField("phoneNumbers", "Empty phone numbers list")
	case len(s.Numbers) > maxRecipients:
		return tooManyNumbers(len(s.Numbers))
	case len(s.ID) > maxIDLength || strings.ContainsFunc(s.ID, isControl):
		return BadField("id", "id must be at most %d characters, without control characters", maxIDLength)
	case s.SIM < 0:
		return BadField("simNumber", "SIM number cannot be less than 1")
	case s.TTL != 0 && !s.ValidUntil.IsZero():
		return BadField("validUntil", "fields conflict: ttl and validUntil")
	case s.TTL < 0:
		return BadField("ttl", "ttl must be at least 1 second")
	case s.TTL > math.MaxInt32*time.Second:
		return BadField("ttl", "ttl must be at most %d seconds", math.MaxInt32)
	}
	if plausible {
		switch {
		case !s.ValidUntil.IsZero() && !s.ValidUntil.After(now):
			return BadField("validUntil", "message already expired")
		case !s.ScheduleAt.IsZero() && !s.ScheduleAt.After(now):
			return BadField("scheduleAt", "scheduleAt must be in the future")
		}
	}
	if !s.ScheduleAt.IsZero() && !s.ValidUntil.IsZero() && !s.ScheduleAt.Before(s.ValidUntil) {
		return BadField("scheduleAt", "scheduleAt must be before validUntil")
	}
	return nil
}

func tooManyNumbers(n int) error {
	return BadField("phoneNumbers", "phoneNumbers has %d entries, the most in one message is %d", n, maxRecipients)
}

// maxPortData is how many octets fit into a message beside the header that
// addresses a 16-bit port (3GPP 23.040 §9.2.3.24.4).
const maxPortData = 140 - 7

func (s *Submission) checkContent() error {
	if d := s.Data; d != nil {
		switch {
		case s.Text != "":
			return Invalidf("Cannot specify multiple message types simultaneously")
		case d.Port < 0 || d.Port > math.MaxUint16:
			return BadField("dataMessage.port", "Port must be between 0 and 65535")
		case len(d.Content) == 0:
			return BadField("dataMessage.data", "Data message cannot be empty")
		case len(d.Content) > maxPortData:
			return BadField("dataMessage.data", "dataMessage.data has %d bytes, the most that fit into a message are %d: "+
				"send it in pieces", len(d.Content), maxPortData)
		case s.Flash:
			return BadField("flash", "flash is for texts only: leave it out of a data message")
		}
		return nil
	}
	switch {
	case s.Text == "":
		return BadField("textMessage.text", "Text message is empty")
	case len(s.Text) > maxTextBytes:
		return BadField("textMessage.text", "text has %d bytes, the most is %d", len(s.Text), maxTextBytes)
	case !utf8.ValidString(s.Text):
		return BadField("textMessage.text", "text is not valid UTF-8")
	}
	return nil
}

// serviceCentre returns how the number of a service centre is written in a PDU.
func serviceCentre(number string) (string, error) {
	if number == "" {
		return "", nil
	}
	bare, err := digitsOf(number)
	if err == nil && strings.ContainsAny(bare, "*#") {
		err = errors.New("it has * or #")
	}
	if err != nil {
		return "", BadField("smsc", "smsc %q is not the number of a service centre, such as +491710760000: %v", number, err)
	}
	return bare, nil
}

func textError(err error) error {
	if errors.Is(err, sms.ErrEmpty) {
		return BadField("textMessage.text", "Text message is empty")
	}
	return &Error{Code: Invalid, Field: "textMessage.text", Message: err.Error()}
}

// Cancel withdraws the recipients of a message that nothing was sent to yet. A
// message that is not Pending, or has no such recipient left, is refused with an
// [Invalid] error, one that is Cancelled already is returned as it is.
func (g *Gateway) Cancel(ctx context.Context, id string) (Message, error) {
	m, err := g.store.Message(id)
	if err != nil {
		return m, err
	}
	refused, late := false, false
	err = g.update(ctx, edit{m.Seq, func(m *Message, c *Change) bool {
		state := m.State()
		late = false
		if refused = state != Pending && state != Cancelled; refused || state == Cancelled {
			return false
		}
		late = !g.cancelPending(m, c)
		return !late
	}})
	if err != nil {
		return m, fmt.Errorf("cancel message: %w", err)
	}
	switch {
	case refused:
		return m, Invalidf("Message %s is not in Pending state", id)
	case late:
		return m, Invalidf("Message %s cannot be cancelled: part of it may have left already", id)
	}
	return g.store.Message(id)
}

func (g *Gateway) cancelPending(m *Message, c *Change) (changed bool) {
	now := g.now()
	for i := range m.Recipients {
		if r := &m.Recipients[i]; r.State == Pending && r.owed() == 0 && r.Lost == nil {
			m.cancel(i, now)
			g.announce(c, m, i, now, MessageCancelled{m.progress(i, "", now)})
			changed = true
		}
	}
	return changed
}
