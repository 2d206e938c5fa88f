package webhook

import (
	"cmp"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/bus"
	"vacancy/internal/store"
)

// Config is what the bus needs. Meter, Alerts, Log, Paused and Now may be left out.
type Config struct {
	Store store.Webhooks
	// AllowedNetworks are those that webhooks may lead to though they are not public, and by plain http too.
	AllowedNetworks []netip.Prefix
	// Roots are the authorities whose certificates count; nil: the machine's.
	Roots  *x509.CertPool
	Meter  Meter
	Alerts Alerts
	Log    *slog.Logger
	// Paused tells that nothing is to leave this installation by itself: it is a copy, or somebody has said so.
	Paused func() bool
	Now    func() time.Time
}

// Meter counts. It must be quick, and safe for use by several goroutines.
type Meter interface {
	// Attempt counts an attempt, and how long it took.
	Attempt(outcome Outcome, took time.Duration)
	// Backlog is how many events wait in the database for an endpoint, and how long the oldest has. Every node reports all of them.
	Backlog(waiting int, oldest time.Duration)
	// Disabled counts an endpoint that was disabled since it failed.
	Disabled()
	// LogDropped counts deliveries that are not in the log, since it could not be written.
	LogDropped(n int)
}

// Alerts has a person told.
type Alerts interface {
	// WebhookDisabled: an endpoint was disabled, and its events are lost from now on. Reason is a sentence without a secret.
	WebhookDisabled(venue booking.VenueID, id store.WebhookID, reason string)
}

type noMeter struct{}

func (noMeter) Attempt(Outcome, time.Duration) {}
func (noMeter) Backlog(int, time.Duration)     {}
func (noMeter) Disabled()                      {}
func (noMeter) LogDropped(int)                 {}

type noAlerts struct{}

func (noAlerts) WebhookDisabled(booking.VenueID, store.WebhookID, string) {}

var (
	errClosed = fmt.Errorf("%w: it was closed", bus.ErrUnavailable)
	errBadURL = errors.New("the address of the webhook cannot be read")
)

// Bus is a [bus.Bus] that delivers to the endpoints of venues.
type Bus struct {
	config  Config
	guard   *guard
	sender  *sender
	inline  *slots
	retries *slots
	log     *deliveryLog
	counts  countTimes
	slow    slowEndpoints
	// wake has the retries looked for at once.
	wake chan struct{}

	closing context.Context //nolint:containedctx // it ends when the bus is closed
	close   context.CancelFunc
	// running is read-locked by every call and by Run; Close waits for them.
	running sync.WaitGroup
	mu      sync.Mutex // guards closed, and running from being added to afterwards
	closed  bool
	// fault is the last error of the database, nil if there was none.
	fault atomic.Pointer[error]
}

var _ bus.Bus = (*Bus)(nil)

// New makes a bus. It does nothing by itself: see [Bus.Run].
func New(config Config) *Bus {
	if config.Meter == nil {
		config.Meter = noMeter{}
	}
	if config.Alerts == nil {
		config.Alerts = noAlerts{}
	}
	config.Log = cmp.Or(config.Log, slog.New(slog.DiscardHandler))
	if config.Now == nil {
		config.Now = time.Now
	}
	if config.Paused == nil {
		config.Paused = func() bool { return false }
	}
	g := &guard{allowed: config.AllowedNetworks}
	b := &Bus{
		config: config, guard: g, sender: newSender(g, config.Roots), inline: newSlots(maxAttempts), retries: newSlots(maxRetries),
		log: newDeliveryLog(config.Store, config.Meter), wake: make(chan struct{}, 1),
	}
	b.closing, b.close = context.WithCancel(context.Background())
	return b
}

