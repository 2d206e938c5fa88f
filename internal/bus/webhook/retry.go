package webhook

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/store"
)

// Run makes the attempts that wait in the database, those of all nodes' events, until ctx ends or the bus is closed. It returns once those
// under way have ended, and the log is written.
func (b *Bus) Run(ctx context.Context) {
	ctx, end, err := b.begin(ctx)
	if err != nil {
		return
	}
	defer end()
	r := newRetrier(b)
	defer r.close(ctx)
	poll, meter := time.NewTicker(pollInterval), time.NewTicker(meterInterval)
	defer poll.Stop()
	defer meter.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-meter.C:
			b.note("count what waits for webhooks", b.countBacklog(ctx))
		case <-b.wake:
			b.note("retry webhooks", r.start(ctx))
		case <-poll.C:
			b.note("write the log of webhooks", b.stored(b.log.flush(ctx)))
			b.note("retry webhooks", r.start(ctx))
		}
	}
}

// note logs what failed, and is tried again by itself. Where the database is away, others say so already.
func (b *Bus) note(what string, err error) {
	if err != nil && !errors.Is(err, context.Canceled) {
		b.config.Log.Debug("webhooks cannot do their work now", "what", what, "error", err)
	}
}

func (b *Bus) countBacklog(ctx context.Context) error {
	backlogs, err := b.config.Store.WebhookBacklogs(ctx, "")
	if b.stored(err) != nil {
		return err
	}
	waiting, oldest, now := 0, time.Duration(0), b.config.Now()
	for _, backlog := range backlogs {
		waiting += backlog.Count
		oldest = max(oldest, now.Sub(backlog.Oldest))
	}
	b.config.Meter.Backlog(waiting, oldest)
	return nil
}

// retrier drains the queues of claimed endpoints side by side.
type retrier struct {
	*Bus
	drains sync.WaitGroup
	mu     sync.Mutex
	active int
	// venues is how many of the active are of each venue.
	venues map[booking.VenueID]int
}

func newRetrier(b *Bus) *retrier { return &retrier{Bus: b, venues: make(map[booking.VenueID]int)} }

// start claims as many endpoints as there is room for, and drains each. Of a venue that has its share already, they are given back, and
// others are claimed in their place.
func (r *retrier) start(ctx context.Context) error {
	for {
		room := r.room()
		if room <= 0 || r.config.Paused() {
			return nil
		}
		claims, err := r.config.Store.ClaimWebhooks(ctx, lease, room)
		if r.stored(err) != nil {
			return err
		}
		var errs []error
		busy := false
		for _, claim := range claims {
			d, venue := newDrain(r.Bus, claim), claim.Webhook.Venue
			if !r.enter(venue) {
				busy = true
				errs = append(errs, d.release(ctx, busyPause))
				continue
			}
			r.drains.Go(func() {
				defer r.leave(venue)
				r.note("drain the queue of a webhook", d.run(ctx))
			})
		}
		if err := errors.Join(errs...); err != nil || !busy {
			return err
		}
	}
}

// room is how many more drains there may be.
func (r *retrier) room() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return maxRetries - r.active
}

// enter counts a drain, unless its venue has its share already.
func (r *retrier) enter(venue booking.VenueID) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.venues[venue] >= maxPerVenue {
		return false
	}
	r.active++
	r.venues[venue]++
	return true
}

func (r *retrier) leave(venue booking.VenueID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.active--
	if r.venues[venue]--; r.venues[venue] == 0 {
		delete(r.venues, venue)
	}
}

// close waits for the drains, and writes the log.
func (r *retrier) close(ctx context.Context) {
	r.drains.Wait()
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTimeout)
	defer cancel()
	r.note("write the log of webhooks", r.log.flush(last))
}

// drain makes the attempts that are due of one claimed endpoint.
type drain struct {
	*Bus
	claim   store.WebhookClaim
	w       *store.Webhook
	began   time.Time
	settled time.Time
	// done are attempts that are not written to the database yet; last says what they mean for the endpoint.
	done []store.Delivery
	last store.Settlement
	// doubted: an event has failed by an answer, and another is tried to see with which of the two it lies.
	doubted bool
	// recovered: the endpoint has taken an event after it had failed, so what was read of its queue is not all that is due.
	recovered bool
}

func newDrain(b *Bus, claim store.WebhookClaim) *drain {
	now := b.config.Now()
	return &drain{Bus: b, claim: claim, w: &claim.Webhook, began: now, settled: now}
}

// run tries what is due, and gives the claim up.
func (d *drain) run(ctx context.Context) error {
	err := d.tryAll(ctx)
	if err == nil || errors.Is(err, store.ErrClaimLost) {
		return nil
	}
	return errors.Join(err, d.release(ctx, 0))
}

// tryAll tries what is due, in order, until nothing is, or an attempt fails that says that the endpoint is out of order. After an error
// the claim is still to be given up.
func (d *drain) tryAll(ctx context.Context) error {
	for {
		list, err := d.config.Store.WaitingDeliveries(ctx, d.claim, waitingPage)
		if d.stored(err) != nil {
			return err
		}
		for i := range list {
			goOn, err := d.try(ctx, &list[i])
			if err != nil || !goOn {
				return err
			}
			if d.config.Now().Sub(d.began) > drainTime {
				return d.release(ctx, 0)
			}
			if d.recovered {
				break
			}
		}
		if len(list) < waitingPage && !d.recovered && (len(d.done) == 0 || d.last.Failed) {
			return d.release(ctx, 0)
		}
		d.recovered = false
		if err := d.settle(ctx); err != nil {
			return err
		}
	}
}

