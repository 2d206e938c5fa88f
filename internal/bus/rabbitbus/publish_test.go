package rabbitbus_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"vacancy/internal/booking"
	"vacancy/internal/bus"
	"vacancy/internal/bus/bustest"
	"vacancy/internal/bus/rabbitbus"
	"vacancy/internal/bus/rabbitbus/rabbittest"
)

// TestUnrouted: what reaches no queue is confirmed all the same, and counted exactly, with many batches on their way at once.
func TestUnrouted(t *testing.T) {
	t.Parallel()
	log := bustest.NewLog()
	url := rabbittest.Shared(t).VirtualHost(t)
	b := openBus(t, rabbitbus.Config{URL: url, Declare: true, Log: log.Logger()})
	publish(t, b, bus.Receipt{Unrouted: 3}, bustest.Events("yoga", 0, 3))
	if !strings.Contains(log.String(), "reach nobody") || !strings.Contains(log.String(), "yoga.booking.held") {
		t.Errorf("the log does not say so: %s", log)
	}
	admin := connect(t, url)
	_, err := admin.QueueDeclare("confirmed", true, false, false, false, nil)
	must(t, err)
	must(t, admin.QueueBind("confirmed", "*.booking.confirmed", "vacancy", false, nil))
	var calls sync.WaitGroup
	for i := range 40 {
		calls.Go(func() {
			venue := booking.VenueID(fmt.Sprintf("venue-%d", i))
			events := bustest.Events(venue, i, 1+i*25)
			unrouted := len(events)
			for _, e := range events {
				if e.Name == bus.BookingConfirmed {
					unrouted--
				}
			}
			ctx, cancel := context.WithTimeout(t.Context(), answerTimeout)
			defer cancel()
			receipt, err := b.Publish(ctx, venue, events)
			if err != nil || receipt.Unrouted != unrouted {
				t.Errorf("%d events: %+v, %v, want %d that were unrouted", len(events), receipt, err, unrouted)
			}
		})
	}
	calls.Wait()
	if n := strings.Count(log.String(), "reach nobody"); n != 1 {
		t.Errorf("the log says so %d times within a minute", n)
	}
}

// TestFullQueue: a queue that is full refuses, and what it refused is not confirmed. The queue that we declare is such a one.
func TestFullQueue(t *testing.T) {
	t.Parallel()
	url := rabbittest.Shared(t).VirtualHost(t)
	b := openBus(t, rabbitbus.Config{URL: url, Declare: true, Queue: "all", QueueLimit: 20, Log: bustest.NewLog().Logger()})
	ctx, cancel := context.WithTimeout(t.Context(), answerTimeout)
	defer cancel()
	confirmed := 0
	var err error
	for err == nil {
		if _, err = b.Publish(ctx, "yoga", bustest.Events("yoga", confirmed, 10)); err == nil {
			confirmed += 10
		}
	}
	if !errors.Is(err, bus.ErrUnavailable) || errors.Is(err, bus.ErrMisconfigured) || !strings.Contains(err.Error(), "full") {
		t.Errorf("from a full queue: %v", err)
	}
	admin := connect(t, url)
	there := make(map[string]bool)
	for {
		d, ok, err := admin.Get("all", true)
		must(t, err)
		if !ok {
			break
		}
		there[d.MessageId] = true
	}
	for i := range confirmed {
		if e := bustest.Event("yoga", i); !there[e.ID] {
			t.Errorf("event %d of %d was confirmed and is not in the queue", i, confirmed)
		}
	}
	publish(t, b, bus.Receipt{}, bustest.Events("yoga", confirmed, 10))
}

// TestUnfitEvents never reach RabbitMQ, and those beside them are named by no mistake.
func TestUnfitEvents(t *testing.T) {
	t.Parallel()
	b := openBus(t, rabbitbus.Config{URL: rabbittest.Shared(t).VirtualHost(t), Declare: true, Log: bustest.NewLog().Logger()})
	for name, spoil := range map[string]func(*bus.Event){
		"data that is no JSON": func(e *bus.Event) { e.Data = []byte(`{"secret"`) },
		"a long id":            func(e *bus.Event) { e.ID = strings.Repeat("x", 256) },
		"a long name":          func(e *bus.Event) { e.Name = bus.Name(strings.Repeat("x", 251)) },
	} {
		events := bustest.Events("yoga", 0, 3)
		spoil(&events[1])
		_, err := b.Publish(t.Context(), "yoga", events)
		var rejected *bus.RejectedError
		if !errors.As(err, &rejected) || rejected.Index != 1 || strings.Contains(rejected.Reason, "secret") {
			t.Errorf("%s: %v", name, err)
		}
	}
	longest := bustest.Events("yoga", 0, 1)
	longest[0].ID = strings.Repeat("x", 255)
	publish(t, b, bus.Receipt{Unrouted: 1}, longest)
}
