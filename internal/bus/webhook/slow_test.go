package webhook_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/bus"
	"vacancy/internal/bus/webhook"
	"vacancy/internal/outbox"
	"vacancy/internal/store"
	"vacancy/internal/store/storetest"
	"vacancy/internal/store/storetest/memory"
	"vacancy/internal/view"
)

// pipes is a network in memory, for tests in a bubble.
type pipes struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case conn := <-p.conns:
		return conn, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	p.once.Do(func() { close(p.closed) })
	return nil
}

func (p *pipes) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 80} }

func (p *pipes) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	here, there := net.Pipe()
	select {
	case p.conns <- there:
		return here, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// afterwards answers once some time is over, or the other side has gone.
func afterwards(d time.Duration) func(http.ResponseWriter, *http.Request, int) {
	return func(_ http.ResponseWriter, r *http.Request, _ int) {
		timer := time.NewTimer(d)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-r.Context().Done():
		}
	}
}

// slowNode is a node that runs in a bubble, with a receiver that needs some time for each event.
func slowNode(t *testing.T, took time.Duration) (*node, *receiver) {
	t.Helper()
	n := &node{store: memory.Open(memory.Config{Data: memory.NewData(), Now: time.Now}), log: new(lockedBuffer), meter: new(meter)}
	n.Bus = webhook.New(webhook.Config{Store: n.store, AllowedNetworks: []netip.Prefix{loopback}, Meter: n.meter})
	network := &pipes{conns: make(chan net.Conn), closed: make(chan struct{})}
	n.SetDial(network.dial)
	n.addVenue(t, barber)
	r := &receiver{answer: afterwards(took)}
	server := &http.Server{Handler: http.HandlerFunc(r.handle), ReadHeaderTimeout: time.Minute}
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { n.Run(ctx) })
	running.Go(func() { _ = server.Serve(network) })
	t.Cleanup(func() {
		cancel()
		must(t, n.Close())
		_ = server.Close()
		running.Wait()
	})
	return n, r
}

// relay sends a batch as the relay does: all of it again after an error. It tells how often.
func (n *node) relay(t *testing.T, list []bus.Event) (tries int) {
	t.Helper()
	for tries = 1; tries <= 5; tries++ {
		ctx, cancel := context.WithTimeout(t.Context(), bus.PublishTimeout)
		_, err := n.Publish(ctx, barber, list)
		cancel()
		if err == nil {
			return tries
		}
		if !errors.Is(err, bus.ErrUnavailable) {
			t.Fatal(err)
		}
	}
	t.Error("the batch never ends")
	return tries
}

// drained waits until nothing waits for the endpoint.
func (n *node) drained(t *testing.T, bound time.Duration) {
	t.Helper()
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for began := time.Now(); n.endpoint(t).Waiting > 0; <-ticker.C {
		if time.Since(began) > bound {
			t.Fatalf("%d events wait still", n.endpoint(t).Waiting)
		}
	}
	synctest.Wait()
}

// TestSlowReceiver: a receiver that takes all events in its own time gets each once and in order, and the relay is held up for a bounded
// time by each batch.
func TestSlowReceiver(t *testing.T) {
	t.Parallel()
	for _, took := range []time.Duration{200 * time.Millisecond, 300 * time.Millisecond, 1500 * time.Millisecond, 4900 * time.Millisecond} {
		t.Run(took.String(), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				n, r := slowNode(t, took)
				n.putEndpoint(t, "http://127.0.0.1/")
				want := ""
				for i := range 100 {
					want += " " + strconv.Itoa(i)
				}
				for from := 0; from < 100; from += 50 {
					same(t, "tries of a batch", n.relay(t, events(from, from+50)), 1)
				}
				n.drained(t, time.Hour)
				wantNumbers(t, r, "in the end", want[1:])
			})
		})
	}
}

func later(d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	<-timer.C
}

// relayMeter counts what fails.
type relayMeter struct {
	outbox.Meter
	failed *atomic.Int64
}

func (relayMeter) Published(bus.Name, int)     {}
func (relayMeter) Confirmed(time.Duration)     {}
func (relayMeter) TakenOver(int)               {}
func (relayMeter) Lost(int)                    {}
func (m relayMeter) Failed(outbox.FailureKind) { m.failed.Add(1) }

// TestSlowReceiverBehindTheRelay: the real relay gets 100 bookings to a receiver that needs 300 ms for each, each once and in order.
func TestSlowReceiverBehindTheRelay(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		n, r := slowNode(t, 300*time.Millisecond)
		n.putEndpoint(t, "http://127.0.0.1/", bus.BookingConfirmed)
		pictures := view.New(view.Config{Store: n.store, Now: time.Now, Log: slog.New(slog.DiscardHandler), MaxVenues: 10})
		var failures atomic.Int64
		relay := outbox.New(outbox.Config{
			Store: n.store, Pictures: pictures, Bus: n.Bus, Name: "webhooks", Now: time.Now, Log: slog.New(slog.DiscardHandler),
			Meter: relayMeter{failed: &failures},
		})
		ctx, cancel := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() { relay.Run(ctx) })
		defer running.Wait()
		defer cancel()
		later(5 * time.Second) // it has its leases, and has noted where it begins
		var want []string
		var revision booking.Revision
		for i := range 100 {
			must(t, storetest.TryChange(t.Context(), n.store, store.Need{Venue: barber}, func(d *storetest.Draft) error {
				d.Book(storetest.SampleBooking(barber, i, storetest.Slot.Add(time.Duration(i)*time.Hour), storetest.Chair1))
				revision = d.Change.Revision
				return nil
			}))
			relay.Committed(barber, revision)
			want = append(want, string(storetest.BookingID(i)))
		}
		later(2 * time.Minute)
		same(t, "waiting", n.endpoint(t).Waiting, 0)
		same(t, "batches that failed", failures.Load(), 0)
		var got []string
		for _, req := range r.got() {
			var e struct{ Subject string }
			must(t, json.Unmarshal(req.body, &e))
			got = append(got, e.Subject)
		}
		if !slices.Equal(got, want) {
			t.Errorf("it got %v", got)
		}
	})
}

