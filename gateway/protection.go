package gateway

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Money is an amount in millionths of the currency's unit.
type Money int64

// String writes m with two digits behind the point, or as many as it needs.
func (m Money) String() string {
	s := fmt.Sprintf("%d.%06d", m/1e6, m%1e6)
	for strings.HasSuffix(s, "0") && s[len(s)-3] != '.' {
		s = s[:len(s)-1]
	}
	return s
}

// Caps are how much may be sent. Zero is no limit. Lengths of time are rolling and by
// the timeline; months are those of the calendar.
type Caps struct {
	PerMinute, Per30Minutes, PerHour, PerDay, PerMonth int // SMS: a text counts with each of its parts

	Recipients   int   // different numbers in a month
	CostPerDay   Money // by Protection.Prices
	CostPerMonth Money
}

// Price is what a part costs to numbers that begin in a certain way.
type Price struct {
	Prefix  string // of the number as dialled, such as "+49"
	PerPart Money
}

// Protection keeps a SIM from what makes operators block it. The zero value limits
// nothing.
type Protection struct {
	Total  Caps            // of all modems together
	Modems map[string]Caps // by Modem.ID
	// Prices of which the longest prefix counts; other numbers cost nothing.
	Prices   []Price
	Currency string // shown with amounts; may be empty
	// Reserve is how many percent of each limit are kept for messages of ReservePriority
	// and above, 0–99; rounded up, but never all of it.
	Reserve         int
	ReservePriority int8 // default 100

	// Repeats is how often one number is sent the same text within StormWindow; a
	// message beyond that is held back for an hour, or until it is released. 0: no limit.
	Repeats int
	// Replies is how many messages to a number may each follow one from it within
	// StormWindow, as when two machines answer each other. 0: no limit.
	Replies     int
	StormWindow time.Duration // default 10 min

	Zone *time.Location // of months and work hours; nil is that of the machine
}

// normalised returns p with its defaults filled in and the longest prefix first, or
// says what is wrong with it.
func (p Protection) normalised() (Protection, error) {
	if p.ReservePriority == 0 {
		p.ReservePriority = Expedited
	}
	if p.StormWindow == 0 {
		p.StormWindow = 10 * time.Minute
	}
	if p.Zone == nil {
		p.Zone = time.Local
	}
	if p.Reserve < 0 || p.Reserve > 99 {
		return p, fmt.Errorf("a reserve of %d percent is not within 0–99", p.Reserve)
	}
	if p.StormWindow < 0 || p.Repeats < 0 || p.Replies < 0 {
		return p, errors.New("limits of repetitions must not be negative")
	}
	p.Prices = slices.Clone(p.Prices)
	slices.SortStableFunc(p.Prices, func(a, b Price) int { return len(b.Prefix) - len(a.Prefix) })
	return p, nil
}

// cost returns what so many parts to a number cost.
func (p *Protection) cost(address string, parts int) Money {
	for _, price := range p.Prices {
		if strings.HasPrefix(address, price.Prefix) {
			return price.PerPart * Money(parts)
		}
	}
	return 0
}
