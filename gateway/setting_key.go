package gateway

import (
	"errors"
	"math"
	"strings"
	"time"
)

// settingKey is one setting as the API has it.
type settingKey struct {
	section, name string
	secret        bool // written, never shown
	// set puts a value into s, which is not null. Its error completes a sentence that
	// begins with the name.
	set func(s *Settings, v settingValue) error
	// none puts into s that there is none; nil for settings that always are something.
	none func(s *Settings)
	// forever has null stand for none, and not for what is configured.
	forever bool
	show    func(s *Settings) any // nil is not shown; not called for secrets
}

func (k *settingKey) path() string { return k.section + "." + k.name }

// is reports whether name, as a client spells it, is that of k: in snake_case,
// camelCase or any other case.
func (k *settingKey) is(name string) bool {
	return strings.EqualFold(strings.ReplaceAll(k.name, "_", ""), strings.NewReplacer("_", "", "-", "").Replace(name))
}

// selections are the ways to choose a modem in the spelling of the API.
var selections = []struct {
	name string
	Selection
}{
	{"OSDefault", SelectFree}, {"RoundRobin", SelectInTurn}, {"Random", SelectAtRandom},
}

// Most that lengths of time can be: no clock runs that long.
const (
	mostSeconds = 10 * 365 * 24 * 3600
	mostDays    = 100 * 365
)

