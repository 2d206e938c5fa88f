package doctor

import (
	"net/url"

	"vacancy/internal/doctor/facts"
)

// plainHTTP: keys and customers' data do not travel in the clear.
func plainHTTP(f *facts.Facts) []Finding {
	s := f.Settings
	if s.PlainToStrangers {
		return []Finding{found(Warning, linkTLS, s.Listen, "other machines reach the server over plain HTTP: whoever is on the way can read "+
			"keys and customers' data").todo("Set --tls-cert and --tls-key, or --acme; or name the proxy in front with --trusted-proxies.")}
	}
	if u, err := url.Parse(s.PublicURL); err == nil && u.Scheme == "http" && !isLoopback(u.Hostname()) {
		return []Finding{found(Warning, linkTLS, s.PublicURL, "customers use plain HTTP: whoever is on the way can read what they enter").
			todo("Have the proxy in front speak TLS, and set --public-url to its https:// address.")}
	}
	return nil
}
