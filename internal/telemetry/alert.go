package telemetry

import "github.com/prometheus/client_golang/prometheus"

// Alerts shows which alerts are active on the node, and how their notifications end.
type Alerts struct {
	active *prometheus.GaugeVec
	sent   *prometheus.CounterVec
}

var (
	notifiers = []string{"command", "webhook"}
	outcomes  = []string{"sent", "failed", "dropped"}
)

func newAlerts(d *definitions) Alerts {
	s := d.section("Alerts")
	return Alerts{
		active: s.gauges("vacancy_alert_active", "Conditions that need a person and that the node finds now. See [the runbook](runbook.md).",
			Label{"key", "which condition"}, Label{"severity", "`warning`, `critical`"}),
		sent: fromZero(s.counters("vacancy_alert_notifications_total", "Notifications of alerts to people.",
			Label{"notifier", listed(notifiers)}, Label{"outcome", listed(outcomes)}), notifiers, outcomes),
	}
}

// AlertBegan shows an alert that has begun.
func (a Alerts) AlertBegan(key, severity string) { a.active.WithLabelValues(key, severity).Inc() }

// AlertEnded shows one that has ended. Its series stays, as 0: rules see the end.
func (a Alerts) AlertEnded(key, severity string) { a.active.WithLabelValues(key, severity).Dec() }

// AlertSent counts a notification.
func (a Alerts) AlertSent(notifier, outcome string) { a.sent.WithLabelValues(notifier, outcome).Inc() }
