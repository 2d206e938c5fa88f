package webhook_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"vacancy/internal/booking"
	"vacancy/internal/bus"
	"vacancy/internal/bus/webhook"
	"vacancy/internal/store"
	"vacancy/internal/store/storetest"
	"vacancy/internal/store/storetest/memory"
)

func TestDeliveredInOrder(t *testing.T) {
	t.Parallel()
	n, r := newNode(t), newReceiver(t)
	secret := n.putEndpoint(t, r.URL+"/in?a=b")
	n.publish(t, events(0, 5)...)
	got := r.got()
	if len(got) != 5 {
		t.Fatalf("it got %d events, want 5", len(got))
	}
	verifier, err := standardwebhooks.NewWebhook(secret)
	must(t, err)
	for i, req := range got {
		e := event(i)
		want, err := e.Structured()
		must(t, err)
		same(t, "the body", string(req.body), string(want))
		same(t, "the content type", req.header.Get("Content-Type"), "application/cloudevents+json")
		same(t, "the id", req.header.Get("Webhook-Id"), e.ID)
		same(t, "the attempt", req.header.Get("Vacancy-Attempt"), "1")
		same(t, "late", req.header.Get("Vacancy-Late"), "")
		must(t, verifier.VerifyIgnoringTimestamp(req.body, req.header))
		if verifier.VerifyIgnoringTimestamp(append(req.body, ' '), req.header) == nil {
			t.Error("a body that was changed is verified")
		}
	}
	log := n.deliveries(t)
	same(t, "the length of the log", len(log), 5)
	same(t, "the newest", log[0].Event, event(4).ID)
	same(t, "its state", log[0].State, store.DeliveryDelivered)
	same(t, "its status", log[0].Status, 200)
	same(t, "its attempts", log[0].Attempts, 1)
	same(t, "what the meter counts", n.meter.count(webhook.Delivered), 5)
}

func TestOnlyWhatIsWanted(t *testing.T) {
	t.Parallel()
	n, r := newNode(t), newReceiver(t)
	n.putEndpoint(t, r.URL, bus.BookingCancelled, bus.AvailabilityDayOpened)
	list := events(0, 6)
	list[1].Name, list[2].Name, list[3].Name, list[4].Name = bus.BookingCancelled, bus.VenueGap, bus.VenueReset, bus.VenueCheckpoint
	n.publish(t, list...)
	wantNumbers(t, r, "what it asked for, and what is lost", "1 2 3")

	found, err := n.store.Webhooks(t.Context(), barber)
	must(t, err)
	older := event(7)
	older.Name, older.Epoch, older.Revision = bus.BookingCancelled, found[0].Epoch, found[0].Revision
	newer, opened := older, older
	newer.Revision++
	newer.Data, opened.Name = event(8).Data, bus.AvailabilityDayOpened
	opened.Data = event(9).Data
	n.publish(t, older, newer, opened)
	wantNumbers(t, r, "what is later than the endpoint", "8 9")
}

func TestDisabledEndpointsGetNothing(t *testing.T) {
	t.Parallel()
	n, r := newNode(t), newReceiver(t)
	_, _, _, err := n.PutEndpoint(t.Context(), barber, door, webhook.Settings{URL: r.URL})
	must(t, err)
	n.publish(t, events(0, 3)...)
	wantNumbers(t, r, "while it is disabled", "")
	same(t, "waiting", n.endpoint(t).Waiting, 0)
}

// TestDeadEndpointSlowsNobody: after the first failure, nothing is tried while a booking's events are published, and nothing is lost.
func TestDeadEndpointSlowsNobody(t *testing.T) {
	t.Parallel()
	n, r := newNode(t), newReceiver(t)
	n.putEndpoint(t, r.URL)
	n.publish(t, event(0))
	r.answers(status(http.StatusInternalServerError))
	n.publish(t, events(1, 4)...)
	n.publish(t, events(4, 6)...)
	wantNumbers(t, r, "one attempt alone is made", "0 1")
	e := n.endpoint(t)
	same(t, "waiting", e.Waiting, 5)
	same(t, "failing", e.FailingSince, storetest.Morning)
	log := n.log.String()
	if !strings.Contains(log, "a webhook fails") || !strings.Contains(log, "it answered 500 Internal Server Error") {
		t.Errorf("the log does not say so:\n%s", log)
	}
	n.later(t, time.Second)
	wantNumbers(t, r, "before it is due", "")
	n.later(t, 10*time.Second)
	wantNumbers(t, r, "it answers, so a second event is tried", "1! 2")
	r.answers(nil)
	n.publish(t, event(6))
	wantNumbers(t, r, "behind those that wait", "")
	n.later(t, time.Hour)
	wantNumbers(t, r, "all in order, those marked that were tried before", "1! 2! 3 4 5 6")
	n.publish(t, event(7))
	wantNumbers(t, r, "at once again", "7")
	e = n.endpoint(t)
	same(t, "waiting", e.Waiting, 0)
	same(t, "failing", e.FailingSince, time.Time{})
}

