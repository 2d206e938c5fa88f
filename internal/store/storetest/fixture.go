package storetest

import (
	"context"
	"sync"
	"testing"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/store"
)

// Clock is a store's clock that stands still until it is moved.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// NewClock makes a clock that shows [Morning].
func NewClock() *Clock { return &Clock{now: Morning} }

// Now is what the clock shows.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Set makes the clock show t.
func (c *Clock) Set(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = t
}

// Advance moves the clock.
func (c *Clock) Advance(d time.Duration) { c.Set(c.Now().Add(d)) }

// Morning is when tests begin. It has microseconds, so that a store which loses them is noticed.
var Morning = time.Date(2026, time.November, 24, 8, 0, 0, 123_456_000, time.UTC)

// Fixture is an open store, its clock, and short ways to change what it holds.
type Fixture struct {
	testing.TB
	Store store.Store
	Clock *Clock

	harness Harness
}

// NewFixture opens an empty store.
func NewFixture(tb testing.TB, h Harness) *Fixture {
	tb.Helper()
	clock := NewClock()
	return &Fixture{TB: tb, Store: h.Open(tb, clock.Now), Clock: clock, harness: h}
}

// Draft is a write in the making, with what was found before it.
type Draft struct {
	store.Write
	Found store.Found
}

// TryChange runs a transaction that makes one change of one venue. It may call edit more than once, each time with a fresh draft,
// whose change has everything but entries; an edit that adds none makes none.
func TryChange(ctx context.Context, s store.Store, need store.Need, edit func(*Draft) error) error {
	return s.Update(ctx, []store.Need{need}, func(found []store.Found) ([]store.Write, error) {
		d := NewDraft(need.Venue, found[0])
		if err := edit(d); err != nil {
			return nil, err
		}
		return []store.Write{d.Decided()}, nil
	})
}

// NewDraft begins the write that follows what was found of a venue.
func NewDraft(venue booking.VenueID, found store.Found) *Draft {
	return &Draft{Found: found, Write: store.Write{Change: booking.Change{
		Venue: venue, Revision: found.Revision + 1, Batch: "batch-" + string(venue), CommittedAt: found.Now,
	}}}
}

// Decided is the write, or none if nothing happens in it.
func (d *Draft) Decided() store.Write {
	if len(d.Change.Entries) == 0 {
		return store.Write{}
	}
	return d.Write
}

// knowsAll is the revision of a picture that has missed no change.
const knowsAll booking.Revision = 1 << 62

// Change is [TryChange] where it must succeed.
func (f *Fixture) Change(venue booking.VenueID, edit func(*Draft)) {
	f.Helper()
	err := TryChange(f.Context(), f.Store, store.Need{Venue: venue, Known: knowsAll}, func(d *Draft) error {
		edit(d)
		return nil
	})
	if err != nil {
		f.Fatalf("change venue %s: %v", venue, err)
	}
}

// Find is what a transaction finds, which writes nothing.
func (f *Fixture) Find(need store.Need) store.Found {
	f.Helper()
	var found store.Found
	err := f.Store.Update(f.Context(), []store.Need{need}, func(all []store.Found) ([]store.Write, error) {
		found = all[0]
		return make([]store.Write, 1), nil
	})
	if err != nil {
		f.Fatalf("look at venue %s: %v", need.Venue, err)
	}
	return found
}

// Load loads a venue with all claims that end after the clock's time.
func (f *Fixture) Load(venue booking.VenueID) store.Loaded {
	f.Helper()
	loaded, err := f.Store.Load(f.Context(), venue, f.Clock.Now())
	if err != nil {
		f.Fatalf("load venue %s: %v", venue, err)
	}
	return loaded
}

// Revision is a venue's revision, zero if there is no such venue.
func (f *Fixture) Revision(venue booking.VenueID) booking.Revision {
	f.Helper()
	revisions, err := f.Store.Revisions(f.Context(), []booking.VenueID{venue})
	if err != nil {
		f.Fatalf("revision of venue %s: %v", venue, err)
	}
	return revisions.Of[venue].Revision
}

// Booking reads a booking that must exist.
func (f *Fixture) Booking(venue booking.VenueID, id booking.BookingID) booking.Booking {
	f.Helper()
	b, err := f.Store.Booking(f.Context(), venue, id)
	if err != nil {
		f.Fatalf("booking %s of venue %s: %v", id, venue, err)
	}
	return b
}
