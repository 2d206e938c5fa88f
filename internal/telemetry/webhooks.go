package telemetry

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Webhooks measures deliveries to the venues' endpoints.
type Webhooks struct {
	attempts            *prometheus.CounterVec
	seconds             prometheus.Observer
	waiting, oldest     prometheus.Gauge
	disabled, logMissed prometheus.Counter
}

func newWebhooks(d *definitions) Webhooks {
	s := d.section("Webhooks")
	return Webhooks{
		attempts: s.counters("vacancy_webhook_attempts_total", "Attempts to deliver an event to an endpoint of a venue.",
			Label{"outcome", "`delivered`, or what went wrong"}),
		seconds: s.histogram("vacancy_webhook_attempt_seconds",
			"Time of an attempt, from the connection to the end of the answer, or until it was given up.", webhookTimes),
		waiting: s.gauge("vacancy_webhook_waiting_events",
			"Events that wait in the database for another attempt, for all endpoints. Every server shows all of them."),
		oldest: s.gauge("vacancy_webhook_oldest_waiting_seconds", "How long the one of these has waited that has for longest; 0 if none waits."),
		disabled: s.counter("vacancy_webhook_disabled_total",
			"Endpoints that were disabled, since all attempts of three days have failed or the receiver said that it is gone."),
		logMissed: s.counter("vacancy_webhook_log_dropped_total",
			"Deliveries that are missing in the log of deliveries, since it could not be written."),
	}
}

// Begin has the counters of outcomes there from the start.
func (w Webhooks) Begin(outcomes []string) { fromZero(w.attempts, outcomes) }

// Attempt counts one.
func (w Webhooks) Attempt(outcome string, took time.Duration) {
	w.attempts.WithLabelValues(outcome).Inc()
	w.seconds.Observe(took.Seconds())
}

// Backlog shows what waits.
func (w Webhooks) Backlog(waiting int, oldest time.Duration) {
	w.waiting.Set(float64(waiting))
	w.oldest.Set(max(0, oldest.Seconds()))
}

// Disabled counts an endpoint.
func (w Webhooks) Disabled() { w.disabled.Inc() }

// LogDropped counts deliveries that are not in the log.
func (w Webhooks) LogDropped(n int) { w.logMissed.Add(float64(n)) }
