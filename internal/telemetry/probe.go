package telemetry

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Probe measures the server's own probe, which tries whether a booking succeeds.
type Probe struct {
	rounds  *prometheus.CounterVec
	seconds prometheus.Observer
	last    prometheus.Gauge
}

func newProbe(d *definitions) Probe {
	s := d.section("Availability")
	results := []string{"ok", "failed"}
	return Probe{
		rounds: fromZero(s.counters("vacancy_probe_rounds_total",
			"Rounds of the server's own probe, which makes a hold at a hidden venue and cancels it, from end to end by HTTP, every few seconds "+
				"(`--probe-interval`). The share of those that succeeded is the availability of bookings, also when no customer comes.",
			Label{"result", listed(results)}), results),
		seconds: s.histogram("vacancy_probe_round_seconds", "Time of a round of the probe: a hold and a cancellation, two commits.", probeTimes),
		last:    s.gauge("vacancy_probe_last_success_timestamp_seconds", "When a round of the probe last succeeded, in Unix time."),
	}
}

// Probe counts a round.
func (p Probe) Probe(ok bool, took time.Duration) {
	p.seconds.Observe(took.Seconds())
	if !ok {
		p.rounds.WithLabelValues("failed").Inc()
		return
	}
	p.rounds.WithLabelValues("ok").Inc()
	p.last.SetToCurrentTime()
}
