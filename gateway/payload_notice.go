package gateway

import "time"

// MessageMatched is the payload of [EventMatched]: an incoming message is an answer
// to one that offered a choice, and chose.
type MessageMatched struct {
	MessageReceived
	InReplyTo  string     `json:"inReplyTo"`          // Message.ID of the one that offered the choice
	Workflow   string     `json:"workflow,omitempty"` // name given with it
	Suggestion Suggestion `json:"suggestion"`         // what was chosen
}

// Suggestion is an answer that a message offers.
type Suggestion struct {
	Index    int    `json:"index"` // from 1
	Text     string `json:"text"`
	Postback string `json:"postback,omitempty"` // given by the sender of the message, for itself
}

// OptedOut is the payload of [EventOptedOut]: somebody does not want to get messages
// any more.
type OptedOut struct{ Consent }

// OptedIn is the payload of [EventOptedIn]: somebody who had opted out wants to get
// messages again.
type OptedIn struct{ Consent }

// Consent is what [OptedOut] and [OptedIn] have in common.
type Consent struct {
	Number    string    `json:"number"`              // whose it is
	MessageID string    `json:"messageId,omitempty"` // of the incoming message that said so; empty if the owner did
	Text      string    `json:"text,omitempty"`      // of that message
	Keyword   string    `json:"keyword,omitempty"`   // in it that counted
	SIM       int       `json:"sim,omitempty"`
	Modem     string    `json:"modem,omitempty"`
	At        time.Time `json:"at"`
}

// CampaignCompleted is the payload of [EventCampaign]: every recipient of a campaign
// reached a final state.
type CampaignCompleted struct {
	Campaign  string `json:"campaign"`
	Name      string `json:"name,omitempty"`
	Delivered int    `json:"delivered"`
	Sent      int    `json:"sent"` // without a delivery report
	Failed    int    `json:"failed"`
	Cancelled int    `json:"cancelled"`
	// Report is the URL of the API where the states of its recipients are, page by page;
	// empty if it is not known by which address others reach the gateway.
	Report string    `json:"report,omitempty"`
	At     time.Time `json:"at"`
}

// Started is the payload of [EventStarted]: the gateway was started.
type Started struct {
	Version string       `json:"version"`
	SIMs    []StartedSIM `json:"sims"`
	At      time.Time    `json:"at"`
}

// StartedSIM is a modem that the gateway was started with.
type StartedSIM struct {
	SIM    int    `json:"sim"`
	Modem  string `json:"modem"`
	Number string `json:"number,omitempty"` // own number, if it is configured
}

// HookFailing is the payload of [EventHookFailing]: a webhook failed several times in
// a row.
type HookFailing struct{ HookNotice }

// HookRecovered is the payload of [EventHookRecovered]: a webhook that was said to
// fail answers again.
type HookRecovered struct{ HookNotice }

// HookExhausted is the payload of [EventHookExhausted]: deliveries to a webhook were
// given up or dropped.
type HookExhausted struct{ HookNotice }

// HookDisabled is the payload of [EventHookDisabled]: a webhook was paused by the
// gateway or its receiver.
type HookDisabled struct{ HookNotice }

// HookNotice is what the events about webhooks have in common.
type HookNotice struct {
	Webhook  string    `json:"webhook"` // Endpoint.ID
	Name     string    `json:"name,omitempty"`
	URL      string    `json:"url"` // without what may be secret
	Reason   string    `json:"reason,omitempty"`
	Failures int       `json:"failures,omitempty"` // in a row
	Pending  int       `json:"pending"`            // deliveries that wait
	Dead     int       `json:"dead,omitempty"`     // deliveries that ended without reaching it and are kept
	Code     int       `json:"code,omitempty"`     // HTTP status of the latest attempt
	At       time.Time `json:"at"`
}

// EventType implements [Payload].
func (MessageMatched) EventType() EventType { return EventMatched }

// EventType implements [Payload].
func (OptedOut) EventType() EventType { return EventOptedOut }

// EventType implements [Payload].
func (OptedIn) EventType() EventType { return EventOptedIn }

// EventType implements [Payload].
func (CampaignCompleted) EventType() EventType { return EventCampaign }

// EventType implements [Payload].
func (Started) EventType() EventType { return EventStarted }

// EventType implements [Payload].
func (HookFailing) EventType() EventType { return EventHookFailing }

// EventType implements [Payload].
func (HookRecovered) EventType() EventType { return EventHookRecovered }

// EventType implements [Payload].
func (HookExhausted) EventType() EventType { return EventHookExhausted }

// EventType implements [Payload].
func (HookDisabled) EventType() EventType { return EventHookDisabled }
