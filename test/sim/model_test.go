package sim

import (
	"maps"
	"slices"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/desk"
)

// model is what the venue must be, if every answer so far was right. It takes over what the rules leave free, ids and tokens and which
// of several equal members serves, from the answers.
type model struct {
	id     booking.VenueID
	exists bool
	venue
	revision booking.Revision
	// history is the venue at each revision.
	history []venue
	// tokens are those of the bookings, in their order.
	tokens  []string
	answers map[answerKey]answer
	// expired counts the holds that have run out.
	expired int
	// trimmed is the revision of the last change that was deleted, and audit when those were made that are still remembered, the oldest
	// first.
	trimmed booking.Revision
	audit   []time.Time
}

// answerKey is what makes two requests the same: who sent which key where.
type answerKey struct {
	actor      booking.Actor
	route, key string
}

type answer struct {
	request [32]byte
	outcome desk.Outcome
	at      time.Time
}

func newModel(id booking.VenueID, c *calendar) *model {
	return &model{id: id, venue: venue{calendar: c}, history: []venue{{calendar: c}}, answers: make(map[answerKey]answer)}
}

// answer is the living answer to a request.
func (m *model) answer(key answerKey, now time.Time) (answer, bool) {
	a, ok := m.answers[key]
	return a, ok && key.key != "" && !outlived(a, now)
}

// outlived tells whether an answer is past its lifetime.
func outlived(a answer, now time.Time) bool { return now.Sub(a.at) > booking.AnswerLifetime }

// sweep forgets the answers that are past their lifetime, and counts them.
func (m *model) sweep(now time.Time) int {
	before := len(m.answers)
	maps.DeleteFunc(m.answers, func(_ answerKey, a answer) bool { return outlived(a, now) })
	return before - len(m.answers)
}

// transaction is one transaction of the model: what is done by it has the next revision.
type transaction struct {
	*model
	now time.Time
	// wrote tells whether anything changed, and next is its revision.
	wrote bool
	next  booking.Revision
}

// begin starts a transaction, which first ends the holds that have run out.
func (m *model) begin(now time.Time) *transaction {
	tx := &transaction{model: m, now: now, next: m.revision + 1}
	for i, b := range m.bookings {
		if b.Status == booking.Held && !now.Before(b.ExpiresAt) {
			b.Status, b.ExpiresAt = booking.Expired, time.Time{}
			tx.put(i, b)
			tx.expired++
		}
	}
	return tx
}

// end raises the revision if anything was written.
func (tx *transaction) end() {
	if tx.wrote {
		tx.revision++
		tx.history = append(tx.history, tx.frozen())
	}
}

// position is the revision at which a reader sees what the transaction holds so far.
func (tx *transaction) position() booking.Revision {
	if tx.wrote {
		return tx.next
	}
	return tx.revision
}

// put replaces the i-th booking and returns what it is now.
func (tx *transaction) put(i int, b booking.Booking) booking.Booking {
	b.UpdatedAt, b.Revision, tx.wrote = tx.now, tx.next, true
	tx.bookings[i] = b
	return b
}

// add adds a booking.
func (tx *transaction) add(b booking.Booking, token string) booking.Booking {
	b.CreatedAt = tx.now
	tx.bookings, tx.tokens = append(tx.bookings, b), append(tx.tokens, token)
	return tx.put(len(tx.bookings)-1, b)
}

// find is the place of a booking.
func (m *model) find(id booking.BookingID) int {
	return slices.IndexFunc(m.bookings, func(b booking.Booking) bool { return b.ID == id })
}

