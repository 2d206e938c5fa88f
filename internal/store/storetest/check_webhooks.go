package storetest

import (
	"fmt"
	"sync"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/store"
)

var webhookChecks = []check{
	{"webhooks/settings are stored, replaced and deleted, each venue's its own", webhookSettings},
	{"webhooks/a venue has a bounded number of endpoints", webhookLimit},
	{"webhooks/a secret is rotated, and the one before has an end", webhookSecrets},
	{"webhooks/what waits comes back in order, once for each event", webhookOrder},
	{"webhooks/a queue is bounded in count and bytes, and a batch waits whole or not", webhookBounds},
	{"webhooks/one of many who ask gets the claim, until it runs out", webhookClaims},
	{"webhooks/who has lost a claim writes nothing", webhookLostClaim},
	{"webhooks/whoever has read an endpoint before it was changed decides nothing of it", webhookVersions},
	{"webhooks/an endpoint that fails is due after a pause, each delivery after its own delay", webhookRetries},
	{"webhooks/an endpoint queues until what was never tried is through", webhookQueueing},
	{"webhooks/a disabled endpoint has nothing waiting, and begins anew", webhookDisabled},
	{"webhooks/the log keeps the last, and forgets no waiting event", webhookLog},
	{"webhooks/an attempt by hand replaces what is known", webhookByHand},
}

const door = store.WebhookID("door")

func endpoint(venue booking.VenueID, id store.WebhookID) store.WebhookSettings {
	return store.WebhookSettings{Venue: venue, ID: id, URL: "https://" + string(id) + ".example/in"}
}

// putWebhook stores an endpoint of a venue that is there.
func (f *Fixture) putWebhook(s store.WebhookSettings) store.Webhook {
	f.Helper()
	w, _, err := f.Store.PutWebhook(f.Context(), s, "secret of "+string(s.ID), 20)
	f.must("put a webhook", err)
	return w
}

// webhook reads the endpoint of a venue.
func (f *Fixture) webhook(venue booking.VenueID) store.Webhook {
	f.Helper()
	list, err := f.Store.Webhooks(f.Context(), venue)
	f.must("webhooks", err)
	for _, w := range list {
		if w.ID == door {
			return w
		}
	}
	f.Fatalf("the webhook is not there")
	return store.Webhook{}
}

func (f *Fixture) hasWebhooks(want bool) {
	has, err := f.Store.HasWebhooks(f.Context())
	f.must("ask for any webhook", err)
	f.same("any webhook is enabled", has, want)
}

func delivery(event string) store.Delivery {
	return store.Delivery{EventID: event, EventName: "booking.confirmed", Body: []byte(`{"id":"` + event + `"}`)}
}

// queueOf has events wait for an endpoint as it is now.
func (f *Fixture) queueOf(venue booking.VenueID, deliveries ...store.Delivery) store.QueuedDeliveries {
	f.Helper()
	w := f.webhook(venue)
	return store.QueuedDeliveries{
		Venue: venue, Endpoint: door, Version: w.Version(), Deliveries: deliveries, MaxCount: 1000, MaxBytes: 1 << 20,
	}
}

// disable disables an endpoint as it is now.
func (f *Fixture) disable(venue booking.VenueID, reason string) (was bool) {
	f.Helper()
	w := f.webhook(venue)
	was, err := f.Store.DisableWebhook(f.Context(), venue, door, w.Version(), reason)
	f.must("disable", err)
	return was
}

// enqueue has events wait that were never tried.
func (f *Fixture) enqueue(venue booking.VenueID, events ...string) {
	f.Helper()
	list := make([]store.Delivery, len(events))
	for i, event := range events {
		list[i] = delivery(event)
	}
	f.must("enqueue", f.Store.EnqueueDeliveries(f.Context(), f.queueOf(venue, list...)))
}

