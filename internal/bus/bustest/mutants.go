package bustest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/bus"
)

// mutant is a bus that breaks the contract in one way. The checks it names must notice.
type mutant struct {
	name  string
	make  func(tb testing.TB, b bus.Bus) bus.Bus
	fails []string
}

var mutants = []mutant{
	{"swaps two events", publishing(swap), []string{
		"delivery/whole and in order", "delivery/repeats are taken", "network/latency", "network/slow close", "network/stall",
		"network/reset in the middle of a confirmation",
	}},
	{"drops the last event of a batch", publishing(dropLast), []string{"delivery/whole and in order", "delivery/venues side by side"}},
	{"alters events", publishing(alter), []string{"delivery/whole and in order"}},
	{"confuses venues", publishing(misdirect), []string{"delivery/venues side by side"}},
	{"refuses to send nothing", publishing(refuseEmpty), []string{"delivery/no events"}},
	{"sends half of a large batch", publishing(halve), []string{"limits/a full batch"}},
	{"takes small events only", publishing(refuseLarge), []string{"limits/a large event"}},
	{"names the wrong event", publishing(blameFirst), []string{"limits/an event that the broker refuses"}},
	{"tries again what is refused for good", publishing(hideRejection), []string{"limits/an event that the broker refuses"}},
	{"goes on after its caller has left", publishing(detach), []string{
		"context/ended before", "context/ends while the broker is silent", "network/stall with full buffers",
	}},
	{"confirms before the broker does", confirmEarly, []string{
		"network/what is not confirmed is an error", "context/ends while the broker is silent",
	}},
	{"takes an event as sent that failed", forget, []string{
		"network/cut", "network/half-open", "crash/the broker is killed in a storm",
	}},
	{"sends later what has failed", sendLater, []string{
		"network/what has failed is not sent later", "network/stall with full buffers",
	}},
	{"is always well", healthy, []string{"health/while the broker is away", "setup/the broker is not there yet", "close/later calls"}},
	{"is never well", unhealthy, []string{"health/while all is well"}},
	{"does not close", unclosed, []string{"close/while events are published", "close/later calls"}},
	{"waits for the broker when it closes", reluctant, []string{"close/while the broker is silent"}},
	{"leaves a goroutine behind", leak, []string{"close/ends every goroutine"}},
	{"says that everything is away", publishing(hideReason), []string{"setup/misconfigured"}},
	{"hears no hints", deaf, []string{"hints/reach other nodes", "hints/go on after a cut"}},
	{"waits for the broker to announce", slowToAnnounce, []string{"hints/do not block"}},
	{"watches for ever", watchOn, []string{"hints/watch ends"}},
}

// RunMutants runs the suite's negative controls: each mutant is made of one of the harness's buses and must fail its checks, so far as the
// harness has what they need. A check that no mutant fails proves nothing.
func RunMutants(t *testing.T, h Harness) {
	t.Helper()
	for _, c := range checks {
		if !slices.ContainsFunc(mutants, func(m mutant) bool { return slices.Contains(m.fails, c.name) }) {
			t.Errorf("no mutant fails the check %q", c.name)
		}
	}
	broker := h.Start(t)
	var controls []*control
	for _, m := range mutants {
		for _, name := range m.fails {
			i := slices.IndexFunc(checks, func(c check) bool { return c.name == name })
			if i < 0 {
				t.Fatalf("there is no check %q", name)
			}
			if checks[i].needs.met(h, broker) {
				controls = append(controls, &control{mutant: m, check: checks[i]})
			}
		}
	}
	// They mostly wait, so more are run at a time than the processor has cores.
	var together sync.WaitGroup
	slots := make(chan struct{}, mutantsTogether)
	for _, c := range controls {
		if !c.check.alone {
			slots <- struct{}{}
			together.Go(func() {
				defer func() { <-slots }()
				c.run(t, h, broker)
			})
		}
	}
	together.Wait()
	for _, c := range controls {
		if c.check.alone {
			c.run(t, h, broker)
		}
		t.Run(c.mutant.name+"/"+c.check.name, c.report)
	}
}

// control is one negative control.
type control struct {
	mutant   mutant
	check    check
	failures []string
}

func (c *control) report(t *testing.T) {
	if len(c.failures) == 0 {
		t.Errorf("a bus that %s passes the check %q", c.mutant.name, c.check.name)
	}
	for _, failure := range c.failures[:min(3, len(c.failures))] {
		t.Logf("noticed: %.300s", failure)
	}
}

// run runs the check on mutants of the harness's buses.
func (c *control) run(t *testing.T, h Harness, broker Broker) {
	t.Helper()
	open := h.Open
	h.Open = func(tb testing.TB, broker Broker, client Client) bus.Bus {
		tb.Helper()
		return c.mutant.make(tb, open(tb, broker, client))
	}
	h.Misconfigured = slices.Clone(h.Misconfigured)
	for i := range h.Misconfigured {
		open := h.Misconfigured[i].Open
		h.Misconfigured[i].Open = func(tb testing.TB, broker Broker, client Client) bus.Bus {
			tb.Helper()
			return c.mutant.make(tb, open(tb, broker, client))
		}
	}
	h.timeout = mutantTimeout
	c.failures = failuresOf(t, c.check, h, broker)
}

