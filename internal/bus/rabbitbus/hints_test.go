package rabbitbus_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	"vacancy/internal/booking"
	"vacancy/internal/bus"
	"vacancy/internal/bus/bustest"
	"vacancy/internal/bus/rabbitbus"
	"vacancy/internal/bus/rabbitbus/rabbittest"
)

// TestHintsAreMerged: a storm of changes is a few messages, which wait nowhere for long and are on no disk.
func TestHintsAreMerged(t *testing.T) {
	t.Parallel()
	url := rabbittest.Shared(t).VirtualHost(t)
	admin := connect(t, url)
	must(t, admin.ExchangeDeclare("vacancy.hints", "fanout", true, false, false, false, nil))
	_, err := admin.QueueDeclare("seen", true, false, false, false, nil)
	must(t, err)
	must(t, admin.QueueBind("seen", "", "vacancy.hints", false, nil))
	seen, err := admin.Consume("seen", "", true, false, false, false, nil)
	must(t, err)
	b := openBus(t, rabbitbus.Config{URL: url, Declare: true, Log: bustest.NewLog().Logger()})
	publishUntilConfirmed(t, b, bustest.Event("yoga", 0)) // there is a connection
	const last = 20_000
	for i := range last {
		b.Announce("yoga", booking.Revision(i+1))
	}
	messages := 0
	for d := range seen {
		if messages++; d.DeliveryMode == amqp.Persistent || d.Expiration == "" {
			t.Errorf("a hint that is kept: %+v", d)
		}
		if strings.Contains(string(d.Body), "20000") {
			break
		}
	}
	if messages > last/100 {
		t.Errorf("%d announcements are %d messages", last, messages)
	}
}

// TestHintsOfStrangers: what somebody else writes to the exchange is not believed, and ends nothing.
func TestHintsOfStrangers(t *testing.T) {
	t.Parallel()
	url := rabbittest.Shared(t).VirtualHost(t)
	b := openBus(t, rabbitbus.Config{URL: url, Declare: true, Log: bustest.NewLog().Logger()})
	heard := watch(t, b)
	announceUntil(t, b, heard, "yoga", 1)
	admin := connect(t, url)
	for _, body := range []string{"", "[]", "null", `{"yoga":-1}`, `{"yoga":"2"}`, "\xff", `{"yoga":1e99}`} {
		must(t, admin.PublishWithContext(t.Context(), "vacancy.hints", "", false, false, amqp.Publishing{Body: []byte(body)}))
	}
	announceUntil(t, b, heard, "yoga", 3)
}

// TestHintsNeedNoPermission: who may only publish events does so, and the log says that nodes hint each other in no way.
func TestHintsNeedNoPermission(t *testing.T) {
	t.Parallel()
	broker := rabbittest.Shared(t)
	url := broker.VirtualHost(t)
	must(t, connect(t, url).ExchangeDeclare("vacancy", "topic", true, false, false, false, nil))
	log := bustest.NewLog()
	b := openBus(t, rabbitbus.Config{
		URL: asUser(t, broker, url, &rabbittest.Permissions{Configure: "^$", Write: "^vacancy$", Read: "^$"}), Log: log.Logger(),
	})
	watch(t, b)
	publishUntilConfirmed(t, b, bustest.Event("yoga", 0))
	ctx, cancel := context.WithTimeout(t.Context(), answerTimeout)
	defer cancel()
	for i := 0; !strings.Contains(log.String(), "do not hint each other") && ctx.Err() == nil; i++ {
		b.Announce("yoga", 1)
		publish(t, b, bus.Receipt{Unrouted: 1}, bustest.Events("yoga", i, 1))
	}
	if !strings.Contains(log.String(), "do not hint each other") {
		t.Errorf("the log does not say so: %s", log)
	}
}

// watch watches a bus until the test ends. A revision that is heard of is sent to the channel.
func watch(t *testing.T, b *rabbitbus.Bus) <-chan booking.Revision {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	var watching sync.WaitGroup
	heard := make(chan booking.Revision, 1000)
	watching.Go(func() {
		_ = b.Watch(ctx, func(_ booking.VenueID, revision booking.Revision) { heard <- revision }) // ctx has ended
	})
	t.Cleanup(func() {
		cancel()
		watching.Wait()
	})
	return heard
}

// announceUntil announces a revision until it is heard of. One that nobody announced must not be.
func announceUntil(t *testing.T, b *rabbitbus.Bus, heard <-chan booking.Revision, venue booking.VenueID, revision booking.Revision) {
	t.Helper()
	late := time.After(answerTimeout)
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for {
		select {
		case got := <-heard:
			if got == revision {
				return
			}
			if got > revision || got == 2 {
				t.Fatalf("revision %d is heard of, which nobody announced", got)
			}
		case <-again.C:
			b.Announce(venue, revision)
		case <-late:
			t.Fatalf("revision %d is not heard of", revision)
		}
	}
}
