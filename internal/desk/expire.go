package desk

import (
	"context"
	"errors"
	"fmt"
	"time"

	"vacancy/internal/booking"
)

const (
	// dueVenues is how many venues with due holds are looked up at once.
	dueVenues = 100
	// lookAgain is how long the expirer sleeps at most. New holds, of this node or another, are found then.
	lookAgain = time.Second
	// expiryTimeout bounds how long the expirer waits for venues, so that one which is held up holds up no other for longer.
	expiryTimeout = 2 * time.Second
	// A venue whose holds could not be expired is set aside for asideFor; at most maxAside are.
	asideFor = 5 * time.Second
	maxAside = 1000
	// sweepEvery and sweepLimit pace the deletion of old answers.
	sweepEvery = time.Minute
	sweepLimit = 1000
)

// expireForEver commits the expiry of holds soon after they run out, until the desk closes, and sweeps old answers. Whether a hold
// has run out is judged in each transaction anyway; this makes it happen, and be seen, when nobody books.
func (d *Desk) expireForEver() {
	e := newExpirer(d)
	swept := time.Now()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-d.running.Done():
			return
		case <-timer.C:
		}
		ctx, cancel := context.WithTimeout(d.running, expiryTimeout)
		next, err := e.expire(ctx)
		cancel()
		if err != nil && d.running.Err() == nil {
			d.config.Log.Warn("holds could not be expired; trying again", "error", err)
		}
		if time.Since(swept) >= sweepEvery {
			d.sweep()
			swept = time.Now()
		}
		timer.Reset(d.untilNext(next))
	}
}

func (d *Desk) untilNext(next time.Time) time.Duration {
	if next.IsZero() {
		return lookAgain
	}
	return min(lookAgain, max(time.Millisecond, next.Sub(d.config.View.Now())))
}

// ExpireDue commits the expiry of the holds that are due now, in the venues where they are the longest overdue, and returns when to
// look again (zero: nothing is known to come).
func (d *Desk) ExpireDue(ctx context.Context) (next time.Time, err error) {
	return newExpirer(d).expire(ctx)
}

// expirer remembers for a while which venues failed. These are overdue the longest, so they come first whenever the store is asked
// what is due: without that, enough of them would be all that is ever seen.
type expirer struct {
	desk *Desk
	// aside are venues that are passed over until then.
	aside map[booking.VenueID]time.Time
}

func newExpirer(d *Desk) *expirer { return &expirer{d, make(map[booking.VenueID]time.Time)} }

func (e *expirer) expire(ctx context.Context) (next time.Time, err error) {
	now := time.Now()
	for venue, until := range e.aside {
		if !now.Before(until) {
			delete(e.aside, venue)
		}
	}
	limit := dueVenues + len(e.aside)
	due, next, err := e.desk.config.Store.Due(ctx, limit)
	if err != nil {
		return time.Time{}, err
	}
	if err := e.expireIn(ctx, due); err != nil {
		return next, err
	}
	if len(due) == limit {
		next = e.desk.config.View.Now() // there may be more
	}
	return next, nil
}

// expireIn has venues write that their holds have run out. Every transaction begins with that, so the commands have nothing to add.
// All are put before any is waited for, until ctx ends: the venues share transactions, and none waits behind one that is held up.
func (e *expirer) expireIn(ctx context.Context, venues []booking.VenueID) error {
	var errs []error
	note := func(venue booking.VenueID, err error) {
		if err == nil {
			return
		}
		errs = append(errs, fmt.Errorf("venue %s: %w", venue, err))
		if len(e.aside) < maxAside {
			e.aside[venue] = time.Now().Add(asideFor)
		}
	}
	commands := make(map[booking.VenueID]*command, len(venues))
	for _, venue := range venues {
		if _, ok := e.aside[venue]; ok {
			continue
		}
		c, err := e.desk.put(ctx, venue, nil, func(*draft) error { return nil })
		if err == nil {
			commands[venue] = c
		}
		note(venue, err)
	}
	for venue, c := range commands {
		note(venue, c.wait())
	}
	return errors.Join(errs...)
}

// sweep deletes old answers, some at a time so that nobody waits long for the writer.
func (d *Desk) sweep() {
	for {
		n, err := d.config.Store.Sweep(d.running, sweepLimit)
		if err != nil && d.running.Err() == nil {
			d.config.Log.Warn("old answers could not be deleted; trying again later", "error", err)
		}
		if err != nil || n < sweepLimit {
			return
		}
	}
}
