package desk_test

import (
	"context"
	"errors"
	"fmt"

	"vacancy/internal/booking"
	"vacancy/internal/desk"
	"vacancy/internal/store"
)

// oracle knows what every caller was told, and compares that with what is stored. It needs to know nothing of how a booking is
// made: each command carries a name, which its booking carries too.
type oracle struct {
	capacity int
	// told is what each command for a booking was told, by its name.
	told map[string]*reply
	// firstOf is the booking that the first success of an idempotency key was told of.
	firstOf map[string]booking.BookingID
	// mine are the bookings that somebody was told of, in order.
	mine []*owned
}

// reply is what the caller of a command was told.
type reply struct {
	command command
	made    desk.Outcome
	err     error
}

// owned is a booking that somebody was told of, and what was done with it since.
type owned struct {
	desk.Outcome
	extended, maybeExtended   int
	cancelled, maybeCancelled bool
}

func newOracle(capacity int) *oracle {
	return &oracle{capacity: capacity, told: make(map[string]*reply), firstOf: make(map[string]booking.BookingID)}
}

// undone and unknown are the two ways in which a command ends without an answer.
func undone(err error) bool {
	return errors.Is(err, booking.ErrUnavailable) && !errors.Is(err, booking.ErrOutcomeUnknown)
}

func unknown(err error) bool { return errors.Is(err, booking.ErrOutcomeUnknown) }

// hear takes in what a caller was told.
func (o *oracle) hear(r *reply) error {
	w := r.command
	if w.kind == commandBook || w.kind == commandHold {
		o.told[w.name] = r
		if r.err != nil && !undone(r.err) && !unknown(r.err) && !errors.Is(r.err, booking.ErrSlotUnavailable) {
			return fmt.Errorf("%s ended in %w", w, r.err)
		}
		if r.err == nil {
			return o.hearBooked(w, r.made)
		}
		return nil
	}
	switch {
	case w.kind == commandExtend && r.err == nil:
		w.of.extended++
	case w.kind == commandExtend && unknown(r.err):
		w.of.maybeExtended++
	case w.kind == commandCancel && r.err == nil:
		w.of.cancelled = true
	case w.kind == commandCancel && unknown(r.err):
		w.of.maybeCancelled = true
	case undone(r.err):
	case w.kind == commandExtend && errors.Is(r.err, booking.ErrWrongStatus):
	default:
		return fmt.Errorf("%s ended in %w", w, r.err)
	}
	return nil
}

func (o *oracle) hearBooked(w command, made desk.Outcome) error {
	first, ok := o.firstOf[w.key]
	switch id := made.Booking.ID; {
	case w.key != "" && ok && first != id:
		return fmt.Errorf("%s was told of booking %s, and an earlier one with its key of %s", w, id, first)
	case w.key != "" && ok:
		return nil
	case w.key != "":
		o.firstOf[w.key] = id
	}
	o.mine = append(o.mine, &owned{Outcome: made})
	return nil
}

// compare finds what is stored and nobody was told of, or the other way round.
func (o *oracle) compare(ctx context.Context, s store.Store, venue booking.VenueID) error {
	stored, err := s.Bookings(ctx, venue, store.Filter{Limit: 1000})
	if err != nil {
		return err
	}
	byID := make(map[booking.BookingID]booking.Booking)
	ofKey := make(map[string]int)
	for _, b := range stored {
		byID[b.ID] = b
		r := o.told[b.Customer.Name]
		if r == nil {
			continue // another venue's, or another run's
		}
		if key := r.command.key; key != "" {
			if ofKey[key]++; ofKey[key] > 1 {
				return fmt.Errorf("the key %s made two bookings", key)
			}
		}
		switch {
		case r.err == nil && (b.ID == r.made.Booking.ID || r.command.key != ""):
		case r.err != nil && unknown(r.err):
		default:
			return fmt.Errorf("%s was told %s, %w; stored is %s", r.command, r.made.Booking.ID, r.err, b.ID)
		}
	}
	for _, m := range o.mine {
		if m.Booking.Venue != venue {
			continue
		}
		if err := m.compare(byID[m.Booking.ID]); err != nil {
			return err
		}
	}
	return o.compareRefusals(venue, stored)
}

// compare looks at one booking as it is stored.
func (m *owned) compare(b booking.Booking) error {
	active := b.Status.Claims()
	switch {
	case b.ID == "":
		return fmt.Errorf("booking %s was promised and is not stored", m.Booking.ID)
	case b.TokenHash != booking.HashToken(m.Token):
		return fmt.Errorf("booking %s is stored with another manage token than was told", b.ID)
	case m.cancelled && active, !m.cancelled && !m.maybeCancelled && !active:
		return fmt.Errorf("booking %s is %s; cancelled as its holder knows: %t", b.ID, b.Status, m.cancelled)
	case b.Extensions < m.extended, b.Extensions > m.extended+m.maybeExtended:
		return fmt.Errorf("booking %s was extended %d times; its holder knows of %d, and doubts %d",
			b.ID, b.Extensions, m.extended, m.maybeExtended)
	}
	return nil
}

// compareRefusals checks that no more are booked than there is room, and that whoever was refused was refused for somebody: rooms
// that were never full refuse nobody.
func (o *oracle) compareRefusals(venue booking.VenueID, stored []booking.Booking) error {
	active, ever := make(map[int64]int), make(map[int64]int)
	for _, b := range stored {
		ever[b.Start.Unix()]++
		if b.Status.Claims() {
			active[b.Start.Unix()]++
		}
	}
	for start, n := range active {
		if n > o.capacity {
			return fmt.Errorf("%d are booked on %d places at %d", n, o.capacity, start)
		}
	}
	for _, r := range o.told {
		if r.command.venue == venue && errors.Is(r.err, booking.ErrSlotUnavailable) && ever[r.command.start.Unix()] < o.capacity {
			return fmt.Errorf("%s was refused, and only %d of %d places were ever taken", r.command, ever[r.command.start.Unix()], o.capacity)
		}
	}
	return nil
}
