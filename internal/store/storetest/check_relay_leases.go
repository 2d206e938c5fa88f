package storetest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/store"
)

var relayLeaseChecks = []check{
	{"relay/one holder has all leases", leaseAlone},
	{"relay/a new holder gets its share", leaseJoin},
	{"relay/leases of one that is gone run out", leaseGone},
	{"relay/leases are released", leaseRelease},
	{"relay/a lease that nobody took is renewed", leaseLate},
	{"relay/leases are handed over", leaseHandOver},
	{"relay/no lease has two holders", leaseOnce},
	{"relay/what cannot be held", leaseRefused},
}

const leaseFor = 10 * time.Second

func leaseAlone(f *Fixture) {
	f.must("register", f.Store.RegisterBus(f.Context(), theBus))
	all := make([]store.Shard, store.Shards)
	for i := range all {
		all[i] = store.Shard(i)
	}
	for range 3 {
		f.same("leases", f.lease(theBus, "a", leaseFor), all)
		f.Clock.Advance(time.Second)
	}
}

// round has each holder renew its leases, a second later, and returns which each has. No lease may have two holders.
func (f *Fixture) round(holders ...string) map[string][]store.Shard {
	f.Helper()
	f.Clock.Advance(time.Second)
	kept, of := make(map[string][]store.Shard), make(map[store.Shard]string)
	for _, holder := range holders {
		kept[holder] = f.lease(theBus, holder, leaseFor)
	}
	for _, holder := range holders {
		for _, shard := range kept[holder] {
			if of[shard] != "" {
				f.Errorf("shard %d is leased to %s and %s", shard, of[shard], holder)
			}
			of[shard] = holder
		}
	}
	return kept
}

func counts(kept map[string][]store.Shard) map[string]int {
	n := make(map[string]int)
	for holder, shards := range kept {
		n[holder] = len(shards)
	}
	return n
}

// leaseJoin has holders come one by one: after two rounds each has its share, and keeps it.
func leaseJoin(f *Fixture) {
	f.must("register", f.Store.RegisterBus(f.Context(), theBus))
	all := []string{"e", "d", "c", "b", "a"}
	for i, want := range [][]int{{64}, {32, 32}, {22, 22, 20}, {16, 16, 16, 16}, {13, 13, 13, 13, 12}} {
		holders := all[:i+1]
		f.round(holders...)
		kept := f.round(holders...)
		n := make([]int, 0, len(holders))
		for _, holder := range holders {
			n = append(n, len(kept[holder]))
		}
		slices.Sort(n)
		slices.Reverse(n)
		f.same(fmt.Sprintf("shares of %d", len(holders)), n, want)
		f.same("leases a round later", f.round(holders...), kept)
	}
}

func leaseGone(f *Fixture) {
	f.must("register", f.Store.RegisterBus(f.Context(), theBus))
	f.round("a", "b")
	kept := f.round("a", "b")
	f.same("shares", counts(kept), map[string]int{"a": 32, "b": 32})
	gone := f.Clock.Now() // of b
	f.Clock.Set(gone.Add(leaseFor - 2*time.Second - time.Microsecond))
	f.same("leases of the other before they have run out", f.round("a")["a"], kept["a"])
	f.Clock.Set(gone.Add(leaseFor - time.Second))
	f.same("number of leases once they have run out", len(f.round("a")["a"]), store.Shards)
	f.Clock.Advance(30 * 24 * time.Hour)
	f.round("b")
	f.same("number of leases of one that comes back when the other is gone", len(f.round("b")["b"]), store.Shards)
}

func leaseRelease(f *Fixture) {
	f.must("register", f.Store.RegisterBus(f.Context(), theBus))
	f.round("a", "b")
	f.round("a", "b")
	f.must("release", f.Store.ReleaseLeases(f.Context(), theBus, "b"))
	f.must("release again", f.Store.ReleaseLeases(f.Context(), theBus, "b"))
	f.must("release of one that never had any", f.Store.ReleaseLeases(f.Context(), theBus, "c"))
	f.same("number of leases once the others are released", len(f.round("a")["a"]), store.Shards)
	f.round("a", "b")
	f.same("shares when it is back", counts(f.round("a", "b")), map[string]int{"a": 32, "b": 32})
}

func leaseLate(f *Fixture) {
	f.must("register", f.Store.RegisterBus(f.Context(), theBus))
	f.round("a", "b")
	kept := f.round("a", "b")
	f.Clock.Advance(10 * leaseFor)
	f.same("leases of one whose leases had run out", len(f.round("a")["a"]), store.Shards)
	f.same("leases of the other, to whom none is left", f.round("b")["b"], nil)
	f.round("a", "b")
	f.same("shares", counts(f.round("a", "b")), counts(kept))
}

