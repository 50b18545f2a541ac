package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"tetherd/cmd/tetherd/bulk"
	"tetherd/gateway/api"
)

const (
	// batchPatience is how long a batch may take: it is stored in one step, on a slow
	// card.
	batchPatience = 5 * time.Minute
	// progressEvery is how often somebody who waits is told how far it is.
	progressEvery = 2 * time.Second
)

// fileResult is what became of a file, for machines.
type fileResult struct {
	Accepted int        `json:"accepted"`
	Refused  int        `json:"refused"`
	Replayed bool       `json:"replayed"` // all of it was accepted before
	Messages []sentRow  `json:"messages"`
	Errors   []wrongRow `json:"errors,omitempty"`
}

type sentRow struct {
	Line  int       `json:"line"`
	ID    string    `json:"id"`
	State api.State `json:"state"`
}

type wrongRow struct {
	Line    int    `json:"line"`
	Field   string `json:"field,omitempty"`
	Message string `json:"message"`
}

// fileSending sends the messages of a file.
type fileSending struct {
	*cli
	conn    connection
	o       sendOptions
	file    *bulk.File
	batches []bulk.Batch
	result  fileResult
	told    time.Time // when the progress was
}

func (c *cli) sendFile(ctx context.Context, o sendOptions, args []string) error {
	if o.id != "" || o.wait != 0 || o.dataPort != nil {
		return usagef("--id, --wait and --data-port do not go with --file: a file may have columns id, data and port")
	}
	file, err := c.readBulk(o, args)
	if err != nil {
		return err
	}
	batches, err := file.Batches(o.key, o.most)
	if err != nil {
		return err
	}
	conn, err := c.connect(o.clientOptions, true)
	if err != nil {
		return err
	}
	conn.patience(batchPatience)
	s := fileSending{cli: c, conn: conn, o: o, file: file, batches: batches, told: time.Now()}
	s.result.Messages = []sentRow{}
	if o.dryRun {
		return conn.explain(s.plan(ctx))
	}
	return conn.explain(s.run(ctx))
}

// readBulk reads the file.
func (c *cli) readBulk(o sendOptions, args []string) (*bulk.File, error) {
	base, err := o.request()
	if err != nil {
		return nil, err
	}
	if len(args) > 0 {
		base.TextMessage = &api.TextMessage{Text: args[0]}
	}
	in, name := c.stdin, "standard input"
	if o.file != "-" {
		f, err := os.Open(o.file)
		if err != nil {
			return nil, fmt.Errorf("read messages: %w", err)
		}
		defer f.Close()
		in, name = f, o.file
	} else if len(args) > 0 && args[0] == "-" {
		return nil, usagef("standard input cannot be both the file and the text")
	}
	if len(args) > 0 && args[0] == "-" {
		b, err := io.ReadAll(io.LimitReader(c.stdin, 1<<20))
		if err != nil {
			return nil, fmt.Errorf("read standard input: %w", err)
		}
		base.TextMessage.Text = strings.TrimRight(string(b), "\r\n")
	}
	return bulk.Read(name, in, bulk.Options{Base: base, Columns: o.columns})
}

// run sends all batches. If there are several, all are tried first: a mistake in the
// last must not come up when the first are on their way. Those that were accepted by an
// earlier run pass.
func (s *fileSending) run(ctx context.Context) error {
	if len(s.batches) > 1 && !s.o.partial {
		for i := range s.batches {
			if _, err := s.conn.PlanBatch(ctx, s.request(&s.batches[i])); err != nil {
				return s.refused(&s.batches[i], err)
			}
			s.progress(fmt.Sprintf("checked %d", s.through(i)))
		}
	}
	var err error
	for i := range s.batches {
		b := &s.batches[i]
		var a api.BatchAnswer
		var replayed bool
		if a, replayed, err = s.conn.SendBatch(ctx, s.request(b)); err != nil {
			err = s.refused(b, err)
			break
		}
		if err = s.took(b, a); err != nil {
			return err
		}
		s.result.Replayed = replayed && (i == 0 || s.result.Replayed)
		s.progress(fmt.Sprintf("accepted %d", s.result.Accepted))
	}
	if s.o.json && (err == nil || len(s.result.Messages) > 0) {
		err = cmp.Or(err, s.printJSON(s.result))
	}
	return s.conclude(err)
}

