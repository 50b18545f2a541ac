package control

import (
	"context"
	"encoding/hex"
	"time"

	"tetherd/modem/emulator"
)

// commands is the table, in the order in which it is listed.
func commands() []command {
	return []command{
		{"list", nil, "the modems", true, runList},
		{"profiles", nil, "the families of modems", true, runProfiles},
		{"deliver", []string{"from", "to", "text"}, "send an SMS to a modem", false, runDeliver},
		{"pdu", []string{"to", "hex"}, "send a TPDU in hexadecimal, without a service centre", false, runPDU},
		{"play", []string{"from", "to", "name"}, "send one of the deliveries", false, runPlay},
		{"deliveries", nil, "messages worth trying, for play", true, runDeliveries},
		{"flood", []string{"from", "to", "count"}, "send many SMS at once", false, runFlood},
		{"call", []string{"from", "to"}, "ring a modem; from \"-\" withholds the number", false, runCall},
		{"hangup", []string{"to"}, "end the call to a modem", false, runHangup},
		{"rule", []string{"number", "what", "[times]"}, "what submits to a number meet: ok, a CMS code, silent, lost, failed", false, runRule},
		{"report", []string{"number", "states", "[times]"}, "status reports of submits to a number: TP-ST in hexadecimal with commas, or none", false, runReport},
		{"faults", nil, "what can go wrong, for fault", true, runFaults},
		{"fault", []string{"modem", "name", "[seed]"}, "let something go wrong", false, runFault},
		{"clear", []string{"modem"}, "forget the faults that are planned", false, runClear},
		{"reset", []string{"modem"}, "cut the power for a moment", false, runReset},
		{"unplug", []string{"modem"}, "pull a modem out", false, runUnplug},
		{"plug", []string{"modem"}, "put it back", false, runPlug},
		{"rename", []string{"modem", "link"}, "let a modem come back under another name of its port at the next plug", false, runRename},
		{"signal", []string{"modem", "rssi"}, "0 to 31, or 99 for unknown", false, runSignal},
		{"register", []string{"modem", "stat"}, "0 no, 1 home, 2 searching, 3 denied, 5 roaming, 6 and 7 SMS only", false, runRegister},
		{"sim", []string{"modem", "state"}, "in or out", false, runSIM},
		{"mute", []string{"modem", "state"}, "on or off: neither hears nor speaks", false, runMute},
		{"say", []string{"modem", "line"}, "let a modem write an unsolicited line", false, runSay},
		{"ussd", []string{"modem", "code", "text"}, "what the network answers to a service code", false, runUSSD},
		{"push", []string{"modem", "text"}, "send a message as service codes are answered", false, runPush},
		{"ledger", []string{"[after]"}, "what the network accepted, after a number", true, runLedger},
		{"inbound", []string{"[after]"}, "what modems received, after a number", true, runInbound},
		{"stored", []string{"modem"}, "what is in the storages of a modem", true, runStored},
		{"calls", nil, "the voice calls", true, runCalls},
		{"transcript", []string{"modem", "[count]"}, "the last lines between host and modem", true, runTranscript},
		{"await", []string{"count", "[seconds]"}, "wait until the network has accepted so many messages, for 30 s or so long", true, runAwait},
		{"wait", []string{"seconds"}, "do nothing for a while", true, runWait},
	}
}

// maxWait bounds await and wait, in seconds, so that no request waits for ever.
const maxWait = 50

// done is the result of a command that has nothing to tell.
const done = "ok"

func runDeliver(_ context.Context, b *Bench, a args) (any, error) {
	return done, asMistake(b.network.DeliverText(a["from"], a["to"], a["text"]))
}

func runPDU(_ context.Context, b *Bench, a args) (any, error) {
	tpdu, err := hex.DecodeString(a["hex"])
	if err != nil {
		return nil, mistake("hex: %q is no hexadecimal", a["hex"])
	}
	return done, asMistake(b.network.DeliverTPDU(a["to"], tpdu))
}

