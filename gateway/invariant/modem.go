package invariant

// held checks that a TPDU left its SIM only after the gateway had it, and that
// none stayed there.
func (c *checker) held() {
	for _, h := range c.Held {
		switch {
		case h.Deleted.IsZero():
			if !c.Open {
				c.fail("M9: %s was left in the modem", h.What)
			}
		case h.Durable.IsZero():
			c.fail("M2: %s was deleted from the modem and never stored", h.What)
		case h.Durable.After(h.Deleted):
			c.fail("M2: %s was deleted from the modem %v before it was stored", h.What, h.Durable.Sub(h.Deleted))
		}
	}
}

// paired checks that what the modem answered was taken for the answer to what it
// had been asked: the references of the parts and the facts about the modem are
// those of the other side.
func (c *checker) paired() {
	for _, o := range c.end {
		for pdu, mr := range o.MRs {
			found := false
			for _, h := range c.handed[pdu] {
				found = found || h.MR == mr || h.Modem == ""
			}
			if !found {
				c.fail("M5: %v is known as reference %d, the network has it as %v", pdu, mr, references(c.handed[pdu]))
			}
		}
	}
	for _, s := range c.Shown {
		if s.Got != s.Want {
			c.fail("M5: %s is shown as %q, it is %q", s.What, s.Got, s.Want)
		}
	}
}

func references(hs []Handed) (mrs []int) {
	for _, h := range hs {
		mrs = append(mrs, h.MR)
	}
	return mrs
}

// nearby is how many long messages to a number must have different references: a
// receiver may still wait for parts of any of them.
const nearby = 100

// parts checks that the parts of a long message share their reference in every
// attempt, and that messages a receiver could mix up have different ones.
func (c *checker) parts() {
	type whole struct{ message, to string }
	refs := make(map[whole]uint16)
	latest := make(map[string][]whole) // by number, oldest first
	for _, h := range c.Ledger {
		if h.Total < 2 {
			continue
		}
		w := whole{h.Message, h.Recipient}
		if ref, ok := refs[w]; ok {
			if ref != h.Ref {
				c.fail("M6: %v has reference %d, another part of it %d", h.PDU, h.Ref, ref)
			}
			continue
		}
		refs[w] = h.Ref
		others := latest[h.Recipient]
		for _, o := range others[max(0, len(others)-nearby):] {
			if refs[o] == h.Ref {
				c.fail("M6: messages %s and %s to %s have the same reference %d", o.message, h.Message, h.Recipient, h.Ref)
			}
		}
		latest[h.Recipient] = append(others, w)
	}
}