// settingKeys lists every setting, in the order in which they are judged.
var settingKeys = []settingKey{
	{
		section: "messages", name: "send_interval_min",
		set:  func(s *Settings, v settingValue) error { return seconds(v, 0, &s.Messages.SendIntervalMin) },
		show: func(s *Settings) any { return int(s.Messages.SendIntervalMin / time.Second) },
	},
	{
		section: "messages", name: "send_interval_max",
		set:  func(s *Settings, v settingValue) error { return seconds(v, 0, &s.Messages.SendIntervalMax) },
		none: func(s *Settings) { s.Messages.SendIntervalMax = 0 },
		show: func(s *Settings) any { return unlessZero(s.Messages.SendIntervalMax, time.Second) },
	},
	{
		section: "messages", name: "limit_period",
		set: func(s *Settings, v settingValue) (err error) {
			return put(&s.Messages.LimitPeriod)(choice(v, LimitPeriods...))
		},
		show: func(s *Settings) any { return s.Messages.LimitPeriod },
	},
	{
		section: "messages", name: "limit_value",
		set: func(s *Settings, v settingValue) error {
			return put(&s.Messages.LimitValue)(v.integer(0, math.MaxInt32))
		},
		show: func(s *Settings) any { return s.Messages.LimitValue },
	},
	{
		section: "messages", name: "sim_selection_mode",
		set: func(s *Settings, v settingValue) error {
			name, err := choice(v, "OSDefault", "RoundRobin", "Random")
			for _, known := range selections {
				if known.name == name {
					s.Messages.Selection = known.Selection
				}
			}
			return err
		},
		show: func(s *Settings) any {
			for _, known := range selections {
				if known.Selection == s.Messages.Selection {
					return known.name
				}
			}
			return nil
		},
	},
	{
		section: "messages", name: "log_lifetime_days",
		set:  func(s *Settings, v settingValue) error { return days(v, 1, &s.Messages.Lifetime) },
		none: func(s *Settings) { s.Messages.Lifetime = 0 }, forever: true,
		show: func(s *Settings) any { return unlessZero(s.Messages.Lifetime, day) },
	},
	{
		section: "messages", name: "processing_order",
		set:  func(s *Settings, v settingValue) error { return put(&s.Messages.Order)(choice(v, FIFO, LIFO)) },
		show: func(s *Settings) any { return s.Messages.Order },
	},
	{
		section: "messages", name: "work_hours_enabled",
		set:  func(s *Settings, v settingValue) error { return put(&s.Messages.WorkHours.Enabled)(v.boolean()) },
		show: func(s *Settings) any { return s.Messages.WorkHours.Enabled },
	},
	{
		section: "messages", name: "work_hours_start",
		set:  func(s *Settings, v settingValue) error { return put(&s.Messages.WorkHours.Start)(v.minutes()) },
		show: func(s *Settings) any { return clock(s.Messages.WorkHours.Start) },
	},
	{
		section: "messages", name: "work_hours_end",
		set:  func(s *Settings, v settingValue) error { return put(&s.Messages.WorkHours.End)(v.minutes()) },
		show: func(s *Settings) any { return clock(s.Messages.WorkHours.End) },
	},
	{
		section: "ping", name: "interval_seconds",
		set:  func(s *Settings, v settingValue) error { return seconds(v, math.MinInt32, &s.Ping.Interval) },
		none: func(s *Settings) { s.Ping.Interval = 0 },
		show: func(s *Settings) any { return unlessZero(s.Ping.Interval, time.Second) },
	},
	{
		section: "logs", name: "lifetime_days",
		set:  func(s *Settings, v settingValue) error { return days(v, math.MinInt32, &s.Logs.Lifetime) },
		none: func(s *Settings) { s.Logs.Lifetime = 0 },
		show: func(s *Settings) any { return unlessZero(s.Logs.Lifetime, day) },
	},
	{
		section: "webhooks", name: "internet_required",
		set:  func(s *Settings, v settingValue) error { return put(&s.Webhooks.InternetRequired)(v.boolean()) },
		show: func(s *Settings) any { return s.Webhooks.InternetRequired },
	},
	{
		section: "webhooks", name: "retry_count",
		set:  func(s *Settings, v settingValue) error { return put(&s.Webhooks.Retries)(v.integer(1, 50)) },
		show: func(s *Settings) any { return s.Webhooks.Retries },
	},
	{
		section: "webhooks", name: "signing_key", secret: true,
		set: func(s *Settings, v settingValue) error {
			key, err := v.text()
			if err == nil && key == "" {
				return errors.New("must not be empty: null stands for the configured one")
			}
			return put(&s.Webhooks.SigningKey)(key, err)
		},
	},
	{
		section: "encryption", name: "passphrase", secret: true,
		set: func(s *Settings, v settingValue) error { return put(&s.Encryption.Passphrase)(v.text()) },
	},
	{
		section: "gateway", name: "cloud_url",
		set: func(s *Settings, v settingValue) error {
			url, err := v.text()
			if err == nil && !strings.HasPrefix(strings.ToLower(url), "https://") {
				return errors.New("must start with https://")
			}
			return put(&s.Cloud.URL)(url, err)
		},
		show: func(s *Settings) any { return s.Cloud.URL },
	},
	{
		section: "gateway", name: "private_token", secret: true,
		set: func(s *Settings, v settingValue) error { return put(&s.Cloud.PrivateToken)(v.text()) },
	},
	{
		section: "gateway", name: "notification_channel",
		set: func(s *Settings, v settingValue) error {
			return put(&s.Cloud.NotificationChannel)(choice(v, "AUTO", "SSE_ONLY"))
		},
		show: func(s *Settings) any { return s.Cloud.NotificationChannel },
	},
	{
		section: "receiver", name: "content_provider_enabled",
		set:  func(s *Settings, v settingValue) error { return put(&s.Receiver.ContentProvider)(v.boolean()) },
		show: func(s *Settings) any { return s.Receiver.ContentProvider },
	},
}

// put returns what stores a value that was read without an error.
func put[T any](to *T) func(T, error) error {
	return func(v T, err error) error {
		if err == nil {
			*to = v
		}
		return err
	}
}

// seconds reads a number of seconds; zero and less are none.
func seconds(v settingValue, least int, to *time.Duration) error {
	n, err := v.integer(least, mostSeconds)
	return put(to)(time.Duration(max(n, 0))*time.Second, err)
}

// days reads a number of days; zero and less are none.
func days(v settingValue, least int, to *time.Duration) error {
	n, err := v.integer(least, mostDays)
	return put(to)(time.Duration(max(n, 0))*day, err)
}

// unlessZero returns how many units d has, rounded up: who writes that back keeps
// things rather longer. It returns nil if d is zero.
func unlessZero(d, unit time.Duration) any {
	if d == 0 {
		return nil
	}
	return int((d + unit - 1) / unit)
}
