package line

import "fmt"

// trace tells the hook about a line, without what is secret or private in it.
func (l *Line) trace(dir byte, text string) {
	if l.o.Trace != nil {
		l.o.Trace(dir, Mask(text))
	}
}

// hear tells the hook about a line that came. The rest of a text that goes over
// several lines looks like nothing private, and is.
func (l *Line) hear(text string) {
	if l.o.Trace == nil {
		return
	}
	l.mu.Lock()
	within := !l.text.IsZero()
	l.mu.Unlock()
	if _, code := lookup(text); within && !code && text != "OK" {
		text = fmt.Sprintf("<%d characters>", len(text))
	}
	l.trace('<', text)
}
