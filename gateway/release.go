package gateway

import (
	"context"
	"fmt"
)

// Release lets a message be sent that is held back because it repeats itself. A
// message of which nothing is held back is refused with an [Error] of code Conflict.
func (g *Gateway) Release(ctx context.Context, id string) (Message, error) {
	m, err := g.store.Message(id)
	if err != nil {
		return m, err
	}
	released := false
	err = g.update(ctx, edit{m.Seq, func(m *Message, _ *Change) bool {
		released = m.letGo(g.now(), "by hand", true)
		return released
	}})
	switch {
	case err != nil:
		return m, fmt.Errorf("release message: %w", err)
	case !released:
		return m, &Error{Code: Conflict, Message: fmt.Sprintf("Message %s is not held back", id)}
	}
	return g.store.Message(id)
}
