package postgres

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/store"
	"vacancy/internal/store/postgres/postgrestest"
	"vacancy/internal/store/storetest"
)

// meter remembers how transactions went.
type meter struct {
	mu    sync.Mutex
	modes []LockingMode
	lost  int
}

func (m *meter) Transaction(mode LockingMode) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.modes = append(m.modes, mode)
}

func (m *meter) Lost() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.lost++
}

// take returns what was seen since it was called last.
func (m *meter) take() (modes []LockingMode, lost int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	modes, lost = m.modes, m.lost
	m.modes, m.lost = nil, 0
	return modes, lost
}

func sameModes(t *testing.T, what string, m *meter, wantLost int, want ...LockingMode) {
	t.Helper()
	if modes, lost := m.take(); !slices.Equal(modes, want) || lost != wantLost {
		t.Errorf("%s: transactions %v, of which %d lost a race, want %v and %d", what, modes, lost, want, wantLost)
	}
}

func needOf(venues ...booking.VenueID) []store.Need {
	needs := make([]store.Need, len(venues))
	for i, venue := range venues {
		needs[i].Venue = venue
	}
	return needs
}

func TestLockingLearnsByVenue(t *testing.T) {
	t.Parallel()
	now := time.Now()
	m := &meter{}
	k := newLocking(Config{Locking: Adaptive, Meter: m})
	k.now = func() time.Time { return now }
	k.mode(needOf("a"))
	k.lost(Optimistic, needOf("a"))
	k.mode(needOf("a"))
	k.mode(needOf("b"))
	k.mode(needOf("a", "b"))
	sameModes(t, "after a lost race", m, 1, Optimistic, Pessimistic, Optimistic, Pessimistic)
	now = now.Add(lockFirstFor - 1)
	k.mode(needOf("a"))
	k.lost(Pessimistic, needOf("a")) // another has made the venue: the time begins anew
	now = now.Add(lockFirstFor - 1)
	k.mode(needOf("a"))
	now = now.Add(1)
	k.mode(needOf("a"))
	sameModes(t, "as time goes by", m, 0, Pessimistic, Pessimistic, Optimistic)
	if len(k.contested) != 0 {
		t.Errorf("%d venues are remembered after their time", len(k.contested))
	}
}

func TestLockingAsConfigured(t *testing.T) {
	t.Parallel()
	for _, mode := range []LockingMode{Optimistic, Pessimistic} {
		k := newLocking(Config{Locking: mode, Meter: noMeter{}})
		k.lost(mode, needOf("a"))
		if got := k.mode(needOf("a")); got != mode || len(k.contested) != 0 {
			t.Errorf("%s became %s, with %d venues remembered", mode, got, len(k.contested))
		}
	}
}

func TestLockingForgets(t *testing.T) {
	t.Parallel()
	now := time.Now()
	k := newLocking(Config{Locking: Adaptive, Meter: noMeter{}})
	k.now = func() time.Time { return now }
	for i := range 2 * maxContested {
		k.lost(Optimistic, needOf(booking.VenueID(fmt.Sprint(i))))
		if len(k.contested) > maxContested {
			t.Fatalf("%d venues are remembered", len(k.contested))
		}
	}
	now = now.Add(lockFirstFor)
	k.lost(Optimistic, needOf("new"))
	if len(k.contested) != 1 {
		t.Errorf("%d venues are remembered after their time", len(k.contested))
	}
}

// TestAdaptiveLocksAfterARace has another node move the venue on while a transaction decides.
func TestAdaptiveLocksAfterARace(t *testing.T) {
	t.Parallel()
	url := postgrestest.Shared(t).Schema(t)
	m := &meter{}
	s, other := openAt(t, Config{URL: url, Meter: m}), openAt(t, Config{URL: url})
	now := time.Now()
	s.locking.now = func() time.Time { return now }
	must(t, change(t, s, "a", func(d *storetest.Draft) { d.PutCatalogue() }))
	sameModes(t, "without a race", m, 0, Optimistic)

	calls := 0
	must(t, change(t, s, "a", func(d *storetest.Draft) {
		if calls++; calls == 1 {
			must(t, change(t, other, "a", bookMany(1, 1)))
		}
		bookMany(2, 1)(d)
	}))
	sameModes(t, "with a race", m, 1, Optimistic, Pessimistic)
	must(t, change(t, s, "a", bookMany(3, 1)))
	sameModes(t, "after the race", m, 0, Pessimistic)
	now = now.Add(lockFirstFor)
	must(t, change(t, s, "a", bookMany(4, 1)))
	sameModes(t, "a while later", m, 0, Optimistic)
}
