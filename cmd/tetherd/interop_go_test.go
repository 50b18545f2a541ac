package main_test

import (
	"slices"
	"testing"
	"time"

	"github.com/android-sms-gateway/client-go/smsgateway"
	"github.com/google/go-cmp/cmp"

	"tetherd/modem/emulator"
)

// Every method of the client that is published for Go works, unmodified, with the built
// daemon, wherever it looks for the API, with a password and with a token.
func TestGoClient(t *testing.T) {
	r := newRig(t, 1, emulator.NetworkOptions{Seed: 1})
	r.start()
	r.ready()
	t.Run("webhooks", func(t *testing.T) { goPayloads(t, r) }) // before there are other texts
	r.everyPrefix(t, func(t *testing.T, url, name string) {
		basic := smsgateway.NewClient(smsgateway.Config{BaseURL: url, User: rigUser, Password: rigPassword})
		c := smsgateway.NewClient(smsgateway.Config{BaseURL: url, Token: goTokens(t, url, basic)})
		t.Run("messages", func(t *testing.T) { goMessages(t, r, basic, name+" /basic") })
		t.Run("messages with a token", func(t *testing.T) { goMessages(t, r, c, name+" /token") })
		device := goDevices(t, c)
		t.Run("inbox", func(t *testing.T) { goInbox(t, r, c, name, device) })
		t.Run("health and logs", func(t *testing.T) { goHealth(t, r, c) })
		t.Run("settings", func(t *testing.T) { goSettings(t, c) })
		t.Run("refusals", func(t *testing.T) { goRefusals(t, url, c, name+" /token") })
	})
}

// goTokens returns a token for everything that the client has a scope for, and tries what
// becomes of tokens.
func goTokens(t *testing.T, url string, c *smsgateway.Client) string {
	t.Helper()
	ctx := t.Context()
	request := smsgateway.TokenRequest{TTL: 3600, Scopes: []smsgateway.JWTScope{
		smsgateway.ScopeDevicesList, smsgateway.ScopeDevicesDelete,
		smsgateway.ScopeInboxList, smsgateway.ScopeInboxRefresh, smsgateway.ScopeLogsRead,
		smsgateway.ScopeMessagesCancel, smsgateway.ScopeMessagesSend, smsgateway.ScopeMessagesRead, smsgateway.ScopeMessagesList, smsgateway.ScopeMessagesExport,
		smsgateway.ScopeSettingsRead, smsgateway.ScopeSettingsWrite, smsgateway.ScopeTokensManage,
		smsgateway.ScopeWebhooksList, smsgateway.ScopeWebhooksWrite, smsgateway.ScopeWebhooksDelete,
	}}
	first, err := c.GenerateToken(ctx, request)
	expect(t, "GenerateToken", err, "")
	if left := time.Until(first.ExpiresAt); first.TokenType != "Bearer" || first.ID == "" || left < 59*time.Minute || left > time.Hour {
		t.Errorf("GenerateToken: got type %q, ID %q, %v left", first.TokenType, first.ID, left)
	}
	second, err := c.RefreshToken(ctx, first.RefreshToken)
	expect(t, "RefreshToken", err, "")
	_, err = c.RefreshToken(ctx, first.RefreshToken)
	expect(t, "RefreshToken a second time", err, "401")

	with := func(token string) *smsgateway.Client {
		return smsgateway.NewClient(smsgateway.Config{BaseURL: url, Token: token})
	}
	third, err := c.GenerateToken(ctx, request)
	expect(t, "GenerateToken", err, "")
	expect(t, "RevokeToken", with(third.AccessToken).RevokeToken(ctx, third.ID), "")
	_, err = with(third.AccessToken).ListWebhooks(ctx)
	expect(t, "ListWebhooks with a revoked token", err, "401")
	_, err = with(third.RefreshToken).RefreshToken(ctx, third.RefreshToken)
	expect(t, "RefreshToken of a revoked token", err, "401")

	few, err := c.GenerateToken(ctx, smsgateway.TokenRequest{Scopes: []smsgateway.JWTScope{smsgateway.ScopeMessagesSend}})
	expect(t, "GenerateToken without a TTL", err, "")
	_, err = with(few.AccessToken).GetSettings(ctx)
	expect(t, "GetSettings with a token for sending", err, "403")
	_, err = c.GenerateToken(ctx, smsgateway.TokenRequest{Scopes: []smsgateway.JWTScope{}})
	expect(t, "GenerateToken for nothing", err, "scopes must not be empty")
	return second.AccessToken
}

