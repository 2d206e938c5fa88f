package desk

import (
	"context"
	"runtime"

	"vacancy/internal/booking"
)

// AwaitWaiting returns when so many commands wait in the queue.
func (d *Desk) AwaitWaiting(n int) {
	d.await(func() bool { return d.queue.total >= n })
}

// AwaitRefusing returns when the queue is closed.
func (d *Desk) AwaitRefusing() {
	d.await(func() bool { return d.queue.stopped })
}

func (d *Desk) await(reached func() bool) {
	for {
		d.queue.mu.Lock()
		ok := reached()
		d.queue.mu.Unlock()
		if ok {
			return
		}
		runtime.Gosched()
	}
}

// Panic runs a command that panics after it has begun to change the draft.
func (d *Desk) Panic(ctx context.Context, venue booking.VenueID) error {
	return d.do(ctx, venue, nil, func(draft *draft) error {
		draft.enter(booking.Entry{Kind: booking.VenuePut})
		panic("as a test wants it")
	})
}
