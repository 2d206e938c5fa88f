package app

import (
	"context"
	"fmt"
	"time"

	"vacancy/internal/supervisor"
	"vacancy/internal/tlscert"
)

// Option is something that a server is given beside its configuration.
type Option func(*App)

// WithSupervisor has the server tell whoever runs it how it is, and listen on the sockets that were passed in place of the addresses of the
// configuration.
func WithSupervisor(s *supervisor.Supervisor) Option {
	return func(a *App) {
		a.supervisor = s
		for name, address := range map[string]*string{
			supervisor.Public: &a.config.Listen, supervisor.Plain: &a.config.HTTPListen, supervisor.Admin: &a.config.AdminListen,
		} {
			if listener := s.Listener(name); listener != nil {
				*address = listener.Addr().String()
			}
		}
	}
}

// runSupervision tells the supervisor that the server is there, that it works, and how it is, until ctx ends.
func (a *App) runSupervision(ctx context.Context) {
	status := a.status()
	a.supervisor.Ready(status)
	interval := statusInterval
	if watchdog := a.supervisor.Watchdog(); watchdog > 0 {
		interval = min(interval, watchdog/3)
	}
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for {
		a.supervisor.Alive()
		if now := a.status(); now != status && a.ready.Load() {
			status = now
			a.supervisor.Status(status)
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// status is how the server is, in a line for people.
func (a *App) status() string {
	switch {
	case !a.Readable():
		return "the database does not answer; reads are served from memory, marked stale"
	case !a.Writable():
		return "the database cannot be written to; reads are served"
	case a.outboxPaused.Load():
		return fmt.Sprintf("serving at %s; alerts are paused", a.server.URL())
	default:
		return fmt.Sprintf("serving at %s", a.server.URL())
	}
}

// stopTimeout is how long a stop may take, with some time for what has no bound of its own.
func (a *App) stopTimeout() time.Duration {
	return a.config.DrainDelay + a.config.DrainTime + a.config.ShutdownTimeout + stopSlack
}

// Reload reads the certificate files again. Everything else is read at the start only.
func (a *App) Reload(ctx context.Context) {
	a.supervisor.Reloading()
	if files, ok := a.certificates.(*tlscert.Files); ok {
		files.Reload(ctx)
	}
	a.log.Info("reloaded")
	a.supervisor.Ready(a.status())
}
