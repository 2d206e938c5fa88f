package bustest

import (
	"strconv"
	"sync"
	"sync/atomic"

	"go.uber.org/goleak"

	"vacancy/internal/booking"
)

var closeChecks = []check{
	{name: "close/while events are published", run: closeWhilePublishing},
	{name: "close/while the broker is silent", run: closeWhileSilent, needs: network},
	{name: "close/later calls", run: closeLater},
}

var leakChecks = []check{
	{name: "close/ends every goroutine", run: closeLeaks, alone: true},
}

// publishing has calls of several venues under way until one fails each, and returns a function that waits for that.
func (f *fixture) publishing() (confirmed func(booking.VenueID) int, ended func()) {
	var calls sync.WaitGroup
	of := make(map[booking.VenueID]*atomic.Int64)
	for i := range stormVenues {
		venue, n := f.venue(strconv.Itoa(i)), new(atomic.Int64)
		of[venue] = n
		calls.Go(func() {
			for {
				ctx, cancel := f.within(confirmTimeout) // which a mutant is not to be saved by
				err := f.attempt(ctx, f.bus, venue, Events(venue, int(n.Load()), 5))
				cancel()
				if err != nil {
					return
				}
				n.Add(5)
				wait(f.Context(), stormInterval)
			}
		})
	}
	return func(venue booking.VenueID) int { return int(of[venue].Load()) }, calls.Wait
}

func closeWhilePublishing(f *fixture) {
	confirmed, ended := f.publishing()
	for i := range stormVenues {
		f.eventually("publish", func() string {
			if confirmed(f.venue(strconv.Itoa(i))) > 0 {
				return ""
			}
			return "nothing is confirmed"
		})
	}
	f.returnsPromptly("close", f.bus.Close)
	f.returnsPromptly("calls under way", func() error { ended(); return nil })
	for i := range stormVenues {
		venue := f.venue(strconv.Itoa(i))
		n := confirmed(venue)
		f.verify(Events(venue, 0, n+5), n)
	}
}

func closeWhileSilent(f *fixture) {
	venue := f.venue("a")
	f.publish(f.bus, venue, Events(venue, 0, 1))
	f.network.Silence()
	_, ended := f.publishing()
	f.returnsPromptly("close", f.bus.Close)
	f.returnsPromptly("calls under way", func() error { ended(); return nil })
}

func closeLater(f *fixture) {
	venue := f.venue("a")
	f.publish(f.bus, venue, Events(venue, 0, 3))
	for range 2 {
		f.returnsPromptly("close", f.bus.Close)
	}
	if err := f.attempt(f.Context(), f.bus, venue, Events(venue, 3, 3)); err == nil {
		f.Error("a bus that is closed has published")
	}
	if f.bus.Health() == nil {
		f.Error("a bus that is closed is healthy")
	}
	f.verify(Events(venue, 0, 3), 3)
}

// closeLeaks opens buses without a proxy, whose goroutines are not the bus's.
func closeLeaks(f *fixture) {
	f.must("close", f.bus.Close())
	before := goleak.IgnoreCurrent()
	for i := range 3 {
		b := f.harness.Open(f, f.broker, Client{Address: f.broker.Address, Log: f.log.Logger()})
		venue := f.venue(strconv.Itoa(i))
		if i > 0 { // the first is closed before it is used
			f.publish(b, venue, Events(venue, 0, 20))
		}
		f.must("close", b.Close())
	}
	// The fixture's own proxy, and those of fixtures before, may still begin or end theirs.
	proxies := append(ProxyLeaks(),
		goleak.IgnoreAnyFunction("github.com/Shopify/toxiproxy/v2.(*Proxy).freeBlocker"),
		goleak.IgnoreAnyFunction("github.com/Shopify/toxiproxy/v2.(*Proxy).server"))
	if err := goleak.Find(append(proxies, before)...); err != nil {
		f.Errorf("after close: %v", err)
	}
}
