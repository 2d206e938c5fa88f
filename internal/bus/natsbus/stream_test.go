package natsbus_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"vacancy/internal/bus"
	"vacancy/internal/bus/bustest"
	"vacancy/internal/bus/natsbus"
)

// api is the JetStream of a server, without a proxy.
func api(tb testing.TB, address string) jetstream.JetStream {
	tb.Helper()
	nc, err := nats.Connect(url(address))
	must(tb, err)
	tb.Cleanup(nc.Close)
	js, err := jetstream.New(nc)
	must(tb, err)
	return js
}

func makeStream(tb testing.TB, address string, c jetstream.StreamConfig) {
	tb.Helper()
	_, err := api(tb, address).CreateOrUpdateStream(tb.Context(), c)
	must(tb, err)
}

// fixture is a server, a bus, and its log.
type fixture struct {
	*testing.T
	broker *broker
	bus    bus.Bus
	log    *bustest.Log
}

func newFixture(t *testing.T, c natsbus.Config, streams ...jetstream.StreamConfig) *fixture {
	t.Helper()
	f := &fixture{T: t, broker: startBroker(t, jetStream), log: bustest.NewLog()}
	for _, s := range streams {
		makeStream(t, f.broker.address, s)
	}
	c.URL, c.Log = url(f.broker.address), f.log.Logger()
	f.bus = open(t, c)
	return f
}

func (f *fixture) try(events []bus.Event) error {
	ctx, cancel := context.WithTimeout(f.Context(), 10*time.Second)
	defer cancel()
	_, err := f.bus.Publish(ctx, "yoga", events)
	return err
}

// until tries until the outcome is as wanted.
func (f *fixture) until(events []bus.Event, want func(error) bool) {
	f.Helper()
	ctx, cancel := context.WithTimeout(f.Context(), time.Minute)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		err := f.try(events)
		if want(err) {
			return
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			f.Fatalf("still: %v\n%s", err, f.log)
		}
	}
}

func (f *fixture) info() *jetstream.StreamInfo {
	f.Helper()
	s, err := api(f, f.broker.address).Stream(f.Context(), "VACANCY")
	must(f, err)
	return s.CachedInfo()
}

func confirmed(err error) bool { return err == nil }

// TestStreamIsDeclared with the limits that the operator gave, or those that are documented.
func TestStreamIsDeclared(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		config natsbus.Config
		age    time.Duration
		bytes  int64
	}{
		"by default": {natsbus.Config{Declare: true}, 7 * 24 * time.Hour, 1 << 30},
		"as given":   {natsbus.Config{Declare: true, MaxAge: time.Hour, MaxBytes: 1 << 20}, time.Hour, 1 << 20},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, c.config)
			must(t, f.try(bustest.Events("yoga", 0, 3)))
			got := f.info().Config
			if got.MaxAge != c.age || got.MaxBytes != c.bytes || got.Duplicates != 2*time.Minute || got.Storage != jetstream.FileStorage ||
				got.Discard != jetstream.DiscardOld || fmt.Sprint(got.Subjects) != "[vacancy.>]" {
				t.Errorf("%+v", got)
			}
		})
	}
}

// TestStreamIsLeftAsItIs: what an operator has chosen is not changed, and what loses events is logged.
func TestStreamIsLeftAsItIs(t *testing.T) {
	t.Parallel()
	own := jetstream.StreamConfig{
		Name: "VACANCY", Subjects: []string{"rooms.>", "vacancy.>"}, MaxMsgs: 5, Storage: jetstream.MemoryStorage, MaxAge: time.Minute,
		Duplicates: time.Minute,
	}
	f := newFixture(t, natsbus.Config{Declare: true}, own)
	must(t, f.try(bustest.Events("yoga", 0, 10)))
	if got := f.info(); got.Config.MaxMsgs != 5 || got.State.Msgs != 5 {
		t.Errorf("%d messages of at most %d, want 5 of 5", got.State.Msgs, got.Config.MaxMsgs)
	}
	for _, why := range []string{"in memory", "forgets within two minutes"} {
		if !strings.Contains(f.log.String(), why) {
			t.Errorf("the log has no %q: %s", why, f.log)
		}
	}
}

// TestRepeatsAreDropped: within the duplicate window, by the ids of events.
func TestRepeatsAreDropped(t *testing.T) {
	t.Parallel()
	f := newFixture(t, natsbus.Config{Declare: true})
	for range 3 {
		must(t, f.try(bustest.Events("yoga", 0, 7)))
	}
	if got := f.info().State.Msgs; got != 7 {
		t.Errorf("%d messages, want 7", got)
	}
}

