package filter

import "time"

// Facts are what a filter can look at in an event. They remember what was worked
// out for one filter for the next, so they must not be altered after the first
// match and are not safe for concurrent use.
type Facts struct {
	// Phones are the numbers of the event, each in all the forms it is known in,
	// such as "0151 10000001" and "+4915110000001". They may be names.
	Phones [][]string
	Text   string
	// Devices are the names that the modem of the event is known by.
	Devices []string
	// At is when the event happened.
	At time.Time
	// ClockKnown is whether At is worth comparing with anything.
	ClockKnown bool

	text   *texts   // of Text; nil before it was asked for
	phones []string // compared forms of Phones; nil before they were asked for
}

// compared returns the forms that numbers are compared in.
func (f *Facts) compared() []string {
	if f.phones == nil {
		f.phones = make([]string, 0, 8)
		for _, forms := range f.Phones {
			for _, form := range forms {
				f.phones = appendForms(f.phones, form)
			}
		}
	}
	return f.phones
}

// normal returns the text that keywords are looked for in.
func (f *Facts) normal() *texts {
	if f.text == nil {
		f.text = newTexts(f.Text)
	}
	return f.text
}
