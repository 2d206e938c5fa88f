package desk

import (
	"fmt"
	"time"

	"vacancy/internal/availability"
	"vacancy/internal/booking"
	"vacancy/internal/store"
	"vacancy/internal/view"
)

// Draft decides commands of one client without a store, on days on which a hold stands already.
type Draft struct {
	draft *draft
	who   requester
}

// NewDraft is a draft of a picture that no store has, in which these holds can be asked for.
func NewDraft(p view.Picture, now time.Time, holds ...BookRequest) (*Draft, error) {
	who := requester{counted: true, known: true, client: "client"}
	need := store.Need{Venue: p.Venue.ID}
	for _, r := range holds {
		who.need(&need, &p, r)
	}
	found := store.Found{Epoch: p.Epoch, Exists: true, Now: now}
	need.Holds = withHolds(&p, need.Holds)
	for _, r := range need.Holds {
		found.Holds = append(found.Holds, []booking.Claim{{
			Resource: p.Services[r.Service].Requires[0].AnyOf[0], Start: r.From, End: r.From.Add(time.Minute), Units: 1,
		}})
	}
	d, err := newDraft("batch", 1, need, &p, found)
	return &Draft{d, who}, err
}

// Book decides a request.
func (d *Draft) Book(r BookRequest) (booking.Booking, error) {
	made, err := d.draft.book(booking.Actor{Kind: booking.Public}, d.who, r)
	return made.Booking, err
}

// Cancel gives a booking back.
func (d *Draft) Cancel(b booking.Booking) {
	d.draft.end(booking.Actor{Kind: booking.Public}, booking.BookingCancelled, b, booking.Cancelled)
}

// PutResource edits the catalogue.
func (d *Draft) PutResource(r booking.Resource) { d.draft.setResource(r) }

// PutService edits the catalogue.
func (d *Draft) PutService(s booking.Service) { d.draft.setService(s) }

// CheckRooms compares the rooms that the draft keeps with what measuring anew gives, and returns how many it keeps.
func (d *Draft) CheckRooms() (rooms int, err error) {
	for key, day := range d.draft.days {
		if day.measured == nil {
			continue
		}
		rooms++
		service := d.draft.picture.Services[key.service]
		plain := availability.PlacesOn(d.draft.query(service, ""), key.date)
		if kept := day.measured.DayPlaces(); kept != plain {
			return 0, fmt.Errorf("%s on %s: kept is %+v, and measured anew %+v", key.service, key.date, kept, plain)
		}
		anew := serviceDay{measured: day.measured}
		anew.addHeld(day.holds)
		anew.addHeld(d.draft.counts.holdChanges)
		if day.held != anew.held {
			return 0, fmt.Errorf("%s on %s: held are %d unit seconds, and anew %d", key.service, key.date, day.held, anew.held)
		}
	}
	return rooms, nil
}

// HideRooms hides the kept rooms from what is decided until they are restored.
func (d *Draft) HideRooms() (restore func()) {
	days, measured := d.draft.days, d.draft.measured
	d.draft.days, d.draft.measured = nil, nil
	return func() { d.draft.days, d.draft.measured = days, measured }
}
