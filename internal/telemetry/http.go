package telemetry

import (
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// HTTP measures the requests of the API.
type HTTP struct {
	seconds *prometheus.HistogramVec
}

func newHTTP(registry *prometheus.Registry) HTTP {
	h := HTTP{seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "vacancy_http_request_seconds", Help: "Time to answer a request, by route and status.",
		Buckets: prometheus.ExponentialBuckets(0.0005, 2.5, 11),
	}, []string{"route", "status"})}
	registry.MustRegister(h.seconds)
	return h
}

// Request counts one answered request. Routes are patterns, so their number is bounded.
func (h HTTP) Request(route string, status int, took time.Duration) {
	h.seconds.WithLabelValues(route, strconv.Itoa(status)).Observe(took.Seconds())
}
