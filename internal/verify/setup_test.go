package verify_test

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/desk"
	"vacancy/internal/store"
	"vacancy/internal/store/sqlite"
	"vacancy/internal/store/storetest"
	"vacancy/internal/verify"
	"vacancy/internal/view"
)

var (
	staff  = booking.Actor{Kind: booking.Staff, Key: "test"}
	public = booking.Actor{Kind: booking.Public}

	// secret is what no report may hold.
	secret = booking.Customer{Name: "Ada Lovelace", Email: "ada@example.com", Phone: "+44 20 7946 0000", Note: "Quietly."}
)

// shop is a real desk on a real store, with a clock that stands.
type shop struct {
	*desk.Desk
	testing.TB
	store store.Store
	clock *storetest.Clock
	path  string
}

func newShop(tb testing.TB) *shop {
	tb.Helper()
	clock := storetest.NewClock()
	path := filepath.Join(tb.TempDir(), "vacancy.db")
	s, err := sqlite.Open(tb.Context(), sqlite.Config{Path: path, Now: clock.Now})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = s.Close() })
	return openShop(tb, s, clock, path)
}

func openShop(tb testing.TB, s store.Store, clock *storetest.Clock, path string) *shop {
	tb.Helper()
	log := slog.New(slog.DiscardHandler)
	v := view.New(view.Config{Store: s, Now: clock.Now, Log: log, MaxVenues: 100})
	d := desk.New(desk.Config{Store: s, View: v, Log: log, Meter: noMeter{}, Lanes: 1, VenuesPerTransaction: 64, MaxWaiting: 1000})
	d.Start()
	tb.Cleanup(d.Close)
	return &shop{Desk: d, TB: tb, store: s, clock: clock, path: path}
}

type noMeter struct{}

func (noMeter) Batch(int, int, time.Duration) {}

func must[T any](tb testing.TB) func(T, error) T {
	return func(value T, err error) T {
		tb.Helper()
		if err != nil {
			tb.Fatal(err)
		}
		return value
	}
}

// furnish puts a venue with two chairs, either of which serves for a cut, and a hall in which each person of a class takes a place.
func (s *shop) furnish(venue booking.VenueID) {
	s.Helper()
	ctx := s.Context()
	v := booking.Venue{ID: venue, Name: "Shop", TimeZone: "Europe/Berlin", Contact: booking.Contact{Email: "shop@example.com"}}
	must[desk.Saved[booking.Venue]](s)(s.PutVenue(ctx, staff, v, desk.Condition{}))
	for _, r := range []booking.Resource{resource(venue, "chair-1", 1), resource(venue, "chair-2", 1), resource(venue, "hall", 12)} {
		must[desk.Saved[booking.Resource]](s)(s.PutResource(ctx, staff, r, desk.Condition{}))
	}
	cut := service(venue, "cut", booking.Requirement{AnyOf: []booking.ResourceID{"chair-1", "chair-2"}, Units: 1})
	class := service(venue, "class", booking.Requirement{AnyOf: []booking.ResourceID{"hall"}, Units: 1, PerPerson: true})
	for _, service := range []booking.Service{cut, class} {
		must[desk.Saved[booking.Service]](s)(s.PutService(ctx, staff, service, desk.Condition{}))
	}
}

func resource(venue booking.VenueID, id booking.ResourceID, capacity int) booking.Resource {
	r := booking.Resource{Venue: venue, ID: id, Name: "Thing", Capacity: capacity}
	for day := range r.Schedule.Weekly {
		r.Schedule.Weekly[day] = []booking.Period{{Open: 9 * 60, Close: 17 * 60}}
	}
	return r
}

func service(venue booking.VenueID, id booking.ServiceID, requires booking.Requirement) booking.Service {
	return booking.Service{
		Venue: venue, ID: id, Name: "Thing", Duration: 30 * time.Minute, Step: 30 * time.Minute, BufferAfter: 10 * time.Minute,
		HorizonDays: 30, PartySize: booking.PartySize{Min: 1, Max: 12}, HoldFor: 10 * time.Minute,
		Requires: []booking.Requirement{requires},
	}
}

// slot is a start in the opening hours, so many half hours after the first of a day, so many days after the test's first.
func slot(day, n int) time.Time {
	return time.Date(2026, time.November, 24+day, 8, 30*n, 0, 0, time.UTC)
}

