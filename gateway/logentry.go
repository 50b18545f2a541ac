package gateway

import (
	"encoding/json"
	"time"
)

// LogLevel is how much a [LogEntry] matters, in the spelling of the API.
type LogLevel string

// The levels.
const (
	LogDebug LogLevel = "DEBUG"
	LogInfo  LogLevel = "INFO"
	LogWarn  LogLevel = "WARN"
	LogError LogLevel = "ERROR"
)

// LogEntry is a line of the log that users may see. It holds no telephone number, no
// text of a message and no secret.
type LogEntry struct {
	Seq     uint64          `json:"-"` // order, given by the store; 0 until stored
	At      time.Time       `json:"at"`
	Level   LogLevel        `json:"level"`
	Module  string          `json:"module,omitempty"` // part of the gateway that says it
	Message string          `json:"message"`
	Context json.RawMessage `json:"context,omitempty"` // a JSON object; empty if there is nothing to add
}

// LogQuery selects entries of the log.
type LogQuery struct {
	From, To time.Time // inclusive; zero: open
	Max      int       // of more, the latest; zero and less is none
}
