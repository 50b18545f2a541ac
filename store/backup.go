package store

import (
	"context"
	"fmt"
	"io"

	bolt "go.etcd.io/bbolt"
)

// backup writes a copy of the store, as tx sees it, to w. Commits go on meanwhile, but
// no page that they free can be used again before backup returns.
func backup(ctx context.Context, tx *bolt.Tx, w io.Writer) error {
	_, err := tx.WriteTo(&ctxWriter{ctx: ctx, w: w})
	if err != nil && ctx.Err() != nil {
		err = ctx.Err() // bbolt does not wrap it
	}
	if err != nil {
		return fmt.Errorf("back up store: %w", err)
	}
	return nil
}

// A ctxWriter fails once its context has ended.
type ctxWriter struct {
	ctx context.Context
	w   io.Writer
}

func (w *ctxWriter) Write(b []byte) (int, error) {
	if err := w.ctx.Err(); err != nil {
		return 0, err
	}
	return w.w.Write(b)
}
