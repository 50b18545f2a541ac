package config

import (
	"slices"
	"strings"
	"time"
)

// Canary is how it is found out that messages really go and come.
type Canary struct {
	Enabled bool
	Every   time.Duration // between two of one modem
	Modems  []string      // names, as in Config.Modems; empty: all
	To      string        // number; empty: the SIM's own
	PerDay  int           // SMS in any 24 hours
	Timeout time.Duration // of one
	Misses  int           // in a row, which are a failure
	Window  Window        // when they are sent
	Events  bool          // they are told of as other messages are
}

// Window is a part of the day, in minutes since midnight. Equal ones are the whole day.
type Window struct{ Start, End int }

func (b *builder) canary() Canary {
	c := Canary{
		Enabled: b.boolean("canary.enabled"),
		Every:   b.duration("canary.every", time.Minute, 90*day),
		Modems:  b.words("canary.modems"),
		PerDay:  b.integer("canary.budget_per_day", 1, 1000),
		Timeout: b.duration("canary.timeout", 10*time.Second, day),
		Misses:  b.integer("canary.fail_after", 1, 100),
		Window:  b.window("canary.window"),
		Events:  b.boolean("canary.events"),
	}
	if v := b.get("canary.to"); v.text != "self" {
		if c.To = bareNumber(v.text); !phoneNumber.MatchString(c.To) || !b.dialled(c.To) {
			b.bad("canary.to", v, `is neither the word self nor a telephone number: write "+", country code and number`)
		}
	}
	return c
}

// window returns a part of the day, "always" or as in 09:00-19:00.
func (b *builder) window(path string) (w Window) {
	v := b.get(path)
	if v.text == "always" {
		return w
	}
	from, to, _ := strings.Cut(v.text, "-")
	start, err1 := time.Parse("15:04", strings.TrimSpace(from))
	end, err2 := time.Parse("15:04", strings.TrimSpace(to))
	if err1 != nil || err2 != nil {
		b.bad(path, v, `is no part of the day: write it as "09:00-19:00", or the word always`)
	}
	return Window{start.Hour()*60 + start.Minute(), end.Hour()*60 + end.Minute()}
}

// checkCanary looks at the modems that it names.
func (b *builder) checkCanary(c *Config) {
	names := make([]string, len(c.Modems))
	for i, m := range c.Modems {
		names[i] = m.Name
	}
	for _, name := range c.Canary.Modems {
		if !slices.Contains(names, name) {
			b.bad("canary.modems", b.get("canary.modems"), "names no modem: there is no %s; the modems are %s", shorten(name), strings.Join(names, ", "))
		}
	}
}
