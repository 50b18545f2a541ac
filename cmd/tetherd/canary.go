package main

import (
	"tetherd/cmd/tetherd/config"
	"tetherd/gateway"
)

// canary returns what the engine is to know of canaries; nil if there are none.
func canary(c config.Canary) *gateway.CanaryOptions {
	if !c.Enabled {
		return nil
	}
	return &gateway.CanaryOptions{
		Modems: c.Modems, To: c.To, Every: c.Every, Timeout: c.Timeout, PerDay: c.PerDay, Misses: c.Misses, Tell: c.Events,
		Window: gateway.WorkHours{Enabled: c.Window.Start != c.Window.End, Start: c.Window.Start, End: c.Window.End},
	}
}
