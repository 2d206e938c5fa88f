package webhook

import (
	"context"
	"net"
	"net/netip"
	"time"
)

// What tests see of the room besides.

const (
	AttemptTimeout = attemptTimeout
	BodyTimeout    = bodyTimeout
	InlineTime     = inlineTime
	DrainTime      = drainTime
	MaxBody        = maxBody
	MaxWaiting     = maxWaiting
	Retention      = retention
	MaxPerVenue    = maxPerVenue
)

// SetTimeout has attempts time out sooner.
func (b *Bus) SetTimeout(d time.Duration) { b.sender.timeout = d }

// SetResolver has names looked up elsewhere.
func (b *Bus) SetResolver(r *net.Resolver) {
	b.guard.resolver = r
	b.sender.secure.DialContext = b.guard.dialer(false).DialContext
	b.sender.plain.DialContext = b.guard.dialer(true).DialContext
}

// SetDial has connections made elsewhere.
func (b *Bus) SetDial(dial func(ctx context.Context, network, address string) (net.Conn, error)) {
	b.sender.plain.DialContext = dial
}

// RetryDue makes the attempts that are due, and returns once they are made.
func (b *Bus) RetryDue(ctx context.Context) error {
	r := newRetrier(b)
	err := r.start(ctx)
	r.close(ctx)
	return err
}

// CountBacklog tells the meter what waits.
func (b *Bus) CountBacklog(ctx context.Context) error { return b.countBacklog(ctx) }

// CheckAddress judges an address as the dialer does.
func CheckAddress(addr netip.Addr, plain bool, allowed ...netip.Prefix) error {
	return (&guard{allowed: allowed}).check(addr, plain)
}

// CheckURL judges an address as it is set.
func CheckURL(text string, allowed ...netip.Prefix) error {
	return (&guard{allowed: allowed}).checkURL(text)
}

// EventBackoff and EndpointBackoff are without jitter.
func EventBackoff(n int) time.Duration {
	return exponential(n, maxEventBackoff, eventBackoffFactor)
}

func EndpointBackoff(n int) time.Duration {
	return exponential(n, maxEndpointBackoff, endpointBackoffFactor)
}
