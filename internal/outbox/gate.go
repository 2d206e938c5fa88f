package outbox

import "time"

// gate is what is known of the bus as a whole: while it is down one venue tries, and not all. It is closed once two venues have failed and
// none has succeeded: what one venue alone suffers from holds up no other. The queue's lock guards it.
type gate struct {
	// suspect is the venue that has failed last, and nothing was confirmed since; nil if there is none.
	suspect *venue
	// failures is how many tries in a row have failed since the gate was closed, 0 while it is open.
	failures int
	// reopensAt is when the next try may be made.
	reopensAt time.Time
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

// closed tells whether one venue tries for all.
func (g *gate) closed() bool { return g.failures > 0 }

// admits tells whether a venue may go on to publish now.
func (g *gate) admits(now time.Time) bool {
	return !g.closed() || !g.probing && !now.Before(g.reopensAt)
}

// succeeded opens the gate.
func (g *gate) succeeded(now time.Time) { *g = gate{succeededAt: now} }

// failed takes in that a publish of a venue failed that was begun at that time.
func (g *gate) failed(v *venue, began, now time.Time, probe, misconfigured bool, err error) {
	if !g.closed() && g.succeededAt.After(began) {
		return // the bus has confirmed something else since
	}
	if g.since.IsZero() {
		g.since = now
	}
	suspect := g.suspect
	g.suspect, g.err = v, err
	switch {
	case g.closed() && !probe:
		return // begun before the gate was closed
	case !g.closed() && (suspect == nil || suspect == v):
		g.misconfigured = misconfigured
		return
	case misconfigured != g.misconfigured:
		g.failures = 0
	}
	g.failures++
	g.misconfigured = misconfigured
	g.reopensAt = now.Add(delaysOf(misconfigured).after(g.failures))
}

// delaysOf are those of a bus that fails.
func delaysOf(misconfigured bool) delays {
	if misconfigured {
		return misconfiguredDelays
	}
	return busDelays
}