// publish is what a mutant does instead of Publish.
type publish func(ctx context.Context, b bus.Bus, venue booking.VenueID, events []bus.Event) (bus.Receipt, error)

// altered is a bus whose Publish is another.
type altered struct {
	bus.Bus
	publish publish
}

func (m *altered) Publish(ctx context.Context, venue booking.VenueID, events []bus.Event) (bus.Receipt, error) {
	return m.publish(ctx, m.Bus, venue, events)
}

func publishing(p publish) func(testing.TB, bus.Bus) bus.Bus {
	return func(_ testing.TB, b bus.Bus) bus.Bus { return &altered{Bus: b, publish: p} }
}

func swap(ctx context.Context, b bus.Bus, venue booking.VenueID, events []bus.Event) (bus.Receipt, error) {
	events = slices.Clone(events)
	slices.Reverse(events)
	return b.Publish(ctx, venue, events)
}

func dropLast(ctx context.Context, b bus.Bus, venue booking.VenueID, events []bus.Event) (bus.Receipt, error) {
	return b.Publish(ctx, venue, events[:max(len(events)-1, 0)])
}

func alter(ctx context.Context, b bus.Bus, venue booking.VenueID, events []bus.Event) (bus.Receipt, error) {
	events = slices.Clone(events)
	for i := range events {
		events[i].Time = events[i].Time.Truncate(time.Millisecond)
	}
	return b.Publish(ctx, venue, events)
}

func misdirect(ctx context.Context, b bus.Bus, venue booking.VenueID, events []bus.Event) (bus.Receipt, error) {
	events = slices.Clone(events)
	for i := range events {
		events[i].Venue = venue[:len(venue)-1] + "0"
	}
	return b.Publish(ctx, venue, events)
}

func refuseEmpty(ctx context.Context, b bus.Bus, venue booking.VenueID, events []bus.Event) (bus.Receipt, error) {
	if len(events) == 0 {
		return bus.Receipt{}, bus.ErrUnavailable
	}
	return b.Publish(ctx, venue, events)
}

func halve(ctx context.Context, b bus.Bus, venue booking.VenueID, events []bus.Event) (bus.Receipt, error) {
	return b.Publish(ctx, venue, events[:min(len(events), bus.MaxBatch/2)])
}

func refuseLarge(ctx context.Context, b bus.Bus, venue booking.VenueID, events []bus.Event) (bus.Receipt, error) {
	for i := range events {
		if len(events[i].Data) > bus.MaxEventSize/4 {
			return bus.Receipt{}, &bus.RejectedError{Index: i, Reason: "large"}
		}
	}
	return b.Publish(ctx, venue, events)
}

func blameFirst(ctx context.Context, b bus.Bus, venue booking.VenueID, events []bus.Event) (bus.Receipt, error) {
	receipt, err := b.Publish(ctx, venue, events)
	if rejected, ok := errors.AsType[*bus.RejectedError](err); ok {
		rejected.Index = 0
	}
	return receipt, err
}

func hideRejection(ctx context.Context, b bus.Bus, venue booking.VenueID, events []bus.Event) (bus.Receipt, error) {
	receipt, err := b.Publish(ctx, venue, events)
	if rejected, ok := errors.AsType[*bus.RejectedError](err); ok {
		return receipt, fmt.Errorf("%w: %s", bus.ErrUnavailable, rejected.Reason)
	}
	return receipt, err
}

func hideReason(ctx context.Context, b bus.Bus, venue booking.VenueID, events []bus.Event) (bus.Receipt, error) {
	receipt, err := b.Publish(ctx, venue, events)
	if err != nil {
		return receipt, bus.ErrUnavailable
	}
	return receipt, nil
}

// detach has a deadline of its own, which is longer than a test waits.
func detach(ctx context.Context, b bus.Bus, venue booking.VenueID, events []bus.Event) (bus.Receipt, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*promptly)
	defer cancel()
	return b.Publish(ctx, venue, events)
}

// confirmEarly confirms, and publishes meanwhile; only the first call, by which a check begins, is as it should be.
func confirmEarly(tb testing.TB, b bus.Bus) bus.Bus {
	tb.Helper()
	var begun atomic.Bool
	var calls sync.WaitGroup
	tb.Cleanup(calls.Wait)
	return &altered{Bus: b, publish: func(ctx context.Context, b bus.Bus, venue booking.VenueID, events []bus.Event) (bus.Receipt, error) {
		if begun.CompareAndSwap(false, true) {
			return b.Publish(ctx, venue, events)
		}
		calls.Go(func() {
			ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), attemptTimeout)
			defer cancel()
			_, _ = b.Publish(ctx, venue, events)
		})
		return bus.Receipt{}, nil
	}}
}

