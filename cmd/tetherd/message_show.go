package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"tetherd/gateway/api"
)

// messageStates are the states in the order in which a message reaches them.
var messageStates = []api.State{api.Pending, api.Processed, api.Sent, api.Delivered, api.Failed, api.Cancelled}

// printWholeMessage prints what is known of a message.
func printWholeMessage(w io.Writer, m api.Message) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	row := func(name, value string) {
		if value != "" {
			fmt.Fprintf(t, "  %s\t%s\n", name, printable(value))
		}
	}
	if _, err := fmt.Fprintf(w, "%s: %s\n", m.ID, m.State); err != nil {
		return err
	}
	var reached []string
	for _, s := range messageStates {
		if at, ok := m.States[s]; ok {
			reached = append(reached, fmt.Sprintf("%s %s", s, dateTime(at)))
		}
	}
	row("reached", strings.Join(reached, ", "))
	row("scheduled", dateTime(m.ScheduleAt))
	if m.SIMNumber > 0 {
		row("by", fmt.Sprintf("SIM %d", m.SIMNumber))
	}
	if m.Priority != 0 {
		row("priority", fmt.Sprint(m.Priority))
	}
	row("encoding", m.Encoding)
	row("service centre", m.SMSC)
	row("user", m.User)
	row("canary of", m.Canary)
	row("retry of", m.RetryOf)
	row("sent again as", m.RetriedBy)
	row(contentName(&m), contentOf(&m))
	if err := t.Flush(); err != nil {
		return err
	}
	for _, to := range m.Recipients {
		fmt.Fprintf(t, "%s\t%s\n", printable(to.PhoneNumber), printable(recipientText(to)))
	}
	return t.Flush()
}

func contentName(m *api.Message) string {
	switch {
	case m.IsEncrypted:
		return "encrypted"
	case m.Flash:
		return "flash text"
	case m.DataMessage != nil:
		return "content"
	}
	return "text"
}

// recipientText says how it is with a recipient.
func recipientText(to api.Recipient) string {
	return string(to.State) +
		when(to.PossibleDuplicate, "  possibly twice") +
		when(to.Error != "", "  "+to.Error) +
		when(to.ErrorHelp != "", " ("+to.ErrorHelp+")") +
		when(to.Waiting != "", "  waiting: "+to.Waiting)
}
