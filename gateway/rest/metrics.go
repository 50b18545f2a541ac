package rest

import (
	"maps"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"tetherd/gateway"
)

// Metrics collects numbers in the text format of Prometheus, version 0.0.4. It is
// not safe for concurrent use.
type Metrics struct{ b []byte }

// Family is all samples of one metric. They must be given before the next family
// is begun.
type Family struct {
	m    *Metrics
	name string
}

// Gauge begins a metric that goes up and down.
func (m *Metrics) Gauge(name, help string) Family { return m.family(name, "gauge", help) }

// Counter begins a metric that only grows. By custom its name ends in _total.
func (m *Metrics) Counter(name, help string) Family { return m.family(name, "counter", help) }

func (m *Metrics) family(name, kind, help string) Family {
	m.b = append(m.b, "# HELP "+name+" "+escapeHelp.Replace(help)+"\n# TYPE "+name+" "+kind+"\n"...)
	return Family{m, name}
}

var (
	escapeHelp  = strings.NewReplacer(`\`, `\\`, "\n", `\n`)
	escapeLabel = strings.NewReplacer(`\`, `\\`, "\n", `\n`, `"`, `\"`)
)

// Sample adds a value. labels are names, each with its value behind it.
func (f Family) Sample(v float64, labels ...string) {
	b := append(f.m.b, f.name...)
	for i := 0; i+1 < len(labels); i += 2 {
		sep := byte(',')
		if i == 0 {
			sep = '{'
		}
		b = append(b, sep)
		b = append(b, labels[i]...)
		b = append(b, `="`...)
		b = append(b, escapeLabel.Replace(labels[i+1])...)
		b = append(b, '"')
	}
	if len(labels) > 1 {
		b = append(b, '}')
	}
	b = append(b, ' ')
	if v == math.Trunc(v) && math.Abs(v) < 1e15 {
		b = strconv.AppendInt(b, int64(v), 10)
	} else {
		b = strconv.AppendFloat(b, v, 'g', -1, 64)
	}
	f.m.b = append(b, '\n')
}

// getMetrics is GET /metrics.
func (s *server) getMetrics(w http.ResponseWriter, _ *http.Request) error {
	var m Metrics
	if err := s.measure(&m); err != nil {
		return err
	}
	if s.collect != nil {
		s.collect(&m)
	}
	w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	w.Header().Set("Content-Length", strconv.Itoa(len(m.b)))
	w.Write(m.b) // an error means that the client has gone
	return nil
}

// measure collects what the gateway knows.
func (s *server) measure(m *Metrics) error {
	load, err := s.gateway.Load()
	if err != nil {
		return err
	}
	messages := m.Gauge("tetherd_messages", "Stored outgoing messages by state; Pending is the queue.")
	for _, state := range gateway.States {
		messages.Sample(float64(load.Messages[state]), "state", string(state))
	}
	m.Gauge("tetherd_webhooks", "Registered webhooks.").Sample(float64(load.Endpoints))
	pending := m.Gauge("tetherd_deliveries_pending", "Events that wait to reach a webhook.")
	for _, id := range slices.Sorted(maps.Keys(load.Deliveries)) {
		pending.Sample(float64(load.Deliveries[id].Pending), "webhook", id)
	}
	dead := m.Gauge("tetherd_deliveries_dead", "Events that did not reach a webhook and are kept to be replayed.")
	for _, id := range slices.Sorted(maps.Keys(load.Deliveries)) {
		dead.Sample(float64(load.Deliveries[id].Dead), "webhook", id)
	}
	health := m.Gauge("tetherd_health", "1 for the verdict of /health.")
	verdict := s.recentHealth().Status
	for _, v := range []gateway.HealthStatus{gateway.Pass, gateway.Warn, gateway.Down} {
		health.Sample(truth(v == verdict), "status", string(v))
	}
	measureModems(m, s.gateway.Modems())
	measureCanaries(m, s.gateway.Canaries())
	measureLimits(m, s.gateway.Limits())
	return nil
}

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
