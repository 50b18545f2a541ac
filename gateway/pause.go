package gateway

import (
	"context"
	"strings"
)

// PauseEndpoint has nothing sent to a webhook until [Gateway.ResumeEndpoint]; what
// waits for it is kept. Since is set by it. A webhook that is paused stays as it is.
// It returns ErrNotFound if there is no such webhook.
func (g *Gateway) PauseEndpoint(ctx context.Context, id string, p Pause) (Endpoint, error) {
	if len(p.Note) > maxNote || strings.ContainsFunc(p.Note, isControl) {
		return Endpoint{}, Invalidf("note must be at most %d bytes, without control characters", maxNote)
	}
	return g.editEndpoint(ctx, id, func(e *Endpoint) error {
		if e.Paused == nil {
			p.Since = g.now()
			e.Paused = &p
		}
		return nil
	})
}

// maxNote bounds the note of a pause, in bytes.
const maxNote = 500

// ResumeEndpoint ends the pause of a webhook, whoever made it. It returns ErrNotFound
// if there is no such webhook.
func (g *Gateway) ResumeEndpoint(ctx context.Context, id string) (Endpoint, error) {
	return g.editEndpoint(ctx, id, func(e *Endpoint) error {
		e.Paused = nil
		return nil
	})
}
