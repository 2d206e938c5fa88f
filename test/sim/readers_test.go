package sim

import (
	"encoding/json"
	"errors"
	"maps"
	"slices"

	"vacancy/internal/booking"
	"vacancy/internal/live"
	"vacancy/internal/live/wire"
)

// reader follows one query by the live protocol. It keeps what it was sent, goes away, and comes back to any node with its position.
type reader struct {
	query    live.Query
	position string
	slots    map[int64]shownSlot // by start
	days     map[booking.Date]booking.SlotStatus
}

// doFollow has a reader come back, or a new one come.
func (w *world) doFollow(c command) {
	place := c.pick(8, len(w.readers))
	if w.readers[place] == nil || c.pick(9, 20) == 19 {
		s, ok := w.anyService(c, 0)
		if !ok {
			return
		}
		q := w.someQuery(c, s)
		q.From = w.calendar.today(w.clock.Now())
		q.To = q.From.AddDays(3)
		w.readers[place] = &reader{query: q}
	}
	r := w.readers[place]
	n, name := w.node(c)
	w.note("%s: reader %d of %+v comes, back: %v", name, place, r.query, r.position != "")
	_, refusal := expect(w.history[w.seen(n)], r.query, n.view.Now())
	sub, err := n.hub.Subscribe(w.ctx, r.query, r.position, live.Unlimited{}, nobody{})
	want, gone := expect(w.history[w.seen(n)], r.query, n.view.Now())
	if refusal != nil && r.position != "" { // it follows what the reader has seen before it looks
		refusal = gone
	}
	w.answered(err, refusal)
	if gone != nil { // the node was behind, and caught up on the way
		want = closedDays(r.query)
	}
	if err != nil {
		w.readers[place] = nil
		return
	}
	defer sub.Close()
	for i := range 10 {
		f := sub.Next()
		if f == nil {
			if i == 0 {
				w.tally.count("frames: none")
			}
			w.sameDays(r.shown(), want)
			return
		}
		w.tally.count("frame: %s", f.Event)
		w.log[len(w.log)-1] += " -> " + string(f.Event)
		w.must("take a frame in", r.take(f))
	}
	w.failf("the reader gets frames without end")
}

// closedDays is what is shown of what cannot be booked any more.
func closedDays(q live.Query) []shownDay {
	var shown []shownDay
	for date := q.From; date.Compare(q.To) <= 0; date = date.AddDays(1) {
		shown = append(shown, shownDay{Date: date, Status: booking.Closed})
	}
	return shown
}

// take does what the protocol says of a frame.
func (r *reader) take(f *live.Frame) error {
	var body struct {
		Position string      `json:"position"`
		Slots    []shownSlot `json:"slots"`
		Days     []shownDay  `json:"days"`
	}
	if err := json.Unmarshal(wire.JSON(f), &body); err != nil {
		return err
	}
	switch f.Event {
	case live.EventSnapshot:
		r.slots, r.days = make(map[int64]shownSlot), make(map[booking.Date]booking.SlotStatus)
		for _, day := range body.Days {
			body.Slots = append(body.Slots, day.Slots...)
		}
	case live.EventDelta:
	case live.EventReset:
		r.slots, r.days = nil, nil
		return nil
	default:
		return errors.New("a frame that nobody sent for: " + string(f.Event))
	}
	r.position = body.Position
	for _, slot := range body.Slots {
		if slot.Status == booking.Closed {
			delete(r.slots, slot.Start.Unix())
		} else {
			r.slots[slot.Start.Unix()] = slot
		}
	}
	for _, day := range body.Days {
		r.days[day.Date] = day.Status
	}
	return nil
}

// shown is what the reader has, day by day.
func (r *reader) shown() []shownDay {
	var shown []shownDay
	for date := r.query.From; date.Compare(r.query.To) <= 0; date = date.AddDays(1) {
		day := shownDay{Date: date, Status: r.days[date]}
		for _, start := range slices.Sorted(maps.Keys(r.slots)) {
			if slot := r.slots[start]; booking.DateOf(slot.Start) == date { // in the offset that it was sent with
				day.Slots = append(day.Slots, slot)
			}
		}
		shown = append(shown, day)
	}
	return shown
}
