package bustest

import (
	"context"
	"errors"
	"time"
)

var contextChecks = []check{
	{name: "context/ended before", run: contextEnded},
	{name: "context/ends while the broker is silent", run: contextEnds, needs: network},
}

func contextEnded(f *fixture) {
	venue := f.venue("a")
	ctx, cancel := context.WithCancel(f.Context())
	cancel()
	f.returnsPromptly("publish with a context that has ended", func() error {
		return confirmedWrongly(f.attempt(ctx, f.bus, venue, Events(venue, 0, 3)))
	})
	f.publishUntilConfirmed(f.bus, venue, Events(venue, 0, 3))
	f.verify(Events(venue, 0, 3), 3)
}

func contextEnds(f *fixture) {
	venue := f.venue("a")
	f.publish(f.bus, venue, Events(venue, 0, 1))
	f.network.Silence()
	for name, bound := range map[string]func(context.Context) (context.Context, context.CancelFunc){
		"a deadline": func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithTimeout(ctx, 100*time.Millisecond)
		},
		"a caller that leaves": func(ctx context.Context) (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancel(ctx)
			time.AfterFunc(100*time.Millisecond, cancel)
			return ctx, cancel
		},
	} {
		ctx, cancel := bound(f.Context())
		f.returnsPromptly("publish to a silent broker with "+name, func() error {
			return confirmedWrongly(f.attempt(ctx, f.bus, venue, Events(venue, 1, 3)))
		})
		cancel()
	}
}

// confirmedWrongly is an error if a call that must fail did not.
func confirmedWrongly(err error) error {
	if err == nil {
		return errors.New("it is confirmed, and cannot be")
	}
	return nil
}
