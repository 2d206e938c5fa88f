package limit

import (
	"hash/maphash"
	"sync"
	"time"
)

// repeats remembers the ids of calls that were counted, so that a repeat of one is free: a client whose answer was lost must be able to
// ask again. It forgets them when their time is over, or when there are too many.
type repeats struct {
	seed   maphash.Seed
	shards [shards]repeatShard
}

type repeatShard struct {
	mu       sync.Mutex
	requests map[[32]byte]*countedRequest
}

// countedRequest is a request that was counted.
type countedRequest struct {
	expires time.Duration
	// repeated tells that at least one repeat was let through for free. The repeat may do what the call failed to do, so the call stays
	// counted, whatever becomes of it.
	repeated bool
}

func newRepeats() *repeats {
	r := &repeats{seed: maphash.MakeSeed()}
	for i := range r.shards {
		r.shards[i].requests = make(map[[32]byte]*countedRequest)
	}
	return r
}

func (r *repeats) shard(id [32]byte) *repeatShard {
	return &r.shards[maphash.Comparable(r.seed, id)%shards]
}

// isRepeat tells whether a call of that id was counted, and notes that it was repeated.
func (r *repeats) isRepeat(id [32]byte, now time.Duration) bool {
	s := r.shard(id)
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.isRepeat(id, now)
}

func (s *repeatShard) isRepeat(id [32]byte, now time.Duration) bool {
	call := s.requests[id]
	if call == nil || call.expires <= now {
		return false
	}
	call.repeated = true
	return true
}

// add notes a call that was counted. False if it is a repeat after all, since another of its id was noted meanwhile.
func (r *repeats) add(id [32]byte, now time.Duration) (call *countedRequest, ok bool) {
	s := r.shard(id)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.isRepeat(id, now) {
		return nil, false
	}
	s.makeRoom(now)
	call = &countedRequest{expires: now + repeatTTL}
	s.requests[id] = call
	return call, true
}

// remove forgets a call. False if it must stay counted: it was repeated, or is forgotten already, so that nobody knows whether it was.
func (r *repeats) remove(id [32]byte, call *countedRequest) bool {
	s := r.shard(id)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.requests[id] != call || call.repeated {
		return false
	}
	delete(s.requests, id)
	return true
}

// makeRoom drops what has expired of a few ids, and if the shard is full one that has not: it is then counted once more.
func (s *repeatShard) makeRoom(now time.Duration) {
	looked := 0
	for id, call := range s.requests {
		if looked++; looked > samples {
			return
		}
		if call.expires <= now || len(s.requests) >= maxRepeats/shards {
			delete(s.requests, id)
		}
	}
}

// AllowOnce is [Limiter.Allow] for a call that may be repeated under an id: the repeats are free. The id must stand for everything that
// is asked, so that no other call passes as a repeat. Undo takes the count back where nothing was done, so that a later call under the
// id counts. It does nothing for a repeat, nor for a call of which a repeat was let through: one of them may still succeed.
func (l *Limiter) AllowOnce(c Client, r Rate, id [32]byte) (undo func(), err error) {
	if l.off || !c.Known() || l.repeats.isRepeat(id, l.sinceStart()) {
		return func() {}, nil
	}
	// The id is noted only once the call is counted: while it waits to be refused, no other may pass as its repeat.
	if err := l.Allow(c, r); err != nil {
		return nil, err
	}
	call, ok := l.repeats.add(id, l.sinceStart())
	if !ok {
		l.Refund(c, r)
		return func() {}, nil
	}
	return func() {
		if l.repeats.remove(id, call) {
			l.Refund(c, r)
		}
	}, nil
}
