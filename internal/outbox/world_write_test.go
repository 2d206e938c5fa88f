package outbox_test

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"time"

	"vacancy/internal/availability"
	"vacancy/internal/booking"
	"vacancy/internal/schedule"
	"vacancy/internal/view"
)

// How tests write to the world.

const (
	// zoneName is of a place where it is soon midnight when a bubble begins, at 00:00 UTC.
	zoneName    = "Atlantic/Azores"
	horizonDays = 5
	chairs      = 3
)

// open makes a venue with a chair for so many and a service of it, in its first change.
func (w *world) open(ids ...booking.VenueID) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, id := range ids {
		zone, err := booking.LoadZone(zoneName)
		if err != nil {
			w.t.Fatal(err)
		}
		w.venues[id] = &worldVenue{damaged: make(map[booking.Revision]bool), pictures: []*view.Picture{{
			Epoch: w.epoch, Venue: booking.Venue{ID: id, TimeZone: zoneName}, Zone: zone,
			Resources: map[booking.ResourceID]booking.Resource{}, Services: map[booking.ServiceID]booking.Service{}, Ledgers: view.Ledgers{},
		}}}
		chair := booking.Resource{Venue: id, ID: "chair", Name: "Chair", Capacity: chairs, Revision: 1}
		for day := range chair.Schedule.Weekly {
			chair.Schedule.Weekly[day] = []booking.Period{{Open: 9 * 60, Close: 12 * 60}}
		}
		w.commit(id, booking.Entry{
			Kind: booking.VenuePut, Venue: &booking.Venue{ID: id, Name: "Barber", TimeZone: zoneName, Revision: 1},
		}, booking.Entry{Kind: booking.ResourcePut, Resource: &chair}, booking.Entry{Kind: booking.ServicePut, Service: &booking.Service{
			Venue: id, ID: "cut", Name: "Haircut", Duration: 30 * time.Minute, Step: 30 * time.Minute, HorizonDays: horizonDays,
			PartySize: booking.PartySize{Min: 1, Max: 1}, Requires: []booking.Requirement{{AnyOf: []booking.ResourceID{"chair"}, Units: 1}},
			Revision: 1,
		}})
	}
}

// commit writes a change. The lock is held.
func (w *world) commit(id booking.VenueID, entries ...booking.Entry) booking.Change {
	v := w.venues[id]
	w.batches++
	c := booking.Change{
		Venue: id, Revision: v.revision() + 1, Batch: "batch-" + strconv.Itoa(w.batches), CommittedAt: time.Now(), Entries: entries,
	}
	next, err := v.newest().With(c)
	if err != nil {
		w.t.Fatalf("%s, revision %d: %v", id, c.Revision, err)
	}
	v.changes, v.pictures = append(v.changes, c), append(v.pictures, next)
	return c
}

// book commits n changes to a venue: bookings, and cancellations of them. It returns the last revision.
func (w *world) book(rng *rand.Rand, id booking.VenueID, n int) booking.Revision {
	w.mu.Lock()
	defer w.mu.Unlock()
	for range n {
		w.commit(id, w.transition(rng, id))
	}
	return w.venues[id].revision()
}

// bookMany commits one change with n entries.
func (w *world) bookMany(rng *rand.Rand, id booking.VenueID, n int) booking.Revision {
	w.mu.Lock()
	defer w.mu.Unlock()
	v := w.venues[id]
	scratch := v.newest()
	entries := make([]booking.Entry, 0, n)
	for range n {
		e := w.transition(rng, id)
		next, err := v.newest().With(booking.Change{Venue: id, Revision: v.revision() + 1, Entries: []booking.Entry{e}})
		if err != nil {
			w.t.Fatal(err)
		}
		next.Revision = v.revision()
		v.pictures[len(v.pictures)-1] = next // so that the next transition sees it
		entries = append(entries, e)
	}
	v.pictures[len(v.pictures)-1] = scratch
	return w.commit(id, entries...).Revision
}

// transition is a new booking where there is room, or the end of one.
func (w *world) transition(rng *rand.Rand, id booking.VenueID) booking.Entry {
	v := w.venues[id]
	p := v.newest()
	today := availability.Today(p.Zone, time.Now())
	midnight := schedule.Midnight(p.Zone, today.AddDays(1+rng.IntN(horizonDays)))
	start := midnight.Add(9*time.Hour + time.Duration(rng.IntN(6))*30*time.Minute).UTC()
	if end := start.Add(30 * time.Minute); len(v.live) == 0 || rng.IntN(3) > 0 && p.Ledgers.Taken("chair", start, end) < chairs {
		if p.Ledgers.Taken("chair", start, end) == chairs {
			return w.cancel(v, 0)
		}
		v.made++
		b := booking.BookingTransition{
			ID: booking.BookingID(fmt.Sprintf("bk_%05d", v.made)), Service: "cut", Status: booking.Confirmed, Start: start, End: end, PartySize: 1,
			Claimed: []booking.Claim{{Resource: "chair", Start: start, End: end, Units: 1}},
		}
		v.live = append(v.live, b)
		return booking.Entry{Kind: booking.BookingConfirmed, Booking: &b}
	}
	return w.cancel(v, rng.IntN(len(v.live)))
}

func (*world) cancel(v *worldVenue, i int) booking.Entry {
	b := v.live[i]
	v.live = append(v.live[:i:i], v.live[i+1:]...)
	b.Status, b.Claimed, b.Released = booking.Cancelled, nil, b.Claimed
	return booking.Entry{Kind: booking.BookingCancelled, Booking: &b}
}

// restore puts venues back to an earlier revision, in another epoch if one is given: what was committed since is gone.
func (w *world) restore(epoch booking.Epoch, to map[booking.VenueID]booking.Revision) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.epoch = epoch
	for id, v := range w.venues {
		if r, ok := to[id]; ok {
			v.changes, v.pictures = v.changes[:r:r], v.pictures[:r+1:r+1]
			v.live, v.volatile = nil, 0
			v.live = liveAfter(v.changes)
		}
		for i, p := range v.pictures {
			copied := *p
			copied.Epoch = epoch
			v.pictures[i] = &copied
		}
	}
}

// liveAfter are the bookings that claim after changes.
func liveAfter(changes []booking.Change) (live []booking.BookingTransition) {
	at := make(map[booking.BookingID]booking.BookingTransition)
	var order []booking.BookingID
	for _, c := range changes {
		for _, e := range c.Entries {
			switch {
			case e.Booking == nil:
			case e.Booking.Status.Claims():
				at[e.Booking.ID] = *e.Booking
				order = append(order, e.Booking.ID)
			default:
				delete(at, e.Booking.ID)
			}
		}
	}
	for _, id := range order {
		if b, ok := at[id]; ok {
			live = append(live, b)
		}
	}
	return live
}

// trim deletes the changes up to a revision.
func (w *world) trim(id booking.VenueID, to booking.Revision) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.venues[id].trimmed = max(w.venues[id].trimmed, to)
}

// damage has a change not be readable any more.
func (w *world) damage(id booking.VenueID, revision booking.Revision) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.venues[id].damaged[revision] = true
}

// setVolatile says how many of the last changes are visible and not durable.
func (w *world) setVolatile(id booking.VenueID, n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.venues[id].volatile = n
}
