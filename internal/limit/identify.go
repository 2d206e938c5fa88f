package limit

import (
	"net/netip"
	"slices"
	"strings"
)

// sharedSpace is what carriers and clouds use inside (RFC 6598), as others use private addresses.
var sharedSpace = netip.MustParsePrefix("100.64.0.0/10")

// Loopback are the addresses of the machine itself: the proxies that are trusted unless others are named.
func Loopback() []netip.Prefix {
	return []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}
}

// Identify says who makes a request: the address behind the trusted proxies. Peer is the other end of the connection, as HOST:PORT;
// forwardedFor are the lines of its X-Forwarded-For, in order.
//
// Each proxy appends the address that it got the request from, so the lines are read from their end: as long as an address is that of a
// trusted proxy, the one before it is believed. What stands before the first that is not trusted was written by a stranger.
//
// The result is nobody in particular where an address most likely stands for many people: a peer with a private or loopback address
// that is not a trusted proxy, or is one and does not say for whom it asks; and likewise behind trusted proxies, a private address that
// itself forwards. All customers of such a proxy would be one client. The log and a metric say so.
//
// The header Forwarded (RFC 7239) is not read: a proxy that sets one of the two passes a client's own other one through, and nothing
// tells which of them the proxy set.
func (l *Limiter) Identify(peer string, forwardedFor []string) Client {
	if l.off {
		return Client{}
	}
	client, at, reason := l.identify(peer, forwardedFor)
	if len(forwardedFor) > 0 && !l.trusts(parsePeer(peer)) {
		l.notices.ignoredHeader(parsePeer(peer))
	}
	if reason != "" {
		l.notices.unidentified(at, reason)
	}
	return client
}

// ClientOf is who Identify says, also where there are no limits. It is for those who only tell of a request: nobody is counted by it.
func (l *Limiter) ClientOf(peer string, forwardedFor []string) Client {
	client, _, _ := l.identify(peer, forwardedFor)
	return client
}

// identify says who makes a request or, if that is nobody in particular, for which reason, and which address that is about.
func (l *Limiter) identify(peer string, forwardedFor []string) (c Client, about netip.Addr, reason string) {
	addr := parsePeer(peer)
	if !l.trusts(addr) {
		if internal(addr) {
			return Client{}, addr, reasonUntrustedPeer
		}
		return Address(addr), addr, ""
	}
	hops := hopsFromRight(forwardedFor)
	proxy := addr
	for range maxHops {
		text, ok := hops.next()
		if !ok {
			return Client{}, proxy, reasonNoHeader
		}
		hop, ok := parseHop(text)
		if !ok {
			return Client{}, proxy, reasonBadHeader
		}
		if l.trusts(hop) {
			proxy = hop
			continue
		}
		if _, more := hops.next(); more && internal(hop) {
			return Client{}, hop, reasonUntrustedHop
		}
		return Address(hop), hop, ""
	}
	return Client{}, proxy, reasonBadHeader
}

// trusts tells whether the address is that of a trusted proxy.
func (l *Limiter) trusts(addr netip.Addr) bool {
	return slices.ContainsFunc(l.trusted, func(p netip.Prefix) bool { return p.Contains(addr) })
}

// internal tells whether the address is one of a private network or of the machine itself.
func internal(addr netip.Addr) bool {
	return !addr.IsValid() || addr.IsPrivate() || addr.IsLoopback() || addr.IsLinkLocalUnicast() || addr.IsUnspecified() ||
		sharedSpace.Contains(addr)
}

// parsePeer is the address of HOST:PORT; invalid for a peer that has none, such as that of a Unix socket.
func parsePeer(peer string) netip.Addr {
	addrPort, err := netip.ParseAddrPort(peer)
	if err != nil {
		return netip.Addr{}
	}
	return addrPort.Addr().Unmap().WithZone("")
}

// hops are the addresses of X-Forwarded-For lines, from the last to the first.
type hops struct {
	lines []string // those that were not begun
	line  string   // what is left of the one at hand
	begun bool
}

func hopsFromRight(lines []string) hops { return hops{lines: lines} }

// next is the address before the last one, as it was written. Empty elements are skipped, as lists of HTTP have it.
func (h *hops) next() (text string, ok bool) {
	for h.begun || len(h.lines) > 0 {
		if !h.begun {
			last := len(h.lines) - 1
			h.line, h.lines, h.begun = h.lines[last], h.lines[:last], true
		}
		comma := strings.LastIndexByte(h.line, ',')
		text = strings.Trim(h.line[comma+1:], " \t")
		h.line, h.begun = h.line[:max(comma, 0)], comma >= 0
		if text != "" {
			return text, true
		}
	}
	return "", false
}

// parseHop reads one address of an X-Forwarded-For. Some proxies add a port or write brackets.
func parseHop(text string) (netip.Addr, bool) {
	addr, err := netip.ParseAddr(text)
	if err != nil {
		if strings.HasPrefix(text, "[") && strings.HasSuffix(text, "]") {
			text += ":0"
		}
		withPort, err := netip.ParseAddrPort(text)
		if err != nil {
			return netip.Addr{}, false
		}
		addr = withPort.Addr()
	}
	return addr.Unmap().WithZone(""), true
}
