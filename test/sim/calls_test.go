package sim

import (
	"context"
	"crypto/sha256"
	"fmt"
	"slices"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/desk"
)

// call is a command that ends in a booking, with everything that it says: it can be sent again.
type call struct {
	kind  kind
	what  string
	actor booking.Actor
	// key is an idempotency key, or "".
	key, route string
	// body is what the request says besides.
	body string
	send func(ctx context.Context, n *node, r desk.Idempotency) (desk.Outcome, error)
	// early is the refusal of what is wrong whatever the venue is like; nothing is done then.
	early error
	// decide is what the rules make of it, given the answer: the booking after it, or the refusal.
	decide func(tx *transaction, got desk.Outcome) (booking.Booking, error)
	// refused looks closer at a refusal.
	refused func(n *node, err error)
}

func (c call) repeat() desk.Idempotency {
	return desk.Idempotency{Key: c.key, Route: c.route, Request: sha256.Sum256([]byte(c.body))}
}

func (c call) answerKey() answerKey { return answerKey{c.actor, c.route, c.key} }

// send sends a call to a node and compares the answer. It returns the refusal, if it is one.
func (w *world) send(n *node, name string, c call) error {
	w.note("%s: %s", name, c.what)
	got, err := c.send(w.ctx, n, c.repeat())
	w.tally.count("%s: %s", c.kind, outcome(err))
	if c.early != nil {
		w.answered(err, c.early)
		return err
	}
	w.settle(c, got, err)
	w.noteAnswer(got, err)
	if err != nil && c.refused != nil {
		c.refused(n, err)
	}
	return err
}

// settle runs a call through the model in a transaction of its own.
func (w *world) settle(c call, got desk.Outcome, err error) {
	now := w.clock.Now()
	tx := w.begin(now)
	defer tx.end()
	if known, ok := w.answer(c.answerKey(), now); ok {
		if err == nil {
			w.tally.count("%s: repeated", c.kind)
		}
		w.repeated(c, known, got, err)
		return
	}
	want, refusal := c.decide(tx, got)
	w.answered(err, refusal)
	if err != nil {
		return
	}
	w.same(got.Booking, want)
	if got.Position != (booking.Position{Epoch: w.epoch, Revision: tx.position()}) {
		w.failf("the answer's position is %d, want %d", got.Position.Revision, tx.position())
	}
	if c.key != "" { // an answer alone is a change, too
		tx.wrote = true
		w.answers[c.answerKey()] = answer{request: c.repeat().Request, outcome: got, at: now}
	}
}

// repeated compares the answer to a call whose key has been used.
func (w *world) repeated(c call, known answer, got desk.Outcome, err error) {
	if known.request != c.repeat().Request {
		w.answered(err, booking.ErrIdempotencyMismatch)
		return
	}
	w.answered(err, nil)
	w.same(got.Booking, known.outcome.Booking)
	if got.Token != known.outcome.Token || got.Position != known.outcome.Position {
		w.failf("the repeat got position %d and %v the token, the first call position %d", got.Position.Revision,
			got.Token == known.outcome.Token, known.outcome.Position.Revision)
	}
}

// noteAnswer writes what was answered behind what was asked.
func (w *world) noteAnswer(got desk.Outcome, err error) {
	last := &w.log[len(w.log)-1]
	if err != nil {
		*last += "  ->  " + w.said(err)
		return
	}
	b := got.Booking
	*last += fmt.Sprintf("  ->  #%d %s", w.find(b.ID), b.Status)
	for _, c := range b.Claims {
		*last += fmt.Sprintf(", %d of %s", c.Units, c.Resource)
	}
	if b.Status == booking.Held {
		*last += ", until " + w.wall(b.ExpiresAt)
	}
}

// someKey is an idempotency key: none, a new one, or one that others use too.
func (w *world) someKey(c command, i int) string {
	return one(c, i, []string{"", "", fmt.Sprintf("key %d", w.tally.commands), "k1"})
}

// newBooking is a call for a booking.
func (w *world) newBooking(r desk.BookRequest, key string) call {
	r.Venue = w.id
	r.Idempotency = desk.Idempotency{}
	c := call{
		actor: public, key: key, route: "book",
		body: fmt.Sprintf("%s %d %s %d %v %v", r.Service, r.Start.UnixMicro(), r.Resource, r.PartySize, r.Hold, r.Customer),
	}
	if c.kind = book; r.Hold {
		c.kind = hold
	}
	c.what = fmt.Sprintf("%s %s at %s for %d by %s", c.kind, r.Service, w.wall(r.Start), r.PartySize, nameOf[r.Customer])
	if r.Resource != "" {
		c.what += ", with " + string(r.Resource)
	}
	if key != "" {
		c.what += ", key " + key
	}
	if (!r.Hold || !r.Customer.IsZero()) && r.Customer.Validate() != nil {
		c.early = &booking.Invalid{}
	}
	c.send = func(ctx context.Context, n *node, repeat desk.Idempotency) (desk.Outcome, error) {
		r := r
		r.Idempotency = repeat
		return n.Book(ctx, public, r)
	}
	c.decide = func(tx *transaction, got desk.Outcome) (booking.Booking, error) {
		b, j, err := tx.wish(r)
		if err != nil {
			return b, err
		}
		return tx.add(w.adopt(b, j, got), got.Token), nil
	}
	c.refused = func(n *node, err error) { w.checkRefusal(n, r, err) }
	return c
}

