package e2e

import (
	"context"
	"testing"
	"time"

	"vacancy/client"
	"vacancy/internal/store/postgres/postgrestest"
	"vacancy/test/proc"
)

// What is booked on one node is seen by a reader of the other, and by whoever asks the other for what is not older than the booking.
func TestNodesShareWhatIsBooked(t *testing.T) {
	t.Parallel()
	database := postgrestest.Shared(t).Schema(t)
	one, other := proc.Launch(t, database).Client(t), proc.Launch(t, database).Client(t)
	const places = 60
	class(t, one, places)
	nodes := []*client.Client{one, other}

	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	ready, full := make(chan struct{}), make(chan error, 1)
	go func() {
		first := true
		for e, err := range other.Watch(ctx, query()) {
			if err != nil {
				full <- err
				return
			}
			if first {
				close(ready)
				first = false
			}
			if slotAt(t, e.State.Availability(), tomorrow()).Remaining == 0 {
				full <- nil
				return
			}
		}
	}()
	select {
	case <-ready:
	case err := <-full:
		t.Fatalf("the reader cannot begin: %v", err)
	}
	for n := range places {
		booked, err := nodes[n%2].Book(ctx, "studio", wish())
		must(t, err)
		q := query()
		q.AtLeast = booked.Position
		seen := slotAt(t, availability(t, nodes[(n+1)%2], q), tomorrow())
		if seen.Remaining != places-n-1 {
			t.Fatalf("after booking %d of %d the other node shows %d left", n+1, places, seen.Remaining)
		}
	}
	if err := <-full; err != nil {
		t.Errorf("the reader never saw the slot full: %v", err)
	}
	if _, err := nodes[1].Book(ctx, "studio", wish()); !client.IsCode(err, client.CodeSlotUnavailable) {
		t.Errorf("one more booking ends with %v", err)
	}
}

// A reader goes from node to node with its position while bookings are made. It never goes back in time.
func TestReaderMovesBetweenNodes(t *testing.T) {
	t.Parallel()
	database := postgrestest.Shared(t).Schema(t)
	one, other := proc.Launch(t, database).Client(t), proc.Launch(t, database).Client(t)
	class(t, one, 1_000_000)
	nodes := []*client.Client{one, other}
	booking, done := context.WithCancel(t.Context())
	ended := make(chan error, 2)
	for _, c := range nodes {
		go func() {
			for booking.Err() == nil {
				if _, err := c.Book(booking, "studio", wish()); err != nil && booking.Err() == nil {
					ended <- err
					return
				}
			}
			ended <- nil
		}()
	}
	q, least := query(), 1_000_000
	for n := range 300 {
		seen := availability(t, nodes[n%2], q)
		remaining := slotAt(t, seen, tomorrow()).Remaining
		if remaining > least {
			t.Fatalf("there were %d places left, and on the other node %d", least, remaining)
		}
		least, q.AtLeast = remaining, seen.Position
	}
	done()
	for range nodes {
		must(t, <-ended)
	}
	if least == 1_000_000 {
		t.Error("nothing was booked meanwhile, so nothing could go back")
	}
}
