package app

import (
	"context"
	"crypto/tls"
	"log/slog"
	"net"
	"path/filepath"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/config"
	"vacancy/internal/doctor"
	"vacancy/internal/doctor/facts"
	"vacancy/internal/doctor/running"
	"vacancy/internal/limit"
	"vacancy/internal/store/postgres"
	"vacancy/internal/store/sqlite"
)

// Doctor judges the installation that a configuration describes, as it is seen from this machine. It changes nothing, and needs no server
// that runs. See package doctor.
func Doctor(ctx context.Context, c config.Config, log *slog.Logger) (doctor.Report, error) {
	if err := c.Validate(); err != nil {
		return doctor.Report{}, err
	}
	settings, err := settingFacts(c)
	if err != nil {
		return doctor.Report{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, doctorTimeout)
	defer cancel()
	known := facts.Facts{Now: time.Now(), Level: booking.CurrentLevel, Settings: settings}
	return doctor.Examine(ctx, known, databaseFacts(c, log), machineFacts{c}, running.Collector{URL: localMetricsURL(c)}), nil
}

// localMetricsURL is where the server that runs here with this configuration shows its metrics without a key: on the operator's port, or to
// this machine. It is empty if there is no such place.
func localMetricsURL(c config.Config) string {
	address, scheme := c.AdminListen, "http"
	if address == "" {
		address = c.Listen
		if c.TLS() {
			scheme = "https"
		}
	}
	host, port, err := net.SplitHostPort(address)
	if err != nil || port == "0" {
		return ""
	}
	switch ip := net.ParseIP(host); {
	case host == "", ip.IsUnspecified():
		host = "127.0.0.1"
	case c.AdminListen == "" && !config.IsLoopback(host):
		return ""
	}
	return scheme + "://" + net.JoinHostPort(host, port) + "/metrics"
}

// databaseFacts is what looks at the database that the configuration names.
func databaseFacts(c config.Config, log *slog.Logger) facts.Collector {
	if url, ok := c.PostgresURL(); ok {
		return postgres.FactCollector{Config: postgres.Config{URL: url, StateFile: c.StateFile(), Log: log}}
	}
	path, _ := c.SQLitePath()
	return sqlite.FactCollector{Path: path}
}

// settingFacts are the settings that are judged, without what is secret.
func settingFacts(c config.Config) (facts.Settings, error) {
	proxies, err := c.Proxies()
	if err != nil {
		return facts.Settings{}, err
	}
	found := facts.Settings{
		Listen: c.Listen, AdminListen: c.AdminListen, PublicURL: publicURL(c), PlainToStrangers: c.PlainToStrangers(),
		Limits: c.Limits == "on", AdminKey: c.AdminKey != "",
		AlertCommand: c.AlertCommand != "", AlertWebhook: c.AlertWebhook != "", OTLP: c.OTLP != "", Probe: c.ProbeInterval > 0,
		ChangesRetention: c.ChangesRetention, RequireStandby: c.RequireStandby, Connections: c.Connections, MaxReaders: c.MaxReaders,
	}
	for _, network := range proxies {
		found.TrustedProxies = append(found.TrustedProxies, network.String())
	}
	return found, nil
}

// machineFacts looks at the machine. It comes after the database's, of whose files it looks at the directories.
type machineFacts struct{ config config.Config }

// Collect adds what can be seen of the machine.
func (m machineFacts) Collect(_ context.Context, into *facts.Facts) error {
	into.Machine.Connections, into.Machine.DescriptorLimit = limit.NodeConnections()
	if m.config.TLSCert != "" {
		into.Certificate = certificateFacts(m.config)
	}
	if p := into.Postgres; p != nil && p.StateFile.Path != "" {
		p.StateFile.WriteFault = unwritable(filepath.Dir(p.StateFile.Path))
	}
	if s := into.SQLite; s != nil {
		s.DirectoryFault = unwritable(filepath.Dir(s.Path))
	}
	return nil
}

func certificateFacts(c config.Config) *facts.Certificate {
	found := &facts.Certificate{File: c.TLSCert}
	pair, err := tls.LoadX509KeyPair(c.TLSCert, c.TLSKey)
	if err != nil {
		found.Fault = err.Error()
		return found
	}
	found.NotAfter, found.Covers = pair.Leaf.NotAfter, true
	if public := c.Public(); public != nil {
		found.Covers = pair.Leaf.VerifyHostname(public.Hostname()) == nil
	}
	return found
}
