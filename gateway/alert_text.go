package gateway

import (
	"fmt"
	"strings"
	"unicode"
)

// How many characters of a text are quoted in an alert.
const (
	alertText      = 100
	shortAlertText = 40
)

// alertOf says in a few words what happened, with so many characters of what
// somebody wrote at most.
func alertOf(p Payload, longest int) string {
	quote := func(s string) string { return shorten(s, longest) }
	switch p := p.(type) {
	case MessageReceived:
		return "From " + someone(p.Sender) + ": " + quote(p.Text)
	case MessageMatched:
		return "From " + someone(p.Sender) + ": " + quote(p.Text)
	case DataReceived:
		return "Data message from " + someone(p.Sender)
	case MMSReceived:
		return "Multimedia message from " + someone(p.Sender) + ": " + quote(p.Subject)
	case CallReceived:
		return "Call from " + someone(p.Caller) + " to " + p.Modem
	case DeviceOnline:
		return "Modem " + p.Modem + " is back"
	case DeviceOffline:
		return "Modem " + p.Modem + " is offline: " + quote(p.Reason)
	case BalanceLow:
		return fmt.Sprintf("Credit of modem %s is %g, below %g", p.Modem, p.Balance, p.Limit)
	case LimitWarning:
		return "Warning: " + quote(p.Reason)
	case LimitReached:
		return "Limit: " + quote(p.Reason)
	case CanaryFailed:
		return "Test messages of modem " + p.Modem + " do not come through: " + quote(p.Reason)
	case CanaryRecovered:
		return "Test messages of modem " + p.Modem + " come through again"
	case MessageSent:
		return "Message to " + p.Recipient + " was sent"
	case MessageDelivered:
		return "Message to " + p.Recipient + " was delivered"
	case MessageFailed:
		return "Message to " + p.Recipient + " failed: " + quote(p.Reason)
	case MessageCancelled:
		return "Message to " + p.Recipient + " was cancelled"
	case OptedOut:
		return someone(p.Number) + " opted out"
	case OptedIn:
		return someone(p.Number) + " opted in"
	case CampaignCompleted:
		return fmt.Sprintf("Campaign %s is complete, %d failed", shorten(p.Campaign, shortAlertText), p.Failed)
	case Started:
		return "The gateway was started"
	case HookFailing:
		return "Webhook " + p.Webhook + " fails: " + quote(p.Reason)
	case HookRecovered:
		return "Webhook " + p.Webhook + " answers again"
	case HookExhausted:
		return "Webhook " + p.Webhook + " misses events: " + quote(p.Reason)
	case HookDisabled:
		return "Webhook " + p.Webhook + " was paused: " + quote(p.Reason)
	}
	return "Event " + string(p.EventType())
}

// someone returns a number, or what to say when it is withheld.
func someone(number string) string {
	if number == "" {
		return "an unknown number"
	}
	return number
}

// shorten returns at most so many characters of s, in one line. The dots that stand
// for the rest are in the alphabet of SMS, unlike an ellipsis.
func shorten(s string, longest int) string {
	s = strings.Join(strings.FieldsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }), " ")
	runes := []rune(s)
	if len(runes) <= longest {
		return s
	}
	return strings.TrimSpace(string(runes[:longest])) + "..."
}