// claim claims the one endpoint that is due.
func (f *Fixture) claim() store.WebhookClaim {
	f.Helper()
	claims, err := f.Store.ClaimWebhooks(f.Context(), time.Minute, 10)
	f.must("claim", err)
	if len(claims) != 1 {
		f.Fatalf("%d endpoints are due, want 1", len(claims))
	}
	return claims[0]
}

// due are the events that are due of a claimed endpoint.
func (f *Fixture) due(c store.WebhookClaim) (list []store.Delivery, events []string) {
	f.Helper()
	list, err := f.Store.WaitingDeliveries(f.Context(), c, 1000)
	f.must("waiting deliveries", err)
	for _, d := range list {
		events = append(events, d.EventID)
	}
	return list, events
}

func webhookSettings(f *Fixture) {
	f.PutCatalogue("barber")
	f.PutCatalogue("salon")
	s := endpoint("barber", door)
	s.Events = []string{"booking.confirmed", "venue.reset"}
	w, created, err := f.Store.PutWebhook(f.Context(), s, "first", 20)
	f.must("put", err)
	f.same("created", created, true)
	f.same("what was put", w, store.Webhook{
		WebhookSettings: s, Secret: "first", CreatedAt: Morning, UpdatedAt: Morning, Epoch: w.Epoch, Revision: 1, Claim: w.Claim,
	})
	f.same("the epoch", w.Epoch, f.Find(store.Need{Venue: "barber"}).Epoch)
	f.putWebhook(endpoint("barber", "cellar"))
	f.putWebhook(endpoint("salon", door))
	f.Clock.Advance(time.Minute)
	s.URL, s.Events = "https://other.example", nil
	w.URL, w.Events, w.UpdatedAt, w.Claim = s.URL, nil, f.Clock.Now(), w.Claim+1
	got, created, err := f.Store.PutWebhook(f.Context(), s, "second", 20)
	f.must("put again", err)
	f.same("created again", created, false)
	f.same("what was put again", got, w)
	list, err := f.Store.Webhooks(f.Context(), "barber")
	f.must("webhooks", err)
	f.same("by id", []store.WebhookID{list[0].ID, list[1].ID}, []store.WebhookID{"cellar", door})
	f.same("number of endpoints", len(list), 2)
	f.same("stored", list[1], w)

	f.enqueue("barber", "e1")
	f.enqueue("salon", "e1")
	f.must("delete", f.Store.DeleteWebhook(f.Context(), "barber", door))
	f.fails("deleted twice", f.Store.DeleteWebhook(f.Context(), "barber", door), booking.ErrNotFound)
	_, err = f.Store.Deliveries(f.Context(), "barber", door, 10)
	f.fails("the log of one that is gone", err, booking.ErrNotFound)
	f.putWebhook(endpoint("barber", door))
	log, err := f.Store.Deliveries(f.Context(), "barber", door, 10)
	f.must("log", err)
	f.same("the log of one that is new", len(log), 0)
	f.same("the endpoint of another venue", f.webhook("salon").Queueing, true)
	_, _, err = f.Store.PutWebhook(f.Context(), endpoint("nowhere", door), "s", 20)
	f.fails("a venue that is not there", err, booking.ErrNotFound)
	q := f.queueOf("salon", delivery("e1"))
	q.Venue = "salon-2"
	err = f.Store.EnqueueDeliveries(f.Context(), q)
	f.fails("an endpoint that is not there", err, booking.ErrNotFound)
}

