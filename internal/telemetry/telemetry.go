// Package telemetry counts and times what the server does, for Prometheus. It imports no other room: those who measure declare the
// small interfaces that its types satisfy, and package app passes them in. Registries are never global, so that two servers can
// live in one process.
package telemetry

import (
	"net/http"

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
