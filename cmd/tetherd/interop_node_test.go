package main_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"tetherd/modem/emulator"
	"tetherd/webhook/receivers"
)

// Every method of the client that is published for Node works, unmodified, with the
// built daemon, wherever it looks for the API.
func TestNodeClient(t *testing.T) {
	r := newRig(t, 1, emulator.NetworkOptions{Seed: 1})
	receivers.StartNodeClient(t, "http://"+r.addr, rigUser, rigPassword) // skips before the daemon is built
	r.start()
	r.ready()
	r.everyPrefix(t, func(t *testing.T, url, name string) {
		c := receivers.StartNodeClient(t, url, rigUser, rigPassword)
		t.Run("messages", func(t *testing.T) { nodeMessages(t, r, c, name) })
		device := nodeDevices(t, c)
		t.Run("webhooks", func(t *testing.T) { nodeWebhooks(t, r, c, name, device) })
		t.Run("health and logs", func(t *testing.T) { nodeHealth(t, r, c) })
		t.Run("settings", func(t *testing.T) { nodeSettings(t, c) })
	})
	c := receivers.StartNodeClient(t, "http://"+r.addr, rigUser, "wrong")
	expect(t, "getState with a wrong password", c.Call("getState", nil, "x"), "HTTP error 401")
}

// object is what a method resolves to.
type object = map[string]any

func nodeMessages(t *testing.T, r *rig, c *receivers.NodeClient, name string) {
	request := object{
		"id": name, "message": "Secure OTP: 123456 🔐", "phoneNumbers": []string{"+4917012345678"},
		"ttl": nil, "simNumber": nil, "validUntil": nil, "withDeliveryReport": true,
	}
	var sent message
	expect(t, "send", c.Call("send", &sent, request), "")
	if sent.ID != name || sent.State != "Pending" || len(sent.Recipients) != 1 || sent.States["Pending"].IsZero() {
		t.Errorf("send resolved to %+v", sent)
	}
	expect(t, "send the same again", c.Call("send", nil, request), "HTTP error 409")
	r.until("the message to arrive", 30*time.Second, func() bool {
		var m message
		expect(t, "getState", c.Call("getState", &m, name), "")
		return m.State == "Delivered"
	})
	expect(t, "getState of what there is not", c.Call("getState", nil, "other"), "HTTP error 404")

	odd := object{"message": "hi", "phoneNumbers": []string{"1"}}
	expect(t, "send to nobody", c.Call("send", nil, object{"message": "hi", "phoneNumbers": []string{}}), "Empty phone numbers list")
	expect(t, "send to an odd number", c.Call("send", nil, odd, object{"skipPhoneValidation": true}), "")
}

// nodeDevices returns the ID of the device.
func nodeDevices(t *testing.T, c *receivers.NodeClient) string {
	t.Helper()
	var devices []struct {
		ID       string `json:"id"`
		SimCards []struct {
			PhoneNumber string `json:"phoneNumber"`
		} `json:"simCards"`
	}
	if err := c.Call("getDevices", &devices); err != nil || len(devices) != 1 || len(devices[0].SimCards) != 1 {
		t.Fatalf("getDevices: got %+v, %v, want one with a SIM card", devices, err)
	}
	if got, want := devices[0].SimCards[0].PhoneNumber, "+4915110000001"; got != want {
		t.Errorf("number of the SIM card: got %q, want %q", got, want)
	}
	expect(t, "deleteDevice of another", c.Call("deleteDevice", nil, "other"), "HTTP error 404")
	expect(t, "deleteDevice of the only one", c.Call("deleteDevice", nil, devices[0].ID), "HTTP error 400")
	return devices[0].ID
}