func webhookLimit(f *Fixture) {
	f.PutCatalogue("barber")
	f.PutCatalogue("salon")
	var refused sync.Map
	var all sync.WaitGroup
	for i := range 6 {
		all.Go(func() {
			_, _, err := f.Store.PutWebhook(f.Context(), endpoint("barber", store.WebhookID(fmt.Sprintf("w%d", i))), "s", 3)
			refused.Store(i, err)
		})
	}
	all.Wait()
	n := 0
	refused.Range(func(_, v any) bool {
		if v != nil {
			err, _ := v.(error)
			f.fails("one too many", err, store.ErrWebhookLimit)
			n++
		}
		return true
	})
	f.same("refused", n, 3)
	list, err := f.Store.Webhooks(f.Context(), "barber")
	f.must("webhooks", err)
	f.same("endpoints", len(list), 3)
	_, created, err := f.Store.PutWebhook(f.Context(), endpoint("barber", list[0].ID), "s", 3)
	f.must("one that is there", err)
	f.same("created", created, false)
	_, _, err = f.Store.PutWebhook(f.Context(), endpoint("salon", door), "s", 3)
	f.must("one of another venue", err)
}

func webhookSecrets(f *Fixture) {
	f.PutCatalogue("barber")
	f.putWebhook(endpoint("barber", door))
	w, err := f.Store.RotateWebhookSecret(f.Context(), "barber", door, "second", time.Hour)
	f.must("rotate", err)
	f.same("secrets", []string{w.Secret, w.PreviousSecret}, []string{"second", "secret of door"})
	f.same("the end of the first", w.PreviousUntil, Morning.Add(time.Hour))
	f.same("stored", f.webhook("barber"), w)
	f.Clock.Advance(time.Minute)
	w, err = f.Store.RotateWebhookSecret(f.Context(), "barber", door, "third", time.Hour)
	f.must("rotate again", err)
	f.same("secrets, within the overlap", []string{w.Secret, w.PreviousSecret}, []string{"third", "secret of door"})
	f.same("the end of the first", w.PreviousUntil, f.Clock.Now().Add(time.Hour))
	f.Clock.Advance(time.Hour)
	w, err = f.Store.RotateWebhookSecret(f.Context(), "barber", door, "fourth", time.Hour)
	f.must("rotate later", err)
	f.same("secrets, after the overlap", []string{w.Secret, w.PreviousSecret}, []string{"fourth", "third"})
	_, err = f.Store.RotateWebhookSecret(f.Context(), "salon", door, "x", time.Hour)
	f.fails("of another venue", err, booking.ErrNotFound)
}

func webhookOrder(f *Fixture) {
	f.PutCatalogue("barber")
	f.putWebhook(endpoint("barber", door))
	f.enqueue("barber", "e3", "e1")
	f.enqueue("barber", "e1", "e2")
	c := f.claim()
	list, events := f.due(c)
	f.same("in order", events, []string{"e3", "e1", "e2"})
	f.same("the first", list[0], store.Delivery{
		Number: list[0].Number, Venue: "barber", Endpoint: door, EventID: "e3", EventName: "booking.confirmed",
		Body: []byte(`{"id":"e3"}`), State: store.DeliveryWaiting, CreatedAt: Morning, NextAttemptAt: Morning,
	})
	backlogs, err := f.Store.WebhookBacklogs(f.Context(), "")
	f.must("backlogs", err)
	f.same("backlogs", backlogs, []store.WebhookBacklog{{Venue: "barber", Endpoint: door, Count: 3, Bytes: 33, Oldest: Morning}})
	backlogs, err = f.Store.WebhookBacklogs(f.Context(), "salon")
	f.must("backlogs", err)
	f.same("backlogs of another venue", len(backlogs), 0)
}

func webhookBounds(f *Fixture) {
	f.PutCatalogue("barber")
	f.putWebhook(endpoint("barber", door))
	f.enqueue("barber", "e1")
	q := f.queueOf("barber", delivery("e2"), delivery("e3"))
	q.MaxCount = 2
	f.fails("too many", f.Store.EnqueueDeliveries(f.Context(), q), store.ErrQueueFull)
	q.MaxCount, q.MaxBytes = 3, 32
	f.fails("too large", f.Store.EnqueueDeliveries(f.Context(), q), store.ErrQueueFull)
	_, events := f.due(f.claim())
	f.same("what waits", events, []string{"e1"})
	q.MaxBytes = 33
	f.must("what fits", f.Store.EnqueueDeliveries(f.Context(), q))
}

