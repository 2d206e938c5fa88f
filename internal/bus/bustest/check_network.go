package bustest

import (
	"slices"
	"sync"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/bus"
)

var networkChecks = []check{
	{name: "network/latency", run: networkLatency, needs: network},
	{name: "network/cut", run: networkCut, needs: network},
	{name: "network/half-open", run: networkSilent, needs: network},
	{name: "network/stall", run: networkStall, needs: network},
	{name: "network/stall with full buffers", run: networkFull, needs: network},
	{name: "network/reset in the middle of a confirmation", run: networkReset, needs: network},
	{name: "network/slow close", run: networkSlowClose, needs: network},
	{name: "network/what is not confirmed is an error", run: networkUnconfirmed, needs: network},
	{name: "network/what has failed is not sent later", run: networkNotLater, needs: network},
}

func networkLatency(f *fixture) {
	s := f.storm(f.bus)
	s.goesOn(3)
	for _, d := range []time.Duration{20 * time.Millisecond, 100 * time.Millisecond} {
		f.network.Delay(d)
		s.goesOn(3)
		f.network.Heal()
		s.goesOn(1)
	}
	s.end()
}

func networkCut(f *fixture) {
	s := f.storm(f.bus)
	for range 3 {
		s.goesOn(3)
		f.network.Cut()
		s.fails()
		f.network.Heal()
	}
	s.goesOn(1)
	s.end()
}

func networkSilent(f *fixture) {
	s := f.storm(f.bus)
	for range 2 {
		s.goesOn(3)
		f.network.Silence()
		s.fails()
		f.network.Heal()
	}
	s.goesOn(1)
	s.end()
}

// networkStall: what was sent before an attempt failed arrives after all, beside what is sent again.
func networkStall(f *fixture) {
	s := f.storm(f.bus)
	for range 2 {
		s.goesOn(3)
		f.network.Stall()
		s.fails()
		f.network.Heal()
	}
	s.goesOn(1)
	s.end()
}

// networkFull: the network takes nothing any more, so whoever writes to it waits. What was not written when the call ended never is.
func networkFull(f *fixture) {
	venue := f.venue("a")
	f.publish(f.bus, venue, Events(venue, 0, 1))
	f.network.Stall()
	sent := Events(venue, 1, 120) // 30 MB: more than any buffers hold
	for i := range sent {
		sent[i] = sized(sent[i], bus.MaxEventSize)
	}
	var calls sync.WaitGroup
	for _, name := range []string{"b", "c"} { // which wait for the first
		calls.Go(func() {
			ctx, cancel := f.within(silentTimeout)
			defer cancel()
			venue := f.venue(name)
			f.returnsPromptly("publish beside one that the network does not take", func() error {
				return confirmedWrongly(f.attempt(ctx, f.bus, venue, Events(venue, 0, 10)))
			})
		})
	}
	ctx, cancel := f.within(silentTimeout)
	defer cancel()
	f.returnsPromptly("publish more than the network takes", func() error {
		return confirmedWrongly(f.attempt(ctx, f.bus, venue, sent))
	})
	f.returnsPromptly("health", func() error { _ = f.bus.Health(); return nil })
	calls.Wait()
	other := f.open()
	f.returnsPromptly("close", other.Close)
	f.network.Heal()
	f.publishUntilConfirmed(f.bus, venue, sent[:5])
	f.keepPublishing(f.venue("d"), 0)
	f.verify(append(Events(venue, 0, 1), sent...), 6)
	last := sent[len(sent)-1].ID
	if slices.ContainsFunc(f.broker.Messages(f, venue), func(m Message) bool { return f.harness.id(m) == last }) {
		f.Error("all of a call that had ended was sent after it")
	}
}

// keepPublishing publishes events of a venue one by one, from the first-th on, while something may be sent late, and returns them.
func (f *fixture) keepPublishing(venue booking.VenueID, first int) (sent []bus.Event) {
	f.Helper()
	for end := time.Now().Add(lateWindow); time.Now().Before(end); {
		event := Event(venue, first+len(sent))
		sent = append(sent, event)
		f.publishUntilConfirmed(f.bus, venue, []bus.Event{event})
		wait(f.Context(), 10*pollInterval)
	}
	return sent
}

// networkReset ends connections within what the broker sends: before a confirmation, in the middle of one, and after some of a batch.
func networkReset(f *fixture) {
	s := f.storm(f.bus)
	for _, size := range []int{0, 1, 7, 30, 100, 333} {
		s.goesOn(3)
		f.network.CutAnswersAfter(size)
		s.fails()
		f.network.Heal()
		s.goesOn(3)
		f.network.Reset()
		s.fails()
		f.network.Heal()
	}
	s.goesOn(1)
	s.end()
}

// networkSlowClose: a side that has closed its connection is heard of late.
func networkSlowClose(f *fixture) {
	f.network.DelayClose(promptly * 2)
	s := f.storm(f.bus)
	s.goesOn(3)
	other := f.open()
	venue := f.venue("other")
	f.publish(other, venue, Events(venue, 0, 10))
	f.returnsPromptly("close", other.Close)
	s.goesOn(3)
	s.end()
	f.verify(Events(venue, 0, 10), 10)
}

// networkUnconfirmed: events arrive, and what says so does not.
func networkUnconfirmed(f *fixture) {
	venue := f.venue("a")
	sent := Events(venue, 0, 15)
	f.publish(f.bus, venue, sent[:5])
	f.network.LoseAnswers()
	ctx, cancel := f.within(silentTimeout)
	defer cancel()
	if err := f.attempt(ctx, f.bus, venue, sent[5:10]); err == nil {
		f.Error("confirmed, though the broker's answer was lost")
	}
	f.network.Heal()
	f.publishUntilConfirmed(f.bus, venue, sent[5:15])
	f.verify(sent, len(sent))
}

// networkNotLater: the relay may have lost its lease, and others send the events after those that failed here.
func networkNotLater(f *fixture) {
	venue := f.venue("a")
	f.publish(f.bus, venue, Events(venue, 0, 3))
	sent := make([]bus.Event, 0, 2*lateWindow/pollInterval)
	failed := 0
	for name, trouble := range map[string]func(){"silence": f.network.Silence, "cut": f.network.Cut} {
		trouble()
		for i := range 2 {
			events := Events(venue, 1000+failed, 5)
			failed += len(events)
			ctx, cancel := f.within(silentTimeout)
			err := f.attempt(ctx, f.bus, venue, events)
			cancel()
			if err == nil {
				f.Fatalf("%s: attempt %d was confirmed", name, i)
			}
		}
		f.network.Heal()
		sent = append(sent, f.keepPublishing(venue, 3+len(sent))...)
	}
	all := append(Events(venue, 0, 3), sent...)
	f.verify(all, len(all)) // which tells of others that are there
}
