package doctor

import (
	"net"
	"net/netip"

	"vacancy/internal/doctor/facts"
)

// publicURL: links are made of what customers see.
func publicURL(f *facts.Facts) []Finding {
	host, _, err := net.SplitHostPort(f.Settings.Listen)
	behindProxy := false
	for _, network := range f.Settings.TrustedProxies {
		prefix, err := netip.ParsePrefix(network)
		behindProxy = behindProxy || err == nil && !prefix.Addr().IsLoopback()
	}
	if f.Settings.PublicURL != "" || err != nil || isLoopback(host) && !behindProxy {
		return nil
	}
	return []Finding{found(Note, linkNames, "", "--public-url is not set: links are made of whatever host a request names").
		todo("Set --public-url to the address that customers see.")}
}
