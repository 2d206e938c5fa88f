package sim

import (
	"slices"
	"time"

	"vacancy/internal/booking"
)

// doPass lets time pass: a little, a lot, or up to an instant at which something changes, and just before or behind it.
func (w *world) doPass(c command) {
	now := w.clock.Now()
	some := func(unit time.Duration, most int) time.Time { return now.Add(unit * time.Duration(c.pick(1, most)+1)) }
	var until time.Time
	switch c.pick(0, 12) {
	case 0:
		until = some(time.Second, 1000)
	case 1, 2:
		until = some(time.Minute, 120)
	case 3, 4, 5:
		until = w.nextExpiry(c, now)
	case 6, 7:
		until = w.nextClosing(c, now)
	case 8:
		until = w.nextMidnight(now)
	case 9:
		until = w.nextClockChange(now)
	case 10:
		until = some(time.Hour, 14)
	default:
		until = some(time.Hour, 72)
	}
	until = until.Add(one(c, 2, []time.Duration{0, 0, -time.Microsecond, time.Microsecond, time.Second}))
	end := time.Date(w.plan.base.Year, w.plan.base.Month, w.plan.base.Day+farthestDays, 0, 0, 0, 0, time.UTC)
	if !until.After(now) || until.After(end) {
		return
	}
	w.note("until %s", w.wall(until))
	if change := w.nextClockChange(now); change.After(now) && !until.Before(change) {
		w.tally.count("the clock changed")
	}
	w.clock.advance(until.Sub(now))
	if until.Sub(now) < time.Second {
		w.crisp = until.Add(time.Second)
	}
}

// nextExpiry is when a hold runs out.
func (w *world) nextExpiry(c command, now time.Time) time.Time {
	var all []time.Time
	for _, b := range w.bookings {
		if b.Status == booking.Held && b.ExpiresAt.After(now) {
			all = append(all, b.ExpiresAt)
		}
	}
	if len(all) == 0 {
		return now
	}
	slices.SortFunc(all, time.Time.Compare)
	return one(c, 3, all)
}

// nextClosing is when a slot of today or tomorrow can be booked no more.
func (w *world) nextClosing(c command, now time.Time) time.Time {
	s, ok := w.anyService(c, 3)
	if !ok {
		return now
	}
	today := w.calendar.today(now)
	for date := today; date.Compare(today.AddDays(2)) <= 0; date = date.AddDays(1) {
		if slots := w.list(s, "", s.PartySize.Min, date, now); len(slots) > 0 {
			return one(c, 4, slots).start.Add(-s.MinNotice)
		}
	}
	return now
}

// nextMidnight is when the clock first shows the next date.
func (w *world) nextMidnight(now time.Time) time.Time {
	return w.calendar.instant(w.calendar.minutesOf(w.calendar.today(now).AddDays(1))[0])
}

// nextClockChange is when the clock is next put forward or back.
func (w *world) nextClockChange(now time.Time) time.Time {
	from, _ := w.calendar.minute(now)
	for i := from + 1; i < len(w.calendar.walls); i++ {
		if w.calendar.walls[i] != w.calendar.walls[i-1]+1 {
			return w.calendar.instant(i)
		}
	}
	return now
}

// doExpire has a node end the holds that are due.
func (w *world) doExpire(c command) {
	n, name := w.node(c)
	w.note("%s: expire what is due", name)
	_, err := n.ExpireDue(askDue(w.ctx))
	w.must("expire", err)
	w.everywhere(func() { w.begin(w.clock.Now()).end() })
}

// doHeal has a node compare its view with the store.
func (w *world) doHeal(c command) {
	n, name := w.node(c)
	w.note("%s: check the view", name)
	n.view.Check(w.ctx)
	w.everywhere(func() {
		if at := w.seen(n); at != w.revision {
			w.failf("after its check, the view is at %d", at)
		}
	})
}

// doRestart starts a node anew.
func (w *world) doRestart(c command) {
	_, name := w.node(c)
	w.note("%s: restart", name)
	w.tally.count("restart")
	at := 0
	if c.second {
		at = 1
	}
	w.must("close a node", w.closeNode(at))
	w.openNode(at)
}

// doReopen closes everything and opens it again.
func (w *world) doReopen(command) {
	w.note("restart everything")
	w.tally.count("reopen")
	w.must("close the store", w.closeStore())
	w.openStore()
}

// doSweep deletes old answers.
func (w *world) doSweep(command) {
	w.note("sweep")
	got, err := w.store.SweepAnswers(w.ctx, 1000)
	w.must("sweep", err)
	want := 0
	w.everywhere(func() { want += w.sweep(w.clock.Now()) })
	if got != want {
		w.failf("%d answers were deleted, want %d", got, want)
	}
	if got > 0 {
		w.tally.count("answers swept")
	}
}
