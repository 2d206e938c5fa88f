package doctor

import "vacancy/internal/doctor/facts"

// untrustedPeers: no proxy stands in front that was not named. All of its customers would be one client, or have no limits.
func untrustedPeers(f *facts.Facts) []Finding {
	if f.Server == nil || f.Server.UntrustedPeers == 0 {
		return nil
	}
	return []Finding{found(Warning, linkNotTrusted, f.Server.URL, "requests come from %s of a private network that is not among "+
		"--trusted-proxies, most likely your proxy: its customers have no limits by client", count(f.Server.UntrustedPeers, "address")).
		todo("Name the proxy in --trusted-proxies, and see that it sets X-Forwarded-For.")}
}
