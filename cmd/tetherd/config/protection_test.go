package config

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// What holds if nothing is said about limits.
var (
	noLimits = Protection{ReservePriority: 100, Repeats: 10, Replies: 30, RepeatWindow: 10 * time.Minute}
	allDay   = WorkHours{Start: 9 * 60, End: 19 * 60}
)

func TestLimits(t *testing.T) {
	c, err := Parse(Input{Name: "t.yaml", Env: []string{"TETHERD_LIMITS_PRICES_1_PRICE=1", "TETHERD_LIMITS_PRICES_1_PREFIX=+"}, Data: []byte(`
auth: {password: x}
modems: [{port: /dev/a, limits: {per_minute: 3, cost_per_month: 100}}]
send: {order: lifo, interval_min: 5s, interval_max: 1m, interval_between: recipients, work_hours: "22:00-06:30", time_zone: Europe/Berlin}
limits:
  per_minute: 1
  per_30_minutes: 2
  per_hour: 3
  per_day: 4
  per_month: 5
  recipients_per_month: 6
  cost_per_day: 7.5
  cost_per_month: 0.000001
  currency: EUR
  prices: [{prefix: "+49", price: 0.09}]
  reserve: 10%
  reserve_priority: 50
  repeats: 0
  replies: 7
  repeat_window: 1h
`)})
	if err != nil {
		t.Fatal(err)
	}
	want := Protection{
		Total: Caps{
			PerMinute: 1, Per30Minutes: 2, PerHour: 3, PerDay: 4, PerMonth: 5, Recipients: 6,
			CostPerDay: 7_500_000, CostPerMonth: 1,
		},
		Prices:   []Price{{Prefix: "+49", PerPart: 90_000}, {Prefix: "+", PerPart: 1_000_000}},
		Currency: "EUR", Reserve: 10, ReservePriority: 50, Replies: 7, RepeatWindow: time.Hour,
	}
	if diff := cmp.Diff(want, c.Limits); diff != "" {
		t.Errorf("limits (-want +got)\n%s", diff)
	}
	if diff := cmp.Diff(Caps{PerMinute: 3, CostPerMonth: 100_000_000}, c.Modems[0].Limits); diff != "" {
		t.Errorf("limits of the modem (-want +got)\n%s", diff)
	}
	s := c.Send
	got := fmt.Sprint(s.Order, s.IntervalMin, s.IntervalMax, s.IntervalEach, s.WorkHours, s.Zone)
	if want := fmt.Sprint("lifo", 5*time.Second, time.Minute, true, WorkHours{true, 22 * 60, 6*60 + 30}, "Europe/Berlin"); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestLimitProblems(t *testing.T) {
	for doc, want := range map[string]string{
		"limits: {per_day: 0}":                                                 `limits.per_day: "0" is not a whole number from 1 to`,
		"limits: {reserve: 100%}":                                              `limits.reserve: "100%" is not a share: write 0% to 99%`,
		"limits: {reserve: 5}":                                                 `limits.reserve: "5" is not a share`,
		"limits: {cost_per_day: 5}":                                            `limits.cost_per_day: "5" has no effect without prices`,
		"limits: {prices: [{prefix: '+49', price: 1e3}]}":                      `limits.prices[0].price: "1e3" is no amount`,
		"limits: {prices: [{prefix: '+49'}]}":                                  `limits.prices[0].price: is missing: say what one SMS costs`,
		"limits: {prices: [{price: 1}]}":                                       `limits.prices[0].prefix: is missing: say how the numbers begin`,
		"limits: {prices: [{prefix: x, price: 1}]}":                            `limits.prices[0].prefix: "x" cannot be how a number begins`,
		"send: {work_hours: 9-17}":                                             `send.work_hours: "9-17" are no hours of a day: write`,
		"send: {work_hours: '09:00-24:00'}":                                    `send.work_hours: "09:00-24:00" are no hours of a day`,
		"send: {time_zone: Europe/Berlyn}":                                     `send.time_zone: "Europe/Berlyn" is no time zone`,
		"send: {interval_min: 5s}":                                             `send.interval_min: "5s" is more than interval_max, 0s`,
		"send: {order: newest}":                                                `send.order: "newest" is none of fifo, lifo`,
		"limits: {prices: [{prefix: '+', price: 1}, {prefix: '+', price: 2}]}": `limits.prices[1].prefix: "+" is that of limits.prices[0], too`,
	} {
		_, err := Parse(Input{Name: "t.yaml", Data: []byte("auth: {password: x}\nmodems: [{port: /dev/a}]\n" + doc)})
		if err == nil || !strings.Contains(err.Error(), "t.yaml:3: "+want) {
			t.Errorf("%s: got %v, want %s", doc, err, want)
		}
	}
}
