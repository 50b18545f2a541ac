package api

import (
	"cmp"
	"fmt"
	"net/http"
)

// Error is an answer other than success.
type Error struct {
	Status  int    `json:"-"`                // HTTP status
	Message string `json:"message"`          // for people; empty if the gateway gave none
	Detail  string `json:"detail,omitempty"` // Message and what there is to add to it; empty if nothing
	Field   string `json:"field,omitempty"`  // of the request that is at fault; empty if none is known
	// Errors says what is wrong with each message of a batch: at most 50 of them.
	Errors []BatchError `json:"errors,omitempty"`
}

func (e *Error) Error() string {
	return fmt.Sprintf("%s (HTTP %d)", cmp.Or(e.Detail, e.Message, http.StatusText(e.Status)), e.Status)
}

// Problem is an [Error] as it is answered: with the message that clients of SMS
// Gateway for Android read, and the members of RFC 9457.
type Problem struct {
	Message  string       `json:"message"`
	Errors   []BatchError `json:"errors,omitempty"`   // of a batch, at most 50
	Type     string       `json:"type"`               // always "about:blank": Title says what kind it is
	Title    string       `json:"title"`              // what Status stands for
	Status   int          `json:"status"`             // HTTP status
	Detail   string       `json:"detail"`             // Message, and what there is to add to it
	Instance string       `json:"instance,omitempty"` // X-Request-Id of the answer, found in the log
	Field    string       `json:"field,omitempty"`    // of the request that is at fault, such as phoneNumbers[2]
}