func (s *shop) book(venue booking.VenueID, of booking.ServiceID, start time.Time, party int, key string) desk.Outcome {
	s.Helper()
	return must[desk.Outcome](s)(s.Book(s.Context(), public, desk.BookRequest{
		Venue: venue, Service: of, Start: start, PartySize: party, Customer: secret, Idempotency: desk.Idempotency{Key: key, Route: "book"},
	}))
}

func (s *shop) hold(start time.Time) desk.TransitionRequest {
	s.Helper()
	made := must[desk.Outcome](s)(s.Book(s.Context(), public, desk.BookRequest{
		Venue: "barber", Service: "cut", Start: start, PartySize: 1, Hold: true,
	}))
	return desk.TransitionRequest{Venue: "barber", ID: made.Booking.ID}
}

// history is the life of two venues, with every kind of change in it.
func history(tb testing.TB) *shop {
	tb.Helper()
	s := newShop(tb)
	s.writeHistory()
	return s
}

func (s *shop) writeHistory() {
	s.Helper()
	ctx := s.Context()
	step := must[desk.Outcome](s)
	s.furnish("barber")
	s.book("barber", "class", slot(0, 4), 10, "today") // over before the hall becomes smaller
	s.book("barber", "cut", slot(2, 0), 1, "first")
	s.book("barber", "cut", slot(2, 0), 1, "second")
	step(s.Confirm(ctx, staff, s.hold(slot(2, 2)), secret))
	extended := s.hold(slot(2, 4))
	step(s.Extend(ctx, staff, extended))
	step(s.Cancel(ctx, staff, extended))
	gone := s.book("barber", "cut", slot(2, 6), 1, "")
	step(s.Cancel(ctx, staff, desk.TransitionRequest{
		Venue: "barber", ID: gone.Booking.ID, Idempotency: desk.Idempotency{Key: "gone", Route: "cancel"},
	}))
	again := desk.TransitionRequest{Venue: "barber", ID: gone.Booking.ID, Idempotency: desk.Idempotency{Key: "again", Route: "cancel"}}
	step(s.Cancel(ctx, staff, again)) // changes nothing, and is remembered
	s.hold(slot(2, 8))                // runs out
	s.clock.Advance(36 * time.Hour)
	must[time.Time](s)(s.ExpireDue(ctx))
	s.book("barber", "class", slot(3, 0), 3, "class")
	must[desk.Saved[booking.Resource]](s)(s.PutResource(ctx, staff, resource("barber", "hall", 5), desk.Condition{}))
	pool := service("barber", "cut", booking.Requirement{AnyOf: []booking.ResourceID{"chair-2", "chair-1"}, Units: 1})
	must[desk.Saved[booking.Service]](s)(s.PutService(ctx, staff, pool, desk.Condition{}))
	s.fence("barber")
	s.hold(slot(4, 0)) // stands

	s.furnish("club")
	closed := s.book("club", "cut", slot(4, 0), 1, "club")
	step(s.Cancel(ctx, staff, desk.TransitionRequest{Venue: "club", ID: closed.Booking.ID}))
	position := must[booking.Position](s)
	position(s.ArchiveService(ctx, staff, "club", "class", desk.Condition{}))
	position(s.ArchiveResource(ctx, staff, "club", "hall", desk.Condition{}))
	position(s.ArchiveVenue(ctx, staff, "club", desk.Condition{}))
}

// fence makes a change without entries, as a desk does that settles a commit in doubt.
func (s *shop) fence(venue booking.VenueID) {
	s.Helper()
	err := s.store.Update(s.Context(), []store.Need{{Venue: venue}}, func(found []store.Found) ([]store.Write, error) {
		d := storetest.NewDraft(venue, found[0])
		d.Change.Batch = fmt.Sprintf("fence %d", d.Change.Revision)
		return []store.Write{d.Write}, nil
	})
	if err != nil {
		s.Fatal(err)
	}
}

// verify checks what an inspector shows, by the shop's clock.
func (s *shop) verify(from store.Inspector) verify.Report {
	s.Helper()
	return must[verify.Report](s)(verify.Verify(s.Context(), from, verify.Options{Now: s.clock.Now()}))
}

// clean fails the test if the report has anything to tell.
func clean(tb testing.TB, r verify.Report) {
	tb.Helper()
	if !r.Clean() || len(r.Warnings) > 0 {
		tb.Fatalf("not clean:\n%s", r)
	}
}

// picture is a snapshot in memory, which a test may falsify. It is its own inspector.
type picture struct {
	venues  []*record
	orphans []orphan
	singles []single
	err     error // of the inspection
}

