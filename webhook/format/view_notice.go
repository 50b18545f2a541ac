package format

import (
	"fmt"

	"tetherd/gateway"
)

// takeNotice fills in what p says of a modem, the gateway or a webhook.
func (v *View) takeNotice(p gateway.Payload) error {
	switch p := p.(type) {
	case gateway.DeviceOnline:
		v.Modem, v.SIM, v.at = p.Modem, p.SIM, p.At
		v.State = "online"
	case gateway.DeviceOffline:
		v.Modem, v.SIM, v.at = p.Modem, p.SIM, p.At
		v.State, v.Reason = string(p.State), p.Reason
	case gateway.BalanceLow:
		v.Modem, v.SIM, v.at = p.Modem, p.SIM, p.At
		v.Text = p.Text
	case gateway.LimitWarning:
		v.limit(&p.LimitNotice)
	case gateway.LimitReached:
		v.limit(&p.LimitNotice)
	case gateway.CanaryFailed:
		v.canary(&p.CanaryNotice)
	case gateway.CanaryRecovered:
		v.canary(&p.CanaryNotice)
	case gateway.ReceivedBatch, gateway.DataBatch, gateway.MMSBatch: // of several messages
	case gateway.CampaignCompleted:
		v.at = p.At
	case gateway.Started:
		v.at = p.At
	case gateway.HookFailing:
		v.hook(&p.HookNotice)
	case gateway.HookRecovered:
		v.hook(&p.HookNotice)
	case gateway.HookExhausted:
		v.hook(&p.HookNotice)
	case gateway.HookDisabled:
		v.hook(&p.HookNotice)
	case gateway.Ping:
		v.State = string(p.Health.Status)
	default:
		return fmt.Errorf("render %T: not a known payload", p)
	}
	return nil
}

func (v *View) canary(n *gateway.CanaryNotice) {
	v.Modem, v.SIM, v.at, v.Reason = n.Modem, n.SIM, n.At, n.Reason
}

func (v *View) hook(n *gateway.HookNotice) { v.at, v.Reason = n.At, n.Reason }

// limit fills in what an event about a limit says.
func (v *View) limit(n *gateway.LimitNotice) {
	v.Modem, v.SIM, v.at = n.Modem, n.SIM, n.At
	v.State, v.Reason = n.Limit, n.Reason
}
