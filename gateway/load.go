package gateway

import "fmt"

// Load is how much there is and how much waits.
type Load struct {
	Messages   map[State]int     // stored, by state; each state has an entry
	Deliveries map[EventType]int // events that wait to reach a webhook, by type; each type has an entry
	Endpoints  int               // registered webhooks
}

// Load counts what is stored and what waits.
func (g *Gateway) Load() (Load, error) {
	l := Load{Messages: make(map[State]int), Deliveries: make(map[EventType]int)}
	counts, err := g.store.CountMessages()
	if err != nil {
		return l, fmt.Errorf("count messages: %w", err)
	}
	for _, s := range States {
		l.Messages[s] = counts[s]
	}
	loads, err := g.store.EndpointLoads()
	if err != nil {
		return l, fmt.Errorf("count deliveries: %w", err)
	}
	for _, t := range EventTypes {
		l.Deliveries[t] = 0
	}
	endpoints := g.Endpoints()
	l.Endpoints = len(endpoints)
	for i := range endpoints {
		l.Deliveries[endpoints[i].Event] += loads[endpoints[i].Num].Pending
	}
	return l, nil
}