// adopt takes over what the rules leave free, if it is within them.
func (w *world) adopt(b booking.Booking, j verdict, got desk.Outcome) booking.Booking {
	if got.Booking.ID == "" || len(got.Booking.Claims) != 1 { // it was refused, which is for the caller to say
		return b
	}
	if w.find(got.Booking.ID) >= 0 || len(got.Token) < 22 || slices.Contains(w.tokens, got.Token) {
		w.failf("the id of #%d or its token is not new", w.find(got.Booking.ID))
	}
	b.ID, b.TokenHash = got.Booking.ID, booking.HashToken(got.Token)
	claim := &b.Claims[0]
	claim.Resource = got.Booking.Claims[0].Resource
	if allowed := j.tightest(claim.Units); !slices.Contains(allowed, claim.Resource) {
		w.failf("%s serves it, but the tightest fit is one of %v: %v is free", claim.Resource, allowed, j.free)
	}
	return b
}

// doBook books something: mostly what can be booked, or what others have booked.
func (w *world) doBook(c command) {
	s, ok := w.anyService(c, 0)
	if !ok {
		return
	}
	r := desk.BookRequest{
		Service: s.ID, Start: w.someStart(c, s), PartySize: s.PartySize.Min + c.pick(3, s.PartySize.Max-s.PartySize.Min+1),
		Hold: c.pick(4, 2) == 0, Customer: one(c, 5, []booking.Customer{ada, ada, ada, grace, grace, ada, ada, grace, {}, {Name: "X"}}),
	}
	if r.Hold && c.pick(5, 2) == 0 {
		r.Customer = booking.Customer{}
	}
	switch c.pick(6, 15) {
	case 8, 9, 10, 11:
		r.Resource = one(c, 7, s.Requires[0].AnyOf)
	case 12:
		r.Resource = "r9"
	case 13:
		r.PartySize = s.PartySize.Max + 1
	case 14:
		r.PartySize = s.PartySize.Min - 1
	}
	n, name := w.node(c)
	w.sendKept(n, name, w.newBooking(r, w.someKey(c, 8)))
}

// sendKept sends a call and keeps it, to be sent again if it has a key.
func (w *world) sendKept(n *node, name string, c call) {
	_ = w.send(n, name, c) // compared
	if c.key != "" {
		w.sent = append(w.sent, c)
	}
}

// anyService is a service that was put, archived ones among them.
func (w *world) anyService(c command, i int) (booking.Service, bool) {
	ids := sorted(w.services)
	if len(ids) == 0 {
		return booking.Service{}, false
	}
	return w.services[one(c, i, ids)], true
}

// someStart is a start of a service, or an instant that is none.
func (w *world) someStart(c command, s booking.Service) time.Time {
	now := w.clock.Now()
	today := w.calendar.today(now)
	switch c.pick(1, 10) {
	case 0, 1, 2: // where somebody is already
		var starts []time.Time
		for _, b := range w.bookings {
			if b.Service == s.ID || c.pick(1, 10) == 2 {
				starts = append(starts, b.Start)
			}
		}
		if len(starts) > 0 {
			return starts[len(starts)-1-c.pick(2, len(starts))]
		}
	case 3: // just before it can be booked, or when it cannot any more
		return w.startOn(c, s, today)
	case 4: // about the end of the horizon
		return w.startOn(c, s, today.AddDays(s.HorizonDays+c.pick(2, 3)))
	case 5: // no start at all, mostly
		return w.startOn(c, s, today.AddDays(1)).Add(one(c, 2, []time.Duration{time.Minute, -time.Minute, 30 * time.Second, time.Hour, 1}))
	}
	for ahead := range 4 {
		date := today.AddDays(c.pick(9, s.HorizonDays+1) + ahead)
		var open []time.Time
		for _, slot := range w.list(s, "", s.PartySize.Min, date, now) {
			open = append(open, slot.start)
		}
		if len(open) > 0 {
			return one(c, 2, open)
		}
	}
	return now.Truncate(time.Minute).Add(time.Hour)
}

// startOn is a start by the hours of a date, or noon if there is none.
func (w *world) startOn(c command, s booking.Service, date booking.Date) time.Time {
	if starts := w.starts(s, "", date); len(starts) > 0 {
		return one(c, 2, starts)
	}
	return time.Date(date.Year, date.Month, date.Day, 12, 0, 0, 0, w.calendar.zone)
}

// doRepeat sends a call with a key again, to either node: as it was, or saying something else.
func (w *world) doRepeat(c command) {
	if len(w.sent) == 0 {
		return
	}
	again := w.sent[len(w.sent)-1-c.pick(0, len(w.sent))]
	again.what += ", again"
	if c.pick(1, 4) == 3 {
		again.body += "!"
		again.what += " but different"
	}
	n, name := w.node(c)
	_ = w.send(n, name, again) // compared
}