func webhookClaims(f *Fixture) {
	f.PutCatalogue("barber")
	f.putWebhook(endpoint("barber", door))
	f.enqueue("barber", "e1")
	var claimed sync.Map
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			claims, err := f.Store.ClaimWebhooks(f.Context(), time.Minute, 10)
			if err != nil {
				f.Errorf("claim: %v", err)
			}
			for range claims {
				claimed.Store(i, true)
			}
		})
	}
	all.Wait()
	n := 0
	claimed.Range(func(any, any) bool { n++; return true })
	f.same("who got the claim", n, 1)
	f.Clock.Advance(time.Minute)
	f.same("after the lease", f.claim().Webhook.ID, door)
	f.Clock.Advance(30 * time.Second)
	claims, err := f.Store.ClaimWebhooks(f.Context(), time.Minute, 10)
	f.must("claim", err)
	f.same("within the lease", len(claims), 0)
}

func webhookLostClaim(f *Fixture) {
	f.PutCatalogue("barber")
	f.putWebhook(endpoint("barber", door))
	f.enqueue("barber", "e1")
	first := f.claim()
	list, _ := f.due(first)
	f.must("renew", f.Store.SettleWebhook(f.Context(), first, store.Settlement{Lease: time.Minute}))
	f.Clock.Advance(2 * time.Minute)
	second := f.claim()
	list[0].State = store.DeliveryDelivered
	err := f.Store.SettleWebhook(f.Context(), first, store.Settlement{Deliveries: list})
	f.fails("settled by the first", err, store.ErrClaimLost)
	_, err = f.Store.WaitingDeliveries(f.Context(), first, 10)
	f.fails("read by the first", err, store.ErrClaimLost)
	_, events := f.due(second)
	f.same("what waits", events, []string{"e1"})
	f.disable("barber", "gone")
	err = f.Store.SettleWebhook(f.Context(), second, store.Settlement{Deliveries: list})
	f.fails("settled after it was disabled", err, store.ErrClaimLost)
}

// webhookVersions: a change, and one endpoint after another, take the claim away, and what was read before is known as old.
func webhookVersions(f *Fixture) {
	for i, c := range []struct {
		what   string
		change func(venue booking.VenueID)
		// keeps: what was tried before goes on waiting.
		keeps bool
	}{
		{"replaced", func(venue booking.VenueID) {
			s := endpoint(venue, door)
			s.URL = "https://other.example/in"
			f.putWebhook(s)
		}, true},
		{"put as it was", func(venue booking.VenueID) { f.putWebhook(endpoint(venue, door)) }, true},
		{"rotated", func(venue booking.VenueID) {
			_, err := f.Store.RotateWebhookSecret(f.Context(), venue, door, "second", time.Hour)
			f.must("rotate", err)
		}, true},
		{"deleted and created again", func(venue booking.VenueID) {
			f.must("delete", f.Store.DeleteWebhook(f.Context(), venue, door))
			f.putWebhook(endpoint(venue, door))
		}, false},
	} {
		venue := booking.VenueID(fmt.Sprintf("barber-%d", i))
		f.PutCatalogue(venue)
		f.putWebhook(endpoint(venue, door))
		f.enqueue(venue, "e1")
		old := f.claim()
		list, _ := f.due(old)
		c.change(venue)
		if !c.keeps {
			f.enqueue(venue, "e1")
		}
		c2 := f.claim() // at once, though the lease goes on
		f.fails(c.what+": settled", f.Store.SettleWebhook(f.Context(), old, store.Settlement{Deliveries: list, Failed: true}), store.ErrClaimLost)
		_, err := f.Store.WaitingDeliveries(f.Context(), old, 10)
		f.fails(c.what+": read", err, store.ErrClaimLost)
		_, err = f.Store.DisableWebhook(f.Context(), venue, door, old.Webhook.Version(), "410")
		f.fails(c.what+": disabled", err, store.ErrWebhookChanged)
		late := delivery("e2")
		late.Attempts, late.Delay = 1, time.Hour
		f.must("enqueue", f.Store.EnqueueDeliveries(f.Context(), store.QueuedDeliveries{
			Venue: venue, Endpoint: door, Version: old.Webhook.Version(), Deliveries: []store.Delivery{late}, Failed: true, Delay: time.Hour,
		}))
		w := f.webhook(venue)
		f.same(c.what+": enabled, and failed", []any{w.Disabled, w.Failures, w.RetryAt}, []any{"", 0, Morning})
		_, events := f.due(c2)
		want := []string{"e1"}
		if c.keeps {
			want = []string{"e1", "e2"}
		}
		f.same(c.what+": due", events, want)
		was, err := f.Store.DisableWebhook(f.Context(), venue, door, c2.Webhook.Version(), "410")
		f.must("disable", err)
		f.same(c.what+": disabled as it is", was, true)
	}
}