// wish is what a booking would be, all but what the rules leave free, or why there can be none.
func (tx *transaction) wish(r desk.BookRequest) (booking.Booking, verdict, error) {
	s, err := tx.service(r.Service)
	if err == nil {
		err = tx.check(s, r.Resource, r.PartySize)
	}
	if err != nil {
		return booking.Booking{}, verdict{}, err
	}
	j := tx.judge(s, r.Resource, r.Start, tx.now)
	b := booking.Booking{
		Venue: r.Venue, Service: s.ID, Status: booking.Confirmed, Start: r.Start.UTC(), End: r.Start.Add(s.Duration).UTC(),
		WallStart: r.Start.In(tx.calendar.zone).Format("2006-01-02T15:04:05"), PartySize: r.PartySize, Customer: r.Customer,
		Claims: []booking.Claim{{
			Start: r.Start.Add(-s.BufferBefore).UTC(), End: r.Start.Add(s.Duration + s.BufferAfter).UTC(), Units: unitsFor(s, r.PartySize),
		}},
	}
	if r.Hold {
		b.Status, b.ExpiresAt = booking.Held, holdUntil(tx.now, s, b.Start)
	}
	return b, j, j.fits(r.PartySize)
}

// holdUntil is when a hold ends: after its time, but at its start at the latest.
func holdUntil(now time.Time, s booking.Service, start time.Time) time.Time {
	if until := now.Add(s.HoldFor); until.Before(start) {
		return until.UTC()
	}
	return start
}

// manage finds a booking that the actor may change, or says why not.
func (m *model) manage(a booking.Actor, id booking.BookingID) (int, error) {
	i := m.find(id)
	switch {
	case i < 0:
		return i, booking.ErrNotFound
	case a.Kind == booking.Staff, a.Kind == booking.TokenHolder && a.TokenHash == booking.HashToken(m.tokens[i]):
		return i, nil
	case a.Kind == booking.Public:
		return i, booking.ErrUnauthenticated
	}
	return i, booking.ErrForbidden
}

// step is a step of a booking: what it is afterwards, or why not.
func (tx *transaction) step(k kind, a booking.Actor, id booking.BookingID, c booking.Customer) (booking.Booking, error) {
	i, err := tx.manage(a, id)
	if err != nil {
		return booking.Booking{}, err
	}
	b := tx.bookings[i]
	switch k {
	case confirm:
		return tx.confirm(i, b, c)
	case extend:
		return tx.extend(i, b)
	default:
		return tx.cancel(i, b, a)
	}
}

func (tx *transaction) confirm(i int, b booking.Booking, c booking.Customer) (booking.Booking, error) {
	switch {
	case b.Status == booking.Expired:
		return b, booking.ErrHoldExpired
	case b.Status == booking.Confirmed && (c.IsZero() || c == b.Customer):
		return b, nil
	case b.Status != booking.Held:
		return b, booking.ErrWrongStatus
	}
	if !c.IsZero() {
		b.Customer = c
	}
	if b.Customer.Validate() != nil {
		return b, &booking.Invalid{}
	}
	b.Status, b.ExpiresAt = booking.Confirmed, time.Time{}
	return tx.put(i, b), nil
}

func (tx *transaction) extend(i int, b booking.Booking) (booking.Booking, error) {
	switch {
	case b.Status == booking.Expired:
		return b, booking.ErrHoldExpired
	case b.Status != booking.Held, b.Extensions == booking.MaxExtensions:
		return b, booking.ErrWrongStatus
	}
	b.Extensions++
	b.ExpiresAt = holdUntil(tx.now, tx.services[b.Service], b.Start)
	return tx.put(i, b), nil
}

func (tx *transaction) cancel(i int, b booking.Booking, a booking.Actor) (booking.Booking, error) {
	switch {
	case b.Status == booking.Cancelled:
		return b, nil
	case b.Status != booking.Held && b.Status != booking.Confirmed, a.Kind != booking.Staff && !tx.now.Before(b.Start):
		return b, booking.ErrWrongStatus
	}
	b.CancelledHold = b.Status == booking.Held
	b.Status, b.ExpiresAt = booking.Cancelled, time.Time{}
	return tx.put(i, b), nil
}