func goMessages(t *testing.T, r *rig, c *smsgateway.Client, name string) {
	ctx := t.Context()
	m := smsgateway.Message{
		ID: name, TextMessage: &smsgateway.TextMessage{Text: "Are you open?"}, PhoneNumbers: []string{"+4917012345678"},
		SimNumber: new(uint8(1)), WithDeliveryReport: new(true), Priority: smsgateway.PriorityBypassThreshold, TTL: new(uint64(5400)),
	}
	sent, err := c.Send(ctx, m)
	expect(t, "Send", err, "")
	if sent.ID != name || sent.State != smsgateway.ProcessingStatePending || len(sent.Recipients) != 1 || sent.Validate() != nil {
		t.Errorf("Send: got %+v", sent)
	}
	_, err = c.Send(ctx, m, smsgateway.WithSkipPhoneValidation(true), smsgateway.WithDeviceActiveWithin(12))
	expect(t, "Send the same again", err, "Message with the same ID already exists")
	r.until("the message to arrive", 30*time.Second, func() bool {
		state, err := c.GetState(ctx, name)
		expect(t, "GetState", err, "")
		return state.State == smsgateway.ProcessingStateDelivered
	})

	data := smsgateway.Message{DataMessage: &smsgateway.DataMessage{Data: "SGVsbG8=", Port: 53739}, PhoneNumbers: []string{"+4917012345678"}}
	_, err = c.Send(ctx, data)
	expect(t, "Send data", err, "")

	// The client writes the nanoseconds of a time.
	later := time.Now().Add(time.Hour)
	held, err := c.Send(ctx, smsgateway.Message{Message: "later", PhoneNumbers: []string{"+4917012345678"}, ScheduleAt: &later})
	expect(t, "Send later", err, "")
	total := goList(t, c, held)
	expect(t, "CancelMessage", c.CancelMessage(ctx, held.ID), "")
	state, err := c.GetState(ctx, held.ID)
	if expect(t, "GetState", err, ""); state.State != smsgateway.ProcessingStateCancelled {
		t.Errorf("state of a cancelled message: got %s", state.State)
	}
	expect(t, "CancelMessage once it arrived", c.CancelMessage(ctx, name), "is not in Pending state")
	expect(t, "CancelMessage of what there is not", c.CancelMessage(ctx, "other"), "404")
	if total < 3 {
		t.Errorf("ListMessages: got a total of %d, want at least 3", total)
	}
}

// goList lists messages, of which held is the newest, and returns how many there are.
func goList(t *testing.T, c *smsgateway.Client, held smsgateway.MessageState) int {
	t.Helper()
	from, to := time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
	list, total, err := c.ListMessages(t.Context(), smsgateway.ListMessagesOptions{
		From: &from, To: &to, State: new("Pending"), DeviceID: &held.DeviceID, Limit: new(1), Offset: new(0), IncludeContent: new(true),
	})
	expect(t, "ListMessages", err, "")
	if diff := cmp.Diff([]smsgateway.MessageState{held}, list); diff != "" || total < 1 {
		t.Errorf("ListMessages: got %d in all (-want +got)\n%s", total, diff)
	}
	newest, all, err := c.ListMessages(t.Context(), smsgateway.ListMessagesOptions{Limit: new(100), Sort: new(smsgateway.CreatedAtDescending)})
	expect(t, "ListMessages", err, "")
	oldest, _, err := c.ListMessages(t.Context(), smsgateway.ListMessagesOptions{Limit: new(100), Sort: new(smsgateway.CreatedAtAscending)})
	expect(t, "ListMessages, the oldest first", err, "")
	slices.Reverse(oldest)
	if len(newest) != all || newest[0].ID != held.ID || !cmp.Equal(ids(newest), ids(oldest)) {
		t.Errorf("ListMessages: got %v and, reversed, %v of %d", ids(newest), ids(oldest), all)
	}
	return all
}

// ids returns the IDs of messages, which change their states meanwhile.
func ids(list []smsgateway.MessageState) (ids []string) {
	for _, m := range list {
		ids = append(ids, m.ID)
	}
	return ids
}

// goDevices returns the ID of the device.
func goDevices(t *testing.T, c *smsgateway.Client) string {
	t.Helper()
	devices, err := c.ListDevices(t.Context())
	if err != nil || len(devices) != 1 || len(devices[0].SimCards) != 1 || devices[0].SimCards[0].SimNumber != 1 {
		t.Fatalf("ListDevices: got %+v, %v, want one with a SIM card", devices, err)
	}
	expect(t, "DeleteDevice of another", c.DeleteDevice(t.Context(), "other"), "404")
	expect(t, "DeleteDevice of the only one", c.DeleteDevice(t.Context(), devices[0].ID), "cannot be deleted")
	return devices[0].ID
}

