package api

import (
	"encoding/json"
	"fmt"
	"math"
	"time"
)

// Duration is a length of time on the wire: a text such as "10s" or "1h30m". It is
// read from a number of seconds, too.
type Duration time.Duration

// MarshalJSON implements [json.Marshaler].
func (d Duration) MarshalJSON() ([]byte, error) { return json.Marshal(time.Duration(d).String()) }

// UnmarshalJSON implements [json.Unmarshaler]. Null changes nothing.
func (d *Duration) UnmarshalJSON(b []byte) error {
	var v any
	if err := json.Unmarshal(b, &v); err != nil {
		return err
	}
	switch v := v.(type) {
	case nil:
		return nil
	case float64:
		if math.Abs(v) > 1e9 {
			return fmt.Errorf("parse duration %v: it is too long", v)
		}
		*d = Duration(math.Round(v * 1e9))
		return nil
	case string:
		p, err := time.ParseDuration(v)
		*d = Duration(p)
		return err
	}
	return fmt.Errorf("parse duration: it is neither a text such as 10s nor a number of seconds")
}
