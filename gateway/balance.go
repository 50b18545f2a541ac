package gateway

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode"
)

// How the credit of SIMs is asked for.
const (
	balanceSettle = time.Minute      // after the start, before the first question
	balanceRetry  = 30 * time.Minute // after a question that failed
	balanceIdle   = 10 * time.Minute // to wait for a modem that has messages
	balanceLimit  = 3 * time.Minute  // for the answer
	balanceGap    = time.Minute      // between two questions that somebody wants now
)

// BalanceQuery says how the credit of a modem's SIM is asked for.
type BalanceQuery struct {
	Code  string         // service code, such as "*100#"
	Every time.Duration  // at least a minute
	Match *regexp.Regexp // whose first group is the amount
	// Below is the limit under which EventBalanceLow is emitted; nil is none.
	Below *float64
}

// Balance is the credit of a SIM as it was learnt last. The zero value is one that
// is not known.
type Balance struct {
	Value float64   `json:"value"` // in the operator's currency
	Text  string    `json:"text"`  // the operator's answer
	At    time.Time `json:"at"`    // when; zero if it was never learnt
	Low   bool      `json:"low"`   // below the limit
	Error string    `json:"error"` // why the latest question failed, and what to do; empty if it did not
	Due   Tick      `json:"due"`   // when to ask again
}

// settingBalance is where the balance of a modem is kept, with its ID behind it.
const settingBalance = "balance:"

// balances is what is known of the credit of the SIMs.
type balances struct {
	asking keyedMutex // by modem: one question at a time

	mu    sync.Mutex // guards the rest
	known map[string]Balance
	asked map[string]time.Time // when the operator was asked last, by modem
}

// balance returns what is known of a modem's credit.
func (g *Gateway) balance(modem string) Balance {
	g.balances.mu.Lock()
	defer g.balances.mu.Unlock()
	return g.balances.known[modem]
}

// loadBalances reads what is known.
func (g *Gateway) loadBalances() error {
	g.balances.known, g.balances.asked = make(map[string]Balance), make(map[string]time.Time)
	for modem := range g.Balances {
		s, err := g.store.Setting(settingBalance + modem)
		if err != nil {
			return fmt.Errorf("read balance: %w", err)
		}
		var b Balance
		if s != "" && json.Unmarshal([]byte(s), &b) != nil {
			b = Balance{} // damaged: it is asked for again
		}
		g.balances.known[modem] = b
	}
	return nil
}

// CheckBalance asks for the credit of a modem's SIM now. Errors: NotFound for an
// unknown modem, Invalid if it has no balance in its configuration, TooSoon less than
// a minute after the question before, which may have cost money, Conflict if the
// operator did not answer or the answer has no amount.
func (g *Gateway) CheckBalance(ctx context.Context, ref string) (Balance, error) {
	l, err := g.laneOf(ref)
	if err != nil {
		return Balance{}, err
	}
	q, ok := g.Balances[l.modem.ID()]
	if !ok {
		return Balance{}, Invalidf("modem %s has no balance in its configuration: set balance.code and balance.match", l.modem.ID())
	}
	if wait := g.balances.next(l.modem.ID()); wait > 0 {
		return Balance{}, &Error{Code: TooSoon, After: wait, Message: "the operator was asked just now, which may cost money: try again in a minute"}
	}
	return g.askBalance(ctx, l, q)
}

// next returns how long a modem's operator must not be asked again.
func (b *balances) next(modem string) time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	if at, ok := b.asked[modem]; ok {
		return balanceGap - time.Since(at)
	}
	return 0
}

