package webhook

import (
	"net"
	"net/netip"
	"slices"
	"syscall"
)

// Whoever has a management key can have the server connect to an address of its choice. An address is therefore judged when it is dialled:
// what a name leads to when it is checked is not what it leads to a moment later, and the many spellings of an address are one by then.

// guard judges addresses.
type guard struct {
	allowed  []netip.Prefix
	resolver *net.Resolver // nil, but in tests
}

// refusedAddressError says that an address is not connected to, and why. It does not say which: a name that only this machine resolves is
// nobody's business.
type refusedAddressError struct{ why string }

func (e *refusedAddressError) Error() string {
	return "webhooks do not lead to the address of its host, " + e.why
}

// metadata are the addresses at which clouds give machines their secrets. A network that the operator allows does not allow them, unless
// it is the very address.
var metadata = []netip.Addr{
	netip.MustParseAddr("169.254.169.254"), // AWS, Google, Azure, OpenStack, DigitalOcean, and others
	netip.MustParseAddr("169.254.170.2"),   // AWS, of containers
	netip.MustParseAddr("169.254.170.23"),  // AWS, of pods
	netip.MustParseAddr("100.100.100.200"), // Alibaba
	netip.MustParseAddr("192.0.0.192"),     // Oracle
	netip.MustParseAddr("168.63.129.16"),   // Azure's host
	netip.MustParseAddr("fd00:ec2::254"),   // AWS
	netip.MustParseAddr("fd00:ec2::23"),    // AWS, of pods
	netip.MustParseAddr("fd20:ce::254"),    // Google
}

// special is a network that is not the public Internet.
type special struct {
	prefix netip.Prefix
	why    string
}

// specials are from IANA's registries of special-purpose addresses, of IPv4 and IPv6. Some are globally reachable, and yet nobody's
// webhook.
var specials = []special{
	{netip.MustParsePrefix("0.0.0.0/8"), "which is this machine"},
	{netip.MustParsePrefix("10.0.0.0/8"), "a private address"},
	{netip.MustParsePrefix("100.64.0.0/10"), "an address of a carrier's own network"},
	{netip.MustParsePrefix("127.0.0.0/8"), "which is this machine"},
	{netip.MustParsePrefix("169.254.0.0/16"), "a link-local address"},
	{netip.MustParsePrefix("172.16.0.0/12"), "a private address"},
	{netip.MustParsePrefix("192.0.0.0/24"), "an address of a protocol"},
	{netip.MustParsePrefix("192.0.2.0/24"), "an address for documentation"},
	{netip.MustParsePrefix("192.31.196.0/24"), "an address of a protocol"},
	{netip.MustParsePrefix("192.52.193.0/24"), "an address of a protocol"},
	{netip.MustParsePrefix("192.88.99.0/24"), "an address of a relay"},
	{netip.MustParsePrefix("192.168.0.0/16"), "a private address"},
	{netip.MustParsePrefix("192.175.48.0/24"), "an address of a protocol"},
	{netip.MustParsePrefix("198.18.0.0/15"), "an address for benchmarks"},
	{netip.MustParsePrefix("198.51.100.0/24"), "an address for documentation"},
	{netip.MustParsePrefix("203.0.113.0/24"), "an address for documentation"},
	{netip.MustParsePrefix("224.0.0.0/4"), "a multicast address"},
	{netip.MustParsePrefix("240.0.0.0/4"), "a reserved address"},

	{netip.MustParsePrefix("2001::/23"), "an address of a protocol"}, // Teredo, benchmarks, ORCHID and others
	{netip.MustParsePrefix("2001:db8::/32"), "an address for documentation"},
	{netip.MustParsePrefix("2002::/16"), "an address of 6to4"},
	{netip.MustParsePrefix("2620:4f:8000::/48"), "an address of a protocol"},
	{netip.MustParsePrefix("3fff::/20"), "an address for documentation"},
}

// globalUnicast is all of IPv6 that is given out. What is outside is loopback, unspecified, unique-local, link-local, multicast,
// discard-only, mapped or translated (::ffff:0:0/96, 64:ff9b::/96, 64:ff9b:1::/48), a segment identifier, or nothing yet.
var globalUnicast = netip.MustParsePrefix("2000::/3")

// check is nil if an address may be connected to. plain says that it is without TLS, which only the operator's networks may be.
func (g *guard) check(addr netip.Addr, plain bool) error {
	refuse := func(why string) error { return &refusedAddressError{why} }
	allowed := g.allows(addr)
	switch {
	case !addr.IsValid():
		return refuse("which is none of the Internet")
	case addr.Zone() != "":
		return refuse("a link-local address")
	case addr.Is4In6():
		return refuse("an IPv4 address in the guise of IPv6")
	case slices.Contains(metadata, addr) && !g.allowsAlone(addr):
		return refuse("where a cloud keeps the secrets of its machines")
	case allowed:
		return nil
	case plain:
		return refuse("and plain http is for networks that the operator has allowed")
	case addr.Is6() && !globalUnicast.Contains(addr):
		return refuse("a local or translated address")
	case isatap(addr):
		return refuse("an address of ISATAP")
	}
	for _, s := range specials {
		if s.prefix.Contains(addr) {
			return refuse(s.why)
		}
	}
	return nil
}

func (g *guard) allows(addr netip.Addr) bool {
	return slices.ContainsFunc(g.allowed, func(p netip.Prefix) bool { return p.Contains(addr) })
}

func (g *guard) allowsAlone(addr netip.Addr) bool {
	return slices.ContainsFunc(g.allowed, func(p netip.Prefix) bool { return p.IsSingleIP() && p.Addr() == addr })
}

// isatap tells an address whose last half is an IPv4 address in disguise: 0:5efe or 200:5efe, and the address.
func isatap(addr netip.Addr) bool {
	b := addr.As16()
	return addr.Is6() && b[8]&^0x02 == 0 && b[9] == 0 && b[10] == 0x5e && b[11] == 0xfe
}

// control is called by the dialer with each address that a name was resolved to, before it is connected to.
func (g *guard) control(plain bool) func(network, address string, _ syscall.RawConn) error {
	return func(_, address string, _ syscall.RawConn) error {
		target, err := netip.ParseAddrPort(address)
		if err != nil {
			return &refusedAddressError{why: "which is no address of the Internet"}
		}
		return g.check(target.Addr(), plain)
	}
}

// dialer connects to what the guard allows.
func (g *guard) dialer(plain bool) *net.Dialer {
	return &net.Dialer{Timeout: attemptTimeout, Control: g.control(plain), Resolver: g.resolver}
}
