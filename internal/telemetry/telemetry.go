// Package telemetry counts and times what the server does, for Prometheus. It imports no other room: those who measure declare the
// small interfaces that its types satisfy, and package app passes them in. Registries are never global, so that two servers can
// live in one process.
package telemetry

import (
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Telemetry holds the metrics of one server.
type Telemetry struct {
	registry *prometheus.Registry
	// Each is told by its room what happens there.
	Desk     Desk
	HTTP     HTTP
	Live     Live
	Postgres Postgres
	Limits   Limits
	Alerts   Alerts
}

// New makes the metrics of one server.
func New() *Telemetry {
	registry := prometheus.NewRegistry()
	registry.MustRegister(
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		collectors.NewBuildInfoCollector(),
	)
	return &Telemetry{
		registry: registry, Desk: newDesk(registry), HTTP: newHTTP(registry), Live: newLive(registry), Postgres: newPostgres(registry),
		Limits: newLimits(registry), Alerts: newAlerts(registry),
	}
}

// Handler serves the metrics in the text format.
func (t *Telemetry) Handler() http.Handler {
	return promhttp.HandlerFor(t.registry, promhttp.HandlerOpts{Registry: t.registry})
}

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
