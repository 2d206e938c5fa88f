package desk

import (
	"context"
	"errors"
	"time"
)

const (
	// dueVenues is how many venues with due holds are looked up at once.
	dueVenues = 100
	// lookAgain is how long the expirer sleeps at most. New holds, of this node or another, are found then.
	lookAgain = time.Second
	// sweepEvery and sweepLimit pace the deletion of old answers.
	sweepEvery = time.Minute
	sweepLimit = 1000
)

// expireForEver commits the expiry of holds soon after they run out, until the desk closes, and sweeps old answers. Whether a hold
// has run out is judged in each transaction anyway; this makes it happen, and be seen, when nobody books.
func (d *Desk) expireForEver() {
	swept := time.Now()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-d.running.Done():
			return
		case <-timer.C:
		}
		next, err := d.ExpireDue(d.running)
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

// ExpireDue commits the expiry of every hold that is due now, and returns when the next one will be (zero: there is none).
func (d *Desk) ExpireDue(ctx context.Context) (next time.Time, err error) {
	venues, next, err := d.config.Store.Due(ctx, dueVenues)
	if err != nil {
		return time.Time{}, err
	}
	for _, venue := range venues {
		err = errors.Join(err, d.do(ctx, venue, nil, func(*draft) error { return nil }))
	}
	return next, err
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
