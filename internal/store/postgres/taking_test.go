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
	mu   sync.Mutex
	ways []Taking
	lost int
}

func (m *meter) Transaction(way Taking) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.ways = append(m.ways, way)
}

func (m *meter) Lost() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.lost++
}

// take returns what was seen since it was called last.
func (m *meter) take() (ways []Taking, lost int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	ways, lost = m.ways, m.lost
	m.ways, m.lost = nil, 0
	return ways, lost
}

func sameWays(t *testing.T, what string, m *meter, wantLost int, want ...Taking) {
	t.Helper()
	if ways, lost := m.take(); !slices.Equal(ways, want) || lost != wantLost {
		t.Errorf("%s: transactions %v, of which %d lost a race, want %v and %d", what, ways, lost, want, wantLost)
	}
}

func needOf(venues ...booking.VenueID) []store.Need {
	needs := make([]store.Need, len(venues))
	for i, venue := range venues {
		needs[i].Venue = venue
	}
	return needs
}

func TestTakingLearnsByVenue(t *testing.T) {
	t.Parallel()
	now := time.Now()
	m := &meter{}
	k := newTaking(Config{Taking: Adaptive, Meter: m})
	k.now = func() time.Time { return now }
	k.way(needOf("a"))
	k.lost(Optimistic, needOf("a"))
	k.way(needOf("a"))
	k.way(needOf("b"))
	k.way(needOf("a", "b"))
	sameWays(t, "after a lost race", m, 1, Optimistic, Pessimistic, Optimistic, Pessimistic)
	now = now.Add(wary - 1)
	k.way(needOf("a"))
	k.lost(Pessimistic, needOf("a")) // another has made the venue: the time begins anew
	now = now.Add(wary - 1)
	k.way(needOf("a"))
	now = now.Add(1)
	k.way(needOf("a"))
	sameWays(t, "as time goes by", m, 0, Pessimistic, Pessimistic, Optimistic)
	if len(k.contested) != 0 {
		t.Errorf("%d venues are remembered after their time", len(k.contested))
	}
}

func TestTakingAsConfigured(t *testing.T) {
	t.Parallel()
	for _, way := range []Taking{Optimistic, Pessimistic} {
		k := newTaking(Config{Taking: way, Meter: noMeter{}})
		k.lost(way, needOf("a"))
		if got := k.way(needOf("a")); got != way || len(k.contested) != 0 {
			t.Errorf("%s became %s, with %d venues remembered", way, got, len(k.contested))
		}
	}
}

func TestTakingForgets(t *testing.T) {
	t.Parallel()
	now := time.Now()
	k := newTaking(Config{Taking: Adaptive, Meter: noMeter{}})
	k.now = func() time.Time { return now }
	for i := range 2 * maxContested {
		k.lost(Optimistic, needOf(booking.VenueID(fmt.Sprint(i))))
		if len(k.contested) > maxContested {
			t.Fatalf("%d venues are remembered", len(k.contested))
		}
	}
	now = now.Add(wary)
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
	s.taking.now = func() time.Time { return now }
	must(t, change(t, s, "a", func(d *storetest.Draft) { d.PutCatalogue() }))
	sameWays(t, "without a race", m, 0, Optimistic)

	calls := 0
	must(t, change(t, s, "a", func(d *storetest.Draft) {
		if calls++; calls == 1 {
			must(t, change(t, other, "a", bookMany(1, 1)))
		}
		bookMany(2, 1)(d)
	}))
	sameWays(t, "with a race", m, 1, Optimistic, Pessimistic)
	must(t, change(t, s, "a", bookMany(3, 1)))
	sameWays(t, "after the race", m, 0, Pessimistic)
	now = now.Add(wary)
	must(t, change(t, s, "a", bookMany(4, 1)))
	sameWays(t, "a while later", m, 0, Optimistic)
}
