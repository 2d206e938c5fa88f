package bustest

import (
	"errors"
	"slices"
	"strings"

	"vacancy/internal/bus"
)

var limitChecks = []check{
	{name: "limits/a full batch", run: limitBatch},
	{name: "limits/a large event", run: limitEvent},
	{name: "limits/an event that the broker refuses", run: limitRejected, needs: tooLarge},
}

func limitBatch(f *fixture) {
	venue := f.venue("a")
	sent := Events(venue, 0, 2*bus.MaxBatch)
	f.publish(f.bus, venue, sent[:bus.MaxBatch])
	f.publish(f.bus, venue, sent[bus.MaxBatch:])
	f.verify(sent, len(sent))
}

func limitEvent(f *fixture) {
	venue := f.venue("a")
	sent := Events(venue, 0, 12)
	for i := 2; i < 10; i++ {
		sent[i] = sized(sent[i], bus.MaxEventSize)
	}
	f.publish(f.bus, venue, sent)
	f.verify(sent, len(sent))
}

// limitRejected: the relay leaves out the event that the error names, and goes on.
func limitRejected(f *fixture) {
	venue, other := f.venue("a"), f.venue("b")
	sent := Events(venue, 0, 8)
	const large = 3
	sent[large] = sized(sent[large], f.harness.TooLarge)
	done := make(chan error, 1)
	go func() { // another venue does not suffer
		done <- f.tryUntilConfirmed(f.bus, other, Events(other, 0, 100), nil)
	}()
	f.eventually("an event that is too large", func() string {
		ctx, cancel := f.within(attemptTimeout)
		defer cancel()
		err := f.attempt(ctx, f.bus, venue, sent)
		var rejected *bus.RejectedError
		if !errors.As(err, &rejected) {
			return "not rejected: " + errorText(err)
		}
		if rejected.Index != large {
			f.Errorf("the event at %d is rejected, want %d", rejected.Index, large)
		}
		if rejected.Reason == "" || strings.Contains(rejected.Reason, "xxx") {
			f.Errorf("the reason is %.200q", rejected.Reason)
		}
		return ""
	})
	f.must("another venue", <-done)
	f.verify(Events(other, 0, 100), 100)
	rest := slices.Delete(sent, large, large+1)
	f.publishUntilConfirmed(f.bus, venue, rest)
	f.verify(rest, len(rest))
}

func errorText(err error) string {
	if err == nil {
		return "no error"
	}
	return err.Error()
}
