package limit

import "sync"

// Permits are what one connection, or whatever else ends at some time, has acquired of a count of its client: a semaphore that all of the
// client's connections share. Its methods may be called from any goroutine.
type Permits struct {
	limiter *Limiter
	client  Client
	count   Count

	mu   sync.Mutex
	held int
	// parts are the entries that count it, one for each level, while anything is held: such entries stay.
	parts [len(ipv6Prefixes)]part
}

// part is one entry and where it is.
type part struct {
	shard *shard
	entry *entry
	id    id
}

// Permits are of the client's count; none is acquired yet.
func (l *Limiter) Permits(c Client, what Count) *Permits {
	return &Permits{limiter: l, client: c, count: what}
}

// counted tells whether there is anything to count.
func (s *Permits) counted() bool { return !s.limiter.off && s.client.addr.IsValid() }

// Acquire takes n more, all or none. The error is an [*Exceeded].
func (s *Permits) Acquire(n int) error {
	if !s.counted() || n <= 0 {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.held == 0 {
		s.parts = [len(ipv6Prefixes)]part{}
	}
	ids, levels := s.client.ids()
	for level := range levels {
		if s.add(ids[level], level, n) {
			continue
		}
		for added := range level {
			s.remove(s.parts[added], n)
		}
		s.limiter.notices.refused(s.count.String(), s.client)
		return &Exceeded{Limit: s.count.String(), Quota: Quota{Burst: maxConcurrent[s.count]}}
	}
	s.held += n
	return nil
}

// Release gives back n of what Acquire took.
func (s *Permits) Release(n int) {
	if !s.counted() || n <= 0 {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.held -= n
	for _, p := range s.parts {
		if p.entry != nil {
			s.remove(p, n)
		}
	}
}

// add counts n more at one level, unless that is too much.
func (s *Permits) add(id id, level, n int) bool {
	p := &s.parts[level]
	shard := s.limiter.table.shard(id)
	shard.mu.Lock()
	defer shard.mu.Unlock()
	if p.entry == nil {
		e, _ := shard.entry(id, s.limiter.sinceStart())
		*p = part{shard: shard, entry: e, id: id}
	}
	shared := p.entry == &shard.overflow
	if int(p.entry.held[s.count])+n > maxConcurrent[s.count]*times(level, shared) {
		if s.held == 0 { // the entry may go before the next try
			*p = part{}
		}
		return false
	}
	p.entry.held[s.count] += int32(n)
	return true
}

// remove counts n less at one level.
func (s *Permits) remove(p part, n int) {
	p.shard.mu.Lock()
	defer p.shard.mu.Unlock()
	p.entry.held[s.count] -= int32(n)
	if used, mayGo := p.entry.use(s.limiter.sinceStart()); mayGo && used == 0 && p.shard.entries[p.id] == p.entry {
		delete(p.shard.entries, p.id)
	}
}

// Acquire counts n more of what the client holds open, until release is called, which may be done more than once. The error is an
// [*Exceeded] if it is too much; nothing is counted then.
func (l *Limiter) Acquire(c Client, what Count, n int) (release func(), err error) {
	s := l.Permits(c, what)
	if !s.counted() {
		return func() {}, nil
	}
	if err := s.Acquire(n); err != nil {
		return nil, err
	}
	return sync.OnceFunc(func() { s.Release(n) }), nil
}
