package main

import (
	"bytes"
	"context"
	"strings"

	"tetherd/modem/device"
)

// collectDevices adds what "modem list" shows, without serial numbers.
func (b *bundle) collectDevices(ctx context.Context, system device.System) {
	const name = "devices.txt"
	list, err := survey(ctx, system, nil)
	var out bytes.Buffer
	if err == nil {
		err = printDevices(&out, list)
	}
	if err != nil {
		b.miss(name, err)
		return
	}
	text := out.String()
	for _, d := range list {
		if d.Serial != "" {
			text = strings.ReplaceAll(text, d.Serial, "…")
		}
	}
	b.add(name, []byte(text))
}