// begin is called by each call, and fails once the bus is closed. The context that it returns ends with the bus too.
func (b *Bus) begin(ctx context.Context) (bounded context.Context, end func(), err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return nil, nil, errClosed
	}
	b.running.Add(1)
	bounded, cancel := context.WithCancel(ctx)
	stop := context.AfterFunc(b.closing, cancel)
	return bounded, func() {
		stop()
		cancel()
		b.running.Done()
	}, nil
}

// Health is nil unless the bus is closed, or the database could not be reached the last time.
func (b *Bus) Health() error {
	if b.closing.Err() != nil {
		return errClosed
	}
	if fault := b.fault.Load(); fault != nil {
		return *fault
	}
	return nil
}

// Close ends attempts that are under way. What waits in the database is tried by others, or later.
func (b *Bus) Close() error {
	b.mu.Lock()
	b.closed = true
	b.mu.Unlock()
	b.close()
	b.running.Wait()
	b.sender.close()
	return nil
}

// stored notes what the database has answered, for [Bus.Health].
func (b *Bus) stored(err error) error {
	switch {
	case err == nil, errors.Is(err, booking.ErrNotFound), errors.Is(err, store.ErrRejected), errors.Is(err, store.ErrClaimLost),
		errors.Is(err, store.ErrWebhookChanged):
		b.fault.Store(nil)
		return err
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	}
	fault := fmt.Errorf("%w: %w", bus.ErrUnavailable, err)
	b.fault.Store(&fault)
	return err
}

// Publish delivers the events of a venue to its endpoints, or has them wait in the database. It fails only if the database does, or ctx
// ends.
func (b *Bus) Publish(ctx context.Context, venue booking.VenueID, events []bus.Event) (bus.Receipt, error) {
	until := time.Now().Add(inlineTime)
	ctx, end, err := b.begin(ctx)
	if err != nil {
		return bus.Receipt{}, err
	}
	defer end()
	if len(events) == 0 {
		return bus.Receipt{}, nil
	}
	if err := ctx.Err(); err != nil {
		return bus.Receipt{}, fmt.Errorf("%w: %w", bus.ErrUnavailable, err)
	}
	if err := oversized(events); err != nil {
		return bus.Receipt{}, err
	}
	endpoints, err := b.config.Store.Webhooks(ctx, venue)
	if b.stored(err) != nil {
		return bus.Receipt{}, fmt.Errorf("%w: %w", bus.ErrUnavailable, err)
	}
	if err := b.publish(ctx, endpoints, events, until); err != nil {
		return bus.Receipt{}, fmt.Errorf("%w: %w", bus.ErrUnavailable, err)
	}
	return bus.Receipt{}, nil
}

// oversized names the first event that no endpoint is to be given.
func oversized(events []bus.Event) error {
	for i := range events {
		if len(events[i].Data) > bus.MaxEventSize {
			return &bus.RejectedError{Index: i, Reason: fmt.Sprintf("its data has %d bytes, and may have %d", len(events[i].Data), bus.MaxEventSize)}
		}
	}
	return nil
}

// publish delivers to the endpoints side by side.
func (b *Bus) publish(ctx context.Context, endpoints []store.Webhook, events []bus.Event, until time.Time) error {
	errs := make([]error, len(endpoints))
	var all sync.WaitGroup
	for i := range endpoints {
		w := &endpoints[i]
		wanted, err := b.wanted(w, events)
		if err != nil {
			errs[i] = err
			break
		}
		if len(wanted) > 0 {
			all.Go(func() { errs[i] = b.deliver(ctx, w, wanted, until) })
		}
	}
	all.Wait()
	return errors.Join(errs...)
}

// wanted are the deliveries of what an endpoint wants.
func (b *Bus) wanted(w *store.Webhook, events []bus.Event) (list []store.Delivery, err error) {
	if w.Disabled != "" {
		return nil, nil
	}
	for i := range events {
		e := &events[i]
		if !wants(w, e) {
			continue
		}
		body, err := e.Structured()
		if err != nil {
			return nil, fmt.Errorf("encode event %s: %w", e.ID, err)
		}
		list = append(list, store.Delivery{Venue: w.Venue, Endpoint: w.ID, EventID: e.ID, EventName: string(e.Name), Body: body})
	}
	return list, nil
}

