package control

import (
	"context"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"tetherd/modem/emulator"
)

// named is an entry of a catalogue.
type named struct {
	Name  string `json:"name"`
	About string `json:"about"`
}

func (n named) String() string { return fmt.Sprintf("%-26s %s", n.Name, n.About) }

// modemView is a modem as list shows it.
type modemView struct {
	Name         string `json:"name"`
	Number       string `json:"number"`
	Profile      string `json:"profile"`
	Port         string `json:"port"`
	Plugged      bool   `json:"plugged"`
	Registration int    `json:"registration"`
	Signal       int    `json:"signal"`
	Stored       int    `json:"stored"`
	Waiting      int    `json:"waiting"` // with the network
}

func (v modemView) String() string {
	state := "unplugged"
	if v.Plugged {
		state = fmt.Sprintf("registration %d, signal %d", v.Registration, v.Signal)
	}
	return fmt.Sprintf("%-10s %-16s %-14s %s  %s, %d stored, %d waiting", v.Name, v.Number, v.Profile, v.Port, state, v.Stored, v.Waiting)
}

// messageView is a message the network accepted.
type messageView struct {
	Seq      int       `json:"seq"`
	At       time.Time `json:"at"`
	Modem    string    `json:"modem"`
	To       string    `json:"to"`
	MR       byte      `json:"mr"`
	Part     int       `json:"part"`
	Total    int       `json:"total"`
	Text     string    `json:"text,omitempty"`
	Data     string    `json:"data,omitempty"` // hexadecimal
	Report   bool      `json:"report"`
	Answered bool      `json:"answered"`
	TPDU     string    `json:"tpdu"`
}

func (v messageView) String() string {
	what := fmt.Sprintf("%q", v.Text)
	if v.Data != "" {
		what = v.Data
	}
	return fmt.Sprintf("%d %s %s > %s, part %d of %d, reference %d, answered %v: %s", v.Seq, v.At.Format("15:04:05.000"), v.Modem, v.To, v.Part, v.Total, v.MR, v.Answered, what)
}

// inboundView is a TPDU a modem received.
type inboundView struct {
	Seq     int       `json:"seq"`
	At      time.Time `json:"at"`
	To      string    `json:"to"`
	Report  bool      `json:"report"`
	Mem     string    `json:"mem,omitempty"`
	Index   int       `json:"index"`
	Direct  bool      `json:"direct"`
	Deleted bool      `json:"deleted"`
	TPDU    string    `json:"tpdu"`
}

func (v inboundView) String() string {
	where := fmt.Sprintf("%s %d", v.Mem, v.Index)
	if v.Direct {
		where = "to the host"
	}
	return fmt.Sprintf("%d %s %s, %s, deleted %v: %s", v.Seq, v.At.Format("15:04:05.000"), v.To, where, v.Deleted, v.TPDU)
}

// storedView is a message in a storage.
type storedView struct {
	Mem   string `json:"mem"`
	Index int    `json:"index"`
	Stat  int    `json:"stat"`
	TPDU  string `json:"tpdu"`
}

func (v storedView) String() string {
	return fmt.Sprintf("%s %d, status %d: %s", v.Mem, v.Index, v.Stat, v.TPDU)
}

// callView is a voice call.
type callView struct {
	At    time.Time `json:"at"`
	From  string    `json:"from"`
	To    string    `json:"to"`
	Rings int       `json:"rings"`
	End   string    `json:"end"` // "" while it lasts
}

func (v callView) String() string {
	return fmt.Sprintf("%s %s > %s, rings %d, %s", v.At.Format("15:04:05.000"), v.From, v.To, v.Rings, v.End)
}

// printed turns a result into lines.
func printed(result any) []string {
	switch v := result.(type) {
	case string:
		return []string{v}
	case []named:
		return lines(v)
	case []modemView:
		return lines(v)
	case []messageView:
		return lines(v)
	case []inboundView:
		return lines(v)
	case []storedView:
		return lines(v)
	case []callView:
		return lines(v)
	case []string:
		return v
	}
	return []string{fmt.Sprint(result)}
}

