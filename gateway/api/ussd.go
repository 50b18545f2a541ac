package api

import (
	"context"
	"net/http"
	"net/url"
)

// USSDQuery asks for a service of the operator: Code begins, Reply goes on.
type USSDQuery struct {
	Code  string `json:"code,omitempty"`  // such as "*100#"
	Reply string `json:"reply,omitempty"` // such as "1"
}

// USSDReplyNeeded is the status of an answer that asks for a reply.
const USSDReplyNeeded = "reply-needed"

// USSDAnswer is what the network said.
type USSDAnswer struct {
	Modem string `json:"modem"`
	Text  string `json:"text"`
	// Status is "done", "reply-needed", "terminated", "elsewhere", "not-supported" or
	// "timeout".
	Status string `json:"status"`
}

// USSD runs a service code on a modem, by its name or the number of its slot, or
// replies in the session the code before began. It may take more than a minute.
func (c *Client) USSD(ctx context.Context, modem string, q USSDQuery) (USSDAnswer, error) {
	var a USSDAnswer
	_, err := c.do(ctx, http.MethodPost, "/modems/"+url.PathEscape(modem)+"/ussd", nil, q, &a)
	return a, err
}

// EndUSSD ends the session that is open on a modem, if there is one.
func (c *Client) EndUSSD(ctx context.Context, modem string) error {
	_, err := c.do(ctx, http.MethodDelete, "/modems/"+url.PathEscape(modem)+"/ussd", nil, nil, nil)
	return err
}
