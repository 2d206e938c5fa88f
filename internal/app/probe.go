package app

import (
	"crypto/rand"
	"net/url"

	"vacancy/internal/booking"
	"vacancy/internal/desk"
	"vacancy/internal/httpapi"
	"vacancy/internal/probe"
)

// newProbeToken is what the probe of this process shows itself by, for as long as it lives.
func newProbeToken() string { return rand.Text() }

// newProbe makes what tries whether a booking succeeds. It goes by the public port, with its listener, its connections and its TLS.
func (a *App) newProbe() *probe.Probe {
	return probe.New(probe.Config{
		URL: a.server.URL(), Host: a.probeHost(), Client: a.LocalClient(), Header: httpapi.ProbeHeader, Token: a.probeToken,
		Venue: string(booking.ProbeVenue), Service: string(desk.ProbeService), Step: desk.ProbeStep, Prepare: a.desk.PrepareProbe,
		Interval: a.config.ProbeInterval, Meter: a.telemetry.Probe, Alerts: a.alerts, Log: a.log,
	})
}

// probeHost is the name that the server answers to.
func (a *App) probeHost() string {
	if public := a.config.Public(); public != nil {
		return public.Host
	}
	if u, err := url.Parse(a.server.URL()); err == nil {
		return u.Host
	}
	return ""
}