func lines[T fmt.Stringer](views []T) []string {
	out := make([]string, 0, len(views))
	for _, v := range views {
		out = append(out, v.String())
	}
	return out
}

func runList(_ context.Context, b *Bench, _ args) (any, error) {
	out := []modemView{}
	for _, u := range b.all() {
		c := u.Condition()
		out = append(out, modemView{
			Name: c.Name, Number: c.Number, Profile: c.Profile, Port: u.port.Path(), Plugged: u.port.Plugged(),
			Registration: c.Registration, Signal: c.Signal, Stored: c.Stored, Waiting: b.network.Waiting(c.Number),
		})
	}
	return out, nil
}

func runProfiles(context.Context, *Bench, args) (any, error) {
	out := []named{}
	for _, p := range emulator.Profiles() {
		out = append(out, named{p.Name, p.Manufacturer + " " + p.Model})
	}
	return out, nil
}

func runFaults(context.Context, *Bench, args) (any, error) {
	out := []named{}
	for _, f := range emulator.Faults() {
		out = append(out, named{f.Name, f.About})
	}
	for _, f := range emulator.NetworkFaults() {
		out = append(out, named{f.Name, f.About})
	}
	return out, nil
}

func runDeliveries(context.Context, *Bench, args) (any, error) {
	out := []named{}
	for _, d := range deliveries("12345") {
		out = append(out, named{d.Name, d.About})
	}
	return out, nil
}

func runLedger(_ context.Context, b *Bench, a args) (any, error) {
	after, err := a.number("after", 0, 0, 1e9)
	if err != nil {
		return nil, err
	}
	out := []messageView{}
	for _, s := range b.network.Ledger() {
		if s.Seq > after {
			out = append(out, messageView{
				Seq: s.Seq, At: s.At, Modem: s.Modem, To: s.To, MR: s.MR, Part: s.Part, Total: s.Total, Text: s.Text,
				Data: hex.EncodeToString(s.Data), Report: s.StatusReport, Answered: s.Answered, TPDU: hex.EncodeToString(s.TPDU),
			})
		}
	}
	return out, nil
}

func runInbound(_ context.Context, b *Bench, a args) (any, error) {
	after, err := a.number("after", 0, 0, 1e9)
	if err != nil {
		return nil, err
	}
	out := []inboundView{}
	for _, r := range b.network.Inbound() {
		if r.Seq > after {
			out = append(out, inboundView{
				Seq: r.Seq, At: r.Stored, To: r.To, Report: r.Report, Mem: r.Mem, Index: r.Index,
				Direct: r.Direct, Deleted: !r.Deleted.IsZero(), TPDU: hex.EncodeToString(r.TPDU),
			})
		}
	}
	return out, nil
}

func runStored(_ context.Context, b *Bench, a args) (any, error) {
	u, err := b.unit(a["modem"])
	if err != nil {
		return nil, asMistake(err)
	}
	out := []storedView{}
	for _, s := range u.Stored() {
		out = append(out, storedView{s.Mem, s.Index, s.Stat, hex.EncodeToString(s.TPDU)})
	}
	return out, nil
}

func runCalls(_ context.Context, b *Bench, _ args) (any, error) {
	out := []callView{}
	for _, c := range b.network.Calls() {
		out = append(out, callView{c.At, c.From, c.To, c.Rings, string(c.End)})
	}
	return out, nil
}

func runTranscript(_ context.Context, b *Bench, a args) (any, error) {
	count, err := a.number("count", 40, 1, emulator.DefaultTranscript)
	if err != nil {
		return nil, err
	}
	u, err := b.unit(a["modem"])
	if err != nil {
		return nil, asMistake(err)
	}
	entries := u.transcript.Entries()
	out := []string{}
	for _, e := range entries[max(len(entries)-count, 0):] {
		out = append(out, e.String())
	}
	return out, nil
}

// Banner says what is there: each modem with its port, and how to use it.
func (b *Bench) Banner() string {
	var out strings.Builder
	for _, u := range b.all() {
		c := u.Condition()
		fmt.Fprintf(&out, "%-10s %-16s %-14s %s\n", c.Name, c.Number, c.Profile, u.port.Path())
	}
	return out.String()
}