// TestStreamIsDeleted while it is used. It is made again if that is what the operator wants, and else waited for.
func TestStreamIsDeleted(t *testing.T) {
	t.Parallel()
	for _, declare := range []bool{true, false} {
		t.Run(fmt.Sprintf("declare %t", declare), func(t *testing.T) {
			t.Parallel()
			stream := jetstream.StreamConfig{Name: "VACANCY", Subjects: []string{"vacancy.>"}}
			f := newFixture(t, natsbus.Config{Declare: declare}, stream)
			must(t, f.try(bustest.Events("yoga", 0, 3)))
			js := api(t, f.broker.address)
			must(t, js.DeleteStream(t.Context(), "VACANCY"))
			if err := f.try(bustest.Events("yoga", 3, 3)); !errors.Is(err, bus.ErrUnavailable) {
				t.Errorf("without a stream: %v", err)
			}
			if !declare {
				f.until(bustest.Events("yoga", 3, 3), func(err error) bool {
					return errors.Is(err, bus.ErrMisconfigured) && strings.Contains(err.Error(), "no stream VACANCY")
				})
				if err := f.bus.Health(); !errors.Is(err, bus.ErrMisconfigured) {
					t.Errorf("health: %v", err)
				}
				makeStream(t, f.broker.address, stream)
			}
			f.until(bustest.Events("yoga", 3, 3), confirmed)
			if got := f.info().State.Msgs; got != 3 {
				t.Errorf("%d messages, want 3", got)
			}
		})
	}
}

// TestLargestMessageOfTheStream: an event that is larger is rejected, as the only one, whether the limit was there at the beginning or not.
func TestLargestMessageOfTheStream(t *testing.T) {
	t.Parallel()
	limited := jetstream.StreamConfig{Name: "VACANCY", Subjects: []string{"vacancy.>"}, MaxMsgSize: 1500}
	for name, before := range map[string]int32{"before": 1500, "later": -1} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			first := limited
			first.MaxMsgSize = before
			f := newFixture(t, natsbus.Config{}, first)
			must(t, f.try(bustest.Events("yoga", 0, 1)))
			makeStream(t, f.broker.address, limited)
			events := bustest.Events("yoga", 1, 5)
			events[2].Data = []byte(`{"text":"` + strings.Repeat("x", 2000) + `"}`)
			var rejected *bus.RejectedError
			if err := f.try(events); !errors.As(err, &rejected) || rejected.Index != 2 {
				t.Errorf("%v, want the event at 2 rejected", err)
			}
			must(t, f.try(append(events[:2:2], events[3:]...)))
		})
	}
}

// TestRefusalInTheMiddle: of a batch that the stream has no room for, some events are stored. The whole is an error, and arrives in order
// when it is sent again.
func TestRefusalInTheMiddle(t *testing.T) {
	t.Parallel()
	stream := jetstream.StreamConfig{Name: "VACANCY", Subjects: []string{"vacancy.>"}, MaxMsgs: 4, Discard: jetstream.DiscardNew}
	f := newFixture(t, natsbus.Config{}, stream)
	sent := bustest.Events("yoga", 0, 6)
	if err := f.try(sent); !errors.Is(err, bus.ErrUnavailable) {
		t.Errorf("part of a batch is confirmed: %v", err)
	}
	stream.MaxMsgs = 10
	makeStream(t, f.broker.address, stream)
	must(t, f.try(sent))
	messages := f.broker.messages(t, "yoga")
	for i, m := range messages {
		if i >= len(sent) || m.Headers[nats.MsgIdHdr] != sent[i].ID {
			t.Errorf("message %d is %s", i, m.Headers[nats.MsgIdHdr])
		}
	}
	if len(messages) != len(sent) {
		t.Errorf("%d messages, want %d", len(messages), len(sent))
	}
}

// TestFullStream: one that refuses new events is told of as it is.
func TestFullStream(t *testing.T) {
	t.Parallel()
	f := newFixture(t, natsbus.Config{}, jetstream.StreamConfig{
		Name: "VACANCY", Subjects: []string{"vacancy.>"}, MaxMsgs: 3, Discard: jetstream.DiscardNew,
	})
	must(t, f.try(bustest.Events("yoga", 0, 3)))
	err := f.try(bustest.Events("yoga", 3, 1))
	if !errors.Is(err, bus.ErrUnavailable) || !strings.Contains(err.Error(), "stores nothing: maximum messages exceeded") {
		t.Errorf("%v", err)
	}
	makeStream(t, f.broker.address, jetstream.StreamConfig{
		Name: "VACANCY", Subjects: []string{"vacancy.>"}, MaxMsgs: 10, Discard: jetstream.DiscardNew,
	})
	must(t, f.try(bustest.Events("yoga", 3, 1)))
}
