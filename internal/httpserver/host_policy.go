package httpserver

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// Policy says by which names and schemes the server may be reached.
type Policy struct {
	// PublicURL is the scheme and host that customers see; nil if it is not known. Then every host is answered.
	PublicURL *url.URL
	// Hosts are further names that are answered. This machine's own, "localhost" and loopback addresses, always are: no page of a
	// stranger's site can have them as its origin.
	Hosts []string
	// HTTPSPort is the port with TLS that pages are redirected to if there is no public URL.
	HTTPSPort string
	// Trusted are the networks of proxies whose X-Forwarded-Proto is believed.
	Trusted []netip.Prefix
	// Misdirected answers a request for another host, and PlainRefused an API call without TLS.
	Misdirected, PlainRefused http.HandlerFunc
}

// hsts has browsers come by HTTPS only.
var hsts = []string{fmt.Sprintf("max-age=%d", int(hstsMaxAge.Seconds()))}

// liveness is answered whatever its host and scheme: whoever watches the process knows its address only.
const liveness = "/healthz"

// readiness is answered whatever its host: load balancers ask each server by its own address.
const readiness = "/readyz"

// Guard stands before the handler of the public port: it refuses requests for other hosts, and those that a trusted proxy got without
// TLS although the public URL has it. Answers over TLS tell browsers to come by HTTPS only.
func (p Policy) Guard(next http.Handler) http.Handler {
	hosts := p.hosts()
	publicHTTPS := p.PublicURL != nil && p.PublicURL.Scheme == "https"
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == liveness || r.URL.Path == readiness {
			next.ServeHTTP(w, r)
			return
		}
		if hosts != nil && !knownHost(hosts, r.Host) {
			p.Misdirected(w, r)
			return
		}
		scheme := ""
		if publicHTTPS {
			scheme = p.forwardedProto(r)
		}
		if r.TLS != nil || scheme == "https" {
			w.Header()["Strict-Transport-Security"] = hsts
		} else if scheme == "http" {
			p.upgrade(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// Upgrade is for the port without TLS: pages are redirected to HTTPS. API calls are refused and not redirected: a caller that is
// configured wrongly shall notice, and not send its key in the clear each time before it is redirected.
func (p Policy) Upgrade(next http.Handler) http.Handler {
	hosts := p.hosts()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == liveness:
			next.ServeHTTP(w, r)
		case hosts != nil && !knownHost(hosts, r.Host):
			p.Misdirected(w, r)
		default:
			p.upgrade(w, r)
		}
	})
}

func (p Policy) upgrade(w http.ResponseWriter, r *http.Request) {
	if !isPage(r) {
		p.PlainRefused(w, r)
		return
	}
	target := url.URL{Scheme: "https", Host: p.secureHost(r), Path: r.URL.Path, RawPath: r.URL.RawPath, RawQuery: r.URL.RawQuery}
	w.Header().Set("Cache-Control", "no-store") // whoever turns TLS off again must not be locked out by caches
	http.Redirect(w, r, target.String(), http.StatusPermanentRedirect)
}

// secureHost is the host and port where TLS is spoken.
func (p Policy) secureHost(r *http.Request) string {
	if p.PublicURL != nil {
		return p.PublicURL.Host
	}
	host := hostname(r.Host)
	switch {
	case p.HTTPSPort != "" && p.HTTPSPort != "443":
		return net.JoinHostPort(host, p.HTTPSPort)
	case strings.Contains(host, ":"):
		return "[" + host + "]"
	default:
		return host
	}
}

// isPage tells pages and their assets from what programs call.
func isPage(r *http.Request) bool {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		return false
	}
	path := r.URL.Path
	return path != "/v1" && !strings.HasPrefix(path, "/v1/") && !slices.Contains([]string{"/openapi.yaml", "/metrics", readiness}, path)
}

// forwardedProto is the scheme by which a trusted proxy got the request, if it says so.
func (p Policy) forwardedProto(r *http.Request) string {
	values := r.Header["X-Forwarded-Proto"]
	if len(values) != 1 {
		return ""
	}
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return ""
	}
	addr := peer.Addr().Unmap().WithZone("")
	if !slices.ContainsFunc(p.Trusted, func(network netip.Prefix) bool { return network.Contains(addr) }) {
		return ""
	}
	return strings.ToLower(strings.TrimSpace(values[0]))
}

// hosts are the names that are answered, besides this machine's own; nil if all are.
func (p Policy) hosts() map[string]bool {
	if p.PublicURL == nil {
		return nil
	}
	hosts := map[string]bool{strings.ToLower(p.PublicURL.Hostname()): true}
	for _, host := range p.Hosts {
		hosts[strings.ToLower(host)] = true
	}
	return hosts
}

// knownHost tells whether a Host header names one of the hosts, or this machine. Ports do not matter: a proxy may have another.
func knownHost(hosts map[string]bool, header string) bool {
	host := strings.TrimSuffix(strings.ToLower(hostname(header)), ".")
	if hosts[host] || host == "localhost" {
		return true
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.Unmap().IsLoopback()
}

// hostname is a Host header without its port and brackets.
func hostname(header string) string {
	if host, _, err := net.SplitHostPort(header); err == nil {
		return host
	}
	return strings.Trim(header, "[]")
}
