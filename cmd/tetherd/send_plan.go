package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"tetherd/cmd/tetherd/bulk"
	"tetherd/gateway/api"
)

// plan prints what would become of a message.
func (c *cli) plan(ctx context.Context, conn connection, o sendOptions, r api.SendRequest) error {
	p, err := conn.Plan(ctx, r)
	if err != nil {
		return conn.explain(err)
	}
	if o.json {
		return c.printJSON(p)
	}
	return printPlan(c.stdout, p)
}

func printPlan(w io.Writer, p api.Plan) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n", layoutText(p.Layout))
	for _, to := range p.Recipients {
		fmt.Fprintf(&b, "%s\n", printable(to.PhoneNumber+asDialled(to)+when(to.Modem != "", "  by "+to.Modem)+
			when(to.Cost != "", "  for "+words(to.Cost, p.Currency))+when(to.Waiting != "", "  waiting: "+to.Waiting)))
	}
	fmt.Fprintf(&b, "%s in all%s; nothing was sent\n", count(p.TotalParts, "part"), when(p.Cost != "", ", "+words(p.Cost, p.Currency)))
	_, err := io.WriteString(w, b.String())
	return err
}

// layoutText says how a content is sent.
func layoutText(l api.Layout) string {
	most := l.Limits.Single
	if l.Parts > 1 {
		most = l.Limits.Concatenated
	}
	text := fmt.Sprintf("%s, %s", l.Alphabet, count(l.Parts, "part"))
	if l.Alphabet == "data" {
		return text
	}
	return fmt.Sprintf("%s of at most %d characters, room for %d more", text, most, l.Left)
}

// filePlan is what would become of a file, for machines. Index in a plan is that of the
// row; Line is where it stands.
type filePlan struct {
	DryRun     bool       `json:"dryRun"` // always true
	Accepted   int        `json:"accepted"`
	Refused    int        `json:"refused"`
	Replayed   int        `json:"replayed,omitempty"` // were accepted before, and would not be sent again
	TotalParts int        `json:"totalParts"`
	Cost       string     `json:"cost,omitempty"`
	Currency   string     `json:"currency,omitempty"`
	Messages   []planRow  `json:"messages"`
	Errors     []wrongRow `json:"errors,omitempty"`
}

type planRow struct {
	Line int `json:"line"`
	api.Plan
}

// plan prints what would become of the file.
func (s *fileSending) plan(ctx context.Context) error {
	out := filePlan{DryRun: true, Messages: []planRow{}}
	alphabets := make(map[string]int)
	cost := 0.0
	for i := range s.batches {
		b := &s.batches[i]
		p, err := s.conn.PlanBatch(ctx, s.request(b))
		if e, ok := errors.AsType[*api.Error](err); ok && len(e.Errors) > 0 && !s.o.partial {
			p, err = s.conn.PlanBatch(ctx, api.BatchRequest{Messages: b.Messages, Partial: true}) // to hear of all that is wrong
		}
		if err != nil {
			if err = s.unplanned(b, err); err != nil {
				return err
			}
			continue
		}
		if p.Replayed {
			out.Replayed += len(b.Messages)
		}
		s.result.Refused += p.Refused
		s.wrong(b, p.Errors)
		out.Accepted, out.TotalParts = out.Accepted+p.Accepted, out.TotalParts+p.TotalParts
		for _, m := range p.Messages {
			alphabets[m.Alphabet]++
			row := b.First + *m.Index
			m.Index = &row
			out.Messages = append(out.Messages, planRow{s.file.Rows[row].Line, m})
		}
		if n, err := strconv.ParseFloat(p.Cost, 64); err == nil {
			cost, out.Currency = cost+n, p.Currency
		}
		s.progress(fmt.Sprintf("checked %d", s.through(i)))
	}
	out.Refused, out.Errors = s.result.Refused, s.result.Errors
	if cost > 0 {
		out.Cost = strconv.FormatFloat(cost, 'f', 2, 64)
	}
	if err := s.printPlan(&out, alphabets); err != nil {
		return err
	}
	if out.Refused > 0 {
		return fmt.Errorf("%s of %s cannot be accepted, see above", count(out.Refused, "row"), s.file.Name)
	}
	return nil
}

// unplanned counts a batch of which nothing can be accepted.
func (s *fileSending) unplanned(b *bulk.Batch, err error) error {
	e, ok := errors.AsType[*api.Error](err)
	if !ok || len(e.Errors) == 0 {
		return s.refused(b, err)
	}
	s.result.Refused += len(b.Messages)
	s.wrong(b, e.Errors)
	return nil
}

func (s *fileSending) printPlan(p *filePlan, alphabets map[string]int) error {
	if s.o.json {
		return s.printJSON(p)
	}
	if p.Replayed > 0 {
		fmt.Fprintf(s.stderr, "%s accepted within the last day already, and would not be sent again\n", count(p.Replayed, "message"))
	}
	var texts []string
	for _, name := range slices.Sorted(maps.Keys(alphabets)) {
		texts = append(texts, fmt.Sprintf("%d as %s", alphabets[name], name))
	}
	_, err := fmt.Fprintf(s.stdout, "%s would be accepted%s, %s in all%s; nothing was sent\n", count(p.Accepted, "message"),
		when(len(texts) > 0, " ("+strings.Join(texts, ", ")+")"), count(p.TotalParts, "part"), when(p.Cost != "", ", "+words(p.Cost, p.Currency)))
	return err
}
