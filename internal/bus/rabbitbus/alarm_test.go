package rabbitbus_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"vacancy/internal/bus"
	"vacancy/internal/bus/bustest"
	"vacancy/internal/bus/rabbitbus"
	"vacancy/internal/bus/rabbitbus/rabbittest"
)

// testAlarm: while an alarm is on, RabbitMQ takes nothing and answers nothing. That is said, nobody waits for it, and it ends by itself.
func testAlarm(t *testing.T, broker *rabbittest.Broker, resource string) {
	t.Helper()
	log := bustest.NewLog()
	b := openBus(t, rabbitbus.Config{URL: broker.VirtualHost(t), Declare: true, Log: log.Logger()})
	publish(t, b, bus.Receipt{Unrouted: 1}, bustest.Events("yoga", 0, 1))
	broker.Alarm(t, resource, true)
	defer broker.Alarm(t, resource, false)
	says := "low on " + resource
	ctx, cancel := context.WithTimeout(t.Context(), answerTimeout)
	defer cancel()
	// RabbitMQ says it to those who publish, once it has taken one message more.
	for b.Health() == nil {
		if _, err := b.Publish(ctx, "yoga", bustest.Events("yoga", 1, 1)); err != nil && !strings.Contains(err.Error(), says) {
			t.Fatalf("before the alarm is known: %v", err)
		}
	}
	started := time.Now()
	_, err := b.Publish(ctx, "yoga", bustest.Events("yoga", 1, 1))
	if !errors.Is(err, bus.ErrUnavailable) || errors.Is(err, bus.ErrMisconfigured) || !strings.Contains(err.Error(), says) {
		t.Errorf("the error is %v", err)
	}
	if d := time.Since(started); d > answerTimeout/10 {
		t.Errorf("it took %s to say so", d)
	}
	if health := errorText(b.Health()); !strings.Contains(health, says) {
		t.Errorf("health is %q", health)
	}
	broker.Alarm(t, resource, false)
	for err = b.Health(); err != nil && ctx.Err() == nil; err = b.Health() {
		pause(ctx, 10*time.Millisecond)
	}
	publish(t, b, bus.Receipt{Unrouted: 1}, bustest.Events("yoga", 1, 1))
	for _, line := range []string{"takes no events while an alarm", says, "takes events again"} {
		if !strings.Contains(log.String(), line) {
			t.Errorf("the log lacks %q: %s", line, log)
		}
	}
}

// testAlarmWithFullBuffers: a batch so large that it does not fit into the buffers between us and RabbitMQ is being written when
// RabbitMQ stops reading. Its caller is not held up, and the rest is not written later.
func testAlarmWithFullBuffers(t *testing.T, broker *rabbittest.Broker) {
	t.Helper()
	url := broker.VirtualHost(t)
	b := openBus(t, rabbitbus.Config{URL: url, Declare: true, Queue: "all", Log: bustest.NewLog().Logger()})
	publish(t, b, bus.Receipt{}, bustest.Events("yoga", 0, 1))
	broker.Alarm(t, "memory", true)
	defer broker.Alarm(t, "memory", false)
	events := bustest.Events("yoga", 1, 200)
	for i := range events {
		events[i].Data = json.RawMessage(`"` + strings.Repeat("x", bus.MaxEventSize-2) + `"`)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	started := time.Now()
	if _, err := b.Publish(ctx, "yoga", events); !errors.Is(err, bus.ErrUnavailable) {
		t.Errorf("the error is %v", err)
	}
	if d := time.Since(started); d > answerTimeout/5 {
		t.Errorf("it took %s to return, 1s was given", d)
	}
	broker.Alarm(t, "memory", false)
	all := consumeAll(t, url, "all")
	publishUntilConfirmed(t, b, bustest.Events("yoga", 201, 1)[0])
	last := bustest.Event("yoga", 201).ID
	awaitMessage(t, all, last)
	if n := len(all.of("yoga")); n > 100 {
		t.Errorf("%d of the 200 events arrived after the call had failed", n-2)
	}
}

// publishUntilConfirmed publishes an event as often as it takes.
func publishUntilConfirmed(t *testing.T, b bus.Bus, e bus.Event) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), answerTimeout)
	defer cancel()
	for {
		_, err := b.Publish(ctx, e.Venue, []bus.Event{e})
		if err == nil {
			return
		}
		if ctx.Err() != nil {
			t.Fatal(err)
		}
		pause(ctx, 50*time.Millisecond)
	}
}

// awaitMessage waits until a message has arrived.
func awaitMessage(t *testing.T, c *consumer, id string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), answerTimeout)
	defer cancel()
	for {
		for _, d := range c.of("yoga") {
			if d.MessageId == id {
				return
			}
		}
		if pause(ctx, 10*time.Millisecond); ctx.Err() != nil {
			t.Fatalf("message %s does not arrive", id)
		}
	}
}