// forget leaves out the first event of a batch that has failed before.
func forget(_ testing.TB, b bus.Bus) bus.Bus {
	var failed sync.Map
	return &altered{Bus: b, publish: func(ctx context.Context, b bus.Bus, venue booking.VenueID, events []bus.Event) (bus.Receipt, error) {
		if len(events) == 0 {
			return b.Publish(ctx, venue, events)
		}
		first := events[0].ID
		if _, before := failed.Load(first); before {
			return b.Publish(ctx, venue, events[1:])
		}
		receipt, err := b.Publish(ctx, venue, events)
		if err != nil {
			failed.Store(first, true)
		}
		return receipt, err
	}}
}

// sendLater sends what has failed once something succeeds.
func sendLater(_ testing.TB, b bus.Bus) bus.Bus {
	var mu sync.Mutex
	var failed []bus.Event
	return &altered{Bus: b, publish: func(ctx context.Context, b bus.Bus, venue booking.VenueID, events []bus.Event) (bus.Receipt, error) {
		mu.Lock()
		defer mu.Unlock()
		receipt, err := b.Publish(ctx, venue, events)
		switch {
		case err != nil:
			failed = append(failed, events...)
		case len(failed) > 0:
			ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*promptly) // it may be much
			defer cancel()
			_, _ = b.Publish(ctx, venue, failed)
			failed = nil
		}
		return receipt, err
	}}
}

// feigning is a bus whose Health is made up.
type feigning struct {
	bus.Bus
	health error
}

func (m *feigning) Health() error { return m.health }

func healthy(_ testing.TB, b bus.Bus) bus.Bus   { return &feigning{Bus: b} }
func unhealthy(_ testing.TB, b bus.Bus) bus.Bus { return &feigning{Bus: b, health: bus.ErrUnavailable} }

// closing is a bus whose Close is another.
type closing struct {
	bus.Bus
	close func() error
}

func (m *closing) Close() error { return m.close() }

func unclosed(_ testing.TB, b bus.Bus) bus.Bus {
	return &closing{Bus: b, close: func() error { return nil }}
}

// reluctant does not close before the broker has answered.
func reluctant(tb testing.TB, b bus.Bus) bus.Bus {
	tb.Helper()
	return &closing{Bus: b, close: func() error {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(tb.Context()), 2*promptly)
		defer cancel()
		_, err := b.Publish(ctx, "closing", Events("closing", 0, 1))
		return errors.Join(err, b.Close())
	}}
}

func leak(tb testing.TB, b bus.Bus) bus.Bus {
	tb.Helper()
	var left sync.WaitGroup
	end := make(chan struct{})
	tb.Cleanup(func() { close(end); left.Wait() })
	left.Go(func() { <-end })
	return b
}

// hinting is a bus that gives hints in another way.
type hinting struct {
	bus.Bus
	announce func(bus.Hinter, booking.VenueID, booking.Revision)
	watch    func(context.Context, bus.Hinter, func(booking.VenueID, booking.Revision)) error
}

func (m *hinting) Announce(venue booking.VenueID, revision booking.Revision) {
	m.announce(m.Bus.(bus.Hinter), venue, revision) //nolint:errcheck // the checks of hints are for such buses only
}

func (m *hinting) Watch(ctx context.Context, hint func(booking.VenueID, booking.Revision)) error {
	return m.watch(ctx, m.Bus.(bus.Hinter), hint) //nolint:errcheck // the checks of hints are for such buses only
}

func announceAsIs(h bus.Hinter, venue booking.VenueID, revision booking.Revision) {
	h.Announce(venue, revision)
}

func deaf(_ testing.TB, b bus.Bus) bus.Bus {
	return &hinting{Bus: b, announce: announceAsIs, watch: func(
		ctx context.Context, h bus.Hinter, _ func(booking.VenueID, booking.Revision),
	) error {
		return h.Watch(ctx, func(booking.VenueID, booking.Revision) {})
	}}
}

func slowToAnnounce(tb testing.TB, b bus.Bus) bus.Bus {
	tb.Helper()
	whole, end := context.WithCancel(context.WithoutCancel(tb.Context()))
	tb.Cleanup(end)
	return &hinting{Bus: b, announce: func(_ bus.Hinter, venue booking.VenueID, _ booking.Revision) {
		ctx, cancel := context.WithTimeout(whole, promptly/100)
		defer cancel()
		for ctx.Err() == nil {
			if _, err := b.Publish(ctx, venue, Events(venue, 0, 1)); err == nil {
				return
			}
			wait(ctx, pollInterval)
		}
	}}
}

// watchOn watches on when the context has ended.
func watchOn(tb testing.TB, b bus.Bus) bus.Bus {
	tb.Helper()
	return &hinting{Bus: b, announce: announceAsIs, watch: func(
		_ context.Context, h bus.Hinter, hint func(booking.VenueID, booking.Revision),
	) error {
		return h.Watch(tb.Context(), hint)
	}}
}
