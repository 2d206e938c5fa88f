package limit

import (
	"hash/maphash"
	"sync"
	"time"
)

// table is what is known of clients, by their ids.
type table struct {
	seed   maphash.Seed
	shards [shards]shard
}

// shard is a part of the table with a lock of its own. It has at most maxClients/shards entries.
type shard struct {
	mu      sync.Mutex
	entries map[id]*entry
	// overflow counts all those together for whom there is no room.
	overflow entry
	_        [64]byte // shards next to each other are used by different cores
}

// entry is one client at one level. An entry that holds something stays in its shard until it holds nothing.
type entry struct {
	buckets [rates]bucket
	held    [counts]int32
}

func newTable() *table {
	t := &table{seed: maphash.MakeSeed()}
	for i := range t.shards {
		t.shards[i].entries = make(map[id]*entry)
	}
	return t
}

func (t *table) shard(id id) *shard {
	return &t.shards[maphash.Comparable(t.seed, id)%shards]
}

// len is how many entries there are.
func (t *table) len() (n int) {
	for i := range t.shards {
		s := &t.shards[i]
		s.mu.Lock()
		n += len(s.entries)
		s.mu.Unlock()
	}
	return n
}

// entry finds a client's entry, or makes it one. Shared tells that it is the overflow's. The shard must be locked.
func (s *shard) entry(id id, now time.Duration) (e *entry, shared bool) {
	if e := s.entries[id]; e != nil {
		return e, false
	}
	if !s.makeRoom(now) {
		return &s.overflow, true
	}
	e = new(entry)
	s.entries[id] = e
	return e, false
}

// makeRoom drops entries that are idle as it meets some, so that the table shrinks as fast as it grows. If the shard is full, the one of
// those it meets whose buckets are the fullest goes, unless it is over a limit or holds something.
//
// It looks at few entries, which Go's maps give in a random order. Who floods the table with new addresses therefore gains nothing for
// those that are over a limit already.
func (s *shard) makeRoom(now time.Duration) bool {
	const most = maxClients / shards
	var best id
	found, least := false, time.Duration(0)
	looked := 0
	for id, e := range s.entries {
		if looked++; looked > samples {
			break
		}
		used, mayGo := e.use(now)
		switch {
		case !mayGo:
		case used == 0:
			delete(s.entries, id)
		case !found || used < least:
			best, least, found = id, used, true
		}
	}
	if len(s.entries) < most {
		return true
	}
	if found {
		delete(s.entries, best)
	}
	return found
}

// use is how long it takes until all buckets are full. An entry may not go while one of its buckets is nearly empty or it holds
// something.
func (e *entry) use(now time.Duration) (used time.Duration, mayGo bool) {
	for _, n := range e.held {
		if n > 0 {
			return 0, false
		}
	}
	for r := range e.buckets {
		till := e.buckets[r].tillFull(now)
		if till > addressQuotas[r].times(1).window*9/10 {
			return 0, false
		}
		used = max(used, till)
	}
	return used, true
}
