package events_test

import (
	"encoding/json"
	"testing"
	"time"
	_ "time/tzdata"

	"vacancy/internal/availability"
	"vacancy/internal/booking"
	"vacancy/internal/bus"
	"vacancy/internal/events"
	"vacancy/internal/view"
)

const (
	epoch   booking.Epoch     = "3-k2"
	salon   booking.VenueID   = "salon"
	cut     booking.ServiceID = "cut"
	colour  booking.ServiceID = "colour"
	classes booking.ServiceID = "class"
)

// monday is 08:00 in Berlin, the day before the clock is put back there.
var monday = time.Date(2026, 10, 19, 6, 0, 0, 0, time.UTC)

// world is a venue with its whole history.
type world struct {
	tb      testing.TB
	now     time.Time
	picture *view.Picture
	changes []booking.Change
	// pictures are those after each change, the empty one first.
	pictures []*view.Picture
	bookings map[booking.BookingID]*state
	ids      []booking.BookingID
}

// state is a booking as it is.
type state struct {
	booking.BookingTransition
	claims   []booking.Claim
	revision booking.Revision
}

func newWorld(tb testing.TB, zone string, now time.Time) *world {
	tb.Helper()
	w := &world{tb: tb, now: now, bookings: make(map[booking.BookingID]*state)}
	w.picture = &view.Picture{
		Epoch: epoch, Venue: booking.Venue{ID: salon}, Zone: time.UTC, Resources: make(map[booking.ResourceID]booking.Resource),
		Services: make(map[booking.ServiceID]booking.Service), Ledgers: make(view.Ledgers),
	}
	w.pictures = []*view.Picture{w.picture}
	open := []booking.Period{{Open: 9 * 60, Close: 12 * 60}, {Open: 20 * 60, Close: 26 * 60}}
	week := booking.WeeklyHours{open, open, open, open, open, open, open}
	resource := func(id booking.ResourceID, capacity int) booking.Entry {
		return booking.Entry{Kind: booking.ResourcePut, Resource: &booking.Resource{
			Venue: salon, ID: id, Capacity: capacity, Schedule: booking.Schedule{Weekly: week},
		}}
	}
	w.commit(
		booking.Entry{Kind: booking.VenuePut, Venue: &booking.Venue{ID: salon, Name: "Salon", TimeZone: zone}},
		resource("ann", 1), resource("ben", 1), resource("room", 6),
		booking.Entry{Kind: booking.ServicePut, Service: &booking.Service{
			Venue: salon, ID: cut, Duration: 45 * time.Minute, Step: 30 * time.Minute, BufferBefore: 5 * time.Minute, BufferAfter: 10 * time.Minute,
			MinNotice: 2 * time.Hour, HorizonDays: 3, PartySize: booking.PartySize{Min: 1, Max: 1},
			Requires: []booking.Requirement{{AnyOf: []booking.ResourceID{"ann", "ben"}, Units: 1}},
		}},
		booking.Entry{Kind: booking.ServicePut, Service: &booking.Service{
			Venue: salon, ID: colour, Duration: 2 * time.Hour, Step: 15 * time.Minute, HorizonDays: 5, PartySize: booking.PartySize{Min: 1, Max: 1},
			Requires: []booking.Requirement{{AnyOf: []booking.ResourceID{"ben"}, Units: 1}},
		}},
		booking.Entry{Kind: booking.ServicePut, Service: &booking.Service{
			Venue: salon, ID: classes, Duration: time.Hour, Step: time.Hour, HorizonDays: 2, PartySize: booking.PartySize{Min: 2, Max: 4},
			Requires: []booking.Requirement{{AnyOf: []booking.ResourceID{"room"}, Units: 1, PerPerson: true}},
		}},
	)
	return w
}

func (w *world) commit(entries ...booking.Entry) booking.Change {
	w.tb.Helper()
	c := booking.Change{Venue: salon, Revision: w.picture.Revision + 1, CommittedAt: w.now, Entries: entries}
	for _, e := range entries {
		switch {
		case e.Venue != nil:
			e.Venue.Revision = c.Revision
		case e.Resource != nil:
			e.Resource.Revision = c.Revision
		case e.Service != nil:
			e.Service.Revision = c.Revision
		}
	}
	next, err := w.picture.With(c)
	if err != nil {
		w.tb.Fatal(err)
	}
	w.picture, w.changes, w.pictures = next, append(w.changes, c), append(w.pictures, next)
	return c
}

// book commits a booking, or a hold; false if it does not fit.
func (w *world) book(service booking.ServiceID, start time.Time, party int, hold bool) (booking.BookingID, bool) {
	w.tb.Helper()
	s := w.picture.Services[service]
	claims, err := availability.Fit(availability.Query{
		Zone: w.picture.Zone, Service: s, Resources: w.picture.Resources, Ledgers: w.picture.Ledgers, Now: w.now,
	}, start, party)
	if err != nil {
		return "", false
	}
	b := &state{claims: claims, BookingTransition: booking.BookingTransition{
		ID: booking.NewBookingID(w.now), Service: service, Status: booking.Confirmed, Start: start.UTC(), End: start.UTC().Add(s.Duration),
		PartySize: party,
	}}
	kind := booking.BookingConfirmed
	if hold {
		b.Status, b.ExpiresAt, kind = booking.Held, w.now.Add(10*time.Minute), booking.BookingHeld
	}
	w.bookings[b.ID], w.ids = b, append(w.ids, b.ID)
	w.transition(kind, b, claims, nil)
	return b.ID, true
}

func (w *world) confirm(id booking.BookingID) booking.Change {
	b := w.bookings[id]
	b.Status, b.ExpiresAt = booking.Confirmed, time.Time{}
	return w.transition(booking.BookingConfirmed, b, nil, nil)
}

func (w *world) cancel(id booking.BookingID) booking.Change {
	b := w.bookings[id]
	b.Status, b.ExpiresAt = booking.Cancelled, time.Time{}
	released := b.claims
	b.claims = nil
	return w.transition(booking.BookingCancelled, b, nil, released)
}

func (w *world) transition(kind booking.EntryKind, b *state, claimed, released []booking.Claim) booking.Change {
	t := b.BookingTransition
	t.Claimed, t.Released, t.Previous = claimed, released, b.revision
	if len(claimed)+len(released) == 0 {
		t.Unchanged = b.claims
	}
	c := w.commit(booking.Entry{Kind: kind, Actor: "staff:frieda", Booking: &t})
	b.revision = c.Revision
	return c
}

// input is that of all changes after a revision, told now.
func (w *world) input(after booking.Revision) events.Input {
	return events.Input{Epoch: epoch, Changes: w.changes[after:], Picture: w.picture, Now: w.now}
}

func decode[T any](tb testing.TB, e bus.Event) (data T) {
	tb.Helper()
	if err := json.Unmarshal(e.Data, &data); err != nil {
		tb.Fatalf("%v: %s", err, e.Data)
	}
	return data
}
