package verify_test

import (
	"context"
	"fmt"
	"runtime"
	"testing"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/store"
	"vacancy/internal/verify"
)

// large is a snapshot of one venue with any number of bookings, which are made as they are read. Each change makes a batch of 64 and
// cancels the first of it.
type large struct {
	bookings int
	// inUse, if set, is called when all has been read but the answers.
	inUse func()
}

const largeBatch = 64

func (l large) changes() int { return l.bookings / largeBatch }

func (l large) Inspect(_ context.Context, visit func(store.Snapshot) error) error { return visit(l) }

func (l large) Loaded(_ context.Context, visit func(store.Loaded) error) error {
	last := booking.Revision(l.changes() + 1)
	venue, hall, class := l.settings()
	return visit(store.Loaded{
		Venue: venue, Resources: []booking.Resource{hall}, Services: []booking.Service{class}, Revision: last,
		Touched: map[booking.ResourceID]booking.Revision{"hall": last},
	})
}

func (large) settings() (booking.Venue, booking.Resource, booking.Service) {
	class := service("barber", "class", booking.Requirement{AnyOf: []booking.ResourceID{"hall"}, Units: 1})
	hall := resource("barber", "hall", booking.MaxCapacity)
	hall.Revision, class.Revision = 1, 1
	return booking.Venue{ID: "barber", Name: "Barber", TimeZone: "UTC", Revision: 1}, hall, class
}

// booking is the n-th: eight half hours on each of a thousand days.
func (l large) booking(n int) booking.Booking {
	start := slot(n/8%1000, n%8)
	b := booking.Booking{
		Venue: "barber", ID: booking.BookingID(fmt.Sprintf("bk_%026d", n)), Service: "class", Status: booking.Confirmed,
		Start: start, End: start.Add(30 * time.Minute), WallStart: start.Format("2006-01-02T15:04:05"), PartySize: 1,
		Revision: booking.Revision(n/largeBatch + 2),
		Claims:   []booking.Claim{{Resource: "hall", Start: start, End: start.Add(40 * time.Minute), Units: 1}},
	}
	if n%largeBatch == 0 {
		b.Status = booking.Cancelled
	}
	return b
}

func (l large) Changes(_ context.Context, _ booking.VenueID, visit func(booking.Change) error) error {
	venue, hall, class := l.settings()
	change := booking.Change{Venue: "barber", Revision: 1, Batch: "catalogue", Entries: []booking.Entry{
		{Kind: booking.VenuePut, Venue: &venue}, {Kind: booking.ResourcePut, Resource: &hall}, {Kind: booking.ServicePut, Service: &class},
	}}
	for n := 0; ; n++ {
		if err := visit(change); err != nil || n == l.changes() {
			return err
		}
		change = booking.Change{Venue: "barber", Revision: booking.Revision(n + 2), Batch: fmt.Sprint("batch ", n)}
		for i := range largeBatch {
			b := l.booking(n*largeBatch + i)
			s := booking.BookingTransition{ID: b.ID, Service: b.Service, Status: booking.Confirmed, Start: b.Start, PartySize: 1, Claimed: b.Claims}
			change.Entries = append(change.Entries, booking.Entry{Kind: booking.BookingConfirmed, Booking: &s})
		}
		ended := *change.Entries[0].Booking
		ended.Status, ended.Claimed, ended.Released = booking.Cancelled, nil, ended.Claimed
		change.Entries = append(change.Entries, booking.Entry{Kind: booking.BookingCancelled, Booking: &ended})
	}
}

func (l large) Bookings(_ context.Context, _ booking.VenueID, visit func(booking.Booking) error) error {
	for n := range l.changes() * largeBatch {
		if err := visit(l.booking(n)); err != nil {
			return err
		}
	}
	return nil
}

func (l large) Active(ctx context.Context, venue booking.VenueID, visit func(booking.BookingID, booking.Claim) error) error {
	return l.Bookings(ctx, venue, func(b booking.Booking) error {
		if !b.Status.Claims() {
			return nil
		}
		return visit(b.ID, b.Claims[0])
	})
}

func (l large) Answers(context.Context, booking.VenueID, func(booking.Answer) error) error {
	if l.inUse != nil {
		l.inUse()
	}
	return nil
}

func (large) Checkpoint(context.Context, booking.VenueID) (store.Checkpoint, error) {
	return store.Checkpoint{}, nil
}

func (large) Audit(context.Context, booking.VenueID, func(booking.Change) error) error { return nil }

func (large) Orphans(context.Context, func(booking.VenueID, string) error) error { return nil }

func (large) SingleRows(context.Context, func(string, int) error) error { return nil }

// TestMemory bounds what is kept of each booking: a venue with a million of them must be checked on any machine.
func TestMemory(t *testing.T) { //nolint:paralleltest // it measures the memory of the whole process
	const bookings, most = 64_000, 500
	var before, during runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	l := large{bookings: bookings, inUse: func() {
		runtime.GC()
		runtime.ReadMemStats(&during)
	}}
	clean(t, must[verify.Report](t)(verify.Verify(t.Context(), l, verify.Options{})))
	kept := (int(during.HeapAlloc) - int(before.HeapAlloc)) / bookings
	t.Logf("%d bytes are kept of each booking", kept)
	if kept > most {
		t.Errorf("%d bytes are kept of each booking, more than %d", kept, most)
	}
}

// BenchmarkVerify measures the check alone: the snapshot is made as it is read. Bytes are those allocated, not those kept.
func BenchmarkVerify(b *testing.B) {
	const bookings = 64_000
	b.ReportAllocs()
	for b.Loop() {
		clean(b, must[verify.Report](b)(verify.Verify(b.Context(), large{bookings: bookings}, verify.Options{})))
	}
	b.ReportMetric(float64(b.N)*bookings/b.Elapsed().Seconds(), "bookings/s")
}
