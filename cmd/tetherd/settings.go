package main

import (
	"strings"

	"tetherd/cmd/tetherd/config"
	"tetherd/gateway"
	"tetherd/webhook"
)

// settings returns what holds of the settings where none was stored: what is
// configured.
func settings(cfg *config.Config, signingKey string) *gateway.Settings {
	s := gateway.DefaultSettings()
	s.Messages.Selection = gateway.Selection(cfg.Routing.Selection)
	s.Messages.Lifetime = cfg.Retention.Messages
	s.Messages.Order = gateway.Order(strings.ToUpper(cfg.Send.Order))
	s.Messages.SendIntervalMin, s.Messages.SendIntervalMax = cfg.Send.IntervalMin, cfg.Send.IntervalMax
	s.Messages.PaceRecipients = cfg.Send.IntervalEach
	s.Messages.WorkHours = gateway.WorkHours(cfg.Send.WorkHours)
	s.Logs.Lifetime = cfg.Retention.Logs
	s.Ping.Interval = cfg.Ping.Interval
	s.Webhooks.Retries = cfg.Webhooks.RetryCount
	s.Webhooks.SigningKey = signingKey
	s.Encryption.Passphrase = cfg.Encryption.Passphrase
	return &s
}

// tuning returns what the webhook worker is to know of the settings.
func tuning(s gateway.Settings) webhook.Tuning {
	return webhook.Tuning{SigningKey: s.Webhooks.SigningKey, Retries: s.Webhooks.Retries, PingInterval: s.Ping.Interval}
}
