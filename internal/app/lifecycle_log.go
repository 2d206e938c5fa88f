package app

import (
	"context"
	"log/slog"
	"runtime/debug"
	"time"
)

// Version is what the Go toolchain recorded of the build: a tag, or a commit.
func Version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "(unknown)"
	}
	return info.Main.Version
}

// logStart tells the operator what runs, where, on what, and within which bounds.
func (a *App) logStart(ctx context.Context) {
	c := a.config
	attributes := []slog.Attr{
		slog.String("version", Version()), slog.String("address", a.server.URL()), slog.String("database", c.DatabaseName()),
	}
	if public := c.Public(); public != nil {
		attributes = append(attributes, slog.String("public_url", public.String()))
	}
	for name, url := range map[string]string{"admin_address": a.server.AdminURL(), "http_address": a.server.PlainURL()} {
		if url != "" {
			attributes = append(attributes, slog.String(name, url))
		}
	}
	if a.outboxPaused.Load() {
		attributes = append(attributes, slog.String("outbox", "paused"))
	}
	if a.agent != nil {
		attributes = append(attributes, slog.String("agent_address", a.agent.Address()), slog.Int("weight", a.weight.Weight()))
	}
	attributes = append(attributes, slog.Group("limits",
		slog.Int("readers", c.MaxReaders), slog.Int("waiting", c.MaxWaiting), slog.Int("venues", c.MaxVenues),
		slog.Int("connections", c.Connections)),
		slog.Group("drain",
			slog.Duration("delay", c.DrainDelay), slog.Duration("time", c.DrainTime),
			slog.Int("most_readers_per_second", int(float64(c.MaxReaders)/max(c.DrainTime.Seconds(), 1)))))
	a.log.LogAttrs(ctx, slog.LevelInfo, "started", attributes...)
	if c.PlainToStrangers() {
		a.log.WarnContext(ctx, "this is plain HTTP on an address that other machines reach: whoever is on the way reads keys and customers' "+
			"data; use --tls-cert and --tls-key, or --acme, or name the proxy that speaks TLS by --trusted-proxies", "address", c.Listen)
	}
}

// logStop tells how a server that has served ended.
func (a *App) logStop(began time.Time, err error) {
	attributes := []any{"version", Version(), "took", time.Since(began).Round(time.Millisecond)}
	if err != nil {
		a.log.Error("stopped, not everything in good order", append(attributes, "error", err)...)
		return
	}
	a.log.Info("stopped", attributes...)
}
