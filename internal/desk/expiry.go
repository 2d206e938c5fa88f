package desk

import (
	"context"
	"errors"
	"fmt"
	"time"

	"vacancy/internal/booking"
)

// runExpiry commits the expiry of holds soon after they run out, until the desk closes. Whether a hold
// has run out is judged in each transaction anyway; this makes it happen, and be seen, when nobody books.
func (d *Desk) runExpiry() {
	e := newExpirer(d)
	timer := time.NewTimer(0)
	defer timer.Stop()
	var told time.Time // when it was last said that it fails; zero: it does not
	for {
		select {
		case <-d.running.Done():
			return
		case <-timer.C:
		}
		ctx, cancel := context.WithTimeout(d.running, expiryTimeout)
		next, err := e.expire(ctx)
		cancel()
		switch {
		case d.running.Err() != nil:
		case err == nil && !told.IsZero():
			told = time.Time{}
			d.config.Log.Info("holds expire again")
		case err != nil && (told.IsZero() || time.Since(told) >= expiryNoticeInterval):
			told = time.Now()
			d.config.Log.Warn("holds could not be expired; trying again every second", "error", err)
		}
		timer.Reset(d.expiryDelay(next))
	}
}

func (d *Desk) expiryDelay(next time.Time) time.Duration {
	if next.IsZero() {
		return expiryPollInterval
	}
	return min(expiryPollInterval, max(time.Millisecond, next.Sub(d.config.View.Now())))
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
	// backoff are venues that are passed over until then.
	backoff map[booking.VenueID]time.Time
}

func newExpirer(d *Desk) *expirer { return &expirer{d, make(map[booking.VenueID]time.Time)} }

func (e *expirer) expire(ctx context.Context) (next time.Time, err error) {
	now := time.Now()
	for venue, end := range e.backoff {
		if !now.Before(end) {
			delete(e.backoff, venue)
		}
	}
	limit := expiryVenues + len(e.backoff)
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
// All are enqueued before any is waited for, until ctx ends: the venues share transactions, and none waits behind one that is contended.
func (e *expirer) expireIn(ctx context.Context, venues []booking.VenueID) error {
	var errs []error
	note := func(venue booking.VenueID, err error) {
		if err == nil {
			return
		}
		errs = append(errs, fmt.Errorf("venue %s: %w", venue, err))
		if len(e.backoff) < maxBackingOff {
			e.backoff[venue] = time.Now().Add(expiryBackoff)
		}
	}
	commands := make(map[booking.VenueID]*command, len(venues))
	for _, venue := range venues {
		if _, ok := e.backoff[venue]; ok {
			continue
		}
		c, err := e.desk.enqueue(ctx, venue, nil, func(*draft) error { return nil })
		if err == nil {
			commands[venue] = c
		}
		note(venue, err)
	}
	for venue, c := range commands {
		note(venue, e.desk.awaitAnswer(c))
	}
	return errors.Join(errs...)
}

// expireDue ends the holds that have run out, before anything else is decided: they block nobody (I7).
func (d *draft) expireDue(due []booking.Booking) {
	for _, b := range due {
		d.bookings[b.ID] = b
		d.end(booking.Actor{Kind: booking.System}, booking.BookingExpired, b, booking.Expired)
	}
}
