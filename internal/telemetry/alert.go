package telemetry

import "github.com/prometheus/client_golang/prometheus"

// Alerts shows which alerts are active on the node, and how their notifications end.
type Alerts struct {
	active *prometheus.GaugeVec
	sent   *prometheus.CounterVec
	paused *reading
}

var (
	notifiers = []string{"command", "webhook"}
	outcomes  = []string{"sent", "failed", "dropped", "paused"}
)

func newAlerts(d *definitions) Alerts {
	s := d.section("Alerts")
	return Alerts{
		active: s.gauges("vacancy_alert_active", "Conditions that need a person and that the node finds now. See [the runbook](runbook.md).",
			Label{"key", "which condition"}, Label{"severity", "`warning`, `critical`"}),
		sent: fromZero(s.counters("vacancy_alert_notifications_total", "Notifications of alerts to people.",
			Label{"notifier", listed(notifiers)}, Label{"outcome", listed(outcomes)}), notifiers, outcomes),
		paused: s.reading("vacancy_outbox_paused",
			"1 if alerts go to nobody by the alert command and webhook, since the database is a copy or somebody has paused them: see "+
				"[alerts](alerts.md#copies); else 0."),
	}
}

// Paused has shown whether what goes to the outside is held back.
func (a Alerts) Paused(paused func() bool) { a.paused.from(func() float64 { return oneIf(paused()) }) }

// AlertBegan shows an alert that has begun.
func (a Alerts) AlertBegan(key, severity string) { a.active.WithLabelValues(key, severity).Inc() }

// AlertEnded shows one that has ended. Its series stays, as 0: rules see the end.
func (a Alerts) AlertEnded(key, severity string) { a.active.WithLabelValues(key, severity).Dec() }

// AlertSent counts a notification.
func (a Alerts) AlertSent(notifier, outcome string) { a.sent.WithLabelValues(notifier, outcome).Inc() }
