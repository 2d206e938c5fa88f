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
			Name: "vacancy_alert_active", Help: "Conditions that need a person and that the node finds now, by key. See docs/runbook.md.",
		}, []string{"key", "severity"}),
		sent: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "vacancy_alert_notifications_total", Help: "Notifications of alerts by the command or webhook, by how they ended.",
		}, []string{"notifier", "outcome"}),
	}
	registry.MustRegister(a.active, a.sent)
	return a
}

// AlertBegan shows an alert that has begun.
func (a Alerts) AlertBegan(key, severity string) { a.active.WithLabelValues(key, severity).Inc() }

// AlertEnded shows one that has ended. Its series stays, as 0: rules see the end.
func (a Alerts) AlertEnded(key, severity string) { a.active.WithLabelValues(key, severity).Dec() }

// AlertSent counts a notification.
func (a Alerts) AlertSent(notifier, outcome string) { a.sent.WithLabelValues(notifier, outcome).Inc() }
