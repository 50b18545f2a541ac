package gateway

import "fmt"

// Load is how much there is and how much waits.
type Load struct {
	Messages   map[State]int           // stored, by state; each state has an entry
	Deliveries map[string]EndpointLoad // what waits for each registered webhook, by its ID
	Endpoints  int                     // registered webhooks
}

// Load counts what is stored and what waits.
func (g *Gateway) Load() (Load, error) {
	l := Load{Messages: make(map[State]int), Deliveries: make(map[string]EndpointLoad)}
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
	endpoints := g.Endpoints()
	l.Endpoints = len(endpoints)
	for i := range endpoints {
		l.Deliveries[endpoints[i].ID] = loads[endpoints[i].Num]
	}
	return l, nil
}
