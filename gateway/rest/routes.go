package rest

import (
	"net/http"
	"slices"
	"strings"

	"tetherd/gateway/access"
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
	// scope holds the rights of which one is needed; All for any credentials. None is
	// for administrators.
	scope access.Scope
}

// routes lists everything there is. GET routes answer HEAD, too. Each is described in
// gateway/docs/spec.
func (s *server) routes() []route {
	paths := func(p ...string) []string { return p }
	return slices.Concat([]route{
		{method: "GET", paths: paths("/"), handle: s.greet, scope: access.All},
		{method: "GET", paths: paths("/health", "/health/ready"), handle: s.getHealth, public: true},
		{method: "GET", paths: paths("/health/live", "/health/startup"), handle: s.getLive, public: true},

		{method: "GET", paths: paths("/messages", "/message"), handle: s.listMessages, scope: access.MessagesRead | access.MessagesList},
		{method: "POST", paths: paths("/messages", "/message"), handle: s.sendMessage, scope: access.MessagesSend},
		{method: "POST", paths: paths("/messages/preview", "/message/preview"), handle: s.preview, scope: access.MessagesSend},
		{method: "POST", paths: paths("/messages/batch", "/message/batch"), handle: s.sendBatch, scope: access.MessagesSend},
		{method: "GET", paths: paths("/messages/{id}", "/message/{id}"), handle: s.getMessage, scope: access.MessagesRead},
		{method: "DELETE", paths: paths("/messages/{id}", "/message/{id}"), handle: s.cancelMessage, scope: access.MessagesCancel},
		{method: "POST", paths: paths("/messages/{id}/release", "/message/{id}/release"), handle: s.releaseMessage, scope: access.MessagesSend},
		{method: "POST", paths: paths("/messages/{id}/retry", "/message/{id}/retry"), handle: s.retryMessage, scope: access.MessagesSend},
		{method: "GET", paths: paths("/messages/{id}/trace", "/message/{id}/trace"), handle: s.getTrace, scope: access.MessagesRead},

		{method: "GET", paths: paths("/inbox"), handle: s.listInbox, scope: access.InboxList},
		{method: "GET", paths: paths("/inbox/{id}"), handle: s.getInboxItem, scope: access.InboxRead},
		{method: "GET", paths: paths("/inbox/{id}/attachments/{part}"), handle: s.getAttachment, scope: access.InboxRead},
		{
			method: "POST", paths: paths("/inbox/export", "/messages/inbox/export", "/message/inbox/export"),
			handle: s.exportInbox, scope: access.MessagesExport,
		},
		{method: "POST", paths: paths("/inbox/refresh"), handle: s.refreshInbox, scope: access.InboxRefresh},

		{method: "GET", paths: paths("/settings"), handle: s.getSettings, scope: access.SettingsRead},
		{method: "PATCH", paths: paths("/settings"), handle: s.patchSettings, scope: access.SettingsWrite},
		{method: "PUT", paths: paths("/settings"), handle: s.putSettings, scope: access.SettingsWrite},

		{method: "GET", paths: paths("/limits"), handle: s.getLimits, scope: access.SettingsRead},

		{method: "GET", paths: paths("/logs"), handle: s.getLogs, scope: access.LogsRead},

		{method: "GET", paths: paths("/recordings"), handle: s.listRecordings, scope: access.ModemsRead},
		{method: "GET", paths: paths("/recordings/{id}"), handle: s.getRecording, scope: access.ModemsRead},

		{method: "GET", paths: paths("/webhooks", "/webhook"), handle: s.listWebhooks, scope: access.WebhooksList},
		{method: "POST", paths: paths("/webhooks", "/webhook"), handle: s.registerWebhook, scope: access.WebhooksWrite},
		{method: "DELETE", paths: paths("/webhooks/{id}", "/webhook/{id}"), handle: s.deleteWebhook, scope: access.WebhooksDelete},

		{method: "GET", paths: paths("/routes"), handle: s.listForwards, scope: access.RoutesRead},
		{method: "POST", paths: paths("/routes"), handle: s.addForward, scope: access.RoutesWrite},
		{method: "GET", paths: paths("/routes/{id}"), handle: s.getForward, scope: access.RoutesRead},
		{method: "PUT", paths: paths("/routes/{id}"), handle: s.replaceForward, scope: access.RoutesWrite},
		{method: "PATCH", paths: paths("/routes/{id}"), handle: s.editForward, scope: access.RoutesWrite},
		{method: "DELETE", paths: paths("/routes/{id}"), handle: s.deleteForward, scope: access.RoutesWrite},
		{method: "POST", paths: paths("/routes/{id}/test"), handle: s.tryForward, scope: access.RoutesRead},

		{method: "POST", paths: paths("/auth/token"), handle: s.issueToken, scope: access.TokensManage},
		{method: "POST", paths: paths("/auth/token/refresh"), handle: s.refreshToken, scope: access.TokensRefresh},
		{method: "DELETE", paths: paths("/auth/token/{jti}"), handle: s.revokeToken, scope: access.TokensManage},

		{method: "GET", paths: paths("/opt-outs"), handle: s.listOptOuts, scope: access.OptOutsRead},
		{method: "POST", paths: paths("/opt-outs"), handle: s.addOptOut, scope: access.OptOutsWrite},
		{method: "DELETE", paths: paths("/opt-outs/{id}"), handle: s.deleteOptOut, scope: access.OptOutsWrite},

		{method: "GET", paths: paths("/devices", "/device"), handle: s.listDevices, scope: access.DevicesList},
		{method: "DELETE", paths: paths("/devices/{id}", "/device/{id}"), handle: s.deleteDevice, scope: access.DevicesDelete},

		{method: "GET", paths: paths("/metrics"), handle: s.getMetrics, scope: access.MetricsRead, public: s.openMetrics},

		{method: "GET", paths: paths("/canary"), handle: s.getCanaries, scope: access.ModemsRead},
		{method: "POST", paths: paths("/canary/run"), handle: s.runCanary, scope: access.ModemsWrite},

		{method: "GET", paths: paths("/modems"), handle: s.listModems, scope: access.ModemsRead},
		{method: "GET", paths: paths("/modems/{modem}"), handle: s.getModem, scope: access.ModemsRead},
		{method: "GET", paths: paths("/modems/{modem}/history"), handle: s.modemHistory, scope: access.ModemsRead},
		{method: "POST", paths: paths("/modems/{modem}/balance"), handle: s.checkBalance, scope: access.ModemsWrite},
		{method: "POST", paths: paths("/modems/{modem}/purge"), handle: s.purgeModem, scope: access.ModemsWrite},
		{method: "POST", paths: paths("/modems/{modem}/ussd"), handle: s.runUSSD, scope: access.ModemsWrite},
		{method: "DELETE", paths: paths("/modems/{modem}/ussd"), handle: s.endUSSD, scope: access.ModemsWrite},
		{method: "GET", paths: paths("/modems/{modem}/trace"), handle: s.modemTrace, scope: access.ModemsRead},
		{method: "POST", paths: paths("/modems/{modem}/restart"), handle: s.restartModem, scope: access.ModemsWrite},
	}, s.webhookRoutes(), s.docsRoutes())
}

