package line

// trace tells the hook about a line, without what is secret or private in it.
func (l *Line) trace(dir byte, text string) {
	if l.o.Trace == nil {
		return
	}
	if !l.o.TraceAll {
		text = Mask(text)
	}
	l.o.Trace(dir, text)
}
