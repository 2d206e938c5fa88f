package bustest

import (
	"context"
	"sync"

	"vacancy/internal/booking"
	"vacancy/internal/bus"
)

var hintChecks = []check{
	{name: "hints/reach other nodes", run: hintsReach, needs: hints},
	{name: "hints/go on after a cut", run: hintsCut, needs: hintsOverNetwork},
	{name: "hints/do not block", run: hintsAway, needs: hintsOverNetwork},
	{name: "hints/watch ends", run: hintsEnd, needs: hints},
}

// heard is the highest revision of each venue that was announced.
type heard struct {
	mu sync.Mutex
	of map[booking.VenueID]booking.Revision
}

func (h *heard) hint(venue booking.VenueID, revision booking.Revision) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.of[venue] = max(h.of[venue], revision)
}

func (h *heard) revision(venue booking.VenueID) booking.Revision {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.of[venue]
}

func (f *fixture) hinter(b bus.Bus) bus.Hinter {
	f.Helper()
	h, ok := b.(bus.Hinter)
	if !ok {
		f.Fatalf("%T gives no hints", b)
	}
	return h
}

// watch watches a bus. stop ends that, and ended waits until it has ended.
func (f *fixture) watch(b bus.Bus) (_ *heard, stop, ended func()) {
	f.Helper()
	watcher := f.hinter(b)
	h := &heard{of: make(map[booking.VenueID]booking.Revision)}
	ctx, cancel := context.WithCancel(f.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = watcher.Watch(ctx, h.hint) // ctx has ended, or the bus is closed
	}()
	ended = func() { f.returnsPromptly("watch", func() error { <-done; return nil }) }
	return h, func() { cancel(); ended() }, ended
}

// hears announces revisions, again while they are not heard of since hints may be lost.
func (f *fixture) hears(from bus.Bus, h *heard, venue booking.VenueID, revision booking.Revision) {
	f.Helper()
	announcer := f.hinter(from)
	f.eventually("a hint", func() string {
		announcer.Announce(venue, revision)
		if got := h.revision(venue); got < revision {
			return "not heard of"
		} else if got > revision {
			f.Errorf("heard of revision %d of venue %s, want %d", got, venue, revision)
		}
		return ""
	})
}

func hintsReach(f *fixture) {
	other := f.open()
	h, stop, _ := f.watch(other)
	defer stop()
	for revision := booking.Revision(1); revision < 4; revision++ {
		f.hears(f.bus, h, f.venue("a"), revision)
		f.hears(f.bus, h, f.venue("b"), revision+1<<40)
	}
}

func hintsCut(f *fixture) {
	other := f.open()
	h, stop, _ := f.watch(other)
	defer stop()
	f.hears(f.bus, h, f.venue("a"), 1)
	f.network.Cut()
	f.unwell()
	f.network.Heal()
	f.hears(f.bus, h, f.venue("a"), 2)
}

func hintsAway(f *fixture) {
	announcer := f.hinter(f.bus)
	f.publish(f.bus, f.venue("a"), Events(f.venue("a"), 0, 1))
	for _, trouble := range []func(){f.network.Silence, f.network.Cut} {
		trouble()
		f.returnsPromptly("announce", func() error {
			for i := range 20_000 {
				announcer.Announce(f.venue("a"), booking.Revision(i))
			}
			return nil
		})
		f.network.Heal()
	}
}

func hintsEnd(f *fixture) {
	_, stop, _ := f.watch(f.bus)
	stop()
	_, _, ended := f.watch(f.bus)
	f.must("close", f.bus.Close())
	ended()
	f.hinter(f.bus).Announce(f.venue("a"), 1) // of a bus that is closed: nothing
}
