package rest

import (
	"net/http"
	"slices"
	"strings"
)

// prefixes are where the routes are mounted: clients of other servers with the
// same API each have their own idea.
var prefixes = []string{"", "/3rdparty/v1", "/api/3rdparty/v1", "/api/v1"}

// handler answers a request, or returns the error that is to be answered.
type handler func(w http.ResponseWriter, r *http.Request) error

// route is one method on one path and its aliases.
type route struct {
	method string
	paths  []string // the first is the one named to people
	handle handler
	public bool // needs no credentials
}

// routes lists everything there is. GET routes answer HEAD, too.
func (s *server) routes() []route {
	paths := func(p ...string) []string { return p }
	return []route{
		{method: "GET", paths: paths("/"), handle: s.greet},
		{method: "GET", paths: paths("/health", "/health/ready"), handle: s.getHealth, public: true},
		{method: "GET", paths: paths("/health/live", "/health/startup"), handle: s.getLive, public: true},

		{method: "GET", paths: paths("/messages", "/message"), handle: s.listMessages},
		{method: "POST", paths: paths("/messages", "/message"), handle: s.sendMessage},
		{method: "GET", paths: paths("/messages/{id}", "/message/{id}"), handle: s.getMessage},
		{method: "DELETE", paths: paths("/messages/{id}", "/message/{id}"), handle: s.cancelMessage},
		{method: "GET", paths: paths("/messages/{id}/trace", "/message/{id}/trace"), handle: s.getTrace},

		{method: "GET", paths: paths("/inbox"), handle: s.listInbox},

		{method: "GET", paths: paths("/recordings"), handle: s.listRecordings},
		{method: "GET", paths: paths("/recordings/{id}"), handle: s.getRecording},

		{method: "GET", paths: paths("/webhooks", "/webhook"), handle: s.listWebhooks},
		{method: "POST", paths: paths("/webhooks", "/webhook"), handle: s.registerWebhook},
		{method: "DELETE", paths: paths("/webhooks/{id}", "/webhook/{id}"), handle: s.deleteWebhook},

		{method: "GET", paths: paths("/routes"), handle: s.listForwards},
		{method: "POST", paths: paths("/routes"), handle: s.addForward},
		{method: "GET", paths: paths("/routes/{id}"), handle: s.getForward},
		{method: "PUT", paths: paths("/routes/{id}"), handle: s.replaceForward},
		{method: "PATCH", paths: paths("/routes/{id}"), handle: s.editForward},
		{method: "DELETE", paths: paths("/routes/{id}"), handle: s.deleteForward},
		{method: "POST", paths: paths("/routes/{id}/test"), handle: s.tryForward},

		{method: "GET", paths: paths("/devices", "/device"), handle: s.listDevices},
		{method: "DELETE", paths: paths("/devices/{id}", "/device/{id}"), handle: s.deleteDevice},

		{method: "GET", paths: paths("/metrics"), handle: s.getMetrics, public: s.openMetrics},

		{method: "GET", paths: paths("/modems"), handle: s.listModems},
		{method: "GET", paths: paths("/modems/{modem}"), handle: s.getModem},
		{method: "POST", paths: paths("/modems/{modem}/balance"), handle: s.checkBalance},
		{method: "POST", paths: paths("/modems/{modem}/purge"), handle: s.purgeModem},
		{method: "POST", paths: paths("/modems/{modem}/ussd"), handle: s.runUSSD},
		{method: "DELETE", paths: paths("/modems/{modem}/ussd"), handle: s.endUSSD},
		{method: "GET", paths: paths("/modems/{modem}/trace"), handle: s.modemTrace},
		{method: "POST", paths: paths("/modems/{modem}/restart"), handle: s.restartModem},
	}
}

// mux mounts the routes under every prefix, and behind them what tells that a
// method or a path does not exist.
func (s *server) mux() *http.ServeMux {
	mux := http.NewServeMux()
	methods := make(map[string][]string) // by pattern
	var names []string
	for _, r := range s.routes() {
		h := r.handle
		if !r.public {
			h = s.protect(h)
		}
		names = append(names, r.method+" "+r.paths[0])
		for _, path := range r.paths {
			for _, prefix := range prefixes {
				pattern := mount(prefix, path)
				mux.Handle(r.method+" "+pattern, s.answer(h))
				methods[pattern] = append(methods[pattern], r.method)
			}
		}
	}
	for pattern, ms := range methods {
		mux.Handle(pattern, s.answer(s.protect(wrongMethod(ms))))
	}
	mux.Handle("/", s.answer(s.protect(nothingHere(names))))
	return mux
}

// mount returns the pattern of path under prefix.
func mount(prefix, path string) string {
	switch {
	case path != "/":
		return prefix + path
	case prefix == "":
		return "/{$}"
	}
	return prefix
}

func wrongMethod(allowed []string) handler {
	if slices.Contains(allowed, "GET") {
		allowed = append(slices.Clone(allowed), "HEAD")
	}
	slices.Sort(allowed)
	allow := strings.Join(allowed, ", ")
	return func(w http.ResponseWriter, _ *http.Request) error {
		w.Header().Set("Allow", allow)
		return refuse(w, http.StatusMethodNotAllowed, "this path has no such method, only "+allow)
	}
}

func nothingHere(names []string) handler {
	text := "there is nothing at this path; there is " + strings.Join(names, ", ")
	return func(w http.ResponseWriter, _ *http.Request) error {
		return refuse(w, http.StatusNotFound, text)
	}
}
