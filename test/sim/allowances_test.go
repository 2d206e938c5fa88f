package sim

import (
	"slices"

	"vacancy/internal/booking"
)

// allowances are where the product keeps less than the model says. Without one, the model holds it to the whole.
var allowances = struct {
	// forgetful: a call that changes nothing keeps no answer, so its repeat is decided anew.
	forgetful bool
	// shortSighted: of the future bookings in the way of an edit, no more are looked at than are listed, before the holds that have
	// run out are taken from them.
	shortSighted bool
	// hasty: a query that is new to a node may be checked against its picture before the node catches up with the position that the
	// reader has seen.
	hasty bool
}{forgetful: true, shortSighted: false, hasty: false}

// future are the bookings in the way of an edit, by start.
func (tx *transaction) future(service booking.ServiceID, id booking.ResourceID) []booking.Booking {
	if !allowances.shortSighted {
		return tx.uses(service, id, tx.now)
	}
	before := tx.venue
	before.bookings = slices.Clone(tx.bookings)
	for i, b := range before.bookings {
		if tx.ended[b.ID] {
			before.bookings[i].Status = booking.Held
		}
	}
	found := before.uses(service, id, tx.now)
	return slices.DeleteFunc(found[:min(len(found), booking.MaxInUse+1)], func(b booking.Booking) bool { return tx.ended[b.ID] })
}
