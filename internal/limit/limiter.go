package limit

import (
	"log/slog"
	"net/netip"
	"sync/atomic"
	"time"
)

// Config is what a [Limiter] needs. All of it must be set, but for Off.
type Config struct {
	// Off lets everybody do everything. What is held open is not even counted.
	Off bool
	// Trusted are the proxies whose X-Forwarded-For is believed.
	Trusted []netip.Prefix
	// Now is a clock with a monotonic reading, such as [time.Now].
	Now    func() time.Time
	Log    *slog.Logger
	Meter  Meter
	Alerts Alerts
}

// Meter is told what happens. It must be quick.
type Meter interface {
	// Refused: somebody was over the limit of that name.
	Refused(limit string)
	// Unidentified: nobody in particular was counted, for that reason.
	Unidentified(reason string)
}

// Limiter knows what each client has done lately and holds open. Its methods may be called from any goroutine.
type Limiter struct {
	off      bool
	trusted  []netip.Prefix
	now      func() time.Time
	start    time.Time
	table    *table
	repeats  *repeats
	notices  *notices
	dominant *dominantClient
	// connections is how many all listeners have.
	connections atomic.Int64
}

// New makes a limiter.
func New(c Config) *Limiter {
	l := &Limiter{off: c.Off, trusted: c.Trusted, now: c.Now, start: c.Now(), table: newTable(), repeats: newRepeats()}
	l.dominant = &dominantClient{alerts: c.Alerts}
	l.notices = &notices{log: c.Log, meter: c.Meter, since: l.sinceStart}
	return l
}

// None is a limiter without limits, which tells nobody anything: for what is tested by itself.
func None() *Limiter {
	return New(Config{Off: true, Now: time.Now, Log: slog.New(slog.DiscardHandler), Meter: noMeter{}, Alerts: NoAlerts{}})
}

type noMeter struct{}

func (noMeter) Refused(string) {}

func (noMeter) Unidentified(string) {}

// NoAlerts tells nobody.
type NoAlerts struct{}

// Warning does nothing.
func (NoAlerts) Warning(string, string) {}

// Resolve does nothing.
func (NoAlerts) Resolve(string) {}

// Off tells whether there are no limits.
func (l *Limiter) Off() bool { return l.off }

// sinceStart is the time as buckets count it. It begins at a second, so that the zero bucket is full.
func (l *Limiter) sinceStart() time.Duration { return l.now().Sub(l.start) + time.Second }

// quota is what one client of the kind may do.
func (c Client) quota(r Rate) Quota {
	if c.isKey {
		return keyQuotas[r]
	}
	return addressQuotas[r]
}

// times is how many times the limits of one client are meant at a level.
func times(level int, shared bool) int {
	if shared {
		return overflowTimes
	}
	return ipv6Prefixes[level].times
}

// Allow counts something that the client does. The error is an [*Exceeded] if it is too much; nothing is counted then.
func (l *Limiter) Allow(c Client, r Rate) error {
	if l.off {
		return nil
	}
	if r == Requests {
		l.dominant.count(c)
	}
	if !c.Known() {
		return nil
	}
	now := l.sinceStart()
	ids, n := c.ids()
	for level := range n {
		wait, ok := l.consume(ids[level], level, now, c.quota(r), r)
		if ok {
			continue
		}
		for taken := range level {
			l.giveBack(ids[taken], taken, now, c.quota(r), r)
		}
		l.notices.refused(r.String(), c)
		return &Exceeded{Limit: r.String(), Quota: c.quota(r), RetryAfter: wait}
	}
	return nil
}

// Refund gives back what Allow has counted, where what was asked for was not done.
func (l *Limiter) Refund(c Client, r Rate) {
	if l.off || !c.Known() {
		return
	}
	now := l.sinceStart()
	ids, n := c.ids()
	for level := range n {
		l.giveBack(ids[level], level, now, c.quota(r), r)
	}
}

func (l *Limiter) consume(id id, level int, now time.Duration, q Quota, r Rate) (wait time.Duration, ok bool) {
	s := l.table.shard(id)
	s.mu.Lock()
	defer s.mu.Unlock()
	e, shared := s.entry(id, now)
	return e.buckets[r].consume(now, q.times(times(level, shared)))
}

func (l *Limiter) giveBack(id id, level int, now time.Duration, q Quota, r Rate) {
	s := l.table.shard(id)
	s.mu.Lock()
	defer s.mu.Unlock()
	if e := s.entries[id]; e != nil {
		e.buckets[r].giveBack(q.times(times(level, false)))
		if used, mayGo := e.use(now); mayGo && used == 0 {
			delete(s.entries, id)
		}
	}
}