// deliver delivers events to an endpoint in order, until one fails or the time is up: it and those behind it wait in the database then.
// What was delivered is not lost if ctx ends: the caller would send all of it again, and with a slow endpoint end at the same place.
func (b *Bus) deliver(ctx context.Context, w *store.Webhook, list []store.Delivery, until time.Time) error {
	if w.Queueing || b.slow.has(w) {
		// Meanwhile the caller collects what follows: each write has bookings wait for a moment.
		if err := wait(ctx, enqueueInterval); err != nil {
			return err
		}
		return b.enqueue(ctx, w, list, false, 0)
	}
	for i := range list {
		result, err := b.attemptInline(ctx, w, &list[i], until)
		switch {
		case errors.Is(err, context.DeadlineExceeded), i > 0 && errors.Is(err, context.Canceled):
			return b.enqueue(ctx, w, list[i:], false, 0)
		case err != nil:
			return err
		}
		switch {
		case result.delivered():
			list[i].State = store.DeliveryDelivered
			b.log.add(list[i])
			if b.slow.note(w, result.took) && i+1 < len(list) {
				return b.enqueue(ctx, w, list[i+1:], false, 0)
			}
		case result.outcome == Gone:
			gone := list[i]
			gone.State = store.DeliveryFailed
			err := b.disable(ctx, w, goneReason)
			if errors.Is(err, store.ErrWebhookChanged) { // who is gone is not whom it leads to now
				return b.enqueue(ctx, w, list[i:], false, 0)
			}
			if err == nil {
				b.log.add(gone)
			}
			return err
		default:
			b.config.Log.Warn("a webhook fails: its events wait and are tried again", "venue", w.Venue, "webhook", w.ID,
				"event", list[i].EventID, "outcome", result.outcome, "reason", result.text)
			// It is due with the endpoint, so that those behind it do not come before it.
			list[i].Delay = max(endpointBackoff(1), result.retryAfter)
			return b.enqueue(ctx, w, list[i:], true, list[i].Delay)
		}
	}
	return nil
}

func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// attempt waits for a slot and makes one attempt of a delivery.
func (b *Bus) attempt(ctx context.Context, from *slots, w *store.Webhook, d *store.Delivery) (attempted, error) {
	release, err := from.acquire(ctx, w.Venue)
	if err != nil {
		return attempted{}, err
	}
	defer release()
	return b.send(ctx, w, d)
}

// attemptInline is an attempt that is not begun any more once the time is up. The error is [context.DeadlineExceeded] then.
func (b *Bus) attemptInline(ctx context.Context, w *store.Webhook, d *store.Delivery, until time.Time) (attempted, error) {
	waiting, cancel := context.WithDeadline(ctx, until)
	defer cancel()
	release, err := b.inline.acquire(waiting, w.Venue)
	if err != nil {
		return attempted{}, err
	}
	defer release()
	return b.send(ctx, w, d)
}

// send makes one attempt of a delivery, and notes in it what became of it.
func (b *Bus) send(ctx context.Context, w *store.Webhook, d *store.Delivery) (attempted, error) {
	d.Attempts++
	m := message{id: d.EventID, body: d.Body, attempt: d.Attempts, late: d.Attempts > 1}
	result, err := b.sender.send(ctx, w, m, b.config.Now())
	if err != nil {
		return result, err
	}
	d.AttemptedAt, d.Status, d.Error, d.Took = result.at, result.status, result.text, result.took
	b.config.Meter.Attempt(result.outcome, result.took)
	b.config.Log.Debug("a webhook was tried", "venue", w.Venue, "webhook", w.ID, "event", d.EventID, "attempt", d.Attempts,
		"outcome", result.outcome, "status", result.status, "took", result.took, "reason", result.text)
	return result, nil
}

