package api

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// streamSilence is how long a stream may be silent before the connection is taken for
// dead. The gateway gives a sign of life every 15 s.
const streamSilence = 45 * time.Second

// maxStreamLine bounds one line of a stream, in bytes.
const maxStreamLine = 16 << 20

// Stream calls each with the events behind q.After as they happen, and returns the
// error of each, of ctx, or why the connection ended, which it does when the gateway
// stops ([io.EOF]). Without q.After it begins with the next event. missed is set for
// what stands for events that were not kept long enough: e has only a Cursor then.
// q.Limit and q.Wait do not count.
func (c *Client) Stream(ctx context.Context, q EventQuery, each func(e Event, missed bool) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	silent := fmt.Errorf("the stream was silent for %s", streamSilence)
	watchdog := time.AfterFunc(streamSilence, func() { cancel(silent) })
	defer watchdog.Stop()
	err := c.stream(ctx, q, func() { watchdog.Reset(streamSilence) }, each)
	if cause := context.Cause(ctx); cause == silent {
		return silent
	}
	return err
}

func (c *Client) stream(ctx context.Context, q EventQuery, alive func(), each func(Event, bool) error) error {
	v := url.Values{}
	if len(q.Event) > 0 {
		v.Set("events", strings.Join(q.Event, ","))
	}
	target := c.base + "/events/stream"
	if len(v) > 0 {
		target += "?" + v.Encode()
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, target, nil)
	if err != nil {
		return fmt.Errorf("stream events: %w", err)
	}
	c.authorize(req)
	req.Header.Set("Accept", "text/event-stream")
	if q.After != "" {
		req.Header.Set("Last-Event-ID", q.After)
	}
	hc := *c.http
	hc.Timeout = 0 // the watchdog is there
	resp, err := hc.Do(req)
	if err != nil {
		return fmt.Errorf("stream events: %w", err)
	}
	defer resp.Body.Close()
	if t, _, err := mime.ParseMediaType(resp.Header.Get("Content-Type")); resp.StatusCode != http.StatusOK || err != nil || t != "text/event-stream" {
		b, _ := io.ReadAll(io.LimitReader(resp.Body, maxStreamLine)) // what is there of it
		return (&answer{call: "GET /events/stream", status: resp.StatusCode, header: resp.Header, body: b}).refusal()
	}
	return readStream(resp.Body, alive, each)
}

// readStream reads server-sent events as the gateway writes them: each field on a line
// of its own that ends in a line feed.
func readStream(r io.Reader, alive func(), each func(Event, bool) error) error {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, maxStreamLine)
	var name string
	var id, data []byte
	for lines.Scan() {
		alive()
		field, value, _ := bytes.Cut(lines.Bytes(), []byte(":"))
		value = bytes.TrimPrefix(value, []byte(" "))
		switch string(field) {
		case "event":
			name = string(value)
		case "id":
			id = bytes.Clone(value)
		case "data":
			data = append(data, value...)
		case "": // the end of an event, or a comment
			if len(lines.Bytes()) > 0 || len(data) == 0 {
				continue
			}
			e, missed := Event{}, name == GapEvent
			if missed {
				e.Cursor = string(id)
			} else if err := json.Unmarshal(data, &e); err != nil {
				return fmt.Errorf("decode event: %w", err)
			}
			if err := each(e, missed); err != nil {
				return err
			}
			alive() // that took its time
			name, data = "", nil
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("read stream of events: %w", err)
	}
	return io.EOF
}
