package store

import (
	"fmt"

	"tetherd/gateway"
)

func (c *checker) endpoints() error {
	return c.each(bktWebhook, func(key *reader, k, _ []byte) error {
		key.take(len(k))
		e, err := readEndpoint(c.tx, k)
		if err != nil {
			return err
		}
		c.sequence(bktEPNum, uint64(e.Num))
		c.expect(bktEPNum, u32Key(e.Num), k)
		return nil
	})
}

// deliveries comes before events: it says which of them wait.
func (c *checker) deliveries() error {
	return c.each(bktDelivery, func(key *reader, k, v []byte) error {
		num := u32Key(key.u32())
		event := key.u64()
		d, err := decodeDelivery(k, v)
		if err != nil {
			return err
		}
		exists := c.get(bktEPNum, num) != nil
		if !exists && c.get(bktReap, num) == nil {
			c.fault("%s: row %x is of no webhook", bktDelivery, k)
		}
		if d.State == gateway.Undelivered {
			c.expect(bktDue, dueKey(&d), nil)
			c.waits[event] = true
			if exists {
				c.counts[string(deliveryCounter(d.Endpoint))]++
			}
		}
		if d.State.Dead() && c.layout > 1 {
			var ended []byte
			if v[0] == deliveryForm {
				ended = appendTick(nil, d.Ended)
			}
			c.expect(bktDead, k, ended)
			if exists {
				c.counts[string(deadCounter(d.Endpoint))]++
			}
		}
		if e, err := readEventRow(c.tx, event); err != nil {
			c.fault("%s: row %x has no event: %w", bktDelivery, k, err)
		} else if !e.of(d.Endpoint) {
			c.fault("%s: row %x is not listed in its event", bktDelivery, k)
		}
		return nil
	})
}

func (c *checker) events() error {
	return c.each(bktEvent, func(key *reader, _, v []byte) error {
		seq := key.u64()
		c.sequence(bktEvent, seq)
		e, err := decodeEventRow(v)
		if err != nil {
			return err
		}
		if c.layout > 1 {
			c.counts[string(eventBytes)] += len(e.json)
			if c.waits[seq] {
				c.counts[string(waitingBytes)] += len(e.json)
			}
		}
		_, err = readEvent(c.tx, seq)
		return err
	})
}

func (c *checker) attempts() error {
	return c.each(bktAttempt, func(key *reader, k, v []byte) error {
		num := key.u32()
		c.sequence(bktAttempt, key.u64())
		switch {
		case c.get(bktEPNum, u32Key(num)) != nil:
			c.counts[string(attemptCounter(num))]++
		case c.get(bktReap, u32Key(num)) == nil:
			c.fault("%s: row %x is of no webhook", bktAttempt, k)
		}
		_, err := decodeAttempt(k, v)
		return err
	})
}

func (c *checker) states() error {
	return c.each(bktEPState, func(key *reader, k, v []byte) error {
		if num := u32Key(key.u32()); c.get(bktEPNum, num) == nil {
			return fmt.Errorf("there is no webhook %x", num)
		}
		_, err := decodeState(k, v)
		return err
	})
}