// TestEventThatIsRefused: one event that the receiver does not take does not hold up others, and is tried for its own time.
func TestEventThatIsRefused(t *testing.T) {
	t.Parallel()
	n, r := newNode(t), newReceiver(t)
	n.putEndpoint(t, r.URL)
	r.answers(func(w http.ResponseWriter, _ *http.Request, n int) {
		if n == 1 {
			w.WriteHeader(http.StatusBadRequest)
		}
	})
	n.publish(t, events(0, 4)...)
	wantNumbers(t, r, "until it fails", "0 1")
	n.later(t, 10*time.Second)
	wantNumbers(t, r, "others go on", "1! 2 3")
	n.publish(t, event(4))
	wantNumbers(t, r, "at once, though one waits", "4")
	n.later(t, time.Hour)
	wantNumbers(t, r, "again, by itself", "1!")
	n.publish(t, event(5))
	wantNumbers(t, r, "at once still", "5")
	r.answers(nil)
	n.later(t, 12*time.Hour)
	wantNumbers(t, r, "late", "1!")
	same(t, "waiting", n.endpoint(t).Waiting, 0)
}

// TestThreeDays: what is not taken for three days disables the endpoint, and a person is told, once.
func TestThreeDays(t *testing.T) {
	t.Parallel()
	n, r := newNode(t), newReceiver(t)
	n.putEndpoint(t, r.URL)
	r.answers(status(http.StatusBadGateway))
	n.publish(t, events(0, 3)...)
	attempts := 0
	for hour := range 71 {
		n.later(t, time.Hour)
		attempts += len(r.got())
		if !n.endpoint(t).Enabled {
			t.Fatalf("it is disabled after %d hours", hour+1)
		}
	}
	if attempts < 30 || attempts > 400 {
		t.Errorf("%d attempts in three days", attempts)
	}
	for range 12 {
		n.later(t, time.Hour)
	}
	e := n.endpoint(t)
	if e.Enabled || !strings.Contains(e.Disabled, "was not delivered in 72 hours: it answered 502 Bad Gateway") {
		t.Errorf("enabled: %t, %s", e.Enabled, e.Disabled)
	}
	same(t, "waiting", e.Waiting, 0)
	same(t, "alerts", len(n.alerts.told()), 1)
	same(t, "disabled", n.meter.disabled, 1)
	for _, d := range n.deliveries(t) {
		same(t, "the state of "+d.Event, d.State, store.DeliveryFailed)
	}
	r.got()
	n.publish(t, event(5))
	n.later(t, time.Hour)
	wantNumbers(t, r, "afterwards", "")
	r.answers(nil)
	n.putEndpoint(t, r.URL)
	n.publish(t, event(6))
	wantNumbers(t, r, "enabled again", "6")
}

// TestQueueIsBounded: an endpoint for which too much waits is disabled, since to leave events out would be noticed by nobody.
func TestQueueIsBounded(t *testing.T) {
	t.Parallel()
	n, r := newNode(t), newReceiver(t)
	n.putEndpoint(t, r.URL)
	r.answers(status(http.StatusInternalServerError))
	for from := 0; from < webhook.MaxWaiting; from += bus.MaxBatch {
		n.publish(t, events(from, from+bus.MaxBatch)...)
	}
	same(t, "waiting", n.endpoint(t).Waiting, webhook.MaxWaiting)
	must(t, n.CountBacklog(t.Context()))
	same(t, "what the meter says", n.meter.waiting, webhook.MaxWaiting)
	n.clock.Advance(time.Second) // it is counted once a second
	n.publish(t, event(webhook.MaxWaiting))
	e := n.endpoint(t)
	same(t, "enabled", e.Enabled, false)
	same(t, "waiting", e.Waiting, 0)
	same(t, "alerts", len(n.alerts.told()), 1)
	if len(n.deliveries(t)) > store.RetainedDeliveries {
		t.Error("the log keeps all of them")
	}
}

