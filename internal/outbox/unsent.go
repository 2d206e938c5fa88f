package outbox

import (
	"sync"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/store"
)

// unsent is the set of venues that have something to send, or may. A venue is with one worker at a time, and after its turn stands behind
// all others. It is bounded: what finds no room is found by a scan.
type unsent struct {
	max int
	// clock is the store's.
	clock func() time.Time

	mu      sync.Mutex
	arrived sync.Cond
	venues  map[booking.VenueID]*venue
	// fresh are the venues of which a commit was heard, background those with a backlog, or with what time alone has made. They take
	// turns, so that neither a take-over nor a midnight of many venues holds up what is committed now.
	fresh, background line
	backgroundNext    bool
	// busy is how many venues of each shard workers have.
	busy    [store.Shards]int
	timers  timers
	timer   *time.Timer
	breaker breaker
	// overflowed: a venue found no room since the last scan began.
	overflowed bool
	// closed: nothing more is given to workers.
	closed bool
}

func newUnsent(most int, clock func() time.Time) *unsent {
	u := &unsent{max: most, clock: clock, venues: make(map[booking.VenueID]*venue), closed: true}
	u.arrived.L = &u.mu
	return u
}

// open begins anew with nothing.
func (u *unsent) open() {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.closed, u.breaker = false, breaker{}
}

// close has workers get nothing more.
func (u *unsent) close() {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.closed = true
	if u.timer != nil {
		u.timer.Stop()
	}
	u.arrived.Broadcast()
}

// committed notes that a venue has reached a revision.
func (u *unsent) committed(id booking.VenueID, revision booking.Revision) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.closed {
		return
	}
	v := u.admit(id)
	if v == nil || revision <= v.sent {
		return
	}
	v.heard = max(v.heard, revision)
	v.known = max(v.known, revision)
	u.wake(v, &u.fresh)
}

// found notes that a scan has found something unsent of a venue, and its cursor, the zero one if it has none; nil: it was not read. A venue
// that the relay is at is passed over: the scan has seen a cursor that is older than what is known.
func (u *unsent) found(id booking.VenueID, cursor *store.Cursor, at *tenure) (room bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.closed {
		return false
	}
	v := u.admit(id)
	switch {
	case v == nil:
		return false
	case v.state != idle || v.unwritten.Load():
		return true
	}
	if v.tenure != at && cursor != nil { // else whoever works on it reads it
		v.begin(*cursor, at)
	}
	u.wake(v, &u.background)
	return true
}

// knows tells whether the cursor of a venue need not be read.
func (u *unsent) knows(id booking.VenueID, at *tenure) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	v := u.venues[id]
	return v != nil && (v.state != idle || v.tenure == at)
}

// beginScan forgets that there was no room.
func (u *unsent) beginScan() {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.overflowed = false
}

// admit finds a venue, or makes room for it; nil if there is none.
func (u *unsent) admit(id booking.VenueID) *venue {
	v := u.venues[id]
	if v != nil {
		return v
	}
	if len(u.venues) >= u.max && !u.evict() {
		u.overflowed = true
		return nil
	}
	v = &venue{id: id, shard: store.ShardOf(id), index: -1}
	u.venues[id] = v
	return v
}

// evict drops a venue of which the store knows all.
func (u *unsent) evict() bool {
	candidates := evictionCandidates
	for _, v := range u.venues { // in any order
		if v.state == idle && !v.unwritten.Load() {
			u.remove(v)
			return true
		}
		if candidates--; candidates == 0 {
			break
		}
	}
	return false
}

func (u *unsent) remove(v *venue) {
	u.disarm(v)
	if v.line != nil {
		v.line.remove(v)
	}
	delete(u.venues, v.id)
}

// wake puts an idle venue in line, and has a busy one come again. One in the background whose commit was heard goes over to the fresh ones;
// one that is delayed stays so.
func (u *unsent) wake(v *venue, l *line) {
	if v.unsentSince.IsZero() {
		v.unsentSince = u.clock()
	}
	switch v.state {
	case idle:
		u.disarm(v)
		u.enqueue(v, l)
	case busy:
		v.again = true
	case ready:
		if l == &u.fresh && v.line == &u.background {
			u.background.remove(v)
			u.enqueue(v, l)
		}
	case delayed:
	}
}

func (u *unsent) enqueue(v *venue, l *line) {
	v.state = ready
	l.push(v)
	u.arrived.Signal()
}

// dequeue waits for a venue that is ready, and for the bus; nil once the set is closed.
func (u *unsent) dequeue() *venue {
	u.mu.Lock()
	defer u.mu.Unlock()
	for {
		if u.closed {
			return nil
		}
		if v := u.pick(time.Now()); v != nil {
			return v
		}
		u.arrived.Wait()
	}
}

func (u *unsent) pick(now time.Time) *venue {
	if u.fresh.empty() && u.background.empty() {
		return nil
	}
	if !u.breaker.admits(now) {
		u.setTimer(now)
		return nil
	}
	var v *venue
	for v == nil {
		u.backgroundNext = !u.backgroundNext
		if u.backgroundNext {
			v = u.background.pop()
		} else {
			v = u.fresh.pop()
		}
	}
	v.state, v.heard, v.again = busy, 0, false
	u.busy[v.shard]++
	if u.breaker.tripped() {
		v.probing, u.breaker.probing = true, true
	}
	return v
}

// working are the shards of the venues that workers have.
func (u *unsent) working() (shards shardSet) {
	u.mu.Lock()
	defer u.mu.Unlock()
	for i := range u.busy {
		if u.busy[i] > 0 {
			shards = shards.with(store.Shard(i))
		}
	}
	return shards
}

// forget drops all venues of shards that were lost. Those that workers have are dropped when they come back.
func (u *unsent) forget(shards shardSet) {
	u.mu.Lock()
	defer u.mu.Unlock()
	for _, v := range u.venues {
		switch {
		case !shards.has(v.shard):
		case v.state == busy:
			v.forgotten = true
		default:
			u.remove(v)
		}
	}
	for _, v := range u.venues {
		if v.state != idle {
			return
		}
	}
	u.breaker = breaker{} // nothing is left by which it would be found out that the bus confirms again
}
