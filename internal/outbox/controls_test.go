package outbox_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/bus"
	"vacancy/internal/events"
	"vacancy/internal/outbox"
	"vacancy/internal/store"
	"vacancy/internal/view"
)

// What must hold of each event, and for each guard a relay, store or bus that lacks it and is found out.

// scenario runs in a bubble of its own, and tells what was wrong.
func scenario(t *testing.T, run func(t *testing.T, w *world, b *broker) error) (err error) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.open("barber")
		err = run(t, w, newBroker())
	})
	return err
}

// expectFound checks that a scenario goes well with the guard, and not without it.
func expectFound(t *testing.T, run func(guarded bool) error) {
	t.Helper()
	if err := run(true); err != nil {
		t.Errorf("with the guard: %v", err)
	}
	switch err := run(false); err {
	case nil:
		t.Error("nobody notices that the guard is missing")
	default:
		first, _, _ := strings.Cut(err.Error(), "\n")
		t.Logf("without it: %s", first)
	}
}

// bufferedBus has events in the memory of the process for a second before it sends them. If it is hasty it confirms them at once, which
// moves the cursor before the confirmation.
type bufferedBus struct {
	*process
	hasty bool
}

func (b bufferedBus) Publish(ctx context.Context, venue booking.VenueID, events []bus.Event) (bus.Receipt, error) {
	if b.hasty {
		go func() { _, _ = b.send(context.WithoutCancel(ctx), venue, events) }()
		return bus.Receipt{}, nil
	}
	return b.send(ctx, venue, events)
}

func (b bufferedBus) send(ctx context.Context, venue booking.VenueID, events []bus.Event) (bus.Receipt, error) {
	timer := time.NewTimer(time.Second)
	defer timer.Stop()
	<-timer.C
	return b.process.Publish(ctx, venue, events)
}

// TestCursorMovesAfterTheConfirmation: a crash between the two repeats events. In the other order, it skips them.
func TestCursorMovesAfterTheConfirmation(t *testing.T) {
	t.Parallel()
	expectFound(t, func(guarded bool) error {
		return scenario(t, func(t *testing.T, w *world, b *broker) error {
			p := newProcess(w, b)
			dying := p.start(t, func(c *outbox.Config) { c.Bus = bufferedBus{process: p, hasty: !guarded} })
			settle(5 * time.Second)
			after := w.revision("barber")
			w.bookAndTell(seeded(50), "barber", 10, dying)
			settle(500 * time.Millisecond)
			p.kill()
			w.start(t, b)
			settle(10 * time.Second)
			return w.complete(b.events("barber"), "barber", after)
		})
	})
}

// unproven is a store that returns what is visible, durable or not.
type unproven struct{ *world }

func (s unproven) DurableChanges(_ context.Context, id booking.VenueID, after booking.Revision, limit int) (store.Durable, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.read(id, after, limit)
}

// TestNothingIsSentThatMayBeLost: a commit that is visible and not yet where the operator wants it to be is lost by a failover. No event
// may have told of it, and no slot have had its value.
func TestNothingIsSentThatMayBeLost(t *testing.T) {
	t.Parallel()
	expectFound(t, func(guarded bool) error {
		return scenario(t, func(t *testing.T, w *world, b *broker) error {
			n := w.start(t, b, func(c *outbox.Config) {
				if !guarded {
					c.Store = unproven{w}
				}
			})
			settle(time.Second)
			durable := w.bookAndTell(seeded(51), "barber", 5, n)
			settle(time.Second)
			last := w.book(seeded(51), "barber", 3)
			w.setVolatile("barber", 3)
			n.Committed("barber", last)
			settle(10 * time.Second)
			w.restore("2-second", map[booking.VenueID]booking.Revision{"barber": durable})
			settle(10 * time.Second)
			for _, e := range b.events("barber") {
				if e.Revision > durable {
					return fmt.Errorf("%s tells of revision %d, and there are %d", e.ID, e.Revision, durable)
				}
			}
			return w.complete(b.events("barber"), "barber", durable)
		})
	})
}

// mislabelled are pictures that have the values of a revision before the one that they name.
type mislabelled struct{ *world }

func (p mislabelled) AtLeast(ctx context.Context, id booking.VenueID, at booking.Position) (*view.Picture, error) {
	newest, err := p.world.AtLeast(ctx, id, at)
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	wrong := *p.venues[id].pictures[newest.Revision-1]
	wrong.Revision, wrong.Batch = newest.Revision, newest.Batch
	return &wrong, nil
}

// TestValuesAreOfTheirRevision: a slot's values are those of the revision that they name, which is no earlier than the changes that they
// are told for.
func TestValuesAreOfTheirRevision(t *testing.T) {
	t.Parallel()
	expectFound(t, func(guarded bool) error {
		return scenario(t, func(t *testing.T, w *world, b *broker) error {
			n := w.start(t, b, func(c *outbox.Config) {
				if !guarded {
					c.Pictures = mislabelled{w}
				}
			})
			settle(time.Second)
			c := w.consumer("barber")
			c.check = w.checkValues
			b.tell(c.take)
			rng := seeded(52)
			for range 50 {
				w.bookAndTell(rng, "barber", 1+rng.IntN(5), n)
				settle(10 * time.Millisecond)
			}
			return errors.Join(append(c.errs, c.compare())...)
		})
	})
}

// checkValues compares slots with the picture of the revision that they name.
func (w *world) checkValues(e bus.Event, slots []events.Slot, at events.ValuesAt) error {
	w.mu.Lock()
	v := w.venues[e.Venue]
	if at.Epoch != w.epoch || int(at.Revision) >= len(v.pictures) {
		w.mu.Unlock()
		return nil // of another history
	}
	p := v.pictures[at.Revision]
	w.mu.Unlock()
	want := available(p, time.Now())
	for _, s := range slots {
		if got, ok := want[slotKey("cut", s.Start)]; ok && got != s.Slot {
			return fmt.Errorf("%s: %+v, and at revision %d it is %+v", e.ID, s.Slot, at.Revision, got)
		}
	}
	return nil
}
