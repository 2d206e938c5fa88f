package app

import (
	"context"
	"net"
	"net/http"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/httpapi"
	"vacancy/internal/limit"
	"vacancy/internal/live/ws"
	"vacancy/internal/telemetry"
)

// buildLimits builds what says how much one client may do.
func (a *App) buildLimits() error {
	proxies, err := a.config.Proxies()
	if err != nil {
		return err
	}
	a.limits = limit.New(limit.Config{
		Off: a.config.Limits == "off", Trusted: proxies, Now: time.Now, Log: a.log, Meter: a.telemetry.Limits, Alerts: a.alerts,
	})
	a.telemetry.Limits.Table(func() telemetry.LimitTable { return telemetry.LimitTable(a.limits.Stats()) })
	a.noteConnections()
	if a.limits.Off() {
		a.log.Info("limits by client are off: one client can take all that the server has")
	}
	return nil
}

// limitConnections counts the connections that a listener accepts, of the node and of each client. Those whose requests cannot be read
// are answered as all others.
func (a *App) limitConnections(inner net.Listener) net.Listener {
	most, _ := limit.NodeConnections()
	return httpapi.EarlyErrors(a.limits.Listen(inner, limit.ListenerConfig{MaxConnections: most, Refuse: httpapi.RefuseConnection}))
}

// limitAdminConnections bounds the connections of the operator's port by themselves, so that a full node can still be looked at. There are
// no limits by client: the port is the operator's.
func (a *App) limitAdminConnections(inner net.Listener) net.Listener {
	own := limit.New(limit.Config{Off: true, Now: time.Now, Log: a.log, Meter: a.telemetry.Limits, Alerts: a.alerts})
	return httpapi.EarlyErrors(own.Listen(inner, limit.ListenerConfig{
		MaxConnections: limit.AdminConnections, Refuse: httpapi.RefuseConnection,
	}))
}

// noteConnections tells the operator how many connections there can be.
func (a *App) noteConnections() {
	most, descriptors := limit.NodeConnections()
	a.telemetry.Limits.Connections(a.limits.Connections, most)
	a.log.Info("connections are bounded", "max_connections", most, "descriptor_limit", descriptors, "max_readers", a.config.MaxReaders)
	if most < a.config.MaxReaders {
		a.log.Warn("the descriptor limit is too low for --max-readers; raise it (ulimit -n, LimitNOFILE)",
			"max_connections", most, "max_readers", a.config.MaxReaders)
	}
}

// pageOrigin tells sockets where the page comes from that opened them.
func pageOrigin(c httpapi.Catalogue) func(*http.Request) ws.Origin {
	originOf := httpapi.PageOriginOf(c)
	return func(r *http.Request) ws.Origin { return originOf(r) }
}

// isKey tells sockets whether a token is a management key.
func (a *App) isKey(ctx context.Context, token string) (bool, error) {
	actor, err := a.auth.Bearer(ctx, token)
	return actor.Kind == booking.Staff, err
}
