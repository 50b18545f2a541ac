package rest

import "tetherd/gateway/access"

// webhookRoutes lists what there is for webhooks besides what clients of the phone
// app know.
func (s *server) webhookRoutes() []route {
	// Who may not register webhooks may not learn what proves where they come from.
	at := func(method, rest string, h handler, scope access.Scope) route {
		return route{method: method, paths: []string{"/webhooks" + rest, "/webhook" + rest}, handle: h, scope: scope}
	}
	see, change := access.WebhooksList, access.WebhooksWrite
	routes := []route{
		at("GET", "/{id}", s.getWebhook, see),
		at("PUT", "/{id}", s.putWebhook, change),
		at("PATCH", "/{id}", s.patchWebhook, change),
		at("POST", "/{id}/pause", s.pauseWebhook, change),
		at("POST", "/{id}/resume", s.resumeWebhook, change),
		at("GET", "/{id}/stats", s.webhookStats, see),
		at("POST", "/{id}/test", s.testWebhook, change),

		at("GET", "/{id}/secret", s.webhookSecrets, change),
		at("POST", "/{id}/secret/rotate", s.rotateSecret, change),
		at("POST", "/{id}/secret/activate", s.activateSecret, change),

		at("GET", "/{id}/deliveries", s.listDeliveries, see),
		at("GET", "/{id}/deliveries/{delivery}", s.getDelivery, see),
		at("POST", "/{id}/deliveries/{delivery}/redeliver", s.redeliver, change),
		at("POST", "/{id}/deliveries/{delivery}/cancel", s.cancelDelivery, change),
		at("GET", "/{id}/attempts", s.listAttempts, see),
		at("POST", "/{id}/recover", s.recoverDeliveries, change),
		at("POST", "/{id}/replay-missing", s.replayMissing, change),
		at("GET", "/{id}/jobs", s.listJobs, see),
		at("GET", "/{id}/jobs/{job}", s.getJob, see),

		{method: "GET", paths: []string{"/webhooks/egress", "/webhook/egress"}, handle: s.egress, scope: see},
		{method: "GET", paths: []string{"/events"}, handle: s.listEvents, scope: access.EventsRead},
		{method: "GET", paths: []string{"/events/stream"}, handle: s.streamEvents, scope: access.EventsRead},
		{method: "GET", paths: []string{"/docs/webhook-prompt"}, handle: s.webhookPrompt, scope: see},

		{method: "POST", paths: []string{"/bins"}, handle: s.addBin, scope: change},
		{method: "DELETE", paths: []string{"/bins/{id}"}, handle: s.removeBin, scope: change},
		{method: "GET", paths: []string{"/bins/{id}/requests"}, handle: s.listBin, scope: change},
	}
	for _, m := range binMethods {
		routes = append(routes, route{method: m, paths: []string{"/bin/{id}"}, handle: s.fillBin, public: true})
	}
	return routes
}