func webhookRetries(f *Fixture) {
	f.PutCatalogue("barber")
	f.putWebhook(endpoint("barber", door))
	q := f.queueOf("barber", delivery("e1"), delivery("e2"))
	q.Failed, q.Delay = true, 5*time.Second
	q.Deliveries[0].Attempts, q.Deliveries[0].Delay = 1, 10*time.Second
	f.must("enqueue", f.Store.EnqueueDeliveries(f.Context(), q))
	w := f.webhook("barber")
	f.same("failing", []any{w.FailingSince, w.Failures, w.RetryAt}, []any{Morning, 1, Morning.Add(5 * time.Second)})
	claims, err := f.Store.ClaimWebhooks(f.Context(), time.Minute, 10)
	f.must("claim", err)
	f.same("claimed before it is due", len(claims), 0)
	f.Clock.Advance(5 * time.Second)
	c := f.claim()
	list, events := f.due(c)
	f.same("due at first", events, []string{"e2"})
	tried := list[0]
	tried.Attempts, tried.AttemptedAt, tried.Status, tried.Error, tried.Took = 1, f.Clock.Now(), 500, "it answered 500", 1500*time.Microsecond
	tried.Delay = time.Hour
	f.must("settle", f.Store.SettleWebhook(f.Context(), c, store.Settlement{
		Deliveries: []store.Delivery{tried}, Failed: true, Pause: time.Minute,
	}))
	w = f.webhook("barber")
	f.same("failing still", []any{w.FailingSince, w.Failures, w.RetryAt}, []any{Morning, 2, f.Clock.Now().Add(time.Minute)})
	stored, err := f.Store.Delivery(f.Context(), "barber", door, tried.Number)
	f.must("delivery", err)
	tried.Delay, tried.NextAttemptAt = 0, f.Clock.Now().Add(time.Hour)
	f.same("what was tried", stored, tried)
	f.Clock.Advance(time.Minute)
	c = f.claim()
	list, events = f.due(c)
	f.same("due then", events, []string{"e1"})
	f.enqueue("barber", "e3")
	refused, _ := f.due(c)
	list[0].State, list[0].Attempts = store.DeliveryDelivered, 2
	refused[1].Attempts, refused[1].Delay = 1, 2*time.Hour
	f.must("settle", f.Store.SettleWebhook(f.Context(), c, store.Settlement{
		Deliveries: append(list, refused[1]), Succeeded: true, Pause: time.Second,
	}))
	w = f.webhook("barber")
	f.same("failing no more", []any{w.FailingSince, w.Failures, w.RetryAt}, []any{time.Time{}, 0, f.Clock.Now().Add(time.Second)})
	f.Clock.Advance(time.Second)
	c = f.claim()
	list, events = f.due(c)
	f.same("due once it has recovered, but what has failed just now", events, []string{"e2"})
	list[0].Attempts, list[0].Delay = 2, 3*time.Hour
	f.must("settle", f.Store.SettleWebhook(f.Context(), c, store.Settlement{Deliveries: list, Succeeded: true}))
	f.same("due, of one that was well", f.webhook("barber").RetryAt, f.Clock.Now().Add(2*time.Hour-time.Second))
	f.putWebhook(endpoint("barber", door))
	_, events = f.due(f.claim())
	f.same("due once it is put", events, []string{"e2", "e3"})
}