// enqueue has deliveries wait in the database. If it is full, the endpoint is disabled: what would be left out otherwise, nobody would
// notice. It goes on though ctx ends: those before were delivered.
func (b *Bus) enqueue(ctx context.Context, w *store.Webhook, list []store.Delivery, failed bool, delay time.Duration) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTimeout)
	defer cancel()
	q := store.QueuedDeliveries{Venue: w.Venue, Endpoint: w.ID, Version: w.Version(), Deliveries: list, Failed: failed, Delay: delay}
	if b.counts.due(w, b.config.Now()) {
		q.MaxCount, q.MaxBytes = maxWaiting, maxWaitingBytes
	}
	err := b.stored(b.config.Store.EnqueueDeliveries(ctx, q))
	switch {
	case errors.Is(err, store.ErrQueueFull):
		return b.disable(ctx, w, fmt.Sprintf("more than %d events, or %d MB, wait for it", maxWaiting, maxWaitingBytes>>20))
	case errors.Is(err, booking.ErrNotFound): // it was deleted meanwhile
		return nil
	case err == nil && delay == 0:
		select {
		case b.wake <- struct{}{}:
		default:
		}
	}
	return err
}

// countTimes are when the queue of each endpoint was counted last.
type countTimes struct{ last sync.Map }

type endpointKey struct {
	venue booking.VenueID
	id    store.WebhookID
}

// due tells whether a queue is to be counted, and notes that it is.
func (c *countTimes) due(w *store.Webhook, now time.Time) bool {
	key := endpointKey{w.Venue, w.ID}
	if last, ok := c.last.Load(key); ok && now.Sub(last.(time.Time)) < countInterval { //nolint:errcheck // there is nothing else in it
		return false
	}
	c.last.Store(key, now)
	return true
}

// forget is for an endpoint that nothing waits for any more.
func (c *countTimes) forget(w *store.Webhook) { c.last.Delete(endpointKey{w.Venue, w.ID}) }

// slowEndpoints are those that took long the last time.
type slowEndpoints struct{ until sync.Map }

// has tells whether an endpoint was slow lately.
func (s *slowEndpoints) has(w *store.Webhook) bool {
	key := endpointKey{w.Venue, w.ID}
	until, ok := s.until.Load(key)
	if ok && !time.Now().Before(until.(time.Time)) { //nolint:errcheck // there is nothing else in it
		s.until.Delete(key)
		return false
	}
	return ok
}

// note takes in how long a delivery took, and tells whether that was long.
func (s *slowEndpoints) note(w *store.Webhook, took time.Duration) bool {
	if took < slowAttempt {
		s.forget(w)
		return false
	}
	s.until.Store(endpointKey{w.Venue, w.ID}, time.Now().Add(slowTime))
	return true
}

func (s *slowEndpoints) forget(w *store.Webhook) { s.until.Delete(endpointKey{w.Venue, w.ID}) }

const goneReason = "it answered 410 Gone: it wants no more events"

// disable disables an endpoint and has a person told, once. It fails if the endpoint was changed meanwhile: see [store.ErrWebhookChanged].
func (b *Bus) disable(ctx context.Context, w *store.Webhook, reason string) error {
	was, err := b.config.Store.DisableWebhook(ctx, w.Venue, w.ID, w.Version(), reason)
	if b.stored(err) != nil && !errors.Is(err, booking.ErrNotFound) {
		return err
	}
	b.counts.forget(w)
	b.slow.forget(w)
	if was {
		b.config.Log.Error("a webhook is disabled: its events are lost from now on", "venue", w.Venue, "webhook", w.ID, "reason", reason)
		b.config.Meter.Disabled()
		b.config.Alerts.WebhookDisabled(w.Venue, w.ID, reason)
	}
	return nil
}