// askBalance asks, and stores what it learnt and what follows.
func (g *Gateway) askBalance(ctx context.Context, l *lane, q BalanceQuery) (Balance, error) {
	modem := l.modem.ID()
	defer g.balances.asking.lock(modem)()
	g.balances.mu.Lock()
	g.balances.asked[modem] = time.Now()
	g.balances.mu.Unlock()
	limited, cancel := context.WithTimeout(ctx, balanceLimit)
	a, err := l.modem.USSD(limited, USSDQuery{Code: q.Code})
	cancel()
	if ctx.Err() != nil {
		return Balance{}, ctx.Err()
	}
	b, now := g.balance(modem), g.now()
	value, ok := 0.0, false
	if err == nil {
		value, ok = amount(q.Match, a.Text)
	}
	var c Change
	switch {
	case err != nil:
		b.Error = "The operator could not be asked: " + err.Error() + "."
		if e, ok := errors.AsType[*Error](err); ok {
			b.Error = "The operator could not be asked: " + e.Message + "."
		}
	case !ok:
		b.Error, b.Text = "The operator's answer has no amount where balance.match looks for it: correct the expression.", a.Text
	default:
		low := q.Below != nil && value < *q.Below
		if low && !b.Low {
			g.emit(&c, modem, now, BalanceLow{SIM: l.slot, Modem: modem, Balance: value, Limit: *q.Below, Text: a.Text, At: now})
			l.log.Warn().Msg("balance of the SIM is low")
		}
		b = Balance{Value: value, Text: a.Text, At: now, Low: low}
	}
	b.Due = g.clock.Now().Add(q.Every)
	if b.Error != "" {
		b.Due = g.clock.Now().Add(min(q.Every, balanceRetry))
		l.log.Warn().Err(err).Msg("cannot learn the balance of the SIM")
	}
	v, merr := json.Marshal(b)
	if merr != nil {
		return b, merr
	}
	c.Settings = map[string]string{settingBalance + modem: string(v)}
	if err := g.commit(context.WithoutCancel(ctx), c); err != nil {
		return b, fmt.Errorf("store balance: %w", err)
	}
	g.balances.mu.Lock()
	g.balances.known[modem] = b
	g.balances.mu.Unlock()
	if b.Error != "" {
		return b, &Error{Code: Conflict, Message: b.Error, Err: err}
	}
	return b, nil
}

// runBalance asks for one modem's credit from time to time until soft ends. Messages
// go first, for a while.
func (g *Gateway) runBalance(soft context.Context, l *lane, q BalanceQuery) {
	notBefore, busySince := g.uptime()+balanceSettle, time.Duration(0)
	repeat(soft, l.kickBalance, func() (next time.Duration) {
		up, now := g.uptime(), g.clock.Now()
		if wait := notBefore - up; wait > 0 {
			return wait
		}
		if b := g.balance(l.modem.ID()); b.Due > now {
			return min(now.Until(b.Due), time.Hour)
		}
		switch {
		case l.modem.Status().State != ModemReady:
			busySince = 0
			return time.Hour // Kick tells when it is
		case l.inHand() == nil:
		case busySince == 0:
			busySince = up
			return balanceIdle
		case up-busySince < balanceIdle:
			return balanceIdle - (up - busySince)
		}
		busySince = 0
		if _, err := g.askBalance(soft, l, q); err != nil && CodeOf(err) == "" && soft.Err() == nil {
			l.log.Error().Err(err).Msg("cannot store the balance, trying again later")
			notBefore = g.uptime() + balanceRetry
		}
		return time.Millisecond // to find out when it is due again
	})
}

// amount finds the amount in an operator's answer.
func amount(match *regexp.Regexp, text string) (float64, bool) {
	found := match.FindStringSubmatch(text)
	if len(found) < 2 {
		return 0, false
	}
	return parseAmount(found[1])
}

// parseAmount reads an amount of money in any country's notation: 1,234.56 and
// 1.234,56 and 1 234,56. Of two kinds of separators the last one is the decimal
// one. A single one that is followed by three digits separates thousands, unless a
// zero stands in front of it.
func parseAmount(s string) (float64, bool) {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r) || r == '\'' || r == '’' || r == '\u202f':
			return -1
		case r == '−':
			return '-'
		}
		return r
	}, s)
	point, comma := strings.LastIndexByte(s, '.'), strings.LastIndexByte(s, ',')
	decimal := max(point, comma)
	if decimal >= 0 {
		whole := strings.TrimLeft(s[:decimal], "-+")
		both := point >= 0 && comma >= 0
		many := strings.Count(s, s[decimal:decimal+1]) > 1
		if many || !both && len(s)-decimal-1 == 3 && whole != "0" && whole != "" {
			decimal = len(s) // it separates thousands
		}
	} else {
		decimal = len(s)
	}
	clean := strings.NewReplacer(".", "", ",", "").Replace(s[:decimal])
	if decimal < len(s) {
		clean += "." + s[decimal+1:]
	}
	v, err := strconv.ParseFloat(clean, 64)
	if err != nil || strings.ContainsAny(clean, "eExXiInNpP_") {
		return 0, false
	}
	return v, true
}
