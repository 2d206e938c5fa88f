package httpapi

import (
	"net/http"
	"net/netip"
	"strings"

	"vacancy/internal/booking"
)

// Metrics and readiness are for the operator. They are either on the public port, metrics for a management key or a direct call from
// this machine, or on a port of their own, which is the operator's to close to others.

// NewAdmin is the handler of the operator's port: metrics and health pages, for whoever reaches it, and the server's weight.
func NewAdmin(config Config) http.Handler {
	config.AdminPort = false
	a := emptyAPI(config)
	a.addHealth()
	a.addWeight()
	a.mux.Handle("GET /metrics", a.Metrics)
	a.mux.HandleFunc(catchAllPattern, func(w http.ResponseWriter, r *http.Request) { a.fail(w, r, booking.ErrNotFound) })
	return a
}

// addMetrics mounts the metrics on the public port.
func (a *api) addMetrics() {
	if a.AdminPort {
		return
	}
	a.mux.HandleFunc("GET /metrics", func(w http.ResponseWriter, r *http.Request) {
		c := &requestContext{api: a, w: w, r: r}
		if err := c.admitOperator(); err != nil {
			a.fail(w, r, c.countFailedAuthentication(err))
			return
		}
		a.Metrics.ServeHTTP(w, r)
	})
}

// admitOperator lets management keys pass, and direct calls from this machine.
func (c *requestContext) admitOperator() (err error) {
	if directFromThisMachine(c.r) {
		return nil
	}
	c.actor, err = c.countCaller()
	switch {
	case err != nil:
		return err
	case c.actor.Kind == booking.Public:
		return booking.ErrUnauthenticated
	case c.actor.Kind != booking.Staff || foreignPage(c.r):
		return booking.ErrForbidden
	}
	return nil
}

// forwardingHeaders are what proxies add to requests that they pass on.
var forwardingHeaders = []string{
	"Forwarded", "Via", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-Ip", "X-Client-Ip", "Cf-Connecting-Ip",
	"True-Client-Ip",
}

// directFromThisMachine tells whether a program on this machine makes the request by itself: it comes from a loopback address to one, or
// to localhost, and no proxy passed it on. nginx with a proxy_pass alone adds no header, but speaks HTTP/1.0, as no scraper does. A proxy
// that leaves no trace at all cannot be told from a direct call: that is what the operator's own port is for.
func directFromThisMachine(r *http.Request) bool {
	for _, name := range forwardingHeaders {
		if len(r.Header[name]) > 0 {
			return false
		}
	}
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	return err == nil && peer.Addr().Unmap().IsLoopback() && loopbackHost(r.Host) && r.ProtoAtLeast(1, 1) &&
		r.Header.Get("Origin") == "" && r.Header.Get("Sec-Fetch-Site") == ""
}

// loopbackHost tells whether a Host header can only mean the machine that the caller runs on.
func loopbackHost(header string) bool {
	if addrPort, err := netip.ParseAddrPort(header); err == nil {
		return addrPort.Addr().Unmap().IsLoopback()
	}
	host, _, _ := strings.Cut(header, ":")
	if addr, err := netip.ParseAddr(strings.Trim(header, "[]")); err == nil {
		return addr.Unmap().IsLoopback()
	}
	return strings.EqualFold(host, "localhost")
}