// TestSlowReceiverIsQueued: a slow receiver holds up who publishes for one attempt, and then no more until it is quick again. One that is
// quick enough is not queued.
func TestSlowReceiverIsQueued(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		n, r := slowNode(t, 1500*time.Millisecond)
		n.putEndpoint(t, "http://127.0.0.1/")
		took := func(from, to int) time.Duration {
			began := time.Now()
			n.publish(t, events(from, to)...)
			return time.Since(began).Round(100 * time.Millisecond)
		}
		same(t, "the first call", took(0, 2), 1500*time.Millisecond)
		n.drained(t, time.Minute)
		same(t, "the second, though nothing waits any more", took(2, 5), 100*time.Millisecond)
		n.drained(t, time.Minute)
		r.answers(afterwards(300 * time.Millisecond))
		same(t, "the third, which nobody knows to be quick yet", took(5, 7), 100*time.Millisecond)
		n.drained(t, time.Minute)
		same(t, "the fourth", took(7, 10), 900*time.Millisecond)
		wantNumbers(t, r, "in the end", "0 1 2 3 4 5 6 7 8 9")
	})
}

// TestDrainTime: a node gives a slow receiver's claim up after its time, and not after a page.
func TestDrainTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		n, _ := slowNode(t, 4*time.Second)
		n.putEndpoint(t, "http://127.0.0.1/")
		n.publish(t, events(0, 40)...)
		claim := func() int64 {
			all, err := n.store.Webhooks(t.Context(), barber)
			must(t, err)
			return all[0].Claim
		}
		later(10 * time.Second)
		first := claim()
		later(webhook.DrainTime - 15*time.Second)
		same(t, "the claim within its time", claim(), first)
		later(15 * time.Second)
		if claim() == first {
			t.Error("the claim was not given up")
		}
	})
}

// TestVenuesShareRetries: venues with many endpoints that do not answer leave room for others.
func TestVenuesShareRetries(t *testing.T) {
	t.Parallel()
	n, r := newNode(t), newReceiver(t)
	r.answers(status(http.StatusInternalServerError))
	queue := func(venue booking.VenueID, endpoints int) {
		if venue != barber {
			n.addVenue(t, venue)
		}
		for i := range endpoints {
			_, _, _, err := n.PutEndpoint(t.Context(), venue, store.WebhookID("e"+strconv.Itoa(i)),
				webhook.Settings{URL: r.URL + "/" + string(venue), Enabled: true})
			must(t, err)
		}
		e := event(0)
		e.Venue, e.ID = venue, string(venue)+"/3-k2/1/0"
		_, err := n.Publish(t.Context(), venue, []bus.Event{e})
		must(t, err)
	}
	queue(barber, webhook.MaxEndpoints)
	n.clock.Advance(time.Second)
	queue("salon", webhook.MaxEndpoints)
	n.clock.Advance(time.Second)
	queue("studio", 1)
	reached, free := make(chan struct{}), make(chan struct{})
	r.answers(func(_ http.ResponseWriter, req *http.Request, _ int) {
		if req.URL.Path == "/studio" {
			close(reached)
			return
		}
		<-free
	})
	n.clock.Advance(time.Minute)
	done := make(chan error, 1)
	go func() { done <- n.RetryDue(t.Context()) }()
	select {
	case <-reached: // while the others have not answered
		close(free)
		must(t, <-done)
	case err := <-done:
		close(free)
		t.Errorf("the third venue was not tried: %v", err)
	}
	for range 5 { // those that were given back have their turn
		n.later(t, 10*time.Second)
	}
	for _, venue := range []booking.VenueID{barber, "salon", "studio"} {
		backlogs, err := n.store.WebhookBacklogs(t.Context(), venue)
		must(t, err)
		same(t, "endpoints of "+string(venue)+" with a backlog", len(backlogs), 0)
	}
}

// TestManyDeadEndpoints: endpoints that time out wait for slots for a bounded time.
func TestManyDeadEndpoints(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		n, _ := slowNode(t, time.Hour)
		for i := range webhook.MaxEndpoints {
			_, _, _, err := n.PutEndpoint(t.Context(), barber, store.WebhookID("e"+strconv.Itoa(i)),
				webhook.Settings{URL: "http://127.0.0.1/", Enabled: true})
			must(t, err)
		}
		same(t, "tries", n.relay(t, events(0, 3)), 1)
		same(t, "attempts", n.meter.count(webhook.Timeout), webhook.MaxPerVenue)
	})
}

// TestCallThatEnds: what was delivered before a call ends is not sent again, what was cut is, and the rest is not lost.
func TestCallThatEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		n, r := slowNode(t, 300*time.Millisecond)
		n.putEndpoint(t, "http://127.0.0.1/")
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := n.Publish(ctx, barber, events(0, 6))
		must(t, err)
		n.drained(t, time.Minute)
		wantNumbers(t, r, "in the end", "0 1 2 3 3! 4 5")
	})
}

// TestPublishFitsItsTimeout: the slowest endpoint leaves a second for the queue.
func TestPublishFitsItsTimeout(t *testing.T) {
	t.Parallel()
	if most := webhook.InlineTime + webhook.AttemptTimeout + webhook.BodyTimeout + time.Second; most >= bus.PublishTimeout {
		t.Errorf("a call takes %s, and is given %s", most, bus.PublishTimeout)
	}
}
