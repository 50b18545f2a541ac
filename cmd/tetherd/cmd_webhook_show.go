package main

import (
	"fmt"
	"sort"
	"strings"
	"time"

	"tetherd/gateway/api"
)

// printWebhook writes all that is known of a webhook.
func (c *cli) printWebhook(o clientOptions, h api.Webhook) error {
	if o.json {
		return c.printJSON(h)
	}
	fields := [][2]string{
		{"id", h.ID},
		{"name", h.Name},
		{"url", h.URL},
		{"events", strings.Join(h.Events, ", ")},
		{"modems", strings.Join(h.Modems, ", ")},
		{"filter", string(h.Filter)},
		{"format", describeFormat(h)},
		{"template", h.Template},
	}
	names := make([]string, 0, len(h.Headers))
	for name := range h.Headers {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		fields = append(fields, [2]string{"header", name + ": " + h.Headers[name]})
	}
	fields = append(fields, [][2]string{
		{"auth", describeAuth(h.Auth)},
		{"tls", describeTLS(h.TLS)},
		{"timeout", optional(time.Duration(h.Timeout))},
		{"retries", describeRetry(h.Retry)},
		{"redirects", h.Redirects},
		{"flow", describeFlow(h)},
	}...)
	if p := h.Pause; p != nil {
		fields = append(fields, [2]string{"paused", pauseReason(*p) + ", since " + p.Since.Format(time.DateTime)})
	}
	if h.Insecure {
		fields = append(fields, [2]string{"insecure", "others can read or alter what is sent"})
	}
	fields = append(fields, [2]string{"created", h.CreatedAt.Format(time.DateTime)}, [2]string{"changed", h.UpdatedAt.Format(time.DateTime)})
	if s := h.Health; s != nil {
		fields = append(fields, [][2]string{
			{"status", describeHealth(*s)},
			{"last success", moment(s.LastSuccess)},
			{"last failure", moment(s.LastFailure)},
			{"next attempt", moment(s.NextAttempt)},
		}...)
	}
	return printFields(c.stdout, fields)
}

// parts joins what is not empty.
func parts(texts ...string) string {
	var have []string
	for _, s := range texts {
		if s != "" {
			have = append(have, s)
		}
	}
	return strings.Join(have, ", ")
}

// when returns text if it is so.
func when(is bool, text string) string {
	if is {
		return text
	}
	return ""
}

func optional(d time.Duration) string { return when(d != 0, d.String()) }

func moment(t api.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.DateTime)
}

func describeFormat(h api.Webhook) string {
	return parts(h.Format, h.Kind, h.Method, h.ContentType, when(h.ExtendedEvents, "extended events"), when(h.Payload == "thin", "thin"),
		when(h.DeliveredPer == "part", "delivered per part"), when(h.Signature != "", "signed as "+h.Signature+" does, too"))
}

func describeAuth(a *api.WebhookAuth) string {
	if a == nil {
		return ""
	}
	return parts(a.Type, a.Username)
}

func describeTLS(t *api.WebhookTLS) string {
	if t == nil {
		return ""
	}
	return parts(when(t.CA != "", "certificates of its own"), when(t.Cert != "", "client's certificate"), when(t.ServerName != "", "name "+t.ServerName),
		when(len(t.Pins) > 0, count(len(t.Pins), "pinned key")), when(t.Insecure, "any certificate is accepted"))
}

func describeRetry(r *api.WebhookRetry) string {
	if r == nil {
		return ""
	}
	schedule := make([]string, len(r.Schedule))
	for i, d := range r.Schedule {
		schedule[i] = time.Duration(d).String()
	}
	most := ""
	if r.Max != nil {
		most = fmt.Sprintf("%d at most", *r.Max)
	}
	return parts(most, when(r.Base != 0, "from "+time.Duration(r.Base).String()), when(len(schedule) > 0, "after "+strings.Join(schedule, " ")),
		when(r.Jitter != 0, fmt.Sprintf("up to %d %% later", r.Jitter)), when(len(r.GiveUpOn) > 0, "none after "+strings.Trim(fmt.Sprint(r.GiveUpOn), "[]")))
}

func describeFlow(h api.Webhook) string {
	rate := ""
	if h.Rate != nil {
		rate = fmt.Sprintf("%g per second", h.Rate.PerSecond)
		if h.Rate.Burst > 0 {
			rate += fmt.Sprintf(", %d at once", h.Rate.Burst)
		}
	}
	return parts(when(h.Slots != 0, fmt.Sprintf("%d at a time", h.Slots)), rate, when(h.Ordered, "ordered"), when(h.Drain != "", h.Drain),
		when(h.MaxPending != 0, fmt.Sprintf("%d may wait", h.MaxPending)), when(h.DisableOnGone != nil && !*h.DisableOnGone, "goes on after 410"))
}

func describeHealth(s api.WebhookHealth) string {
	return parts(s.Status, when(s.Failures > 0, "failed "+times(s.Failures)+" in a row"), when(s.LastCode != 0, fmt.Sprintf("HTTP %d", s.LastCode)),
		when(s.Pending > 0, fmt.Sprintf("%d waiting", s.Pending)), when(s.Dead > 0, fmt.Sprintf("%d given up", s.Dead)))
}
