package doctor

import (
	"net"
	"net/netip"

	"vacancy/internal/doctor/facts"
)

// adminListen: metrics are not for everybody.
func adminListen(f *facts.Facts) []Finding {
	host, _, err := net.SplitHostPort(f.Settings.AdminListen)
	if f.Settings.AdminListen == "" || err != nil || isLoopback(host) {
		return nil
	}
	if address, err := netip.ParseAddr(host); err == nil && address.IsPrivate() {
		return nil
	}
	return []Finding{found(Note, linkHealth, f.Settings.AdminListen, "--admin-listen asks for no key, and other machines may reach it").
		todo("Listen on a private address, or see to it that a firewall keeps strangers out.")}
}