func goInbox(t *testing.T, r *rig, c *smsgateway.Client, name, device string) {
	ctx, since := t.Context(), time.Now().Add(-time.Second)
	for _, event := range smsgateway.WebhookEventTypes() {
		hook, err := c.RegisterWebhook(ctx, smsgateway.Webhook{ID: name, URL: "https://example.org/hook", Event: event})
		expect(t, "RegisterWebhook for "+event, err, "")
		if hook.ID != name || hook.Event != event {
			t.Errorf("RegisterWebhook for %s: got %+v", event, hook)
		}
	}
	hook, err := c.RegisterWebhook(ctx, smsgateway.Webhook{ID: name, DeviceID: &device, URL: r.receiver.url, Event: smsgateway.WebhookEventSmsReceived})
	expect(t, "RegisterWebhook", err, "")
	hooks, err := c.ListWebhooks(ctx)
	expect(t, "ListWebhooks", err, "")
	if !slices.ContainsFunc(hooks, func(h smsgateway.Webhook) bool { return cmp.Equal(h, hook) }) {
		t.Errorf("ListWebhooks: got %+v, want %+v among them", hooks, hook)
	}

	r.arrive(name, "text for "+name, 1)
	until := time.Now().Add(time.Minute)
	//lint:ignore SA1019 programs still call it
	expect(t, "ExportInbox", c.ExportInbox(ctx, smsgateway.MessagesExportRequest{DeviceID: device, Since: since, Until: until}), "")
	r.arrive(name, "text for "+name, 2)
	expect(t, "RefreshInbox", c.RefreshInbox(ctx, smsgateway.InboxRefreshRequest{
		DeviceID: &device, Since: since, Until: until, TriggerWebhooks: true, MessageTypes: []smsgateway.IncomingMessageType{smsgateway.IncomingMessageTypeSMS},
	}), "")
	r.arrive(name, "text for "+name, 3)
	expect(t, "RefreshInbox of no time", c.RefreshInbox(ctx, smsgateway.InboxRefreshRequest{Since: until, Until: since}), "since must be before until")
	for range 2 {
		expect(t, "DeleteWebhook", c.DeleteWebhook(ctx, name), "")
	}

	list, total, err := c.ListInboxMessages(ctx, smsgateway.ListInboxOptions{
		Type: new(smsgateway.IncomingMessageTypeSMS), Limit: new(1), Offset: new(0), From: &since, To: &until, DeviceID: &device,
	})
	expect(t, "ListInboxMessages", err, "")
	if len(list) != 1 || total < 1 || list[0].ContentPreview != "text for "+name || list[0].Sender != "+4917099999999" ||
		list[0].Recipient == nil || *list[0].Recipient != r.sticks[0].number || list[0].SimNumber == nil || *list[0].SimNumber != 1 {
		t.Errorf("ListInboxMessages: got %+v of %d", list, total)
	}
	_, _, err = c.ListInboxMessages(ctx, smsgateway.ListInboxOptions{Limit: new(501)})
	expect(t, "ListInboxMessages beyond the limit", err, "limit must be between 1 and 500")
}

func goHealth(t *testing.T, r *rig, c *smsgateway.Client) {
	health, err := c.CheckHealth(t.Context())
	expect(t, "CheckHealth", err, "")
	if health.Status == smsgateway.HealthStatusFail || health.Checks["modem:1:status"].Status != smsgateway.HealthStatusPass {
		t.Errorf("CheckHealth: got %+v", health)
	}
	r.until("the log to be stored", 20*time.Second, func() bool {
		logs, err := c.GetLogs(t.Context(), time.Now().Add(-time.Hour), time.Now().Add(time.Second))
		expect(t, "GetLogs", err, "")
		return slices.ContainsFunc(logs, func(e smsgateway.LogEntry) bool { return len(e.Context) > 0 })
	})
}

func goSettings(t *testing.T, c *smsgateway.Client) {
	ctx := t.Context()
	before, err := c.GetSettings(ctx)
	expect(t, "GetSettings", err, "")
	after, err := c.UpdateSettings(ctx, smsgateway.DeviceSettings{Messages: &smsgateway.SettingsMessages{
		LimitPeriod: new(smsgateway.PerDay), LimitValue: new(200), SimSelectionMode: new(smsgateway.RoundRobin),
		ProcessingOrder: new(smsgateway.LIFO), SendIntervalMin: new(1), SendIntervalMax: new(2), LogLifetimeDays: new(30),
	}})
	expect(t, "UpdateSettings", err, "")
	if m := after.Messages; m == nil || m.LimitValue == nil || *m.LimitValue != 200 || *m.ProcessingOrder != smsgateway.LIFO || *m.LogLifetimeDays != 30 {
		t.Errorf("UpdateSettings: got %+v", after)
	}
	read, err := c.GetSettings(ctx)
	expect(t, "GetSettings", err, "")
	if diff := cmp.Diff(after, read); diff != "" {
		t.Errorf("GetSettings (-want +got)\n%s", diff)
	}
	_, err = c.UpdateSettings(ctx, smsgateway.DeviceSettings{Messages: &smsgateway.SettingsMessages{LimitValue: new(-1)}})
	expect(t, "UpdateSettings to an odd value", err, "Invalid request: Failed to import messages")
	read, err = c.ReplaceSettings(ctx, smsgateway.DeviceSettings{})
	expect(t, "ReplaceSettings", err, "")
	if diff := cmp.Diff(before, read); diff != "" {
		t.Errorf("ReplaceSettings by nothing (-want +got)\n%s", diff)
	}
}
