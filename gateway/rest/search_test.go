package rest

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"tetherd/gateway"
	"tetherd/gateway/api"
)

// pages follows an answer to the end and returns the ids of each page.
func (w *world) pages(path string) (pages []string) {
	w.t.Helper()
	for range 100 {
		a := w.do("GET", path, "")
		var items []struct{ ID string }
		if err := json.Unmarshal([]byte(a.body), &items); err != nil || a.status != 200 || a.header.Get(api.TotalHeader) != "" {
			w.t.Fatalf("%s: got %d %s, total %q, %v", path, a.status, a.body, a.header.Get(api.TotalHeader), err)
		}
		var ids []string
		for _, item := range items {
			ids = append(ids, item.ID)
		}
		pages = append(pages, strings.Join(ids, " "))
		link := a.header.Get("Link")
		if link == "" {
			return pages
		}
		path = strings.TrimSuffix(strings.TrimPrefix(link, "<"), `>; rel="next"`)
		u, err := url.Parse(path)
		if err != nil || u.Query().Get("before") != a.header.Get(api.NextHeader) {
			w.t.Fatalf("got Link %s and %s %s", link, api.NextHeader, a.header.Get(api.NextHeader))
		}
	}
	w.t.Fatal("there is no end")
	return nil
}

func TestSearch(t *testing.T) {
	w := newWorld(t)
	var c gateway.Change
	for i := range 5 {
		m := finished(fmt.Sprintf("m%d", i), at(10, i, 0))
		m.Text = fmt.Sprintf("Parcel %d", i%2)
		c.Messages = append(c.Messages, m)
		c.Inbound = append(c.Inbound, gateway.Inbound{
			Type: gateway.InboundSMS, From: "+4917000000" + fmt.Sprint(i), Text: fmt.Sprintf("Thanks %d", i%2), ArrivedAt: at(11, i, 0),
		})
	}
	w.store(c)
	for path, want := range map[string][]string{
		"/api/v1/messages?search=PARCEL+0&limit=2":          {"m4 m2", "m0"},
		"/messages?search=m3":                               {"m3"},
		"/messages?search=parcel&state=Pending":             {""},
		"/messages?search=parcel&from=2026-03-13T10:03:00Z": {"m4 m3"},
		"/inbox?search=thanks+1&limit=1":                    {"text:4", "text:2", ""},
		"/inbox?search=%2B49170000002":                      {"text:3"},
		"/inbox?search=%2B491700000002":                     {""},
	} {
		if got := w.pages(path); !slices.Equal(got, want) {
			t.Errorf("%s: got %q, want %q", path, got, want)
		}
	}
	for query, want := range map[string]string{
		"search=x&offset=1":                  "offset does not go with search, before and the deviceId of a modem: go on with before, as the header X-Next-Before says",
		"before=x":                           "before must be what the header X-Next-Before of the answer before said",
		"search=" + strings.Repeat("x", 201): "search must have at most 200 characters",
		"search=x&sort=created_at":           "sort=created_at does not go with search, before and the deviceId of a modem: they list the newest first",
	} {
		if a := w.do("GET", "/messages?"+query, ""); a.status != 400 || a.body != `{"message":"`+want+`"}` {
			t.Errorf("%.40s: got %d %s, want 400 %s", query, a.status, a.body, want)
		}
	}
}

// TestListsOfOneModem asks for what one modem sent or received, by the names that its
// deviceId may have.
func TestListsOfOneModem(t *testing.T) {
	w := newWorld(t, &fakeModem{gateway.ModemStatus{Modem: "office"}}, &fakeModem{gateway.ModemStatus{Modem: "van"}})
	var c gateway.Change
	for i, modem := range []string{"office", "van", "office", ""} {
		m := finished(fmt.Sprintf("m%d", i), at(10, i, 0))
		m.SIM = 0
		if modem == "" {
			m.SIM = 2
		}
		for j := range m.Recipients {
			m.Recipients[j].Modem = modem
		}
		c.Messages = append(c.Messages, m)
		c.Inbound = append(c.Inbound, gateway.Inbound{Type: gateway.InboundSMS, Modem: modem, From: "+49170", Text: "x", ArrivedAt: at(11, i, 0)})
	}
	w.store(c)
	for path, want := range map[string][]string{
		"/messages?deviceId=office":                     {"m2 m0"},
		"/3rdparty/v1/messages?deviceId=van&limit=1":    {"m3", "m1", ""},
		"/messages?deviceId=dev_van":                    {"m3 m1"},
		"/messages?deviceId=office&state=Pending":       {""},
		"/messages?deviceId=office&search=m0":           {"m0"},
		"/inbox?deviceId=office":                        {"text:3 text:1"},
		"/inbox?deviceId=van&type=DATA_SMS":             {""},
		"/inbox?deviceId=van&from=2026-03-13T11:01:00Z": {"text:2"},
	} {
		if got := w.pages(path); !slices.Equal(got, want) {
			t.Errorf("%s: got %q, want %q", path, got, want)
		}
	}
	for _, list := range []string{"/messages", "/inbox"} {
		if a := w.do("GET", list+"?deviceId="+w.gateway.DeviceID(), ""); a.status != 200 || a.header.Get(api.TotalHeader) != "4" {
			t.Errorf("%s of the gateway: got %d %s, total %q", list, a.status, a.body, a.header.Get(api.TotalHeader))
		}
		for query, want := range map[string]string{
			"deviceId=bus":             "Invalid device ID",
			"deviceId=1":               "Invalid device ID",
			"deviceId=office&offset=1": "offset does not go with search, before and the deviceId of a modem",
		} {
			if a := w.do("GET", list+"?"+query, ""); a.status != 400 || !strings.Contains(a.body, want) {
				t.Errorf("%s?%s: got %d %s, want 400 %s", list, query, a.status, a.body, want)
			}
		}
	}
	if a := w.do("GET", "/messages?deviceId=office&sort=created_at", ""); a.status != 400 || !strings.Contains(a.body, "sort=created_at does not go") {
		t.Errorf("oldest first: got %d %s", a.status, a.body)
	}
}
