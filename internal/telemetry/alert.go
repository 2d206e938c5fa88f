package telemetry

import "github.com/prometheus/client_golang/prometheus"

// Alerts shows which alerts are active on the node, and how their notifications end.
type Alerts struct {
	active *prometheus.GaugeVec
	sent   *prometheus.CounterVec
}

func newAlerts(registry *prometheus.Registry) Alerts {
	a := Alerts{
		active: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "vacancy_alert_active", Help: "1 while the node has found a condition that needs a person, by its key. See docs/runbook.md.",
		}, []string{"key", "severity"}),
		sent: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "vacancy_alert_notifications_total", Help: "Notifications of alerts by the command or webhook, by how they ended.",
		}, []string{"notifier", "outcome"}),
	}
	registry.MustRegister(a.active, a.sent)
	return a
}

// AlertActive shows an alert that has begun or ended. One that has ended stays, as 0: rules see its end.
func (a Alerts) AlertActive(key, severity string, active bool) {
	value := 0.0
	if active {
		value = 1
	}
	a.active.WithLabelValues(key, severity).Set(value)
}

// AlertSent counts a notification.
func (a Alerts) AlertSent(notifier, outcome string) { a.sent.WithLabelValues(notifier, outcome).Inc() }