// record is all of a venue.
type record struct {
	store.Loaded
	changes  []booking.Change
	bookings []booking.Booking
	active   []active
	answers  []booking.Answer

	checkpoint store.Checkpoint
	audit      []booking.Change
}

type active struct {
	id booking.BookingID
	booking.Claim
}

// stray is a venue without a row of its own, and a table that has rows of it.
type orphan struct {
	venue booking.VenueID
	table string
}

// single is a table that must have one row, and how many it has.
type single struct {
	table string
	rows  int
}

// take copies what a store shows.
func take(tb testing.TB, from store.Inspector) *picture {
	tb.Helper()
	p := &picture{}
	err := from.Inspect(tb.Context(), func(s store.Snapshot) error {
		add := func(l store.Loaded) error { p.venues = append(p.venues, &record{Loaded: l}); return nil }
		if err := s.Loaded(tb.Context(), add); err != nil {
			return err
		}
		count := func(table string, rows int) error { p.singles = append(p.singles, single{table, rows}); return nil }
		if err := s.SingleRows(tb.Context(), count); err != nil {
			return err
		}
		for _, r := range p.venues {
			if err := r.read(tb.Context(), s); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		tb.Fatal(err)
	}
	return p
}

func (r *record) read(ctx context.Context, s store.Snapshot) error {
	checkpoint, err := s.Checkpoint(ctx, r.Venue.ID)
	r.checkpoint = checkpoint
	if err == nil {
		err = s.Audit(ctx, r.Venue.ID, func(c booking.Change) error { r.audit = append(r.audit, c); return nil })
	}
	if err == nil {
		err = s.Changes(ctx, r.Venue.ID, func(c booking.Change) error { r.changes = append(r.changes, c); return nil })
	}
	if err == nil {
		err = s.Bookings(ctx, r.Venue.ID, func(b booking.Booking) error { r.bookings = append(r.bookings, b); return nil })
	}
	if err == nil {
		err = s.Active(ctx, r.Venue.ID, func(id booking.BookingID, c booking.Claim) error {
			r.active = append(r.active, active{id, c})
			return nil
		})
	}
	if err == nil {
		err = s.Answers(ctx, r.Venue.ID, func(a booking.Answer) error { r.answers = append(r.answers, a); return nil })
	}
	return err
}

func (p *picture) Inspect(_ context.Context, visit func(store.Snapshot) error) error {
	if p.err != nil {
		return p.err
	}
	return visit(p)
}

func (p *picture) of(venue booking.VenueID) *record {
	for _, r := range p.venues {
		if r.Venue.ID == venue {
			return r
		}
	}
	return &record{}
}

func (p *picture) Loaded(_ context.Context, visit func(store.Loaded) error) error {
	for _, r := range p.venues {
		if err := visit(r.Loaded); err != nil {
			return err
		}
	}
	return nil
}

func (p *picture) Checkpoint(_ context.Context, venue booking.VenueID) (store.Checkpoint, error) {
	return p.of(venue).checkpoint, nil
}

func (p *picture) Audit(_ context.Context, venue booking.VenueID, visit func(booking.Change) error) error {
	return each(p.of(venue).audit, visit)
}

func (p *picture) Changes(_ context.Context, venue booking.VenueID, visit func(booking.Change) error) error {
	return each(p.of(venue).changes, visit)
}

func (p *picture) Bookings(_ context.Context, venue booking.VenueID, visit func(booking.Booking) error) error {
	return each(p.of(venue).bookings, visit)
}

func (p *picture) Active(_ context.Context, venue booking.VenueID, visit func(booking.BookingID, booking.Claim) error) error {
	return each(p.of(venue).active, func(a active) error { return visit(a.id, a.Claim) })
}

func (p *picture) Answers(_ context.Context, venue booking.VenueID, visit func(booking.Answer) error) error {
	return each(p.of(venue).answers, visit)
}

func (p *picture) Orphans(_ context.Context, visit func(venue booking.VenueID, table string) error) error {
	return each(p.orphans, func(s orphan) error { return visit(s.venue, s.table) })
}

func (p *picture) SingleRows(_ context.Context, visit func(table string, rows int) error) error {
	return each(p.singles, func(s single) error { return visit(s.table, s.rows) })
}

func each[T any](items []T, visit func(T) error) error {
	for _, item := range items {
		if err := visit(item); err != nil {
			return err
		}
	}
	return nil
}
