package outbox

import (
	"context"
	"errors"
	"log/slog"
	"math/bits"
	"sync"
	"sync/atomic"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/store"
)

// shardSet is a set of shards, one bit each.
type shardSet uint64

func (s shardSet) has(shard store.Shard) bool { return s&(1<<shard) != 0 }

func (s shardSet) size() int { return bits.OnesCount64(uint64(s)) }

func (s shardSet) with(shard store.Shard) shardSet { return s | 1<<shard }

// list is the set in order.
func (s shardSet) list() []store.Shard {
	list := make([]store.Shard, 0, s.size())
	for shard := range store.Shard(store.Shards) {
		if s.has(shard) {
			list = append(list, shard)
		}
	}
	return list
}

// tenure is the time from taking a shard over to losing it. What is known of the shard's venues holds for that long.
type tenure struct {
	// ctx ends with the tenure.
	ctx context.Context //nolint:containedctx // it is the life of the lease, which no call's context is
	end context.CancelFunc
}

func newTenure(ctx context.Context) *tenure {
	ctx, end := context.WithCancel(ctx)
	return &tenure{ctx: ctx, end: end}
}

// leases are the shards that this relay has. They are renewed together, so they run out together: at the deadline, which counts from before
// the last renewal was asked for, by the monotonic clock, so that it is before the store's own.
type leases struct {
	store store.Relay
	lease store.Lease
	log   *slog.Logger
	meter Meter
	// taken is told of shards that were taken over, ended of those that were lost. Both must be quick.
	taken func(shardSet)
	ended func(shardSet)
	// working are the shards of venues that a worker has.
	working func() shardSet
	// register notes that the bus is in use.
	register func(context.Context) error

	// held is what the tenures have, for whoever must not wait.
	held atomic.Uint64

	mu       sync.Mutex
	tenures  [store.Shards]*tenure
	deadline time.Time
	// expiry ends all tenures at the deadline.
	expiry  *time.Timer
	failing bool
}

func newLeases(c *Config, taken, ended func(shardSet), working func() shardSet) *leases {
	return &leases{
		store: c.Store, lease: store.Lease{Bus: c.Name, Holder: c.Holder, Duration: leaseDuration}, log: c.Log, meter: c.Meter,
		taken: taken, ended: ended, working: working, register: c.register,
	}
}

// holds tells whether this relay has the shard.
func (l *leases) holds(shard store.Shard) bool { return shardSet(l.held.Load()).has(shard) }

// count is how many shards this relay has.
func (l *leases) count() int { return shardSet(l.held.Load()).size() }

// tenure is the shard's; nil if this relay does not have it.
func (l *leases) tenure(shard store.Shard) *tenure {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !time.Now().Before(l.deadline) { // the timer may be late, as after the process was stopped
		return nil
	}
	return l.tenures[shard]
}

// valid tells whether something may still be begun in the tenure.
func (l *leases) valid(t *tenure) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return t.ctx.Err() == nil && time.Now().Before(l.deadline)
}

// run renews the leases until ctx ends. All tenures have ended when it returns; the leases in the store have not.
func (l *leases) run(ctx context.Context) {
	defer l.endAll()
	ticker := time.NewTicker(leaseInterval)
	defer ticker.Stop()
	for {
		l.renew(ctx)
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

func (l *leases) renew(ctx context.Context) {
	before := time.Now()
	renewing, cancel := context.WithTimeout(ctx, leaseTimeout)
	defer cancel()
	lease := l.lease
	lease.Held = (shardSet(l.held.Load()) | l.working()).list()
	shards, err := l.store.KeepLeases(renewing, lease)
	if errors.Is(err, booking.ErrNotFound) { // as in a database that was put back to a time before
		l.log.Error("the database does not know the bus any more; events begin anew at what it has now, and consumers must read anew",
			"bus", l.lease.Bus)
		err = l.register(renewing)
	}
	if ctx.Err() != nil {
		return
	}
	if err != nil {
		l.meter.Failed(FailedLeases)
	}
	if failing := err != nil; failing != l.failing {
		l.failing = failing
		if failing {
			l.log.Warn("the leases of the relay cannot be renewed; trying again every second", "bus", l.lease.Bus, "error", err)
		} else {
			l.log.Info("the leases of the relay are renewed again", "bus", l.lease.Bus)
		}
	}
	if err == nil {
		l.set(ctx, shards, before.Add(leaseDuration-leaseMargin))
	}
}

// set takes in which shards this relay has until the deadline.
func (l *leases) set(ctx context.Context, shards []store.Shard, deadline time.Time) {
	if !time.Now().Before(deadline) {
		return // the answer took too long; the timer ends what there is
	}
	var have, taken, lost shardSet
	for _, s := range shards {
		have = have.with(s)
	}
	l.expire() // the timer may be late
	l.mu.Lock()
	l.deadline = deadline
	for i := range l.tenures {
		shard := store.Shard(i)
		switch t := l.tenures[shard]; {
		case have.has(shard) && t == nil:
			taken = taken.with(shard)
			l.tenures[shard] = newTenure(ctx)
		case !have.has(shard) && t != nil:
			lost = lost.with(shard)
			l.endLocked(shard)
		}
	}
	if l.expiry == nil {
		l.expiry = time.AfterFunc(time.Until(deadline), l.expire)
	} else {
		l.expiry.Reset(time.Until(deadline))
	}
	l.held.Store(uint64(have))
	l.mu.Unlock()
	l.tell(taken, lost)
}

func (l *leases) tell(taken, lost shardSet) {
	if lost != 0 {
		l.meter.Lost(lost.size())
		l.ended(lost)
	}
	if taken != 0 {
		l.meter.TakenOver(taken.size())
		l.taken(taken)
	}
}

// endLocked ends a tenure. The lock is held.
func (l *leases) endLocked(shard store.Shard) {
	l.tenures[shard].end()
	l.tenures[shard] = nil
	l.held.Store(l.held.Load() &^ (1 << shard))
}

// end ends the tenure of shards, such as those of which the store says that another has them. They may come back with the next renewal.
func (l *leases) end(shards shardSet) {
	var lost shardSet
	l.mu.Lock()
	for i := range l.tenures {
		if shard := store.Shard(i); shards.has(shard) && l.tenures[shard] != nil {
			l.endLocked(shard)
			lost = lost.with(shard)
		}
	}
	l.mu.Unlock()
	l.tell(0, lost)
}

// expire ends all tenures if the deadline has passed.
func (l *leases) expire() {
	l.mu.Lock()
	passed := !time.Now().Before(l.deadline)
	l.mu.Unlock()
	if passed {
		l.end(^shardSet(0))
	}
}

func (l *leases) endAll() {
	l.mu.Lock()
	if l.expiry != nil {
		l.expiry.Stop()
	}
	l.deadline = time.Time{}
	l.mu.Unlock()
	l.end(^shardSet(0))
}

// release gives the leases up in the store, so that others need not wait for their end.
func (l *leases) release(ctx context.Context) {
	if err := l.store.ReleaseLeases(ctx, l.lease.Bus, l.lease.Holder); err != nil {
		l.log.Warn("the leases of the relay could not be released; others wait for their end", "bus", l.lease.Bus, "error", err)
	}
}