// TestTwoNodesDoNotBothSend: of two nodes that retry at the same time, one does.
func TestTwoNodesDoNotBothSend(t *testing.T) {
	t.Parallel()
	data, clock, r := memory.NewData(), storetest.NewClock(), newReceiver(t)
	one, two := nodeOn(t, data, clock), nodeOn(t, data, clock)
	one.addVenue(t, barber)
	one.putEndpoint(t, r.URL)
	r.answers(status(http.StatusInternalServerError))
	one.publish(t, events(0, 50)...)
	wantNumbers(t, r, "at first", "0")
	r.answers(nil)
	clock.Advance(time.Minute)
	var both sync.WaitGroup
	for _, n := range []*node{one, two, one, two} {
		both.Go(func() {
			if err := n.RetryDue(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	both.Wait()
	seen := make(map[int]bool)
	for i, req := range r.got() {
		if req.n != i || seen[req.n] {
			t.Errorf("request %d is of event %d", i, req.n)
		}
		seen[req.n] = true
	}
	same(t, "events", len(seen), 50)
}

// TestRepeatsWaitOnce: the relay sends a batch again after an error, and what waits already does not wait twice.
func TestRepeatsWaitOnce(t *testing.T) {
	t.Parallel()
	n, r := newNode(t), newReceiver(t)
	n.putEndpoint(t, r.URL)
	r.answers(status(http.StatusInternalServerError))
	n.publish(t, events(0, 3)...)
	n.publish(t, events(0, 4)...)
	r.got()
	r.answers(nil)
	n.later(t, time.Minute)
	wantNumbers(t, r, "afterwards", "0! 1 2 3")
}

// TestEndpointsSideBySide: an endpoint that does not answer holds no other up.
func TestEndpointsSideBySide(t *testing.T) {
	t.Parallel()
	n, slow, fast := newNode(t), newReceiver(t), newReceiver(t)
	free := make(chan struct{})
	slow.answers(func(http.ResponseWriter, *http.Request, int) { <-free })
	n.putEndpoint(t, slow.URL)
	_, _, _, err := n.PutEndpoint(t.Context(), barber, "fast", webhook.Settings{URL: fast.URL, Enabled: true})
	must(t, err)
	reached := make(chan struct{})
	fast.answers(func(_ http.ResponseWriter, _ *http.Request, n int) {
		if n == 9 {
			close(reached)
		}
	})
	done := make(chan error, 1)
	go func() {
		_, err := n.Publish(t.Context(), barber, events(0, 10))
		done <- err
	}()
	<-reached // while the other has not answered
	close(free)
	must(t, <-done)
	same(t, "what the slow one got", len(slow.got()), 10)
}

func TestSecretsWhileRotating(t *testing.T) {
	t.Parallel()
	n, r := newNode(t), newReceiver(t)
	first := n.putEndpoint(t, r.URL)
	_, second, err := n.RotateSecret(t.Context(), barber, door)
	must(t, err)
	verified := func(secret string, req request) bool {
		v, err := standardwebhooks.NewWebhook(secret)
		must(t, err)
		return v.VerifyIgnoringTimestamp(req.body, req.header) == nil
	}
	n.publish(t, event(0))
	req := r.got()[0]
	same(t, "the first secret", verified(first, req), true)
	same(t, "the second secret", verified(second, req), true)
	n.clock.Advance(webhook.SecretOverlap)
	n.publish(t, event(1))
	req = r.got()[0]
	same(t, "the first secret, later", verified(first, req), false)
	same(t, "the second secret, later", verified(second, req), true)
	for _, secret := range []string{first, second} {
		if !strings.HasPrefix(secret, "whsec_") || len(secret) < 6+32 {
			t.Errorf("the secret is %q", secret)
		}
		if strings.Contains(n.log.String(), strings.TrimPrefix(secret, "whsec_")) {
			t.Error("a secret is in the log")
		}
	}
}

func TestTestAndRedeliver(t *testing.T) {
	t.Parallel()
	n, r := newNode(t), newReceiver(t)
	n.putEndpoint(t, r.URL)
	a, err := n.Test(t.Context(), barber, door)
	must(t, err)
	same(t, "the outcome", a.Outcome, webhook.Delivered)
	same(t, "the type", strings.Contains(string(r.got()[0].body), `"type":"vacancy.webhook.test.v1"`), true)
	r.answers(status(http.StatusTeapot))
	a, err = n.Test(t.Context(), barber, door)
	must(t, err)
	same(t, "the outcome", a.Outcome, webhook.ClientError)
	same(t, "what is said", a.Error, "it answered 418 I'm a teapot")
	same(t, "waiting, of a test that failed", n.endpoint(t).Waiting, 0)
	r.answers(nil)
	n.publish(t, event(1))
	r.got()
	newest := n.deliveries(t)[0]
	a, err = n.Redeliver(t.Context(), barber, door, newest.Number)
	must(t, err)
	same(t, "the event", a.Event, event(1).ID)
	wantNumbers(t, r, "redelivered", "1!")
	again := n.deliveries(t)[0]
	same(t, "the number", again.Number, newest.Number)
	same(t, "the attempts", again.Attempts, 2)
	for _, other := range []struct {
		venue booking.VenueID
		id    store.WebhookID
	}{{"salon", door}, {barber, "other"}} {
		_, err := n.Redeliver(t.Context(), other.venue, other.id, newest.Number)
		same(t, "of another", errors.Is(err, booking.ErrNotFound), true)
	}
}

func TestClosed(t *testing.T) {
	t.Parallel()
	n, r := newNode(t), newReceiver(t)
	n.putEndpoint(t, r.URL)
	waits := make(chan struct{})
	r.answers(func(_ http.ResponseWriter, req *http.Request, _ int) {
		close(waits)
		<-req.Context().Done()
	})
	done := make(chan error, 1)
	go func() {
		_, err := n.Publish(t.Context(), barber, events(0, 2))
		done <- err
	}()
	<-waits
	must(t, n.Close())
	if err := <-done; !errors.Is(err, bus.ErrUnavailable) {
		t.Errorf("a call under way ends with %v", err)
	}
	n.Run(t.Context()) // returns at once
	same(t, "waiting", n.endpoint(t).Waiting, 0)
}

// TestRun: what is queued is tried by itself, and what was delivered is written to the log when the node stops.
func TestRun(t *testing.T) {
	t.Parallel()
	n, r := newNode(t), newReceiver(t)
	n.putEndpoint(t, r.URL)
	r.answers(status(http.StatusInternalServerError))
	n.publish(t, events(0, 2)...)
	second := make(chan struct{})
	r.answers(func(_ http.ResponseWriter, _ *http.Request, n int) {
		if n == 1 {
			close(second)
		}
	})
	n.clock.Advance(time.Minute)
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { n.Run(ctx) })
	<-second
	cancel()
	running.Wait()
	log := n.deliveries(t)
	same(t, "what was delivered before it stopped", log[1].State, store.DeliveryDelivered)
	same(t, "of which event", log[1].Event, event(0).ID)
}

// TestStops: what was delivered when the server stops is written, whether it stops in the middle of an attempt or behind one, and the
// endpoint is free for another node.
func TestStops(t *testing.T) {
	t.Parallel()
	for _, inTheMiddle := range []bool{true, false} {
		n, r := newNode(t), newReceiver(t)
		n.putEndpoint(t, r.URL)
		r.answers(status(http.StatusInternalServerError))
		n.publish(t, events(0, 3)...)
		ctx, cancel := context.WithCancel(t.Context())
		r.answers(func(_ http.ResponseWriter, req *http.Request, i int) {
			if i == 2 && inTheMiddle {
				cancel()
				<-req.Context().Done()
			}
		})
		n.clock.Advance(time.Minute)
		n.stopAfterThree(cancel, !inTheMiddle)
		if err := n.RetryDue(ctx); err != nil {
			t.Fatal(err)
		}
		log := n.deliveries(t)
		same(t, "the second event", log[1].State, store.DeliveryDelivered)
		r.answers(nil)
		r.got()
		n.later(t, 0)
		if inTheMiddle {
			wantNumbers(t, r, "what was not delivered", "2")
		} else {
			wantNumbers(t, r, "what was not delivered", "")
		}
	}
}

// TestPaused: nothing leaves a copy by itself.
func TestPaused(t *testing.T) {
	t.Parallel()
	paused := true
	n, r := newNode(t, func(c *webhook.Config) { c.Paused = func() bool { return paused } }), newReceiver(t)
	n.putEndpoint(t, r.URL)
	r.answers(status(http.StatusInternalServerError))
	n.publish(t, event(0))
	r.got()
	n.later(t, time.Hour)
	wantNumbers(t, r, "while it is paused", "")
	paused = false
	n.later(t, time.Hour)
	wantNumbers(t, r, "afterwards", "0!")
}
