package events_test

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
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
	epoch   booking.Epoch
	picture *view.Picture
	changes []booking.Change
	// pictures are those after each change, the empty one first.
	pictures []*view.Picture
	bookings map[booking.BookingID]state
	// were are the bookings after each change.
	were []map[booking.BookingID]state
	made []booking.BookingID
}

// state is a booking as it is.
type state struct {
	booking.BookingTransition
	claims   []booking.Claim
	revision booking.Revision
}

func newWorld(tb testing.TB, zone string, now time.Time) *world {
	tb.Helper()
	w := &world{tb: tb, now: now, epoch: epoch, bookings: make(map[booking.BookingID]state)}
	w.picture = &view.Picture{
		Epoch: epoch, Venue: booking.Venue{ID: salon}, Zone: time.UTC, Resources: make(map[booking.ResourceID]booking.Resource),
		Services: make(map[booking.ServiceID]booking.Service), Ledgers: make(view.Ledgers),
	}
	w.pictures, w.were = []*view.Picture{w.picture}, []map[booking.BookingID]state{maps.Clone(w.bookings)}
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

func (w *world) commit(entries ...booking.Entry) {
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
	for _, e := range entries {
		if b := e.Booking; b != nil {
			claims, _ := b.Claims()
			w.bookings[b.ID] = state{*b, claims, c.Revision}
		}
	}
	w.were = append(w.were, maps.Clone(w.bookings))
}

// failover goes on in another epoch from a revision: what was later never happened.
func (w *world) failover(from booking.Revision) {
	w.epoch = booking.Epoch(strconv.FormatInt(w.epoch.Term()+1, 36) + "-k2")
	w.changes, w.pictures, w.were = w.changes[:from:from], w.pictures[:from+1:from+1], w.were[:from+1:from+1]
	for i, p := range w.pictures {
		again := *p
		again.Epoch = w.epoch
		w.pictures[i] = &again
	}
	w.picture, w.bookings = w.pictures[from], maps.Clone(w.were[from])
	w.made = slices.DeleteFunc(w.made, func(id booking.BookingID) bool { _, ok := w.bookings[id]; return !ok })
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
	t := booking.BookingTransition{
		ID: booking.NewBookingID(w.now), Service: service, Status: booking.Confirmed, Start: start.UTC(), End: start.UTC().Add(s.Duration),
		PartySize: party, Claimed: claims,
	}
	kind := booking.BookingConfirmed
	if hold {
		t.Status, t.ExpiresAt, kind = booking.Held, w.now.Add(10*time.Minute), booking.BookingHeld
	}
	w.made = append(w.made, t.ID)
	w.commit(booking.Entry{Kind: kind, Actor: "public", Booking: &t})
	return t.ID, true
}

func (w *world) confirm(id booking.BookingID) {
	t, claims := w.next(id)
	t.Status, t.Unchanged = booking.Confirmed, claims
	w.commit(booking.Entry{Kind: booking.BookingConfirmed, Actor: "staff:frieda", Booking: &t})
}

func (w *world) cancel(id booking.BookingID) {
	t, claims := w.next(id)
	t.Status, t.Released = booking.Cancelled, claims
	w.commit(booking.Entry{Kind: booking.BookingCancelled, Actor: "token", Booking: &t})
}

// next begins the transition of a booking that is no hold afterwards.
func (w *world) next(id booking.BookingID) (t booking.BookingTransition, claims []booking.Claim) {
	b := w.bookings[id]
	t = b.BookingTransition
	t.Claimed, t.Released, t.Unchanged, t.ExpiresAt, t.Previous = nil, nil, nil, time.Time{}, b.revision
	return t, b.claims
}

// input is that of all changes after a revision, told now.
func (w *world) input(after booking.Revision) events.Input {
	return events.Input{Epoch: w.epoch, Changes: w.changes[after:], Picture: w.picture, Now: w.now}
}

func decode[T any](tb testing.TB, e bus.Event) (data T) {
	tb.Helper()
	if err := json.Unmarshal(e.Data, &data); err != nil {
		tb.Fatalf("%v: %s", err, e.Data)
	}
	return data
}
