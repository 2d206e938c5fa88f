package bench

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// filling stores many bookings through the API: of random slots, and some of them cancelled at once.
type filling struct {
	stages []benchVenue
	active [][]atomic.Int64 // by venue and slot: booked and not cancelled

	stored    atomic.Int64 // those under way among them
	cancelled atomic.Int64
	tally     tally

	mu     sync.Mutex
	seen   int
	sample []storedBooking // a random one of all that were stored, each as likely as any other
}

// storedBooking is where one booking is found.
type storedBooking struct{ venue, id string }

func newFilling(stages []benchVenue) *filling {
	f := &filling{stages: stages, active: make([][]atomic.Int64, len(stages))}
	for i, v := range stages {
		f.active[i] = make([]atomic.Int64, len(v.starts))
	}
	return f
}

// fill books until so many bookings are stored, and returns how long it took.
func (f *filling) fill(ctx context.Context, s *session, clients, bookings int) (time.Duration, error) {
	ctx, giveUp := context.WithTimeoutCause(ctx, fillTimeout, fmt.Errorf("the server is not filled within %s", fillTimeout))
	defer giveUp()
	callers, err := connect(ctx, s.nodes, clients, time.Now().Add(fillTimeout))
	if err != nil {
		return 0, err
	}
	began := time.Now()
	failures := make([]error, len(callers)+1)
	var working sync.WaitGroup
	for i, c := range callers {
		working.Go(func() { failures[i] = f.work(ctx, s, c, int64(bookings)) })
	}
	working.Wait()
	failures[len(callers)] = context.Cause(ctx)
	return time.Since(began), errors.Join(failures...)
}

// work is one client: it books until enough is stored.
func (f *filling) work(ctx context.Context, s *session, c *caller, enough int64) error {
	defer c.close()
	var buffer []byte
	for turn := 1; ctx.Err() == nil; turn++ {
		if f.stored.Add(1) > enough {
			f.stored.Add(-1)
			return nil
		}
		venue := rand.IntN(len(f.stages))
		v := f.stages[venue]
		slot := rand.IntN(len(v.starts))
		// No idempotency key: the answers kept for a day's keys are not what a large database is full of.
		p, err := prepare(s.nodes[0].base, v.bookingsPath(), "", bookingOf(v.starts[slot]), false)
		if err != nil {
			return err
		}
		buffer = p.request(buffer, 0, 0)
		answer, err := c.do(ctx, buffer)
		if err != nil || !f.tally.count(answer) {
			f.stored.Add(-1)
			if err := f.failed(ctx, answer, err); err != nil {
				return err
			}
			continue
		}
		f.active[venue][slot].Add(1)
		id, token := textOf(answer.body, "id"), textOf(answer.body, "manage_token")
		f.remember(v.venue, id)
		if turn%cancelEvery == 0 {
			if err := f.cancel(ctx, s, c, v, id, token); err != nil {
				return err
			}
			f.active[venue][slot].Add(-1)
		}
	}
	return nil
}

// failed counts a booking that was not made, and gives up after too many.
func (f *filling) failed(ctx context.Context, answer reply, err error) error {
	if err != nil {
		f.tally.fail(connection)
	}
	failures := f.tally.refused.Load()
	for _, n := range f.tally.failures() {
		failures += n
	}
	if failures > fillFailures {
		return fmt.Errorf("%d bookings were not made: %v, %d refused", failures, f.tally.failures(), f.tally.refused.Load())
	}
	pause(ctx, pauseAfter(answer, err))
	return nil
}

func (f *filling) cancel(ctx context.Context, s *session, c *caller, v benchVenue, id, token string) error {
	p, err := prepare(s.nodes[0].base, v.bookingsPath()+"/"+id+"/cancel", token, struct{}{}, false)
	if err != nil {
		return err
	}
	answer, err := c.do(ctx, p.request(nil, 0, 0))
	if err != nil {
		return fmt.Errorf("cancel: %w", err)
	}
	if answer.status != http.StatusOK {
		return fmt.Errorf("cancel: the answer is %d %s", answer.status, textOf(answer.body, "code"))
	}
	f.cancelled.Add(1)
	return nil
}

// remember keeps a fair sample of the bookings, by Vitter's algorithm R.
func (f *filling) remember(venue, id string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.seen++
	if len(f.sample) < sampleSize {
		f.sample = append(f.sample, storedBooking{venue, id})
	} else if at := rand.IntN(f.seen); at < sampleSize {
		f.sample[at] = storedBooking{venue, id}
	}
}

// acknowledged are the bookings of a venue that were made and not cancelled, by start.
func (f *filling) acknowledged(venue int) map[int64]int {
	bookings := make(map[int64]int)
	for i, start := range f.stages[venue].starts {
		bookings[start.Unix()] = int(f.active[venue][i].Load())
	}
	return bookings
}
