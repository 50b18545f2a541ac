package gateway

import (
	"strings"
	"time"

	"github.com/nyaruka/phonenumbers"

	"tetherd/gateway/filter"
)

// happening is something that webhooks may be told of.
type happening struct {
	at      time.Time
	payload Payload
	message *Message // the outgoing one that it is about; nil if it is about none
	canary  bool     // it is about a canary
	certain bool     // at is right even if the clock is not
	stored  string   // Message.ID of message, if that is to be read when it is needed

	facts *filter.Facts // nil until a filter asks for them
}

// happened returns what a stored event is about.
func happened(e *Event) *happening {
	h := &happening{at: e.At, payload: e.Payload, certain: true}
	switch p := e.Payload.(type) {
	case MessageSent:
		h.stored = p.MessageID
	case MessageDelivered:
		h.stored = p.MessageID
	case MessageFailed:
		h.stored = p.MessageID
	case MessageCancelled:
		h.stored = p.MessageID
	}
	return h
}

// factsOf returns what filters can look at in h. It is the one place that knows
// where each payload keeps it.
func (g *Gateway) factsOf(h *happening) *filter.Facts {
	if h.facts != nil {
		return h.facts
	}
	_, known := g.clock.Wall()
	f := &filter.Facts{At: h.at, ClockKnown: known || h.certain, Devices: []string{g.device}}
	if modem := modemOf(h.payload); modem != "" {
		f.Devices = append(f.Devices, modem, foreignDevice+modem)
	}
	for _, number := range numbersOf(h.payload) {
		if number != "" {
			f.Phones = append(f.Phones, g.formsOf(number))
		}
	}
	f.Text = textOf(h.payload)
	if h.stored != "" {
		if m, err := g.store.Message(h.stored); err == nil { // else it is not kept any more
			h.message = &m
		}
	}
	if h.message != nil {
		f.Text = h.message.Text
	}
	h.facts = f
	return f
}

// foreignDevice is what formats of other products put in front of the ID of a modem.
const foreignDevice = "dev_"

// formsOf returns the forms in which people may write a number: as it is, with its
// country code, and as it is dialled in the gateway's own country.
func (g *Gateway) formsOf(number string) []string {
	forms := []string{number}
	n, err := phonenumbers.Parse(number, g.Region)
	if err != nil || !phonenumbers.IsPossibleNumber(n) {
		return forms // a name, or a short number
	}
	forms = append(forms, phonenumbers.Format(n, phonenumbers.E164))
	if g.Region != "" && phonenumbers.GetRegionCodeForNumber(n) == g.Region {
		forms = append(forms, phonenumbers.Format(n, phonenumbers.NATIONAL))
	}
	return forms
}

// numbersOf returns the numbers of the sender and the recipient, empty for those
// that are not known.
func numbersOf(p Payload) []string {
	switch p := p.(type) {
	case MessageReceived:
		return []string{p.Sender, p.Recipient}
	case MessageMatched:
		return []string{p.Sender, p.Recipient}
	case DataReceived:
		return []string{p.Sender, p.Recipient}
	case MMSReceived:
		return []string{p.Sender, p.Recipient}
	case CallReceived:
		return []string{p.Caller}
	case MessageSent:
		return []string{p.Sender, p.Recipient}
	case MessageDelivered:
		return []string{p.Sender, p.Recipient}
	case MessageFailed:
		return []string{p.Sender, p.Recipient}
	case MessageCancelled:
		return []string{p.Sender, p.Recipient}
	case OptedOut:
		return []string{p.Number}
	case OptedIn:
		return []string{p.Number}
	}
	var all []string
	for _, single := range Singles(p) {
		all = append(all, numbersOf(single)...)
	}
	return all
}

// textOf returns what somebody wrote.
func textOf(p Payload) string {
	switch p := p.(type) {
	case MessageReceived:
		return p.Text
	case MessageMatched:
		return p.Text
	case MMSReceived:
		return p.Subject
	case BalanceLow:
		return p.Text
	case OptedOut:
		return p.Text
	case OptedIn:
		return p.Text
	}
	var all []string
	for _, single := range Singles(p) {
		all = append(all, textOf(single))
	}
	return strings.Join(all, "\n")
}
