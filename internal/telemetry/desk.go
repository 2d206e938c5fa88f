package telemetry

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Desk measures the transactions of the desk.
type Desk struct {
	seconds  prometheus.Histogram
	commands prometheus.Histogram
}

func newDesk(registry *prometheus.Registry) Desk {
	d := Desk{
		seconds: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "vacancy_desk_transaction_seconds", Help: "Time of one transaction of the desk, its commit included.",
			Buckets: prometheus.ExponentialBuckets(0.0005, 2, 14),
		}),
		commands: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "vacancy_desk_transaction_commands", Help: "Commands that one transaction decided.",
			Buckets: prometheus.ExponentialBuckets(1, 2, 11),
		}),
	}
	registry.MustRegister(d.seconds, d.commands)
	return d
}

// Batch counts one transaction.
func (d Desk) Batch(_, commands int, took time.Duration) {
	d.seconds.Observe(took.Seconds())
	d.commands.Observe(float64(commands))
}
