package telemetry

import "github.com/prometheus/client_golang/prometheus"

// Limits counts what limits by client refuse, and whom they cannot tell apart.
type Limits struct {
	refused      *prometheus.CounterVec
	unidentified *prometheus.CounterVec
}

func newLimits(registry *prometheus.Registry) Limits {
	l := Limits{
		refused: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "vacancy_limit_refused_total", Help: "Requests, connections and the like that were refused, by the limit that was reached.",
		}, []string{"limit"}),
		unidentified: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "vacancy_limit_unidentified_total",
			Help: "Requests that no limit by client holds, since their address stands for many people, by reason. See docs/limits.md.",
		}, []string{"reason"}),
	}
	registry.MustRegister(l.refused, l.unidentified)
	return l
}

// Refused counts something that was over a limit.
func (l Limits) Refused(limit string) { l.refused.WithLabelValues(limit).Inc() }

// Unidentified counts a request of nobody in particular.
func (l Limits) Unidentified(reason string) { l.unidentified.WithLabelValues(reason).Inc() }

// Connections has the open connections of the node shown, and how many there may be.
func (t *Telemetry) Connections(open func() int, most int) {
	t.registry.MustRegister(
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "vacancy_connections", Help: "Open connections of clients and proxies."},
			func() float64 { return float64(open()) }),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "vacancy_connections_max", Help: "How many there may be; more are refused."},
			func() float64 { return float64(most) }),
	)
}
