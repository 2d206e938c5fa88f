package sim

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/desk"
	"vacancy/internal/live"
	"vacancy/internal/live/wire"
)

// shownSlot and shownDay are as a GET shows them.
type shownSlot struct {
	Start     time.Time          `json:"start"`
	End       time.Time          `json:"end"`
	Remaining int                `json:"remaining"`
	Capacity  int                `json:"capacity"`
	Status    booking.SlotStatus `json:"status"`
}

type shownDay struct {
	Date   booking.Date       `json:"date"`
	Status booking.SlotStatus `json:"status"`
	Slots  []shownSlot        `json:"slots"`
}

func (s shownSlot) String() string {
	return fmt.Sprintf("%s %d of %d %s", s.Start.Format("2006-01-02T15:04Z07:00"), s.Remaining, s.Capacity, s.Status)
}

// someQuery is a query over some days, which may be of a party or a resource that the service does not take.
func (w *world) someQuery(c command, s booking.Service) live.Query {
	from := w.calendar.today(w.clock.Now()).AddDays(c.pick(1, s.HorizonDays+2) - 1)
	q := live.Query{
		Venue: w.id, Service: s.ID, From: from, To: from.AddDays(c.pick(2, 4)),
		Party: s.PartySize.Min + c.pick(3, s.PartySize.Max-s.PartySize.Min+1),
	}
	switch c.pick(4, 9) {
	case 6, 7:
		q.Resource = one(c, 5, s.Requires[0].AnyOf)
	case 8:
		q.Party = s.PartySize.Max + 1
	}
	return q
}

// expect is what a query must show at a revision and a time, or its refusal.
func expect(then venue, q live.Query, now time.Time) ([]shownDay, error) {
	s, err := then.service(q.Service)
	if err == nil {
		err = then.check(s, q.Resource, q.Party)
	}
	if err != nil {
		return nil, err
	}
	var shown []shownDay
	for date := q.From; date.Compare(q.To) <= 0; date = date.AddDays(1) {
		slots := then.list(s, q.Resource, q.Party, date, now)
		day := shownDay{Date: date, Status: dayStatus(slots)}
		for _, slot := range slots {
			day.Slots = append(day.Slots, shownSlot{slot.start, slot.end, slot.remaining, slot.capacity, slot.status})
		}
		shown = append(shown, day)
	}
	return shown, nil
}

// sameDays compares what is shown with what must be.
func (w *world) sameDays(got, want []shownDay) {
	if len(got) != len(want) {
		w.failf("%d days are shown, want %d", len(got), len(want))
	}
	for i, day := range got {
		sameSlot := func(a, b shownSlot) bool {
			return a.Start.Equal(b.Start) && a.End.Equal(b.End) && a.Remaining == b.Remaining && a.Capacity == b.Capacity && a.Status == b.Status
		}
		if day.Date != want[i].Date || day.Status != want[i].Status || !slices.EqualFunc(day.Slots, want[i].Slots, sameSlot) {
			w.failf("%s is %s: %v,\nwant %s is %s: %v", day.Date, day.Status, day.Slots, want[i].Date, want[i].Status, want[i].Slots)
		}
	}
}

// snapshot reads a query on a node and compares it with what that node knows.
func (w *world) snapshot(n *node, q live.Query, atLeast booking.Position) ([]shownDay, error) {
	got, err := n.hub.Snapshot(w.ctx, q, atLeast)
	at := w.seen(n)
	if at < w.revision {
		w.tally.count("read by a node that is behind")
	}
	if err == nil && at < atLeast.Revision {
		w.failf("the node is at %d, and was asked for %d", at, atLeast.Revision)
	}
	want, refusal := expect(w.history[max(at, atLeast.Revision)], q, n.view.Now())
	w.answered(err, refusal)
	if err != nil {
		return nil, err
	}
	var body struct {
		Position string     `json:"position"`
		Stale    bool       `json:"stale"`
		Days     []shownDay `json:"days"`
	}
	w.must("decode the snapshot", json.Unmarshal(wire.JSON(got), &body))
	w.sameDays(body.Days, want)
	if body.Stale || body.Position != got.Position.String() || got.Position.Revision > at {
		w.failf("the snapshot of revision %d is at %d, stale %v", at, got.Position.Revision, body.Stale)
	}
	return body.Days, nil
}

