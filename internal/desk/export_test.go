package desk

import (
	"context"
	"runtime"
	"sync"

	"vacancy/internal/booking"
	"vacancy/internal/store"
	"vacancy/internal/view"
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
	return d.execute(ctx, venue, nil, func(draft *draft) error {
		draft.addEntry(booking.Entry{Kind: booking.VenuePut})
		panic("as a test wants it")
	})
}

// Hold runs a command that changes nothing, and blocks its lane until it may proceed.
func (d *Desk) Hold(ctx context.Context, venue booking.VenueID, entered chan<- struct{}, proceed <-chan struct{}) error {
	wait := sync.OnceFunc(func() {
		close(entered)
		<-proceed
	})
	return d.execute(ctx, venue, func(*store.Need, *view.Picture) { wait() }, func(*draft) error { return nil })
}

// Tag is the tag of a client or a contact.
func (d *Desk) Tag(kind string, venue booking.VenueID, text string) string {
	return d.tag(kind, venue, text)
}
