package ledger

import (
	"errors"
	"slices"
	"time"

	"vacancy/internal/booking"
)

var (
	// ErrClaim: the claim is empty, takes less than one unit, or does not start and end on whole seconds.
	ErrClaim = errors.New("a claim must take at least one unit over whole seconds")
	// ErrNotTaken: the claim to be removed was never added, for less than its units are taken.
	ErrNotTaken = errors.New("the claim is not in the ledger")
)

// Edit is a ledger that is being changed, on top of one that stays as it is. It is for one goroutine at a time.
type Edit struct {
	days  days
	since time.Time
	// shared: a Ledger has the same list of days, so it must be copied before it changes. The days themselves never change.
	shared bool
}

// Taken is the most units taken at any instant of [start, end), with what the edit has done so far.
func (e *Edit) Taken(start, end time.Time) int {
	return Ledger{days: e.days}.Taken(start, end)
}

// Add takes the claim's units. It returns ErrClaim, and does nothing, if the claim cannot be kept exactly. The claim's resource is
// not looked at.
func (e *Edit) Add(c booking.Claim) error {
	from, to, err := e.seconds(c)
	if err != nil {
		return err
	}
	e.raise(from, to, c.Units)
	return nil
}

// Remove gives the units of a claim back that was added before. If it cannot have been, because less than its units are taken at
// some instant, Remove returns ErrNotTaken and does nothing: no level ever falls below zero. That is as much as a ledger can notice,
// and it means that it is no longer the sum of its bookings: whoever keeps it must build it anew.
func (e *Edit) Remove(c booking.Claim) error {
	from, to, err := e.seconds(c)
	if err != nil {
		return err
	}
	if least, _ := e.days.extremes(from, to); from < to && least < c.Units {
		return ErrNotTaken
	}
	e.raise(from, to, -c.Units)
	return nil
}

// Ledger is what the edit has come to. Later use of the edit does not alter it.
func (e *Edit) Ledger() Ledger {
	e.shared = true
	return Ledger{days: e.days, since: e.since}
}

// seconds is the part of the claim that the ledger keeps, in Unix seconds.
func (e *Edit) seconds(c booking.Claim) (from, to int64, err error) {
	if c.Units < 1 || !c.Start.Before(c.End) || c.Start.Nanosecond() != 0 || c.End.Nanosecond() != 0 {
		return 0, 0, ErrClaim
	}
	return max(c.Start.Unix(), e.since.Unix()), c.End.Unix(), nil
}

// raise changes the level during [from, to) by units.
func (e *Edit) raise(from, to int64, units int) {
	for number := dayOf(from); from < to && number <= dayOf(to-1); number++ {
		i := e.days.find(number)
		found := i < len(e.days) && e.days[i].number == number
		old := &day{}
		if found {
			old = e.days[i].day
		}
		begin, end := within(number, from, to)
		e.setDay(i, found, entry{number: number, day: old.raised(begin, end, units)})
	}
}

// setDay sets the i-th day: in place of the one there if that is the same day, else before it. Empty days are not kept.
func (e *Edit) setDay(i int, found bool, d entry) {
	if e.shared {
		e.days = slices.Clone(e.days)
		e.shared = false
	}
	switch empty := len(d.points) == 0; {
	case found && empty:
		e.days = slices.Delete(e.days, i, i+1)
	case found:
		e.days[i] = d
	case !empty:
		e.days = slices.Insert(e.days, i, d)
	}
}
