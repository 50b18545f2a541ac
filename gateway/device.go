package gateway

import (
	"context"
	"fmt"
	"time"
)

// Where the identity of this gateway is kept.
const (
	settingDevice = "device_id"
	settingSince  = "created_at" // when that was made, RFC 3339
)

// loadDevice reads the identity of the gateway, or makes one.
func (g *Gateway) loadDevice(ctx context.Context) (err error) {
	if g.device, err = g.store.Setting(settingDevice); err != nil {
		return fmt.Errorf("read device id: %w", err)
	}
	since, err := g.store.Setting(settingSince)
	if err != nil {
		return fmt.Errorf("read age of the device: %w", err)
	}
	if g.since, err = time.Parse(time.RFC3339Nano, since); g.device != "" && err == nil {
		return nil
	}
	if g.device == "" {
		g.device = NewID()
	}
	g.since = g.now()
	err = g.store.Commit(ctx, Change{Settings: map[string]string{
		settingDevice: g.device, settingSince: g.since.Format(time.RFC3339Nano),
	}})
	if err != nil {
		return fmt.Errorf("store device id: %w", err)
	}
	return nil
}

// DeviceID returns the identity of this gateway: 21 characters, made at the
// first start and kept.
func (g *Gateway) DeviceID() string { return g.device }

// CreatedAt returns when the identity of this gateway was made, by its clock then.
func (g *Gateway) CreatedAt() time.Time { return g.since }
