package gateway

import "slices"

// fanOut is where something goes that happened.
type fanOut struct {
	posts     []post
	matched   []*Forward // all that want it, in their order
	exclusive bool       // the webhooks that are registered for it are not told
}

// post is a webhook that is told, at most once.
type post struct {
	endpoint *Endpoint
	via      *Forward // nil: it is registered for such events
}

// fanOut finds the webhooks to tell of h, of those for which to returns true; nil
// stands for all.
func (g *Gateway) fanOut(h *happening, to func(*Endpoint) bool) (out fanOut) {
	endpoints := *g.endpoints.Load()
	forwards := *g.forwards.Load()
	var routed []post
	for i := range forwards {
		f := &forwards[i]
		if !g.wantedBy(f, h) {
			continue
		}
		out.matched = append(out.matched, f)
		target := slices.IndexFunc(endpoints, func(e Endpoint) bool { return e.ID == f.Webhook })
		if target < 0 || to != nil && !to(&endpoints[target]) || !g.carries(&endpoints[target], h) {
			continue // so that it may not keep the event from others
		}
		routed = append(routed, post{&endpoints[target], f})
		out.exclusive = out.exclusive || f.Exclusive
	}
	if !out.exclusive {
		for i := range endpoints {
			if ep := &endpoints[i]; (to == nil || to(ep)) && g.wants(ep, h) {
				out.posts = append(out.posts, post{endpoint: ep})
			}
		}
	}
	for _, p := range routed {
		if !slices.ContainsFunc(out.posts, p.repeats) {
			out.posts = append(out.posts, p)
		}
	}
	return out
}

// reaches reports whether a stored event would be sent to an endpoint if it happened
// now. One that tells of several messages would not: it holds what somebody else
// wanted of them, and another export can be asked for.
func (g *Gateway) reaches(ep *Endpoint, e *Event) bool {
	if Singles(e.Payload) != nil {
		return false
	}
	return slices.ContainsFunc(g.fanOut(happened(e), nil).posts, func(p post) bool { return p.endpoint.Num == ep.Num })
}

// repeats reports whether a receiver that is told by o would be told once more by p:
// it is the same webhook, or one that was made for forwards to the same URL.
func (p post) repeats(o post) bool {
	return p.endpoint.Num == o.endpoint.Num || p.endpoint.Routed && p.endpoint.URL == o.endpoint.URL
}

// wantedBy reports whether a forward wants h. Parts of a message are told to the
// webhooks that are registered for them, not through forwards.
func (g *Gateway) wantedBy(f *Forward, h *happening) bool {
	if d, ok := h.payload.(MessageDelivered); ok && d.Part > 0 {
		return false
	}
	return !f.Disabled && slices.Contains(f.Events, h.payload.EventType()) && g.matches(f.Filter, h)
}
