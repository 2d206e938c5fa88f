package membus_test

import (
	"context"
	"slices"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"vacancy/internal/booking"
	"vacancy/internal/bus"
	"vacancy/internal/bus/bustest"
	"vacancy/internal/bus/membus"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestConformance(t *testing.T) {
	t.Parallel()
	bustest.Run(t, harness())
}

func TestMutants(t *testing.T) {
	t.Parallel()
	bustest.RunMutants(t, harness())
}

// inbox is what the subscriber of a test has got. The buses of a test share it, as they would a broker.
type inbox struct {
	mu  sync.Mutex
	all []bustest.Message
}

func (i *inbox) receive(ctx context.Context, s *membus.Subscription) {
	for {
		e, err := s.Next(ctx)
		if err != nil {
			return
		}
		body, err := e.Structured()
		if err != nil {
			return
		}
		i.mu.Lock()
		i.all = append(i.all, bustest.Message{Address: address(&e), Headers: map[string]string{"content-type": bus.ContentType}, Body: body})
		i.mu.Unlock()
	}
}

func (i *inbox) messages(venue booking.VenueID) []bustest.Message {
	i.mu.Lock()
	defer i.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(i.all), func(m bustest.Message) bool { return m.Address != string(venue) })
}

func address(e *bus.Event) string { return string(e.Venue) }

func harness() bustest.Harness {
	var inbox inbox
	return bustest.Harness{
		Start: func(testing.TB) bustest.Broker {
			return bustest.Broker{Messages: func(_ testing.TB, venue booking.VenueID) []bustest.Message { return inbox.messages(venue) }}
		},
		Open: func(tb testing.TB, _ bustest.Broker, _ bustest.Client) bus.Bus {
			tb.Helper()
			b := membus.New(membus.Config{Queue: 16})
			s := b.Subscribe()
			var receiver sync.WaitGroup
			receiver.Go(func() { inbox.receive(context.WithoutCancel(tb.Context()), s) })
			tb.Cleanup(func() {
				_ = b.Close()
				receiver.Wait()
			})
			return b
		},
		Address: address,
	}
}
