package e2e

import (
	"context"
	"sync"
	"testing"

	"vacancy/client"
)

// A booking reaches every open subscription of its slot, over both transports.
func TestEveryReaderSeesABooking(t *testing.T) {
	t.Parallel()
	c := serve(t)
	class(t, c, 4)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var ready, seen sync.WaitGroup
	reader := func(follow func(func(client.Event) bool)) {
		ready.Add(1)
		seen.Go(func() {
			follow(func(e client.Event) bool {
				if e.Kind == client.Snapshot {
					ready.Done()
				}
				return e.Kind != client.Changed || slotAt(t, e.State.Availability(), tomorrow()).Remaining != 3
			})
		})
	}
	for range 50 {
		reader(func(each func(client.Event) bool) {
			for e, err := range c.Watch(ctx, query()) {
				if err != nil || !each(e) {
					return
				}
			}
		})
		reader(func(each func(client.Event) bool) {
			socket, err := c.Dial(ctx)
			if err != nil {
				t.Error(err)
				return
			}
			defer socket.Close()
			if err := socket.Subscribe("a", query()); err != nil {
				t.Error(err)
				return
			}
			for e, err := range socket.Events(ctx) {
				if err != nil || !each(e) {
					return
				}
			}
		})
	}
	ready.Wait()
	_, err := c.Book(ctx, "studio", wish())
	must(t, err)
	seen.Wait() // each reader ends when it has seen the booking
}

// A reader that is cut off again and again while others book ends up with what a fresh GET returns.
func TestReaderCutOffManyTimes(t *testing.T) {
	t.Parallel()
	c := serve(t)
	class(t, c, 1_000_000)
	booking, done := context.WithCancel(t.Context())
	defer done()
	var writers sync.WaitGroup
	for range 4 {
		writers.Go(func() {
			for booking.Err() == nil {
				b := wish()
				if _, err := c.Book(booking, "studio", b); err != nil && booking.Err() == nil {
					t.Error(err)
					return
				}
			}
		})
	}
	proxy := newCutter(t, c.BaseURL())
	reader, err := client.New(proxy.URL())
	must(t, err)
	watching, stop := context.WithCancel(t.Context())
	defer stop()
	cuts := 0
	for e, err := range reader.Watch(watching, query()) {
		must(t, err)
		switch {
		case cuts < 100 && (e.Kind == client.Changed || e.Kind == client.Snapshot):
			cuts++
			proxy.Cut()
		case cuts == 100 && e.Kind != client.Lost:
			done()
			writers.Wait()
			cuts++
		}
		if cuts > 100 && e.State != nil && e.State.Matches(availability(t, c, query())) {
			return
		}
	}
	t.Error("the stream ended")
}
