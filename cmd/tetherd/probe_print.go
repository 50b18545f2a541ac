package main

import (
	"cmp"
	"fmt"
	"runtime"
	"strings"
	"text/tabwriter"

	"tetherd/gateway"
	"tetherd/modem"
	"tetherd/modem/device"
)

// printJSON prints the report for machines.
func (r *probeReport) printJSON(c *cli) error { return c.printJSON(r) }

// print prints the report for people.
func (r *probeReport) print(c *cli) error {
	p := &probePrinter{t: tabwriter.NewWriter(c.stdout, 0, 0, 2, ' ', 0)}
	fmt.Fprintf(p.t, "tetherd %s on %s/%s: report of %s\n", r.Program, runtime.GOOS, runtime.GOARCH, printable(r.Target))
	if r.Gateway != "" {
		fmt.Fprintf(p.t, "A running gateway uses it as %s, and tells what it knows.\n", printable(r.Gateway))
	}
	r.printConnection(p)
	r.printModem(p)
	r.printMessages(p)
	r.printCommands(p)
	if len(r.Findings) > 0 {
		p.section("Findings")
		for _, o := range r.Findings {
			mark := "note"
			if o.Matters {
				mark = "attention"
			}
			p.row(mark, o.Text)
		}
	}
	for i, text := range r.Config {
		if i == 0 {
			fmt.Fprintf(p.t, "\nFor the configuration, below \"modems:\"\n  - %s\n", printable(text))
			continue
		}
		fmt.Fprintln(p.t, "    "+printable(text))
	}
	p.printVerdict(&r.Report)
	return p.t.Flush()
}

// probePrinter lines up sections of names and values.
type probePrinter struct {
	t       *tabwriter.Writer
	pending string // heading of a section without a row so far
}

func (p *probePrinter) section(heading string) { p.pending = heading }

// row prints a name and its value, unless that is empty.
func (p *probePrinter) row(name, value string) {
	if value == "" {
		return
	}
	if p.pending != "" {
		fmt.Fprintf(p.t, "\n%s\n", p.pending)
		p.pending = ""
	}
	fmt.Fprintf(p.t, "  %s\t%s\n", name, printable(value))
}

func (p *probePrinter) printVerdict(r *modem.Report) {
	fmt.Fprintf(p.t, "\nVerdict: %s", r.Verdict)
	switch {
	case r.Verdict == modem.VerdictLimited:
		for _, o := range r.Findings {
			if o.Matters {
				fmt.Fprintf(p.t, "\n  - %s", printable(o.Text))
			}
		}
	case r.Reason != "":
		fmt.Fprintf(p.t, ": %s", printable(r.Reason))
	}
	fmt.Fprintln(p.t)
}

// printConnection tells where the modem is plugged in, and who uses its port.
func (r *probeReport) printConnection(p *probePrinter) {
	p.section("Connection")
	d := r.Device
	if d == nil {
		p.row("port", r.port)
		return
	}
	name := d.Name
	if d.ID != "" {
		name += " (" + d.ID + ", USB " + d.Path + ")"
	}
	p.row("device", name)
	p.row("port", r.found.about())
	for _, l := range r.found.Links {
		p.row("also", l)
	}
	var users []string
	if r.found.Modem != "" {
		users = append(users, "tetherd as "+r.found.Modem)
	}
	for _, h := range r.found.Holders {
		users = append(users, fmt.Sprintf("%s (process %d)", h.Name, h.PID))
	}
	p.row("used by", cmp.Or(strings.Join(users, ", "), "nobody else, as far as this user can see"))
	for i := range d.Ports {
		if &d.Ports[i] != r.found {
			p.row("other port", d.Ports[i].about())
		}
	}
	if r.Verdict != modem.VerdictUnusable {
		return // what the device looked like before it was asked
	}
	for _, text := range d.Advice {
		p.row("advice", text)
	}
}

// about describes a port in a line.
func (f *foundPort) about() string {
	out := f.Path + ":"
	if f.Interface != nil {
		out += fmt.Sprintf(" interface %02x,", *f.Interface)
	}
	if f.Driver != "" {
		out += " driver " + f.Driver + ","
	}
	purpose := purposes[f.Role]
	if !f.Known && f.Role != device.RoleUnknown {
		purpose = "probably " + purpose
	}
	return out + " " + purpose
}

