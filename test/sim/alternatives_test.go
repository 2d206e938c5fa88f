package sim

import (
	"errors"
	"slices"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/desk"
)

// checkRefusal looks at what a refusal for a slot leads to.
func (w *world) checkRefusal(n *node, r desk.BookRequest, err error) {
	refused, ok := errors.AsType[*booking.Refused](err)
	isSlot := errors.Is(err, booking.ErrSlotUnavailable) || errors.Is(err, booking.ErrTooSoon) ||
		errors.Is(err, booking.ErrBeyondHorizon) || errors.Is(err, booking.ErrNotASlot)
	if ok != isSlot {
		w.failf("the refusal %v is a %T", err, err)
	}
	if !ok {
		return
	}
	then := w.history[w.seen(n)]
	if refused.Contact != then.settings.Contact {
		w.failf("the refusal names the contact %+v", refused.Contact)
	}
	s, unknown := then.service(r.Service)
	if unknown != nil || errors.Is(err, booking.ErrNotASlot) || then.check(s, r.Resource, r.PartySize) != nil {
		if len(refused.Alternatives) > 0 {
			w.failf("there are alternatives to what never was")
		}
		return
	}
	if w.clock.Now().Before(w.crisp) {
		return // they may be those of a moment ago
	}
	some := map[bool]string{true: "some", false: "none"}[len(refused.Alternatives) > 0]
	w.tally.count("alternatives: %s", some)
	w.checkAlternatives(then, s, r, n.view.Now(), refused.Alternatives)
}

// checkAlternatives compares alternatives with all that could be: each must be right, and none nearer be left out.
func (w *world) checkAlternatives(
	then venue, s booking.Service, r desk.BookRequest, now time.Time, got []booking.Alternative,
) {
	const most, reach = 5, 14 * 24 * time.Hour
	distance := func(t time.Time) time.Duration { return t.Sub(r.Start).Abs() }
	free := func(at time.Time, with booking.ResourceID) (slot, bool) {
		j := then.judge(s, with, at, now)
		return j.slot(s, r.PartySize), j.fits(r.PartySize) == nil
	}
	for i, a := range got {
		here := r.Resource != "" && a.Start.Equal(r.Start)
		switch want, ok := free(a.Start, a.Resource); {
		case !ok || !w.shows(a.Slot, want):
			w.failf("the alternative %+v is not so: %+v, can be booked: %v", a, want, ok)
		case distance(a.Start) > reach || (a.Resource == "") != (r.Resource == "") ||
			a.Start.Equal(r.Start) && (!here || a.Resource == r.Resource):
			w.failf("%+v is no alternative to %+v", a, r)
		case i > 0 && (distance(got[i-1].Start) > distance(a.Start) || !here && distance(got[i-1].Start) == distance(a.Start) &&
			!got[i-1].Start.Before(a.Start)):
			w.failf("the alternative %+v comes after %+v", a, got[i-1])
		}
		if _, chosen := free(a.Start, r.Resource); r.Resource != "" && !here && chosen && a.Resource != r.Resource {
			w.failf("the alternative %+v is with another, and %s is free", a, r.Resource)
		}
	}
	limit := reach
	if len(got) == most {
		limit = distance(got[most-1].Start)
	}
	w.checkNearer(then, s, r, now, got, limit)
}

// checkNearer looks for a slot that is nearer to the refused one than the alternatives, on the days next to it.
func (w *world) checkNearer(
	then venue, s booking.Service, r desk.BookRequest, now time.Time, got []booking.Alternative, limit time.Duration,
) {
	i, _ := then.calendar.minute(r.Start)
	if !then.calendar.has(i) {
		return
	}
	for day := -1; day <= 1; day++ {
		for _, slot := range then.list(s, "", r.PartySize, then.calendar.date(i).AddDays(day), now) {
			if slot.status == booking.Full || slot.start.Equal(r.Start) || slot.start.Sub(r.Start).Abs() >= limit {
				continue
			}
			if !slices.ContainsFunc(got, func(a booking.Alternative) bool { return a.Start.Equal(slot.start) }) {
				w.failf("%s is nearer than an alternative, and is left out of %+v", w.wall(slot.start), got)
			}
		}
	}
}

// shows tells whether a slot is as it must be.
func (w *world) shows(got booking.Slot, want slot) bool {
	return got.Start.Equal(want.start) && got.End.Equal(want.end) && got.Remaining == want.remaining && got.Capacity == want.capacity &&
		got.Status == want.status
}
