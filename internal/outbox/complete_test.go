package outbox_test

import (
	"encoding/json"
	"fmt"

	"vacancy/internal/booking"
	"vacancy/internal/bus"
	"vacancy/internal/events"
)

// complete tells what is wrong with what arrived of a venue in the world's epoch: each change after the revision must have arrived with all
// its entries, or be in a gap that was told of; first occurrences must be in order, and nothing may have arrived that the history does not
// have.
func (w *world) complete(arrived []bus.Event, id booking.VenueID, after booking.Revision) error {
	return w.arrivedAll(arrived, id, after, true)
}

func (w *world) arrivedAll(arrived []bus.Event, id booking.VenueID, after booking.Revision, inOrder bool) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	v := w.venues[id]
	type key struct {
		revision booking.Revision
		index    int
	}
	var last key
	seen := make(map[key]bool)
	told := make(map[booking.Revision]bool)
	for _, e := range arrived {
		if e.Epoch != w.epoch {
			continue
		}
		if e.Name == bus.VenueGap {
			var gap events.LeftOut
			if err := json.Unmarshal(e.Data, &gap); err != nil {
				return err
			}
			for r := gap.From; r <= gap.To; r++ {
				told[r] = true
			}
		}
		if len(ofBookings([]bus.Event{e})) == 0 {
			continue
		}
		k := key{e.Revision, e.Index}
		if e.Revision > v.revision() || e.Index >= len(v.changes[e.Revision-1].Entries) ||
			string(v.changes[e.Revision-1].Entries[e.Index].Booking.ID) != e.Subject {
			return fmt.Errorf("%s arrived, and there is no such change", e.ID)
		}
		if seen[k] {
			continue
		}
		if inOrder && (k.revision < last.revision || k.revision == last.revision && k.index < last.index) {
			return fmt.Errorf("%s arrived first behind revision %d, index %d", e.ID, last.revision, last.index)
		}
		seen[k], last = true, k
	}
	for _, c := range v.changes[after:] {
		for i, e := range c.Entries {
			if e.Booking != nil && !seen[key{c.Revision, i}] && !told[c.Revision] {
				return fmt.Errorf("entry %d of revision %d never arrived", i, c.Revision)
			}
		}
	}
	return nil
}

// bookings are the venue's, each as it is.
func (w *world) bookings(id booking.VenueID) map[string]booking.Status {
	w.mu.Lock()
	defer w.mu.Unlock()
	all := make(map[string]booking.Status)
	for _, change := range w.venues[id].changes {
		for _, e := range change.Entries {
			if e.Booking != nil {
				all[string(e.Booking.ID)] = e.Booking.Status
			}
		}
	}
	return all
}

// sameBookings tells whether a consumer has each booking as it is, of those that it was told of.
func (w *world) sameBookings(c *consumer, id booking.VenueID) error {
	want := w.bookings(id)
	for booked, got := range c.bookings {
		if want[booked] != got.status {
			return fmt.Errorf("booking %s is %q for the consumer, and %q", booked, got.status, want[booked])
		}
	}
	return nil
}