// printModem tells who the modem and the SIM are, and how they are registered.
func (r *probeReport) printModem(p *probePrinter) {
	p.section("Modem")
	p.row("maker", r.Manufacturer)
	p.row("model", r.Model)
	p.row("revision", r.Revision)
	p.row("IMEI", r.IMEI)
	if r.Baud != 0 {
		p.row("baud", fmt.Sprint(r.Baud))
	}
	p.row("treated as", r.Profile)
	p.section("SIM")
	p.row("state", r.SIM.State)
	if n := r.SIM.PINTries; n != nil {
		p.row("PIN", count(*n, "attempt")+" left")
	}
	p.row("ICCID", r.SIM.ICCID)
	p.row("IMSI", r.SIM.IMSI)
	p.row("number", r.SIM.Number)
	p.row("SMSC", r.SIM.SMSC)
	p.section("Network")
	if len(r.Network.Registrations) == 0 {
		return
	}
	registered := "no"
	if r.Network.Registered {
		registered = "yes"
	}
	p.row("registered", registered)
	for _, rr := range r.Network.Registrations {
		if rr.Domain == "best" {
			p.row("state", rr.Words)
			continue
		}
		p.row(rr.Domain, rr.Words)
	}
	p.row("operator", r.Network.Operator)
	p.row("technology", r.Network.Technology)
	p.row("signal", signalWords(r.Network.Signal))
}

// signalWords says how strong a signal is (3GPP TS 27.007 §8.5).
func signalWords(rssi *int) string {
	if rssi == nil {
		return "not known"
	}
	words := "excellent"
	for _, w := range []struct {
		below int
		words string
	}{{2, "hardly any"}, {5, "weak"}, {10, "fair"}, {15, "good"}} {
		if *rssi < w.below {
			words = w.words
			break
		}
	}
	return fmt.Sprintf("%d dBm, %s", 2**rssi-113, words)
}

// pathWords are how messages and reports arrive.
var pathWords = map[gateway.Path]string{
	gateway.PathStored: "stored and announced", gateway.PathDirect: "handed over directly", gateway.PathPolled: "stored, and looked for",
	gateway.PathNone: "not passed on",
}

// printMessages tells how messages arrive.
func (r *probeReport) printMessages(p *probePrinter) {
	p.section("Messages")
	if s := r.Setup; s != nil {
		p.row("messages", pathWords[s.Messages])
		p.row("reports", pathWords[s.Reports])
		p.row("+CNMI", cmp.Or(s.CNMI, "refused")+offered(s.CNMIOffered))
		if s.CSMS >= 0 {
			p.row("+CSMS", fmt.Sprint(s.CSMS))
		}
		p.row("+CPMS", cmp.Or(strings.Join(s.Storages, ", "), "refused")+offered(s.StoragesOffered))
		p.row("+CSCS", cmp.Or(s.Charset, "refused"))
	}
	for _, s := range r.Storages {
		text := fmt.Sprintf("%d of %d", s.Used, s.Capacity)
		switch {
		case s.Obstacle != "":
			text = "cannot be opened (" + s.Obstacle + ")"
		case s.Capacity == 0:
			text = "does not say how full it is"
		}
		if s.Receives {
			text += ", messages arrive here"
		}
		p.row("storage "+printable(s.Name), text)
	}
}

func offered(text string) string {
	if text == "" {
		return ", the modem does not say what it offers"
	}
	return ", offered " + text
}

// printCommands tells which commands the modem knows, and what it refused.
func (r *probeReport) printCommands(p *probePrinter) {
	p.section("Commands")
	for _, f := range r.Functions {
		known := "no"
		if f.Known {
			known = "yes"
		}
		p.row(f.Command, fmt.Sprintf("%s: %s (%s)", known, f.Answer, f.About))
	}
	p.section("Refused while it was set up")
	for _, f := range r.Refused {
		text := f.Answer
		if f.Meaning != "" {
			text += " (" + f.Meaning + ")"
		}
		if f.Times > 1 {
			text += fmt.Sprintf(", %d times", f.Times)
		}
		p.row(printable(f.Command), text)
	}
}
