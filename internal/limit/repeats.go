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
	mu sync.Mutex
	// until is when each id is forgotten.
	until map[[32]byte]time.Duration
}

func newRepeats() *repeats {
	r := &repeats{seed: maphash.MakeSeed()}
	for i := range r.shards {
		r.shards[i].until = make(map[[32]byte]time.Duration)
	}
	return r
}

func (r *repeats) shard(id [32]byte) *repeatShard {
	return &r.shards[maphash.Comparable(r.seed, id)%shards]
}

// add notes an id. False if it was there.
func (r *repeats) add(id [32]byte, now time.Duration) bool {
	s := r.shard(id)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.until[id] > now {
		return false
	}
	s.makeRoom(now)
	s.until[id] = now + repeatTTL
	return true
}

func (r *repeats) remove(id [32]byte) {
	s := r.shard(id)
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.until, id)
}

// makeRoom drops what is over of a few ids, and if the shard is full one that is not: it is then counted once more.
func (s *repeatShard) makeRoom(now time.Duration) {
	looked := 0
	for id, until := range s.until {
		if looked++; looked > samples {
			return
		}
		if until <= now || len(s.until) >= maxRepeats/shards {
			delete(s.until, id)
		}
	}
}

// AllowOnce is [Limiter.Allow] for a call that may be repeated under an id: the repeats are free. Undo takes it back where nothing was
// done, so that a later call under the id counts; for a repeat it does nothing.
func (l *Limiter) AllowOnce(c Client, r Rate, id [32]byte) (undo func(), err error) {
	if l.off || !c.Known() || !l.repeats.add(id, l.sinceStart()) {
		return func() {}, nil
	}
	if err := l.Allow(c, r); err != nil {
		l.repeats.remove(id)
		return nil, err
	}
	return func() {
		l.repeats.remove(id)
		l.Refund(c, r)
	}, nil
}