// doRead reads availability.
func (w *world) doRead(c command) {
	s, ok := w.anyService(c, 0)
	if !ok {
		return
	}
	n, name := w.node(c)
	q, atLeast := w.someQuery(c, s), booking.Position{}
	if c.pick(6, 3) == 0 {
		atLeast = booking.Position{Epoch: w.epoch, Revision: w.revision}
	}
	w.note("%s: availability %+v, at least the latest: %v", name, q, atLeast.Revision > 0)
	_, _ = w.snapshot(n, q, atLeast) // compared
}

// doOffered books something that a calendar offers. If the node is not behind, it must succeed.
func (w *world) doOffered(c command) {
	s, ok := w.anyService(c, 0)
	if !ok {
		return
	}
	n, name := w.node(c)
	q := w.someQuery(c, s)
	w.note("%s: what is offered, %+v", name, q)
	days, err := w.snapshot(n, q, booking.Position{})
	if err != nil {
		return
	}
	var free []shownSlot
	for _, day := range days {
		for _, slot := range day.Slots {
			if slot.Status != booking.Full {
				free = append(free, slot)
			}
		}
	}
	if len(free) == 0 {
		return
	}
	r := desk.BookRequest{
		Service: q.Service, Start: one(c, 6, free).Start, Resource: q.Resource, PartySize: q.Party, Customer: ada, Hold: c.pick(7, 3) == 0,
	}
	current := w.seen(n) == w.revision && n.view.Now().Equal(w.clock.Now())
	switch err := w.send(n, name, w.newBooking(r, "")); {
	case err == nil:
		w.tally.count("offered and booked")
	case current:
		w.failf("what was offered was refused: %v", err)
	}
}

// doShow reads one booking.
func (w *world) doShow(c command) {
	if len(w.bookings) == 0 {
		return
	}
	i := c.pick(0, len(w.bookings))
	actor := one(c, 1, []booking.Actor{holder(w.tokens[i]), staff, public, holder("not the token")})
	n, name := w.node(c)
	w.note("%s: show #%d to %s", name, i, actor.Name())
	got, err := n.Booking(w.ctx, actor, w.id, w.bookings[i].ID)
	_, refusal := w.manage(actor, w.bookings[i].ID)
	w.answered(err, refusal)
	if err == nil {
		w.same(got.Booking, w.bookings[i])
	}
}

// doListing lists the bookings that overlap a period.
func (w *world) doListing(c command) {
	n, name := w.node(c)
	actor := one(c, 0, []booking.Actor{staff, staff, public, holder("not a key")})
	now := w.clock.Now()
	filter := desk.Filter{
		From: now.Add(time.Duration(c.pick(1, 72)-36) * time.Hour), Limit: c.pick(3, 8) + 1,
		Statuses: one(c, 4, [][]booking.Status{nil, {booking.Confirmed}, {booking.Held, booking.Expired}}),
	}
	filter.To = filter.From.Add(time.Duration(c.pick(2, 200)) * time.Hour)
	w.note("%s: list bookings %+v", name, filter)
	got, err := n.Bookings(w.ctx, actor, w.id, filter)
	refusals := map[booking.ActorKind]error{booking.Public: booking.ErrUnauthenticated, booking.TokenHolder: booking.ErrForbidden}
	w.answered(err, refusals[actor.Kind])
	if err != nil {
		return
	}
	var want []booking.Booking
	for _, b := range slices.SortedFunc(slices.Values(w.bookings), byStart) {
		if b.End.After(filter.From) && b.Start.Before(filter.To) && len(want) < filter.Limit &&
			(filter.Statuses == nil || slices.Contains(filter.Statuses, b.Status)) {
			want = append(want, b)
		}
	}
	if len(got) != len(want) {
		w.failf("%d bookings are listed, want %d", len(got), len(want))
	}
	for i := range got {
		w.same(got[i], want[i])
	}
}
