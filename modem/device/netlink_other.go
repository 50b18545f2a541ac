//go:build !linux

package device

import (
	"context"
	"errors"
)

// listen returns an error: uevents are Linux's own.
func listen(context.Context, func()) error { return errors.ErrUnsupported }
