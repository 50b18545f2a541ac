package config

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Protection is how much may be sent, so that operators do not block SIMs.
type Protection struct {
	Total           Caps // of all modems together
	Prices          []Price
	Currency        string
	Reserve         int // percent of each limit that is kept for what is urgent
	ReservePriority int // from which on a message is
	Repeats         int // of one text to one number within RepeatWindow; 0: no limit
	Replies         int // to one number, each after a message from it; 0: no limit
	RepeatWindow    time.Duration
}

// Caps are how much may be sent. Zero is no limit. Money is in millionths.
type Caps struct {
	PerMinute, Per30Minutes, PerHour, PerDay, PerMonth int // SMS
	Recipients                                         int // different numbers a month
	CostPerDay, CostPerMonth                           int64
}

// Price is what an SMS costs to numbers with a prefix, in millionths.
type Price struct {
	Prefix  string // unique
	PerPart int64
}

// WorkHours is when messages that are not urgent are sent.
type WorkHours struct {
	Enabled    bool
	Start, End int // minutes since midnight
}

// protection returns what limits all modems together.
func (b *builder) protection() Protection {
	p := Protection{
		Total:           b.caps("limits"),
		Currency:        b.get("limits.currency").text,
		Reserve:         b.percent("limits.reserve", 99),
		ReservePriority: b.integer("limits.reserve_priority", 1, 127),
		Repeats:         b.integer("limits.repeats", 0, 10_000),
		Replies:         b.integer("limits.replies", 0, 10_000),
		RepeatWindow:    b.duration("limits.repeat_window", time.Second, day),
	}
	if len(p.Currency) > 16 {
		b.bad("limits.currency", b.get("limits.currency"), "is too long: write a short name, such as EUR")
	}
	for i := range b.lengths["limits.prices"] {
		p.Prices = append(p.Prices, b.price(i))
	}
	b.checkPrices(&p)
	return p
}

// caps returns the limits in a section.
func (b *builder) caps(section string) Caps {
	at := func(name string) string { return section + "." + name }
	return Caps{
		PerMinute:    b.limit(at("per_minute")),
		Per30Minutes: b.limit(at("per_30_minutes")),
		PerHour:      b.limit(at("per_hour")),
		PerDay:       b.limit(at("per_day")),
		PerMonth:     b.limit(at("per_month")),
		Recipients:   b.limit(at("recipients_per_month")),
		CostPerDay:   b.money(at("cost_per_day")),
		CostPerMonth: b.money(at("cost_per_month")),
	}
}

// price returns the price with index i.
func (b *builder) price(i int) Price {
	entry := fmt.Sprintf("limits.prices[%d]", i)
	at := func(name string) string { return entry + "." + name }
	if !b.wrote(entry) {
		return Price{} // a gap, which is a problem by itself
	}
	p := Price{Prefix: b.get(at("prefix")).text, PerPart: b.money(at("price"))}
	switch {
	case p.Prefix == "":
		b.problem(b.section(entry), at("prefix"), `is missing: say how the numbers begin that cost this, such as "+49"; "+" stands for all of other countries`)
	case !numberPrefix.MatchString(p.Prefix):
		b.bad(at("prefix"), b.get(at("prefix")), `cannot be how a number begins: write "+" and digits, or for short numbers digits alone, in quotes`)
	}
	if b.get(at("price")).text == "" {
		b.problem(b.section(entry), at("price"), "is missing: say what one SMS costs, such as 0.09")
	}
	return p
}

// checkPrices looks at the prices together.
func (b *builder) checkPrices(p *Protection) {
	seen := make(map[string]int)
	for i, price := range p.Prices {
		path := fmt.Sprintf("limits.prices[%d].prefix", i)
		if first, ok := seen[price.Prefix]; ok && price.Prefix != "" {
			b.bad(path, b.get(path), "is that of limits.prices[%d], too: keep one of them", first)
		}
		seen[price.Prefix] = i
	}
	if len(p.Prices) > 0 {
		return
	}
	for path, v := range b.values {
		if name := lastName(path); name == "cost_per_day" || name == "cost_per_month" {
			b.bad(path, v, "has no effect without prices: list them under limits.prices")
		}
	}
}

var amount = regexp.MustCompile(`^[0-9]{1,9}(\.[0-9]{1,6})?$`)

// money returns an amount in millionths, 0 if nothing is written.
func (b *builder) money(path string) int64 {
	v, ok := b.values[path]
	if !ok || v.text == "" {
		return 0
	}
	f, err := strconv.ParseFloat(v.text, 64)
	if err != nil || !amount.MatchString(v.text) {
		b.bad(path, v, "is no amount: write it with a point, such as 5.00")
	}
	return int64(math.Round(f * 1e6))
}

// percent returns a share.
func (b *builder) percent(path string, most int) int {
	v := b.get(path)
	text, ok := strings.CutSuffix(v.text, "%")
	n, err := strconv.Atoi(strings.TrimSpace(text))
	if !ok || err != nil || n < 0 || n > most {
		b.bad(path, v, "is not a share: write 0%% to %d%%", most)
		return 0
	}
	return n
}

var hours = regexp.MustCompile(`^([01][0-9]|2[0-3]):([0-5][0-9])-([01][0-9]|2[0-3]):([0-5][0-9])$`)

// workHours returns a span of the day.
func (b *builder) workHours(path string) WorkHours {
	v := b.get(path)
	if v.text == "always" {
		return WorkHours{Start: 9 * 60, End: 19 * 60}
	}
	m := hours.FindStringSubmatch(v.text)
	if m == nil {
		b.bad(path, v, "are no hours of a day: write the first and the last as 09:00-19:00, in quotes, or the word always")
		return WorkHours{}
	}
	minutes := func(h, m string) int {
		d, _ := time.ParseDuration(h + "h" + m + "m")
		return int(d / time.Minute)
	}
	return WorkHours{Enabled: true, Start: minutes(m[1], m[2]), End: minutes(m[3], m[4])}
}

// zone returns the name of a time zone; "Local" is that of the machine.
func (b *builder) zone(path string) string {
	v := b.get(path)
	if v.text == "local" {
		return time.Local.String()
	}
	if _, err := time.LoadLocation(v.text); err != nil || v.text == "" {
		b.bad(path, v, "is no time zone that this machine knows: write its name, such as Europe/Berlin, or the word local; "+
			"the names come with the package tzdata")
	}
	return v.text
}

// checkInterval looks at the two bounds together.
func (b *builder) checkInterval(s *Send) {
	if s.IntervalMax < s.IntervalMin {
		b.bad("send.interval_min", b.get("send.interval_min"), "is more than interval_max, %s: messages then follow each other without a pause", formatDuration(s.IntervalMax))
	}
}