func webhookQueueing(f *Fixture) {
	f.PutCatalogue("barber")
	f.putWebhook(endpoint("barber", door))
	q := f.queueOf("barber", delivery("e1"), delivery("e2"))
	q.Deliveries[0].Attempts, q.Deliveries[0].Delay = 1, time.Hour
	f.must("enqueue", f.Store.EnqueueDeliveries(f.Context(), q))
	c := f.claim()
	list, _ := f.due(c)
	f.enqueue("barber", "e3")
	list[0].State, list[0].Attempts = store.DeliveryDelivered, 1
	f.must("settle", f.Store.SettleWebhook(f.Context(), c, store.Settlement{Deliveries: list, Succeeded: true, Lease: time.Minute}))
	f.same("queueing while one was never tried", f.webhook("barber").Queueing, true)
	list, events := f.due(c)
	f.same("due", events, []string{"e3"})
	list[0].State, list[0].Attempts = store.DeliveryDelivered, 1
	f.must("settle", f.Store.SettleWebhook(f.Context(), c, store.Settlement{Deliveries: list, Succeeded: true}))
	f.same("queueing when all were", f.webhook("barber").Queueing, false)
}

func webhookDisabled(f *Fixture) {
	f.PutCatalogue("barber")
	f.hasWebhooks(false)
	f.putWebhook(endpoint("barber", door))
	f.hasWebhooks(true)
	f.enqueue("barber", "e1")
	f.same("was enabled", f.disable("barber", "three days are over"), true)
	f.same("was enabled", f.disable("barber", "again"), false)
	f.hasWebhooks(false)
	w := f.webhook("barber")
	f.same("disabled", []any{w.Disabled, w.DisabledAt, w.Queueing, w.RetryAt}, []any{"three days are over", Morning, false, time.Time{}})
	f.enqueue("barber", "e2")
	log, err := f.Store.Deliveries(f.Context(), "barber", door, 10)
	f.must("log", err)
	f.same("number in the log", len(log), 1)
	f.same("the log", []any{log[0].EventID, log[0].State, log[0].Error, log[0].NextAttemptAt},
		[]any{"e1", store.DeliveryFailed, store.DisabledDelivery, time.Time{}})
	f.Change("barber", func(d *Draft) { d.PutVenue(SampleVenue("barber")) })
	f.Clock.Advance(time.Minute)
	w = f.putWebhook(endpoint("barber", door))
	f.same("enabled again", []any{w.Disabled, w.DisabledAt, w.Revision}, []any{"", time.Time{}, f.Revision("barber")})
	s := endpoint("barber", door)
	s.Disabled = "by the operator"
	f.enqueue("barber", "e3")
	f.putWebhook(s)
	backlogs, err := f.Store.WebhookBacklogs(f.Context(), "barber")
	f.must("backlogs", err)
	f.same("waiting after the operator has disabled it", len(backlogs), 0)
	claims, err := f.Store.ClaimWebhooks(f.Context(), time.Minute, 10)
	f.must("claim", err)
	f.same("due", len(claims), 0)
}

