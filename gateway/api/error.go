package api

import (
	"fmt"
	"net/http"
)

// Error is an answer other than success.
type Error struct {
	Status  int    `json:"-"`       // HTTP status
	Message string `json:"message"` // for people; empty if the gateway gave none
}

func (e *Error) Error() string {
	text := e.Message
	if text == "" {
		text = http.StatusText(e.Status)
	}
	return fmt.Sprintf("%s (HTTP %d)", text, e.Status)
}
