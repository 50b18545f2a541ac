package main

import (
	"fmt"
	"time"

	"tetherd/cmd/tetherd/config"
	"tetherd/gateway"
)

// protection returns what the engine is to know of limits.
func protection(cfg *config.Config) (gateway.Protection, error) {
	c := &cfg.Limits
	zone, err := time.LoadLocation(cfg.Send.Zone)
	if err != nil {
		return gateway.Protection{}, fmt.Errorf("load time zone: %w", err)
	}
	p := gateway.Protection{
		Total: caps(c.Total), Modems: make(map[string]gateway.Caps), Currency: c.Currency,
		Reserve: c.Reserve, ReservePriority: int8(c.ReservePriority),
		Repeats: c.Repeats, Replies: c.Replies, StormWindow: c.RepeatWindow, Zone: zone,
	}
	for _, m := range cfg.Modems {
		p.Modems[m.Name] = caps(m.Limits)
	}
	for _, price := range c.Prices {
		p.Prices = append(p.Prices, gateway.Price{Prefix: price.Prefix, PerPart: gateway.Money(price.PerPart)})
	}
	return p, nil
}

func caps(c config.Caps) gateway.Caps {
	return gateway.Caps{
		PerMinute: c.PerMinute, Per30Minutes: c.Per30Minutes, PerHour: c.PerHour, PerDay: c.PerDay, PerMonth: c.PerMonth,
		Recipients: c.Recipients, CostPerDay: gateway.Money(c.CostPerDay), CostPerMonth: gateway.Money(c.CostPerMonth),
	}
}
