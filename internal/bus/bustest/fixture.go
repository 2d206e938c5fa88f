package bustest

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/bus"
)

// fixture is a broker, a network that leads to it, and a bus that publishes through that.
type fixture struct {
	testing.TB

	harness Harness
	broker  Broker
	network *Network // nil if there is none
	bus     bus.Bus
	log     *Log
	prefix  string // of this fixture's venues
}

func newFixture(tb testing.TB, h Harness, broker Broker) *fixture {
	tb.Helper()
	if h.timeout == 0 {
		h.timeout = confirmTimeout
	}
	f := &fixture{TB: tb, harness: h, broker: broker, log: NewLog(), prefix: strings.ToLower(rand.Text()[:8])}
	tb.Cleanup(func() {
		if tb.Failed() {
			tb.Logf("what the buses logged:\n%s", f.log)
		}
	})
	if broker.Address != "" {
		f.network = NewNetwork(tb, broker.Address)
	}
	f.bus = f.open()
	return f
}

// open opens a bus that uses the fixture's network.
func (f *fixture) open() bus.Bus {
	f.Helper()
	return f.harness.Open(f, f.broker, f.client())
}

func (f *fixture) client() Client {
	c := Client{Log: f.log.Logger()}
	if f.network != nil {
		c.Address = f.network.Address()
	}
	return c
}

// venue is an id that no other fixture uses.
func (f *fixture) venue(name string) booking.VenueID { return booking.VenueID(f.prefix + "-" + name) }

// attempt publishes once, and checks what any call promises.
func (f *fixture) attempt(ctx context.Context, b bus.Bus, venue booking.VenueID, events []bus.Event) error {
	f.Helper()
	receipt, err := b.Publish(ctx, venue, events)
	f.checkError(err)
	if receipt.Unrouted != 0 {
		f.Errorf("%d of the events for venue %s were unrouted, though the broker takes all", receipt.Unrouted, venue)
	}
	return err
}

// checkError checks that an error is one of the contract's and tells no secret.
func (f *fixture) checkError(err error) {
	f.Helper()
	if err == nil {
		return
	}
	var rejected *bus.RejectedError
	if !errors.As(err, &rejected) && !errors.Is(err, bus.ErrUnavailable) {
		f.Errorf("the error is none of the contract's: %v", err)
	}
	f.checkSecrets(err.Error(), f.harness.Secrets...)
}

// checkSecrets checks that no secret is in the text, nor in the log.
func (f *fixture) checkSecrets(text string, secrets ...string) {
	f.Helper()
	for _, secret := range secrets {
		if strings.Contains(text, secret) {
			f.Errorf("an error shows a secret: %s", text)
		}
		if strings.Contains(f.log.String(), secret) {
			f.Errorf("the log shows a secret:\n%s", f.log)
		}
	}
}

// within is a context for a single attempt.
func (f *fixture) within(d time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeout(f.Context(), d)
}

// publish is one call that must succeed.
func (f *fixture) publish(b bus.Bus, venue booking.VenueID, events []bus.Event) {
	f.Helper()
	ctx, cancel := context.WithTimeout(f.Context(), f.harness.timeout)
	defer cancel()
	if err := f.attempt(ctx, b, venue, events); err != nil {
		f.Fatalf("publish %d events of venue %s: %v", len(events), venue, err)
	}
}

// publishUntilConfirmed sends a batch until it is confirmed, as the relay does.
func (f *fixture) publishUntilConfirmed(b bus.Bus, venue booking.VenueID, events []bus.Event) {
	f.Helper()
	if err := f.tryUntilConfirmed(b, venue, events, nil); err != nil {
		f.Fatal(err)
	}
}

// tryUntilConfirmed sends a batch until it is confirmed, and calls failed after each attempt that was not.
func (f *fixture) tryUntilConfirmed(b bus.Bus, venue booking.VenueID, events []bus.Event, failed func()) error {
	f.Helper()
	whole, cancel := context.WithTimeout(f.Context(), f.harness.timeout)
	defer cancel()
	for {
		ctx, cancel := context.WithTimeout(whole, attemptTimeout)
		err := f.attempt(ctx, b, venue, events)
		cancel()
		if err == nil {
			return nil
		}
		if failed != nil {
			failed()
		}
		var rejected *bus.RejectedError
		if errors.As(err, &rejected) || !wait(whole, retryInterval) {
			return fmt.Errorf("publish %d events of venue %s: %w", len(events), venue, err)
		}
	}
}

// wait waits, and tells whether ctx did not end before.
func wait(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

// eventually waits until a condition holds, and fails if it does not. why is asked for what is wrong.
func (f *fixture) eventually(what string, holds func() (why string)) {
	f.Helper()
	ctx, cancel := context.WithTimeout(f.Context(), f.harness.timeout)
	defer cancel()
	for {
		why := holds()
		if why == "" {
			return
		}
		if !wait(ctx, pollInterval) {
			f.Fatalf("%s: %s", what, why)
		}
	}
}

// returnsPromptly runs a call, and fails if it fails or takes longer than it may.
func (f *fixture) returnsPromptly(what string, call func() error) {
	f.Helper()
	done := make(chan error, 1)
	go func() { done <- call() }()
	ctx, cancel := context.WithTimeout(f.Context(), promptly)
	defer cancel()
	select {
	case err := <-done:
		if err != nil {
			f.Errorf("%s: %v", what, err)
		}
	case <-ctx.Done():
		f.Errorf("%s has not returned after %s", what, promptly)
	}
}

// must fails the test if something that the checks themselves need goes wrong.
func (f *fixture) must(what string, err error) {
	f.Helper()
	if err != nil {
		f.Fatalf("%s: %v", what, err)
	}
}

// Log is a log in memory.
type Log struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// NewLog makes an empty log.
func NewLog() *Log { return &Log{} }

// Logger writes to the log, whatever the level.
func (l *Log) Logger() *slog.Logger {
	return slog.New(slog.NewTextHandler(l, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

func (l *Log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *Log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}
