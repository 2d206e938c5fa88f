package outbox

import (
	"time"

	"vacancy/internal/booking"
)

// turn is what came of giving a venue to a worker.
type turn struct {
	// failure is what failed, "" if nothing did, and err how.
	failure FailureKind
	err     error
	// toLog: the failure is worth a line.
	toLog bool
	// forgotten: the lease is lost, and with it all that is known.
	forgotten bool
	// confirmed: the bus has confirmed something. publishBegan is when the last publish began.
	confirmed    bool
	publishBegan time.Time

	// sent is the revision up to which all is sent, known the venue's as far as the store was asked.
	sent, known booking.Revision
	// unsentSince is when the oldest change after sent was committed, or earlier; zero if that is not known.
	unsentSince time.Time
	// more: there is something to send at once.
	more bool
	// dueAt is when something is due, by the node's clock; zero is never.
	dueAt time.Time
}

// busFailed tells whether the bus was asked, and failed.
func (t *turn) busFailed() bool {
	return t.failure == FailedPublish || t.failure == FailedMisconfigured
}

// busChange is what a turn told of the bus.
type busChange uint8

const (
	busAsBefore busChange = iota
	// busDown: it has failed several venues.
	busDown
	// busStillDown: a try has failed.
	busStillDown
	// busUp: it confirms again.
	busUp
)

// done takes a venue back from its worker.
func (u *unsent) done(v *venue, t *turn) busChange {
	u.mu.Lock()
	defer u.mu.Unlock()
	now := time.Now()
	u.busy[v.shard]--
	change := u.settleBreaker(v, t, now)
	if v.forgotten || t.forgotten {
		u.forgetBusy(v)
		return change
	}
	more := t.more || v.heard > t.sent
	v.sent = t.sent
	if t.failure == "" {
		v.known = max(t.known, v.heard) // what was heard before may not have been true
		v.failures, v.unsentSince = 0, time.Time{}
	} else {
		v.known = max(v.known, t.known)
	}
	if !t.unsentSince.IsZero() {
		v.unsentSince = t.unsentSince
	}
	if more && v.unsentSince.IsZero() {
		v.unsentSince = u.clock()
	}
	switch {
	case t.failure == "" && v.heard > t.sent:
		u.enqueue(v, &u.fresh)
	case t.failure == "" && more, t.busFailed() && u.breaker.tripped(): // of a bus that is down no venue is to blame
		u.enqueue(v, &u.background)
	case t.failure == "":
		v.state = idle
		if !t.dueAt.IsZero() {
			u.arm(v, t.dueAt, now)
		}
	default:
		v.failures++
		v.state = delayed
		delays := venueDelays
		if t.busFailed() {
			delays = delaysOf(t.failure == FailedMisconfigured)
		}
		u.arm(v, now.Add(delays.after(v.failures)), now)
	}
	return change
}

// settleBreaker takes in what a turn tells of the bus.
func (u *unsent) settleBreaker(v *venue, t *turn, now time.Time) busChange {
	wasTripped, probe := u.breaker.tripped(), v.probing
	if probe {
		v.probing, u.breaker.probing = false, false
	}
	switch {
	case t.busFailed():
		u.breaker.failed(v, t.publishBegan, now, probe, t.failure == FailedMisconfigured, t.err)
	case t.confirmed:
		u.breaker.succeeded(now)
	}
	switch tripped := u.breaker.tripped(); {
	case tripped && !wasTripped:
		return busDown
	case !tripped && wasTripped:
		u.arrived.Broadcast()
		return busUp
	case tripped:
		u.arrived.Signal() // the next may try, now or when it is time
		u.setTimer(now)
		return busStillDown
	}
	return busAsBefore
}

// forgetBusy drops a venue that a worker brings back and whose shard was lost. If something was heard of it since, the shard is ours again,
// and it begins anew.
func (u *unsent) forgetBusy(v *venue) {
	again := v.again
	delete(u.venues, v.id)
	if !again || u.closed {
		return
	}
	if v = u.admit(v.id); v != nil {
		u.wake(v, &u.background)
	}
}
