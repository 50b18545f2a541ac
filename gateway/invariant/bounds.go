package invariant

import (
	"slices"
	"time"
)

// How much more the gateway may take at the end of a run than at its beginning.
const (
	moreGoroutines = 16
	moreFiles      = 8
	moreMemory     = 16 << 20
	fewestSamples  = 8 // below which nothing can be said
)

// bounded checks that what the gateway takes does not grow: the last quarter of
// the samples against the first, each by its median.
func (c *checker) bounded() {
	if len(c.Usage) < fewestSamples {
		return
	}
	grown := func(what string, more int64, of func(u Usage) int64) {
		var values []int64
		for _, u := range c.Usage {
			values = append(values, of(u))
		}
		quarter := len(values) / 4
		first, last := median(values[:quarter]), median(values[len(values)-quarter:])
		if first > 0 && last > first+first/4+more {
			c.fail("I6: %s grew from %d to %d", what, first, last)
		}
	}
	grown("number of goroutines", moreGoroutines, func(u Usage) int64 { return int64(u.Goroutines) })
	grown("number of open files", moreFiles, func(u Usage) int64 { return int64(u.Files) })
	grown("memory", moreMemory, func(u Usage) int64 { return u.Memory })
}

func median(values []int64) int64 {
	s := slices.Sorted(slices.Values(values))
	return s[len(s)/2]
}

// timed checks that what was due came when it was due.
func (c *checker) timed() {
	for _, e := range c.Timed {
		switch {
		case e.At < 0:
			c.fail("I7: %s never came, it was due at %v", e.What, e.Due)
		case e.At < e.Due:
			c.fail("I7: %s came %v early", e.What, e.Due-e.At)
		case e.At > e.Due+e.Slack:
			c.fail("I7: %s came %v late, allowed are %v", e.What, e.At-e.Due, e.Slack)
		}
	}
}

// recovered checks that faults ended with a modem that sends.
func (c *checker) recovered() {
	for _, r := range c.Recoveries {
		switch {
		case r.Took < 0:
			c.fail("M8: nothing could be sent after %s", r.Fault)
		case r.Took > r.Limit:
			c.fail("M8: recovery from %s took %v, allowed are %v", r.Fault, r.Took.Round(time.Millisecond), r.Limit)
		}
	}
}