// deliveries is the catalogue for play.
func deliveries(from string) []emulator.Delivery {
	now := time.Now()
	return append(emulator.Deliveries(from, now), emulator.Malformed(now)...)
}

func runPlay(_ context.Context, b *Bench, a args) (any, error) {
	for _, d := range deliveries(a["from"]) {
		if d.Name == a["name"] {
			return done, asMistake(b.network.Play(a["to"], d))
		}
	}
	return nil, mistake("name: there is no delivery %q: \"deliveries\" lists them", a["name"])
}

func runFlood(_ context.Context, b *Bench, a args) (any, error) {
	n, err := a.number("count", 0, 1, 10000)
	if err != nil {
		return nil, err
	}
	for i := range n {
		if err := b.network.DeliverText(a["from"], a["to"], "flood "+itoa(i+1)); err != nil {
			return nil, asMistake(err)
		}
	}
	return done, nil
}

func runCall(_ context.Context, b *Bench, a args) (any, error) {
	from := a["from"]
	if from == "-" {
		from = ""
	}
	u, err := b.unit(a["to"])
	if err != nil {
		return nil, asMistake(err)
	}
	hangUp, err := b.network.Call(from, u.number)
	if err != nil {
		return nil, asMistake(err)
	}
	b.mu.Lock()
	b.calls[u.Name()] = hangUp
	b.mu.Unlock()
	return done, nil
}

func runHangup(_ context.Context, b *Bench, a args) (any, error) {
	u, err := b.unit(a["to"])
	if err != nil {
		return nil, asMistake(err)
	}
	b.mu.Lock()
	hangUp := b.calls[u.Name()]
	delete(b.calls, u.Name())
	b.mu.Unlock()
	if hangUp == nil {
		return nil, mistake("to: nobody called %s", u.Name())
	}
	hangUp()
	return done, nil
}

func runRule(_ context.Context, b *Bench, a args) (any, error) {
	times, err := a.number("times", 0, 1, 1e6)
	if err != nil {
		return nil, err
	}
	r := emulator.Rule{Times: times}
	switch a["what"] {
	case "ok":
	case "silent": // accepted, and the answer is lost
		r.AcceptSilently = true
	case "lost":
		r.Silent = true
	case "failed": // accepted, and answered with an error
		r.Accept, r.Code = true, 500
	default:
		if r.Code, err = a.number("what", 0, 1, 999); err != nil {
			return nil, mistake("what: %q is none of ok, silent, lost, failed and a CMS code", a["what"])
		}
	}
	b.network.SetRule(a["number"], r)
	return done, nil
}

func runReport(_ context.Context, b *Bench, a args) (any, error) {
	times, err := a.number("times", 0, 1, 1e6)
	if err != nil {
		return nil, err
	}
	r := emulator.Rule{Times: times, NoReport: a["states"] == "none"}
	if !r.NoReport {
		if r.ReportStatus, err = octets(a["states"]); err != nil {
			return nil, mistake("states: %q is no list as 30,00", a["states"])
		}
	}
	b.network.SetRule(a["number"], r)
	return done, nil
}

func runAwait(ctx context.Context, b *Bench, a args) (any, error) {
	count, err := a.number("count", 0, 1, 1e9)
	if err != nil {
		return nil, err
	}
	seconds, err := a.number("seconds", 30, 1, maxWait)
	if err != nil {
		return nil, err
	}
	ctx, stop := context.WithTimeout(ctx, time.Duration(seconds)*time.Second)
	defer stop()
	for {
		next := b.nextAccepted()
		n := len(b.network.Ledger())
		if n >= count {
			return done, nil
		}
		select {
		case <-next:
		case <-ctx.Done():
			return nil, mistake("count: the network accepted %d messages, not %d", n, count)
		}
	}
}

func runWait(ctx context.Context, _ *Bench, a args) (any, error) {
	seconds, err := a.number("seconds", 0, 1, maxWait)
	if err != nil {
		return nil, err
	}
	t := time.NewTimer(time.Duration(seconds) * time.Second)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
	return done, nil
}
