package doctor

import (
	"net/netip"

	"vacancy/internal/doctor/facts"
)

// trustedProxies: not everybody may say who a request comes from.
func trustedProxies(f *facts.Facts) (all []Finding) {
	for _, network := range f.Settings.TrustedProxies {
		prefix, err := netip.ParsePrefix(network)
		if err != nil || prefix.Bits() > widestProxies(prefix.Addr()) {
			continue
		}
		all = append(all, found(Problem, linkCounted, network, "--trusted-proxies believes a large part of the internet: anybody can forge the "+
			"address that limits and logs go by").todo("Name the addresses of your proxies only."))
	}
	return all
}

// widestProxies is the shortest prefix that is a network of somebody's proxies.
func widestProxies(address netip.Addr) int {
	if address.Is4() {
		return widestProxies4
	}
	return widestProxies6
}