// leaseHandOver: what a holder has to give up is nobody else's before it says that it has stopped, and its cursors move until then.
func leaseHandOver(f *Fixture) {
	f.must("register", f.Store.RegisterBus(f.Context(), theBus))
	held := f.round("a")["a"]
	keep := func() []store.Shard {
		kept, err := f.Store.KeepLeases(f.Context(), store.Lease{Bus: theBus, Holder: "a", Duration: leaseFor, Held: held})
		f.must("leases", err)
		return kept
	}
	f.same("leases of the new one", f.lease(theBus, "b", leaseFor), nil)
	kept := keep()
	f.same("number of leases of the old one", len(kept), store.Shards/2)
	f.same("leases of the new one while the old one is at work", f.lease(theBus, "b", leaseFor), nil)
	f.same("leases of the old one when it is told again", keep(), kept)
	stopped := slices.IndexFunc(held, func(s store.Shard) bool { return !slices.Contains(kept, s) })
	venue := venueOf(held[stopped])
	f.move(store.Cursor{Venue: venue, Epoch: f.epoch(), Revision: 7})
	held = kept
	f.same("leases of the old one when it has stopped", keep(), kept)
	lost, err := f.Store.MoveCursors(f.Context(), theBus, "a", []store.Cursor{{Venue: venue, Epoch: f.epoch(), Revision: 8}})
	f.must("move", err)
	f.same("cursors that are lost then", lost, []booking.VenueID{venue})
	f.same("number of leases of the new one", len(f.lease(theBus, "b", leaseFor)), store.Shards/2)
}

// venueOf is a venue of a shard.
func venueOf(shard store.Shard) booking.VenueID {
	for n := 0; ; n++ {
		if venue := booking.VenueID(fmt.Sprintf("v%d", n)); store.ShardOf(venue) == shard {
			return venue
		}
	}
}

func leaseOnce(f *Fixture) { LeaseRace(f.TB, f.Clock, f.Store) }

// LeaseRace has holders come, go, stall and die at random, several at a time, on the stores of several nodes, whose clock it is. Each
// believes to have what it was told, until its time is over from before it asked. No two may ever believe to have the same.
func LeaseRace(tb testing.TB, clock *Clock, stores ...store.Store) {
	tb.Helper()
	if err := stores[0].RegisterBus(tb.Context(), theBus); err != nil {
		tb.Fatal(err)
	}
	const holders, steps = 5, 40
	b := beliefs{TB: tb, clock: clock, until: make(map[store.Shard]map[string]time.Time)}
	var nodes sync.WaitGroup
	for n := range holders {
		s := stores[n%len(stores)]
		nodes.Go(func() {
			random := rand.New(rand.NewPCG(1, uint64(n)))
			name := fmt.Sprintf("node %d", n)
			for step := 0; step < steps && !tb.Failed(); step++ {
				switch random.IntN(10) {
				case 0: // it dies, and begins anew as another
					b.stop(name, nil)
					name = fmt.Sprintf("node %d.%d", n, step)
				case 1:
					b.stop(name, nil)
					if err := s.ReleaseLeases(tb.Context(), theBus, name); err != nil {
						tb.Errorf("release: %v", err)
					}
				case 2: // it stalls
					b.advance(leaseFor)
				}
				b.renew(s, name)
				b.advance(time.Duration(random.Int64N(int64(leaseFor) / holders)))
			}
		})
	}
	nodes.Wait()
}

// beliefs are until when each holder believes to have a shard.
type beliefs struct {
	testing.TB
	clock *Clock
	mu    sync.Mutex
	until map[store.Shard]map[string]time.Time
}

// renew has a holder ask for leases. It goes on with what it has while it asks.
func (b *beliefs) renew(s store.Store, holder string) {
	held, asked := b.of(holder), b.clock.Now()
	kept, err := s.KeepLeases(b.Context(), store.Lease{Bus: theBus, Holder: holder, Duration: leaseFor, Held: held})
	if err != nil {
		b.Errorf("leases: %v", err)
		return
	}
	b.stop(holder, kept)
	b.mu.Lock()
	defer b.mu.Unlock()
	now, until := b.clock.Now(), asked.Add(leaseFor)
	if !until.After(now) { // the answer took too long: others may have them by now
		kept = nil
	}
	for _, shard := range kept {
		if b.until[shard] == nil {
			b.until[shard] = make(map[string]time.Time)
		}
		for other, hasUntil := range b.until[shard] {
			if other != holder && hasUntil.After(now) {
				b.Errorf("shard %d is leased to %s until %v, and to %s until %v; it is %v", shard, other, hasUntil, holder, until, now)
			}
		}
		b.until[shard][holder] = until
	}
}

// of are the shards that a holder believes to have.
func (b *beliefs) of(holder string) (held []store.Shard) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for shard, of := range b.until {
		if of[holder].After(b.clock.Now()) {
			held = append(held, shard)
		}
	}
	return held
}

// stop has a holder believe no longer to have any but these.
func (b *beliefs) stop(holder string, but []store.Shard) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for shard, of := range b.until {
		if !slices.Contains(but, shard) {
			delete(of, holder)
		}
	}
}

func (b *beliefs) advance(d time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.clock.Advance(d)
}

func leaseRefused(f *Fixture) {
	f.must("register", f.Store.RegisterBus(f.Context(), theBus))
	for _, lease := range []store.Lease{
		{Holder: "a", Duration: leaseFor},
		{Bus: theBus, Duration: leaseFor},
		{Bus: theBus, Holder: "a"},
		{Bus: theBus, Holder: "a", Duration: -leaseFor},
	} {
		if kept, err := f.Store.KeepLeases(f.Context(), lease); err == nil {
			f.Errorf("a lease %+v of %d shards", lease, len(kept))
		}
	}
	f.same("number of leases of the first that can hold any", len(f.lease(theBus, "b", leaseFor)), store.Shards)
}
