package bustest

import (
	"context"
	"strconv"
	"sync"

	"vacancy/internal/booking"
	"vacancy/internal/bus"
)

var deliveryChecks = []check{
	{name: "delivery/whole and in order", run: deliveryInOrder},
	{name: "delivery/venues side by side", run: deliverySideBySide},
	{name: "delivery/repeats are taken", run: deliveryRepeats},
	{name: "delivery/no events", run: deliveryEmpty},
}

func deliveryInOrder(f *fixture) {
	for _, venue := range []booking.VenueID{f.venue("a"), f.venue("with-hyphens_and_underlines"), f.venue("0")} {
		sent := Events(venue, 0, 60)
		for first, size := 0, 1; first < len(sent); size++ {
			end := min(first+size, len(sent))
			f.publish(f.bus, venue, sent[first:end])
			first = end
		}
		f.verify(sent, len(sent))
	}
}

func deliverySideBySide(f *fixture) {
	const venues, batches, size = 16, 10, 5
	var calls sync.WaitGroup
	for i := range venues {
		calls.Go(func() {
			venue := f.venue(strconv.Itoa(i))
			for batch := range batches {
				ctx, cancel := context.WithTimeout(f.Context(), f.harness.timeout)
				err := f.attempt(ctx, f.bus, venue, Events(venue, batch*size, size))
				cancel()
				if err != nil {
					f.Errorf("venue %s: %v", venue, err)
					return
				}
			}
		})
	}
	calls.Wait()
	for i := range venues {
		f.verify(Events(f.venue(strconv.Itoa(i)), 0, batches*size), batches*size)
	}
}

// deliveryRepeats: the relay of another node sends again what this one has sent, and goes on from there.
func deliveryRepeats(f *fixture) {
	venue := f.venue("a")
	sent := Events(venue, 0, 30)
	f.publish(f.bus, venue, sent[:20])
	other := f.open()
	f.publish(other, venue, sent[10:20])
	f.publish(other, venue, sent[15:30])
	f.verify(sent, len(sent))
}

func deliveryEmpty(f *fixture) {
	for _, none := range [][]bus.Event{nil, {}} {
		f.publish(f.bus, f.venue("a"), none)
	}
	if f.network != nil { // nothing is needed for nothing
		f.network.Cut()
		f.publish(f.bus, f.venue("a"), nil)
	}
}