func nodeWebhooks(t *testing.T, r *rig, c *receivers.NodeClient, name, device string) {
	began := time.Now().Add(-time.Second)
	var hook struct {
		ID, URL, Event string
	}
	request := object{"id": nil, "url": r.receiver.url + "/" + name, "event": "sms:received", "deviceId": nil}
	expect(t, "registerWebhook", c.Call("registerWebhook", &hook, request), "")
	if hook.ID == "" || hook.URL != request["url"] || hook.Event != "sms:received" {
		t.Errorf("registerWebhook resolved to %+v", hook)
	}
	r.arrive(hook.ID, "text for "+name, 1)
	export := object{"deviceId": device, "since": receivers.Date(began), "until": receivers.Date(time.Now().Add(time.Minute))}
	expect(t, "exportInbox", c.Call("exportInbox", nil, export), "")
	r.arrive(hook.ID, "text for "+name, 2)

	listed := func() bool {
		var hooks []struct{ ID string }
		expect(t, "getWebhooks", c.Call("getWebhooks", &hooks), "")
		return slices.ContainsFunc(hooks, func(h struct{ ID string }) bool { return h.ID == hook.ID })
	}
	if !listed() {
		t.Error("getWebhooks has no webhook that is registered")
	}
	for range 2 {
		expect(t, "deleteWebhook", c.Call("deleteWebhook", nil, hook.ID), "")
	}
	if listed() {
		t.Error("getWebhooks has a webhook that is deleted")
	}
	expect(t, "registerWebhook for an odd event", c.Call("registerWebhook", nil, object{"url": hook.URL, "event": "sms:odd"}), "HTTP error 400")
}

func nodeHealth(t *testing.T, r *rig, c *receivers.NodeClient) {
	var health struct {
		Status string `json:"status"`
		Checks map[string]struct {
			Status        string `json:"status"`
			ObservedValue int    `json:"observedValue"`
		} `json:"checks"`
	}
	expect(t, "getHealth", c.Call("getHealth", &health), "")
	if got := health.Checks["modem:1:status"].Status; health.Status == "fail" || got != "pass" {
		t.Errorf("getHealth resolved to %+v", health)
	}
	var logs []struct {
		ID        int
		Priority  string
		CreatedAt time.Time
		Context   json.RawMessage
	}
	r.until("the log to be stored", 20*time.Second, func() bool {
		expect(t, "getLogs", c.Call("getLogs", &logs, receivers.Date(time.Now().Add(-time.Hour)), receivers.Date(time.Now())), "")
		return len(logs) > 0
	})
	for _, entry := range logs {
		if !slices.Contains([]string{"DEBUG", "INFO", "WARN", "ERROR"}, entry.Priority) || entry.CreatedAt.IsZero() {
			t.Errorf("getLogs resolved to %+v", entry)
		}
		if entry.Context != nil && !strings.HasPrefix(string(entry.Context), "{") {
			t.Errorf("context %s is no object", entry.Context)
		}
	}
	var all []object
	if expect(t, "getLogs of all times", c.Call("getLogs", &all), ""); len(all) < len(logs) {
		t.Errorf("getLogs resolved to %d entries, want at least %d", len(all), len(logs))
	}
}

func nodeSettings(t *testing.T, c *receivers.NodeClient) {
	type settings struct {
		Messages struct {
			LimitPeriod string `json:"limit_period"`
			LimitValue  int    `json:"limit_value"`
		} `json:"messages"`
		Webhooks struct {
			RetryCount int `json:"retry_count"`
		} `json:"webhooks"`
	}
	var before, changed, read, replaced settings
	expect(t, "getSettings", c.Call("getSettings", &before), "")
	// This client writes them in camel case, and reads them as they come.
	expect(t, "patchSettings", c.Call("patchSettings", &changed, object{"messages": object{"limitPeriod": "PerDay", "limitValue": 200}}), "")
	if changed.Messages.LimitPeriod != "PerDay" || changed.Messages.LimitValue != 200 || changed.Webhooks != before.Webhooks {
		t.Errorf("patchSettings resolved to %+v, before %+v", changed, before)
	}
	if expect(t, "getSettings", c.Call("getSettings", &read), ""); read != changed {
		t.Errorf("getSettings resolved to %+v after a patch to %+v", read, changed)
	}
	expect(t, "updateSettings", c.Call("updateSettings", &replaced, object{"webhooks": object{"retryCount": 3}}), "")
	if replaced.Webhooks.RetryCount != 3 || replaced.Messages != before.Messages {
		t.Errorf("updateSettings resolved to %+v, before %+v", replaced, before)
	}
	expect(t, "patchSettings to an odd value", c.Call("patchSettings", nil, object{"messages": object{"limitValue": -1}}), "HTTP error 400")
	if expect(t, "updateSettings to nothing", c.Call("updateSettings", &replaced, object{}), ""); replaced != before {
		t.Errorf("updateSettings resolved to %+v, want %+v", replaced, before)
	}
}
