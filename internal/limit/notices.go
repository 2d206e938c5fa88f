package limit

import (
	"log/slog"
	"maps"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"
)

// The reasons for which nobody in particular is counted, as the metric has them.
const (
	reasonUntrustedPeer = "untrusted_peer" // a private or loopback address that is not among the trusted proxies
	reasonUntrustedHop  = "untrusted_hop"  // the same, behind a trusted proxy
	reasonNoHeader      = "no_header"      // a trusted proxy that does not say for whom it asks
	reasonBadHeader     = "bad_header"     // or says so in a form that cannot be read
)

// notices tells the operator what an operator should know, in the log once in a while and in metrics each time.
type notices struct {
	log   *slog.Logger
	meter Meter
	since func() time.Duration // the time

	untrustedPeer, untrustedHop, noHeader, badHeader, header, local periodic

	mu sync.Mutex
	// refusals is what was refused since the last line, by limit.
	refusals map[string]*refusals
	// loopback counts the requests of the machine itself, as if it were one client.
	loopback bucket
	// lastSeen is when addresses were last nobody in particular. Those that were not for a while are forgotten at nextForget.
	lastSeen   map[unidentifiedPeer]time.Duration
	nextForget time.Duration
}

// unidentifiedPeer is an address that is exempt from the limits by client, and why.
type unidentifiedPeer struct {
	addr   netip.Addr
	reason string
}

// periodic lets something through once in a while.
type periodic struct{ next atomic.Int64 }

func (p *periodic) due(now time.Duration) bool {
	next := p.next.Load()
	return int64(now) >= next && p.next.CompareAndSwap(next, int64(now+noticeEvery))
}

type refusals struct {
	count int
	next  time.Duration
}

// refused counts a refusal. The line names the client's network and not its address: enough to recognise who floods, and to block it,
// and no personal data. The address itself is written at level debug.
func (n *notices) refused(limit string, c Client) {
	n.meter.Refused(limit)
	n.log.Debug("a client is over a limit", "limit", limit, "client", c.String())
	if count, due := n.countRefusal(limit); due {
		n.log.Warn("clients are over a limit and are refused", "limit", limit, "refused", count, "last_network", c.coarse())
	}
}

// countRefusal is how many refusals there were since the last line, and whether it is time for the next.
func (n *notices) countRefusal(limit string) (count int, due bool) {
	now := n.since()
	n.mu.Lock()
	defer n.mu.Unlock()
	r := n.refusals[limit]
	if r == nil {
		r = new(refusals)
		if n.refusals == nil {
			n.refusals = make(map[string]*refusals)
		}
		n.refusals[limit] = r
	}
	r.count++
	if now < r.next {
		return 0, false
	}
	count, r.count, r.next = r.count, 0, now+logEvery
	return count, true
}

// ignoredHeader: a peer that is not a trusted proxy sends X-Forwarded-For.
func (n *notices) ignoredHeader(peer netip.Addr) {
	if n.header.due(n.since()) {
		n.log.Warn("X-Forwarded-For is ignored: its sender is not among --trusted-proxies", "peer", coarse(peer))
	}
}

// unidentified: the address stands for nobody in particular.
func (n *notices) unidentified(addr netip.Addr, reason string) {
	n.meter.Unidentified(reason)
	now := n.since()
	n.remember(unidentifiedPeer{addr, reason}, now)
	switch reason {
	case reasonUntrustedPeer:
		if n.untrustedPeer.due(now) {
			n.log.Warn("requests come from a private address that is not among --trusted-proxies; no limits by client hold for them: "+
				"if it is your proxy, name it there", "peer", addr)
		}
	case reasonUntrustedHop:
		if n.untrustedHop.due(now) {
			n.log.Warn("a proxy behind the trusted ones is not among --trusted-proxies; no limits by client hold for its requests",
				"proxy", addr)
		}
	case reasonBadHeader:
		if n.badHeader.due(now) {
			n.log.Warn("a trusted proxy sends an X-Forwarded-For that cannot be read; no limits by client hold for its requests",
				"proxy", addr)
		}
	default:
		n.headerMissing(addr, now)
	}
}

func (n *notices) remember(p unidentifiedPeer, now time.Duration) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if now >= n.nextForget {
		n.forgetPeers(now)
		n.nextForget = now + peerTTL/10
	}
	if _, known := n.lastSeen[p]; !known && len(n.lastSeen) >= maxPeers {
		return
	}
	if n.lastSeen == nil {
		n.lastSeen = make(map[unidentifiedPeer]time.Duration)
	}
	n.lastSeen[p] = now
}

// forgetPeers drops those that have not asked for a while. The lock must be held.
func (n *notices) forgetPeers(now time.Duration) {
	maps.DeleteFunc(n.lastSeen, func(_ unidentifiedPeer, seen time.Duration) bool { return now-seen > peerTTL })
}

// peers is how many addresses were nobody in particular lately, by reason.
func (n *notices) peers() map[string]int {
	byReason := map[string]int{reasonUntrustedPeer: 0, reasonUntrustedHop: 0, reasonNoHeader: 0, reasonBadHeader: 0}
	now := n.since()
	n.mu.Lock()
	defer n.mu.Unlock()
	n.forgetPeers(now)
	for p := range n.lastSeen {
		byReason[p.reason]++
	}
	return byReason
}

// headerMissing: a trusted proxy, or a program beside it, does not say for whom it asks. On the machine itself that is nearly always a
// program or a browser of its own, and is only mentioned, until there are more requests than one client would be allowed: then it is a
// proxy that was set up without the header.
func (n *notices) headerMissing(addr netip.Addr, now time.Duration) {
	if addr.IsLoopback() && n.withinOneClient(now) {
		if n.local.due(now) {
			n.log.Info("requests come from this machine without X-Forwarded-For; no limits by client hold for them", "peer", addr)
		}
		return
	}
	if n.noHeader.due(now) {
		n.log.Warn("a trusted proxy sends no X-Forwarded-For; no limits by client hold for its requests, since all customers would be one: "+
			"let the proxy set the header", "proxy", addr)
	}
}

func (n *notices) withinOneClient(now time.Duration) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	_, ok := n.loopback.consume(now, addressQuotas[Requests].times(1))
	return ok
}

// coarse is an address without its last part.
func coarse(addr netip.Addr) string {
	if internal(addr) {
		return addr.String()
	}
	return Address(addr).coarse()
}