func webhookLog(f *Fixture) {
	f.PutCatalogue("barber")
	f.putWebhook(endpoint("barber", door))
	f.enqueue("barber", "waits")
	done := make([]store.Delivery, store.RetainedDeliveries+5)
	for i := range done {
		d := delivery(fmt.Sprintf("e%d", i))
		d.Venue, d.Endpoint, d.State, d.Attempts, d.AttemptedAt, d.Status = "barber", door, store.DeliveryDelivered, 1, Morning, 204
		d.Took = 1500 * time.Microsecond
		done[i] = d
	}
	last := len(done) - 1
	done[last].Body = make([]byte, store.MaxLoggedBody+1)
	gone := done[0]
	gone.Endpoint = "gone"
	f.must("record", f.Store.RecordDeliveries(f.Context(), append([]store.Delivery{gone}, done...)))
	log, err := f.Store.Deliveries(f.Context(), "barber", door, 1000)
	f.must("log", err)
	f.same("length of the log", len(log), store.RetainedDeliveries+1)
	f.same("the newest first", log[0].EventID, done[last].EventID)
	f.same("the oldest of them", log[len(log)-2].EventID, "e5")
	f.same("what waits", log[len(log)-1].EventID, "waits")
	want := done[last-1]
	want.Number, want.CreatedAt, want.Body = log[1].Number, Morning, nil
	f.same("an entry", log[1], want)
	want.Body = done[last-1].Body
	got, err := f.Store.Delivery(f.Context(), "barber", door, log[1].Number)
	f.must("delivery", err)
	f.same("with its body", got, want)
	got, err = f.Store.Delivery(f.Context(), "barber", door, log[0].Number)
	f.must("delivery", err)
	f.same("a long body", len(got.Body), 0)
	_, err = f.Store.Delivery(f.Context(), "salon", door, log[1].Number)
	f.fails("of another venue", err, booking.ErrNotFound)
	few, err := f.Store.Deliveries(f.Context(), "barber", door, 3)
	f.must("log", err)
	f.same("a few", len(few), 3)
}

func webhookByHand(f *Fixture) {
	f.PutCatalogue("barber")
	f.putWebhook(endpoint("barber", door))
	f.enqueue("barber", "e1")
	list, _ := f.due(f.claim())
	again := list[0]
	again.State, again.Status, again.Error, again.AttemptedAt = store.DeliveryFailed, 500, "it answered 500", Morning.Add(time.Second)
	f.must("record", f.Store.RecordDeliveries(f.Context(), []store.Delivery{again}))
	got, err := f.Store.Delivery(f.Context(), "barber", door, again.Number)
	f.must("delivery", err)
	f.same("failed again", []any{got.State, got.Attempts, got.Status, got.NextAttemptAt}, []any{store.DeliveryWaiting, 1, 500, Morning})
	again.State, again.Status, again.Error = store.DeliveryDelivered, 200, ""
	f.must("record", f.Store.RecordDeliveries(f.Context(), []store.Delivery{again}))
	got, err = f.Store.Delivery(f.Context(), "barber", door, again.Number)
	f.must("delivery", err)
	f.same("delivered", []any{got.State, got.Attempts, got.Status, got.Error, got.NextAttemptAt},
		[]any{store.DeliveryDelivered, 2, 200, "", time.Time{}})
	again.State, again.Status, again.Error = store.DeliveryFailed, 500, "it answered 500"
	f.must("record", f.Store.RecordDeliveries(f.Context(), []store.Delivery{again}))
	got, err = f.Store.Delivery(f.Context(), "barber", door, again.Number)
	f.must("delivery", err)
	f.same("delivered, and failed once more", []any{got.State, got.Attempts, got.Status, got.Error, got.NextAttemptAt},
		[]any{store.DeliveryDelivered, 3, 500, "it answered 500", time.Time{}})
	f.Clock.Advance(2 * time.Minute)
	late := again
	late.State, late.Attempts = store.DeliveryWaiting, 5
	c := f.claim()
	f.must("settle", f.Store.SettleWebhook(f.Context(), c, store.Settlement{Deliveries: []store.Delivery{late}}))
	got, err = f.Store.Delivery(f.Context(), "barber", door, again.Number)
	f.must("delivery", err)
	f.same("an attempt that was under way meanwhile", got.State, store.DeliveryDelivered)
}
