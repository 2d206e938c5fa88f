package limit

import (
	"testing"
	"time"
)

// A million addresses fill the table to its bound and no further. Who was over a limit before stays over it, whoever comes.
func TestTableIsBoundedAndPenaltiesStay(t *testing.T) {
	t.Parallel()
	f := newFixture()
	penalised := make([]Client, 500)
	for i := range penalised {
		penalised[i] = nth(5_000_000 + i)
		f.allowed(penalised[i], FailedAuthentication, 20)
	}
	for i := range 250_000 {
		if err := f.Allow(nth(i), Bookings); err != nil {
			t.Fatalf("a newcomer is refused: %v", err)
		}
	}
	if n := f.table.len(); n > maxClients || n < maxClients/2 {
		t.Errorf("the table has %d entries", n)
	}
	for _, c := range penalised {
		if f.Allow(c, FailedAuthentication) == nil {
			t.Fatal("a penalty was forgotten")
		}
	}
}

// The control of the test above: clients who did little may be forgotten, since they lose nothing by it.
func TestLittleUsedEntriesMakeRoom(t *testing.T) {
	t.Parallel()
	f := newFixture()
	for i := range 2 * maxClients {
		_ = f.Allow(nth(i), Bookings)
	}
	forgotten := 0
	for i := range 2 * maxClients {
		if ids, _ := nth(i).ids(); f.table.shard(ids[0]).entries[ids[0]] == nil {
			forgotten++
		}
	}
	if forgotten < maxClients {
		t.Errorf("only %d of %d clients were forgotten", forgotten, 2*maxClients)
	}
}

// If everybody in a full table is over a limit, newcomers share a bucket of their own: they are slowed, and not shut out; and the table
// does not grow.
func TestNewcomersToATableOfPenaltiesShareABucket(t *testing.T) {
	t.Parallel()
	f := newFixture()
	for i := range 110_000 { // so that each shard is full
		f.allowed(nth(i), FailedAuthentication, 10)
	}
	for i := range f.table.shards {
		f.table.shards[i].overflow = entry{}
	}
	passed := 0
	const newcomers = 50_000
	for i := range newcomers {
		passed += f.allowed(nth(3_000_000+i), FailedAuthentication, 1)
	}
	if n := f.table.len(); n > maxClients {
		t.Errorf("the table has %d entries", n)
	}
	if shared := shards * overflowTimes * addressQuotas[FailedAuthentication].Burst; passed > shared || passed < shared/4 {
		t.Errorf("%d of %d newcomers got through; they share %d", passed, newcomers, shared)
	}
	f.clock.Advance(time.Hour)
	if f.Allow(nth(4_000_000), FailedAuthentication) != nil {
		t.Error("an hour later newcomers are still refused")
	}
}

// Once clients have gone the table empties, as others come.
func TestIdleEntriesGo(t *testing.T) {
	t.Parallel()
	f := newFixture()
	for i := range 50_000 {
		_ = f.Allow(nth(i), Requests)
	}
	f.clock.Advance(time.Minute)
	for i := range 50_000 {
		_ = f.Allow(nth(1_000_000+i), Requests)
		f.clock.Advance(addressQuotas[Requests].Every)
	}
	if n := f.table.len(); n > 10_000 {
		t.Errorf("%d entries are left, most of them of clients whose buckets are full", n)
	}
}

// What is held open keeps its entry, however many others come, and is counted down where it was counted up.
func TestHeldEntriesStay(t *testing.T) {
	t.Parallel()
	f := newFixture()
	c := nth(9_000_000)
	release, err := f.Acquire(c, LiveConnections, maxConcurrent[LiveConnections])
	if err != nil {
		t.Fatal(err)
	}
	for i := range 2 * maxClients {
		_ = f.Allow(nth(i), Requests)
	}
	if acquire(f, c, LiveConnections, 1) == nil {
		t.Error("what is held was forgotten")
	}
	release()
	if err := acquire(f, c, LiveConnections, maxConcurrent[LiveConnections]); err != nil {
		t.Errorf("what was released is not free: %v", err)
	}
}
