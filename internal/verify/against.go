package verify

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/store"
)

// Loss is what one database has of bookings and another lacks, since their histories parted: what a failover has lost. It holds ids, times
// and numbers, and nothing of any customer.
type Loss struct {
	// Venues and Changes are how many of the other database's were compared.
	Venues  int `json:"venues"`
	Changes int `json:"changes"`
	// Lost are the changes that are missing here, made from First to Last. LastCommon is when the last change was made that both have.
	Lost       int       `json:"lost_changes"`
	First      time.Time `json:"first,omitzero"`
	Last       time.Time `json:"last,omitzero"`
	LastCommon time.Time `json:"last_common,omitzero"`
	// Bookings are what became of bookings in these changes, at most a thousand; MoreBookings counts the rest.
	Bookings     []LostBooking `json:"bookings"`
	MoreBookings int           `json:"more_bookings"`
	// Settings are the venues whose settings or catalogue were changed in them.
	Settings []booking.VenueID `json:"settings"`
}

// LostBooking is a booking with what became of it and is missing.
type LostBooking struct {
	Venue  booking.VenueID   `json:"venue"`
	ID     booking.BookingID `json:"id"`
	Status booking.Status    `json:"status"`
	Start  time.Time         `json:"start"`
	// Known tells that the booking itself is there, in an earlier state.
	Known bool      `json:"known"`
	At    time.Time `json:"at"`
}

// Clean tells whether nothing is missing.
func (l *Loss) Clean() bool { return l.Lost == 0 }

// String is the comparison as a person reads it.
func (l *Loss) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "compared %s of %s in the other database\n", count(l.Changes, "change"), count(l.Venues, "venue"))
	for _, lost := range l.Bookings {
		what := "is not here"
		if lost.Known {
			what = "is here as it was before"
		}
		fmt.Fprintf(&b, "lost: venue %s: booking %s, %s, for %s, made so at %s, %s\n", name(lost.Venue), name(lost.ID), lost.Status,
			lost.Start.UTC().Format(time.RFC3339), lost.At.UTC().Format(time.RFC3339Nano), what)
	}
	if l.MoreBookings > 0 {
		fmt.Fprintf(&b, "... and %s more\n", count(l.MoreBookings, "booking"))
	}
	for _, venue := range l.Settings {
		fmt.Fprintf(&b, "lost: venue %s: changes of its settings or catalogue\n", name(venue))
	}
	if l.Clean() {
		b.WriteString("nothing is missing here\n")
		return b.String()
	}
	fmt.Fprintf(&b, "%s missing here, made from %s to %s", count(l.Lost, "change"), l.First.UTC().Format(time.RFC3339Nano),
		l.Last.UTC().Format(time.RFC3339Nano))
	if !l.LastCommon.IsZero() {
		fmt.Fprintf(&b, ", %.1f s after the last that both have", l.Last.Sub(l.LastCommon).Seconds())
	}
	b.WriteByte('\n')
	return b.String()
}

// Against compares a database with another that holds the same bookings, such as a primary that was left: what does the other have that
// this one lacks? Both may be in use. Changes that are only remembered by now are not compared.
func Against(ctx context.Context, here, other store.Inspector) (*Loss, error) {
	loss := &Loss{Bookings: []LostBooking{}, Settings: []booking.VenueID{}}
	err := other.Inspect(ctx, func(there store.Snapshot) error {
		return here.Inspect(ctx, func(here store.Snapshot) error { return loss.compare(ctx, here, there) })
	})
	return loss, err
}

func (l *Loss) compare(ctx context.Context, here, there store.Snapshot) error {
	var venues []booking.VenueID
	err := there.Loaded(ctx, func(loaded store.Loaded) error {
		venues = append(venues, loaded.Venue.ID)
		return nil
	})
	if err != nil {
		return fmt.Errorf("read the other database's venues: %w", err)
	}
	for _, venue := range venues {
		if venue == booking.ProbeVenue {
			continue // nobody is to be told of what the server books to try itself
		}
		l.Venues++
		if err := l.compareVenue(ctx, here, there, venue); err != nil {
			return fmt.Errorf("compare venue %s: %w", name(venue), err)
		}
	}
	return nil
}

// compareVenue finds the changes of a venue that are missing here. Two changes are the same if their batches are.
func (l *Loss) compareVenue(ctx context.Context, here, there store.Snapshot, venue booking.VenueID) error {
	checkpoint, err := here.Checkpoint(ctx, venue)
	if err != nil && !errors.Is(err, booking.ErrNotFound) {
		return err
	}
	batches := make(map[booking.Revision]string)
	err = here.Changes(ctx, venue, func(c booking.Change) error {
		batches[c.Revision] = c.Batch
		return nil
	})
	if err != nil {
		return err
	}
	lost := make(map[booking.BookingID]*LostBooking)
	var order []booking.BookingID
	settings := false
	err = there.Changes(ctx, venue, func(c booking.Change) error {
		if c.Revision <= checkpoint.Revision {
			return nil
		}
		l.Changes++
		if batches[c.Revision] == c.Batch {
			if c.CommittedAt.After(l.LastCommon) {
				l.LastCommon = c.CommittedAt
			}
			return nil
		}
		l.count(c)
		for _, e := range c.Entries {
			if settings = settings || e.Booking == nil; e.Booking == nil {
				continue
			}
			b := e.Booking
			if lost[b.ID] == nil {
				lost[b.ID] = &LostBooking{Venue: venue, ID: b.ID, Known: true}
				order = append(order, b.ID)
			}
			lost[b.ID].Status, lost[b.ID].Start, lost[b.ID].At = b.Status, b.Start, c.CommittedAt
			if e.Kind == booking.BookingHeld || e.Kind == booking.BookingConfirmed && len(b.Claimed) > 0 {
				lost[b.ID].Known = false // it was made then
			}
		}
		return nil
	})
	for _, id := range order {
		if len(l.Bookings) < maxLost {
			l.Bookings = append(l.Bookings, *lost[id])
		} else {
			l.MoreBookings++
		}
	}
	if settings {
		l.Settings = append(l.Settings, venue)
	}
	return err
}

// count counts a change that is missing. One without entries has settled what became of another, and is no loss.
func (l *Loss) count(c booking.Change) {
	if len(c.Entries) == 0 {
		return
	}
	l.Lost++
	if l.First.IsZero() || c.CommittedAt.Before(l.First) {
		l.First = c.CommittedAt
	}
	if c.CommittedAt.After(l.Last) {
		l.Last = c.CommittedAt
	}
}