// request returns the request that sends a batch.
func (s *fileSending) request(b *bulk.Batch) api.BatchRequest {
	return api.BatchRequest{Messages: b.Messages, Partial: s.o.partial, Key: b.Key}
}

// through returns how many rows there are up to the end of batch i.
func (s *fileSending) through(i int) int { return s.batches[i].First + len(s.batches[i].Messages) }

// took notes and prints what was accepted, and what was not.
func (s *fileSending) took(b *bulk.Batch, a api.BatchAnswer) error {
	s.result.Accepted += a.Accepted
	s.result.Refused += a.Refused
	for _, m := range a.Messages {
		row := s.file.Rows[b.First+m.Index]
		s.result.Messages = append(s.result.Messages, sentRow{row.Line, m.ID, m.State})
		if s.o.json {
			continue
		}
		if _, err := fmt.Fprintf(s.stdout, "%s  %s  %s\n", m.ID, printable(strings.Join(row.Request.PhoneNumbers, ",")), m.State); err != nil {
			return fmt.Errorf("print: %w", err)
		}
	}
	s.wrong(b, a.Errors)
	return nil
}

// wrong notes and prints what is wrong with rows of a batch.
func (s *fileSending) wrong(b *bulk.Batch, errs []api.BatchError) {
	for _, e := range errs {
		if e.Index < 0 || e.Index >= len(b.Messages) {
			continue // not of this file
		}
		row := b.First + e.Index
		s.result.Errors = append(s.result.Errors, wrongRow{s.file.Rows[row].Line, e.Field, e.Message})
		fmt.Fprintf(s.stderr, "%s: %s\n", s.file.Place(row, e.Field), printable(e.Message))
	}
}

// refused says what it is about a batch that the gateway did not take.
func (s *fileSending) refused(b *bulk.Batch, err error) error {
	e, ok := errors.AsType[*api.Error](err)
	switch {
	case ok && e.Status == http.StatusUnprocessableEntity && e.Field == api.IdempotencyKey:
		return fmt.Errorf("%s was sent within the last day with other flags: give them again to have nothing sent twice, or --key NAME to send it once more", s.file.Name)
	case !ok || len(e.Errors) == 0:
		return err
	}
	s.wrong(b, e.Errors)
	text := "rows of " + s.file.Name + " cannot be accepted, see above"
	if s.result.Accepted > 0 {
		return fmt.Errorf("%s: %d messages before them were", text, s.result.Accepted)
	}
	return fmt.Errorf("%s: nothing was sent", text)
}

// conclude says what became of the file.
func (s *fileSending) conclude(err error) error {
	if err != nil {
		if s.result.Accepted > 0 {
			fmt.Fprintf(s.stderr, "accepted %d of %d; run the command again: nothing is sent twice\n", s.result.Accepted, len(s.file.Rows))
		}
		return err
	}
	switch {
	case s.result.Replayed:
		fmt.Fprintf(s.stderr, "%s accepted within the last day already, and not sent again; --key NAME sends the file once more\n", count(s.result.Accepted, "message"))
	default:
		fmt.Fprintf(s.stderr, "%s accepted\n", count(s.result.Accepted, "message"))
	}
	if s.result.Refused > 0 {
		return fmt.Errorf("%s of %s cannot be accepted, see above", count(s.result.Refused, "row"), s.file.Name)
	}
	return nil
}

// progress tells how far it is, now and then.
func (s *fileSending) progress(text string) {
	if now := time.Now(); now.Sub(s.told) >= progressEvery {
		s.told = now
		fmt.Fprintf(s.stderr, "%s of %d\n", text, len(s.file.Rows))
	}
}