// mux mounts the routes under every prefix, and behind them what tells that a
// method or a path does not exist.
func (s *server) mux() *http.ServeMux {
	mux := http.NewServeMux()
	var names []string
	for _, r := range s.routes() {
		h := r.handle
		if !r.public {
			h = s.protect(r.scope, h)
		}
		names = append(names, r.method+" "+r.paths[0])
		for _, path := range r.paths {
			for _, prefix := range prefixes {
				mux.Handle(r.method+" "+mount(prefix, path), s.audit(&r, s.answer(h)))
			}
		}
	}
	mux.Handle("/", s.answer(s.protect(access.All, nothingHere(mux, names))))
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

// methods are those that routes have, as they are listed in the header Allow.
var methods = []string{"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"}

// allowed returns the methods that there are at the path of a request.
func allowed(mux *http.ServeMux, r *http.Request) (list []string) {
	for _, method := range methods {
		other := *r
		other.Method = method
		if _, pattern := mux.Handler(&other); pattern != "/" {
			list = append(list, method)
		}
	}
	return list
}

// nothingHere answers what no route does: the method is another, or the path is.
func nothingHere(mux *http.ServeMux, names []string) handler {
	text := "there is nothing at this path; there is " + strings.Join(names, ", ")
	return func(w http.ResponseWriter, r *http.Request) error {
		list := allowed(mux, r)
		if len(list) == 0 {
			return refuse(w, http.StatusNotFound, text)
		}
		allow := strings.Join(list, ", ")
		w.Header().Set("Allow", allow)
		return refuse(w, http.StatusMethodNotAllowed, "this path has no such method, only "+allow)
	}
}
