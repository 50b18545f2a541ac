// Package filter decides which events a webhook or a route wants, by conditions
// that are written in JSON:
//
//	{"type": "phone", "condition": "starts_with", "value": "+1555"}
//	{"type": "keyword", "condition": "contains", "value": "urgent", "case_sensitive": false}
//	{"type": "device", "device_ids": ["office", "dev_office"]}
//	{"type": "time", "days": ["monday", "friday"], "hours": {"start": "09:00", "end": "17:00"},
//	 "timezone": "America/New_York", "on_unknown": "match"}
//	{"all": [FILTER, ...]}   {"any": [FILTER, ...]}   {"not": FILTER}
//
// The conditions of phone and keyword are equals, starts_with, ends_with, contains,
// in and regex (RE2), each also with not_ in front. They compare with "value", or
// with any of "values".
//
//   - phone looks at the sender and the recipient, in every form that the number is
//     known in, and holds if any of them fits; a condition with not_ holds if none
//     does. The case of letters never counts.
//   - keyword looks at the text, normalised (NFC); letters are compared by Unicode
//     case folding unless case_sensitive is true. White space around the text does
//     not count, except for regex and contains. A regex looks at the first 4 KiB. An
//     event without a text has an empty one.
//   - device wants one of the names the modem is known by.
//   - time wants the wall clock of the zone, the gateway's own if none is given,
//     within start ≤ t < end. If end is before start the window goes on over
//     midnight, and belongs to the day it begins on. What the clock shows is what
//     counts when it is put forward or back: a window that is skipped does not occur,
//     one that is repeated occurs twice. While the clock is not known to be right,
//     on_unknown "match", the default, decides such that the whole filter is rather
//     true, and "skip" such that it is rather false, also below a not.
//
// Its promises: a [Filter] is compiled once, is immutable and safe for concurrent
// use; what [Parse] accepts is bounded, in size and in the time a match takes; an
// error names the path of what is wrong, such as filter.any[2].hours.start; and what
// MarshalJSON writes is parsed into an equal filter.
package filter
