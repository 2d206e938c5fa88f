package telemetry

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Live measures the hub.
type Live struct {
	readers prometheus.Gauge
	age     prometheus.Histogram
	merged  prometheus.Counter
	frames  *prometheus.CounterVec
	resets  *prometheus.CounterVec
	panics  prometheus.Counter
}

func newLive(registry *prometheus.Registry) Live {
	l := Live{
		readers: prometheus.NewGauge(prometheus.GaugeOpts{Name: "vacancy_live_readers", Help: "Live connections."}),
		age: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "vacancy_live_publish_age_seconds", Help: "Age of a committed change when it was published to its readers.",
			Buckets: prometheus.ExponentialBuckets(0.0005, 2, 14),
		}),
		merged: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "vacancy_live_changes_published_total", Help: "Changes that were published; frames merge several.",
		}),
		frames: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "vacancy_live_frames_total", Help: "Frames handed to readers' connections, by event.",
		}, []string{"event"}),
		resets: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "vacancy_live_resets_total", Help: "Readers that had to begin anew, by reason.",
		}, []string{"reason"}),
		panics: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "vacancy_live_panics_total", Help: "Faults that cost a live reader, or a venue's state in memory. The log has their stacks.",
		}),
	}
	registry.MustRegister(l.readers, l.age, l.merged, l.frames, l.resets, l.panics)
	return l
}

// Readers sets how many connections there are.
func (l Live) Readers(n int) { l.readers.Set(float64(n)) }

// Published counts one publication of so many changes, the oldest of that age.
func (l Live) Published(age time.Duration, changes int) {
	l.age.Observe(age.Seconds())
	l.merged.Add(float64(changes))
}

// Panicked counts a fault.
func (l Live) Panicked() { l.panics.Inc() }

// Frame counts a frame that was handed to a connection.
func (l Live) Frame(event string) { l.frames.WithLabelValues(event).Inc() }

// Began counts a reader that had to begin anew.
func (l Live) Began(reason string) { l.resets.WithLabelValues(reason).Inc() }