// try makes one attempt. It tells whether the drain goes on; if not, the claim is given up.
func (d *drain) try(ctx context.Context, delivery *store.Delivery) (goOn bool, err error) {
	result, err := d.attempt(ctx, d.retries, d.w, delivery)
	if err != nil {
		return false, err
	}
	switch {
	case result.delivered():
		d.slow.note(d.w, result.took)
		delivery.State, delivery.Error = store.DeliveryDelivered, ""
		d.last.Succeeded, d.last.Failed = true, false
		d.blame()
		if d.w.Failures > 0 {
			d.recovered = true
			d.config.Log.Info("a webhook takes events again", "venue", d.w.Venue, "webhook", d.w.ID)
			d.w.Failures = 0
		}
		d.done = append(d.done, *delivery)
		return true, d.settleSometimes(ctx)
	case result.outcome == Gone:
		return false, d.giveUp(ctx, delivery, goneReason)
	case d.age(delivery) >= retention:
		return false, d.giveUp(ctx, delivery, fmt.Sprintf("event %s was not delivered in %d hours: %s",
			delivery.EventID, int(retention.Hours()), result.text))
	}
	d.delay(&result, delivery)
	d.done = append(d.done, *delivery)
	return d.failed(ctx, &result, delivery)
}

// delay sets in how long an event that has failed is due again. It is backed off only if the failure may lie with it. Otherwise it stays
// due with the endpoint, so that it comes before those that were published after it once the endpoint is well.
func (d *drain) delay(result *attempted, delivery *store.Delivery) {
	switch {
	case result.outcome.answered(), blamable(result, delivery) && d.last.Succeeded:
		delivery.Delay = eventBackoff(delivery.Attempts)
	case d.tried(delivery):
		delivery.Delay = endpointBackoff(delivery.Attempts)
	default:
		delivery.Delay = 0
	}
	delivery.Delay = max(delivery.Delay, result.retryAfter)
}

// blamable tells whether a failure may lie with the event. One that was not answered in time again and again may be too much for a receiver
// that takes others.
func blamable(result *attempted, delivery *store.Delivery) bool {
	return result.outcome.answered() || result.outcome == Timeout && delivery.Attempts > maxTimeouts
}

// blame backs off the event that was not answered, now that the endpoint has taken another.
func (d *drain) blame() {
	for i := range d.done {
		if failed := &d.done[i]; failed.State == store.DeliveryWaiting && failed.Attempts > maxTimeouts {
			failed.Delay = max(failed.Delay, eventBackoff(failed.Attempts))
		}
	}
}

// giveUp disables the endpoint, whose claim is lost by that.
func (d *drain) giveUp(ctx context.Context, delivery *store.Delivery, reason string) error {
	delivery.State = store.DeliveryFailed
	d.done = append(d.done, *delivery)
	if err := d.settle(ctx); err != nil {
		return err
	}
	if err := d.disable(ctx, d.w, reason); !errors.Is(err, store.ErrWebhookChanged) {
		return err
	}
	return nil // what it has become is tried by another drain
}

// failed decides what a failure says. An endpoint that is well otherwise is not blamed for an event that has failed before. One that
// answered may refuse that event alone: the next is tried before it is left alone.
func (d *drain) failed(ctx context.Context, result *attempted, delivery *store.Delivery) (goOn bool, err error) {
	switch perhapsItsOwn := blamable(result, delivery); {
	case perhapsItsOwn && (d.last.Succeeded || d.tried(delivery)):
		return true, d.settleSometimes(ctx)
	case d.tried(delivery) && !d.last.Succeeded: // whether the endpoint is well, its next event shows
		return false, d.release(ctx, max(endpointBackoff(1), result.retryAfter))
	case perhapsItsOwn && !d.doubted:
		d.doubted, d.last.Failed = true, true
		return true, d.settleSometimes(ctx)
	}
	d.last.Succeeded, d.last.Failed = false, true
	return false, d.release(ctx, max(endpointBackoff(d.w.Failures+1), result.retryAfter))
}

// tried tells of an event that has failed before, for an endpoint that takes others.
func (d *drain) tried(delivery *store.Delivery) bool { return !d.w.Queueing && delivery.Attempts > 1 }

// age is how long ago a delivery was stored, by the store's clock.
func (d *drain) age(delivery *store.Delivery) time.Duration {
	return d.claim.Now.Add(d.config.Now().Sub(d.began)).Sub(delivery.CreatedAt)
}

// settleSometimes writes what was done before the claim runs out.
func (d *drain) settleSometimes(ctx context.Context) error {
	if d.config.Now().Sub(d.settled) < renewInterval {
		return nil
	}
	return d.settle(ctx)
}

// settle writes what was done, and keeps the claim. The verdict on the endpoint stays open.
func (d *drain) settle(ctx context.Context) error {
	d.settled = d.config.Now()
	verdict := d.last.Succeeded
	return d.write(ctx, store.Settlement{Deliveries: d.done, Succeeded: verdict, Lease: lease})
}

// release writes what was done, and gives the claim up: nothing is tried before the pause is over.
func (d *drain) release(ctx context.Context, pause time.Duration) error {
	if d.last.Failed && pause == 0 { // the doubt was never settled, for want of another event
		pause = endpointBackoff(d.w.Failures + 1)
	}
	s := d.last
	s.Deliveries, s.Pause = d.done, pause
	return d.write(ctx, s)
}

// write writes a settlement, though the server may be stopping: what was delivered is not to be sent again.
func (d *drain) write(ctx context.Context, s store.Settlement) error {
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTimeout)
	defer cancel()
	err := d.stored(d.config.Store.SettleWebhook(last, d.claim, s))
	if err == nil {
		d.done = nil
	}
	if errors.Is(err, store.ErrClaimLost) {
		d.config.Log.Debug("a webhook was changed, or another node has it", "venue", d.w.Venue, "webhook", d.w.ID)
	}
	return err
}
