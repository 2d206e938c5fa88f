// Package telemetry counts and times what the server does, for Prometheus. It imports no other room: those who measure declare the
// small interfaces that its types satisfy, and package app passes them in. Registries are never global, so that two servers can
// live in one process.
//
// A metric is made in the file of its room, by [definitions]: its name, its help text, its labels and their values. docs/metrics.md is
// written from these by `make generate`. A new metric therefore needs three lines and no other place.
package telemetry

import (
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Telemetry holds the metrics of one server.
type Telemetry struct {
	definitions *definitions
	// Each is told by its room what happens there.
	HTTP     HTTP
	Probe    Probe
	Desk     Desk
	Live     Live
	View     View
	Database Database
	Outbox   Outbox
	Webhooks Webhooks
	Limits   Limits
	Postgres Postgres
	Server   Server
	Alerts   Alerts
	OTLP     OTLP
}

// New makes the metrics of one server.
func New() *Telemetry {
	registry := prometheus.NewRegistry()
	registry.MustRegister(
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		collectors.NewBuildInfoCollector(),
	)
	d := &definitions{registry: registry}
	return &Telemetry{ // in the order of the documentation
		definitions: d,
		Probe:       newProbe(d),
		HTTP:        newHTTP(d),
		Desk:        newDesk(d),
		Live:        newLive(d),
		View:        newView(d),
		Database:    newDatabase(d),
		Postgres:    newPostgres(d),
		Outbox:      newOutbox(d),
		Webhooks:    newWebhooks(d),
		Limits:      newLimits(d),
		Server:      newServer(d),
		Alerts:      newAlerts(d),
		OTLP:        newOTLP(d),
	}
}

// Handler serves the metrics in the text format.
func (t *Telemetry) Handler() http.Handler {
	registry := t.definitions.registry
	return promhttp.HandlerFor(registry, promhttp.HandlerOpts{Registry: registry})
}

// Definitions are all metrics of the server's own, in the order of the documentation.
func Definitions() []Definition { return New().definitions.all }
