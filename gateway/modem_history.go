package gateway

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"
)

// Bounds of what is kept of the past of modems.
const (
	historyEvery  = 5 * time.Minute  // between two samples of a modem that does not change
	historySettle = 10 * time.Second // between two commits, however often modems change
	historyHours  = 7 * 24           // are kept
	historyMost   = 60               // samples of one hour
)

// settingHistory is where the samples of an hour are kept, with the ID of the modem and
// the hour's place in the ring behind it.
const settingHistory = "modem_history:"

// ModemSample is how a modem was at a time.
type ModemSample struct {
	At           time.Time  `json:"at"`
	State        ModemState `json:"state"`
	Signal       int        `json:"signal"`       // +CSQ <rssi>: 0–31, 99 while unknown
	Registration int        `json:"registration"` // <stat>, 3GPP TS 27.007 §7.2
}

// hourOfSamples is one place of the ring.
type hourOfSamples struct {
	Hour    int64         `json:"hour"` // since 1970
	Samples []ModemSample `json:"samples"`
}

// modemHistory belongs to the goroutine of runHistory, but for kick.
type modemHistory struct {
	kick    chan struct{} // capacity 1; written by anyone, read by runHistory
	hours   map[string]hourOfSamples
	stored  time.Duration // when samples were stored last, in Gateway.uptime; 0 for never
	sampled time.Duration // when each modem was looked at last
}

func historyKey(modem string, hour int64) string {
	return settingHistory + modem + ":" + strconv.FormatInt(hour%historyHours, 10)
}

// runHistory takes samples of the modems until soft ends.
func (g *Gateway) runHistory(soft context.Context) {
	g.history.hours = make(map[string]hourOfSamples)
	repeat(soft, g.history.kick, func() time.Duration {
		next, err := g.sampleModems(soft)
		if err != nil && soft.Err() == nil {
			g.log.Error().Err(err).Msg("cannot store how the modems are, trying again later")
			next = historyEvery
		}
		return next
	})
}

// sampleModems stores, in one commit, samples of every modem if that is due, else of
// those that changed. It returns when to look again.
func (g *Gateway) sampleModems(ctx context.Context) (next time.Duration, err error) {
	h, up := &g.history, g.uptime()
	if wait := h.stored + historySettle - up; h.stored != 0 && wait > 0 {
		return wait, nil
	}
	due := h.sampled == 0 || up-h.sampled >= historyEvery
	c, hours := Change{Settings: make(map[string]string)}, maps.Clone(h.hours)
	for _, l := range g.lanes {
		st, id := l.modem.Status(), l.modem.ID()
		s := ModemSample{At: g.now(), State: st.State, Signal: st.Signal, Registration: st.Registration}
		hour, err := g.hourOf(hours, id, s.At.Unix()/3600)
		if err != nil {
			return 0, err
		}
		last := len(hour.Samples) - 1
		if !due && last >= 0 && hour.Samples[last].State == s.State && hour.Samples[last].Registration == s.Registration {
			continue
		}
		if last+1 >= historyMost {
			continue // it changes all the time, which shows
		}
		hour.Samples = append(slices.Clip(hour.Samples), s)
		b, err := json.Marshal(hour)
		if err != nil {
			return 0, fmt.Errorf("encode samples: %w", err)
		}
		hours[id], c.Settings[historyKey(id, hour.Hour)] = hour, string(b)
	}
	if len(c.Settings) > 0 {
		if err := g.commit(ctx, c); err != nil {
			return 0, err
		}
		h.hours, h.stored = hours, up
	}
	if due {
		h.sampled = up
	}
	return max(h.sampled+historyEvery-up, time.Millisecond), nil
}

// hourOf returns the samples of a modem in an hour, begun anew if the place in the ring
// has those of another.
func (g *Gateway) hourOf(hours map[string]hourOfSamples, modem string, hour int64) (hourOfSamples, error) {
	if have, ok := hours[modem]; ok && have.Hour == hour {
		return have, nil
	}
	have, err := g.storedHour(modem, hour)
	if err != nil || have.Hour != hour {
		have = hourOfSamples{Hour: hour}
	}
	return have, err
}

// storedHour returns what is at the place of an hour in the ring. What cannot be read is
// as good as nothing.
func (g *Gateway) storedHour(modem string, hour int64) (out hourOfSamples, err error) {
	s, err := g.store.Setting(historyKey(modem, hour))
	if err != nil {
		return out, fmt.Errorf("read samples: %w", err)
	}
	if s == "" || json.Unmarshal([]byte(s), &out) != nil {
		return hourOfSamples{}, nil
	}
	return out, nil
}

// ModemHistory returns how a modem, by its name or slot, was between two times, oldest
// first; zero times are open. A sample was taken every 5 minutes and, at most every 10 s,
// when its state or registration changed; 7 days are kept.
func (g *Gateway) ModemHistory(ref string, from, to time.Time) ([]ModemSample, error) {
	m, err := g.ModemStatus(ref)
	if err != nil {
		return nil, err
	}
	oldest := g.now().Add(-historyHours * time.Hour)
	var out []ModemSample
	for hour := range int64(historyHours) {
		have, err := g.storedHour(m.Modem, hour)
		if err != nil {
			return nil, err
		}
		for _, s := range have.Samples {
			if s.At.Before(oldest) || s.At.Before(from) || !to.IsZero() && s.At.After(to) {
				continue
			}
			out = append(out, s)
		}
	}
	slices.SortStableFunc(out, func(a, b ModemSample) int { return a.At.Compare(b.At) })
	return out, nil
}
