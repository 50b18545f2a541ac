package gateway

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// maxSettingBytes bounds the JSON of one setting.
const maxSettingBytes = 4096

// settingValue is the JSON of a setting, which is not null. Numbers may be given as
// strings.
type settingValue json.RawMessage

// integer returns a whole number within the bounds.
func (v settingValue) integer(least, most int) (int, error) {
	text := strings.TrimSpace(string(v))
	var s string
	if json.Unmarshal(v, &s) == nil {
		text = strings.TrimSpace(s)
	}
	f, err := strconv.ParseFloat(text, 64) // some clients have no whole numbers: 5.0
	switch {
	case err != nil && !errors.Is(err, strconv.ErrRange) || math.IsNaN(f) || f != math.Trunc(f):
		return 0, errors.New("must be a whole number")
	case f < float64(least):
		return 0, fmt.Errorf("must be >= %d", least)
	case f > float64(most):
		return 0, fmt.Errorf("must be <= %d", most)
	}
	return int(f), nil
}

// text returns a string without control characters.
func (v settingValue) text() (string, error) {
	var s string
	if json.Unmarshal(v, &s) != nil {
		return "", errors.New("must be a string")
	}
	if strings.ContainsFunc(s, isControl) {
		return "", errors.New("must not contain control characters")
	}
	return s, nil
}

// boolean returns true or false, which may be given as a string.
func (v settingValue) boolean() (bool, error) {
	switch strings.ToLower(strings.Trim(string(v), `"`)) {
	case "true":
		return true, nil
	case "false":
		return false, nil
	}
	return false, errors.New("must be true or false")
}

// minutes returns a time of day, HH:mm, as minutes since midnight.
func (v settingValue) minutes() (int, error) {
	wrong := errors.New("must be a time of day as HH:mm, such as 09:00")
	s, err := v.text()
	if err != nil || len(s) != 5 || s[2] != ':' {
		return 0, wrong
	}
	h, herr := strconv.ParseUint(s[:2], 10, 8)
	m, merr := strconv.ParseUint(s[3:], 10, 8)
	if herr != nil || merr != nil || h > 23 || m > 59 {
		return 0, wrong
	}
	return int(h*60 + m), nil
}

// choice returns which of the words the value is.
func choice[T ~string](v settingValue, words ...T) (T, error) {
	s, err := v.text()
	if err != nil {
		return "", err
	}
	for _, w := range words {
		if s == string(w) {
			return w, nil
		}
	}
	names := make([]string, len(words))
	for i, w := range words {
		names[i] = string(w)
	}
	return "", fmt.Errorf("must be one of %s", strings.Join(names, ", "))
}

// clock writes minutes since midnight as HH:mm.
func clock(minutes int) string { return fmt.Sprintf("%02d:%02d", minutes/60, minutes%60) }
