package outbox

import "time"

// breaker is the circuit breaker before the bus: once it has tripped, one venue tries, and not all. It trips once two venues have failed
// and none has succeeded: what one venue alone suffers from holds up no other. The queue's lock guards it.
type breaker struct {
	// suspect is the venue that has failed last, and nothing was confirmed since; nil if there is none.
	suspect *venue
	// failures is how many tries in a row have failed since it tripped, 0 if it has not.
	failures int
	// retryAt is when the next try may be made.
	retryAt time.Time
	// probing: a venue is trying.
	probing bool
	// misconfigured: the last try says that a person is needed.
	misconfigured bool
	// since is when the bus failed first, err the last error.
	since time.Time
	err   error
	// succeededAt is when the bus last confirmed something.
	succeededAt time.Time
}

// tripped tells whether one venue tries for all.
func (b *breaker) tripped() bool { return b.failures > 0 }

// admits tells whether a venue may go on to publish now.
func (b *breaker) admits(now time.Time) bool {
	return !b.tripped() || !b.probing && !now.Before(b.retryAt)
}

// succeeded resets the breaker.
func (b *breaker) succeeded(now time.Time) { *b = breaker{succeededAt: now} }

// failed takes in that a publish of a venue failed that was begun at that time.
func (b *breaker) failed(v *venue, began, now time.Time, probe, misconfigured bool, err error) {
	if !b.tripped() && b.succeededAt.After(began) {
		return // the bus has confirmed something else since
	}
	if b.since.IsZero() {
		b.since = now
	}
	suspect := b.suspect
	b.suspect, b.err = v, err
	switch {
	case b.tripped() && !probe:
		return // begun before it tripped
	case !b.tripped() && (suspect == nil || suspect == v):
		b.misconfigured = misconfigured
		return
	case misconfigured != b.misconfigured:
		b.failures = 0
	}
	b.failures++
	b.misconfigured = misconfigured
	b.retryAt = now.Add(delaysOf(misconfigured).after(b.failures))
}

// delaysOf are those of a bus that fails.
func delaysOf(misconfigured bool) delays {
	if misconfigured {
		return misconfiguredDelays
	}
	return busDelays
}
