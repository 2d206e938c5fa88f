package events

import (
	"errors"
	"fmt"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/bus"
	"vacancy/internal/view"
)

// ErrPicture: the picture does not fit the changes. It is of another epoch or venue, or before the last of them. Once it is brought to
// them, the call may be made again.
var ErrPicture = errors.New("the picture does not hold the changes")

// Input is what has happened to a venue.
type Input struct {
	// Epoch is the one that the changes are of.
	Epoch booking.Epoch
	// Changes are consecutive, and of one venue.
	Changes []booking.Change
	// Picture is of the last of the changes, or beyond it. Values are told as they are in it.
	Picture *view.Picture
	// Now is by the clock that decides what can be booked: the store's.
	Now time.Time
}

// OfChanges makes the events of changes, in the order in which they are to be sent: an event for each transition of a booking, then, per
// service, what is available of it.
//
// The same input makes the same events. Another picture or another beginning of the changes makes the same events of bookings, and of what
// is available others with other ids. A venue that is hidden has none. Errors: [ErrPicture].
func OfChanges(in Input) ([]bus.Event, error) {
	if len(in.Changes) == 0 || in.Changes[0].Venue.Hidden() {
		return nil, nil
	}
	if err := in.check(); err != nil {
		return nil, err
	}
	var events []bus.Event
	touched := newTouched(in.Picture)
	for _, c := range in.Changes {
		for i, e := range c.Entries {
			if e.Booking == nil {
				touched.edit(e)
				continue
			}
			events = append(events, bookingEvent(in.Picture, &c, i))
			touched.claims(e.Booking.Claimed)
			touched.claims(e.Booking.Released)
		}
	}
	return append(events, touched.events(in)...), nil
}

func (in *Input) check() error {
	p, venue := in.Picture, in.Changes[0].Venue
	last := in.Changes[len(in.Changes)-1].Revision
	switch {
	case p == nil:
		return fmt.Errorf("%w: there is none", ErrPicture)
	case p.Venue.ID != venue:
		return fmt.Errorf("%w: it is of venue %s, and they are of %s", ErrPicture, p.Venue.ID, venue)
	case p.Epoch != in.Epoch:
		return fmt.Errorf("%w: it is of epoch %s, and they are of %s", ErrPicture, p.Epoch, in.Epoch)
	case p.Revision < last:
		return fmt.Errorf("%w: it is of revision %d, and the last of them of %d", ErrPicture, p.Revision, last)
	}
	return nil
}
