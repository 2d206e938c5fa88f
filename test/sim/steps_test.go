package sim

import (
	"context"
	"fmt"

	"vacancy/internal/booking"
	"vacancy/internal/desk"
)

// doStep confirms, extends or cancels a booking.
func (w *world) doStep(c command) {
	if len(w.bookings) == 0 {
		return
	}
	i := len(w.bookings) - 1 - c.pick(0, len(w.bookings)) // mostly one of the latest
	id, actor := w.bookings[i].ID, holder(w.tokens[i])
	as := ""
	switch c.pick(1, 16) {
	case 9, 10, 11:
		actor, as = staff, " by staff"
	case 12:
		actor, as = public, " without a token"
	case 13:
		actor, as = holder("not the token"), " with a wrong token"
	case 14:
		id, as = "bk_none", " that does not exist"
	case 15:
		if other := w.other(); len(other.bookings) > 0 {
			j := c.pick(0, len(other.bookings))
			id, actor, as = other.bookings[j].ID, holder(other.tokens[j]), ", or rather a booking of the other venue with its token"
			w.tally.count("asked for in the wrong venue")
		}
	}
	customer := one(c, 2, []booking.Customer{ada, ada, grace, {}, {Name: "X"}})
	n, name := w.node(c)
	w.sendKept(n, name, w.newStep(c.kind, actor, id, customer, w.someKey(c, 3), fmt.Sprintf("#%d%s", i, as)))
}

// newStep is a call for a step of a booking.
func (w *world) newStep(k kind, a booking.Actor, id booking.BookingID, customer booking.Customer, key, which string) call {
	venue := w.id
	c := call{kind: k, what: fmt.Sprintf("%s %s", k, which), actor: a, key: key, route: fmt.Sprintf("%s %s", k, id)}
	if k == confirm {
		c.what += " for " + nameOf[customer]
		c.body = fmt.Sprint(customer)
	}
	if key != "" {
		c.what += ", key " + key
	}
	c.send = func(ctx context.Context, n *node, repeat desk.Idempotency) (desk.Outcome, error) {
		r := desk.TransitionRequest{Venue: venue, ID: id, Idempotency: repeat}
		switch k {
		case confirm:
			return n.Confirm(ctx, a, r, customer)
		case extend:
			return n.Extend(ctx, a, r)
		default:
			return n.Cancel(ctx, a, r)
		}
	}
	c.decide = func(tx *transaction, _ desk.Outcome) (booking.Booking, error) { return tx.step(k, a, id, customer) }
	return c
}
