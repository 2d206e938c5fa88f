package store

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"time"

	"vacancy/internal/booking"
)

// How an endpoint changes is the same in every store: a store reads it, changes it by these functions, and writes it, in one transaction.

// claimBits is how much of a claim counts. What is above it is drawn at random when an endpoint is created, so that nobody who has read one
// that was deleted takes another with its id for it.
const claimBits = 32

// Version is the endpoint's settings and secret as they are now.
func (w *Webhook) Version() WebhookVersion {
	return WebhookVersion{created: w.Claim >> claimBits, updated: w.UpdatedAt}
}

// Changed tells whether the settings or the secret are others than those that were read.
func (w *Webhook) Changed(read WebhookVersion) bool {
	return w.replaced(read) || !w.UpdatedAt.Equal(read.updated)
}

// replaced tells whether the endpoint was created after another was deleted that was read.
func (w *Webhook) replaced(read WebhookVersion) bool { return w.Claim>>claimBits != read.created }

// NewWebhook is an endpoint that begins now, at a venue's revision.
func NewWebhook(s WebhookSettings, secret string, epoch booking.Epoch, at booking.Revision, now time.Time) Webhook {
	w := Webhook{Secret: secret, CreatedAt: now, Epoch: epoch, Revision: at, Claim: rand.Int64N(1<<30) << claimBits}
	w.apply(s, now)
	return w
}

// Replace gives an endpoint other settings.
func (w *Webhook) Replace(s WebhookSettings, epoch booking.Epoch, at booking.Revision, now time.Time) {
	if w.Disabled != "" && s.Disabled == "" {
		w.Epoch, w.Revision = epoch, at
	}
	w.revoke()
	w.apply(s, now)
}

// revoke has whoever has a claim lose it: what it knows of the endpoint is not so any more.
func (w *Webhook) revoke() {
	w.Claim, w.ClaimedUntil = w.Claim+1, time.Time{}
}

// update notes a change. No two have the same time, so that it tells versions apart.
func (w *Webhook) update(now time.Time) {
	if !now.After(w.UpdatedAt) {
		now = w.UpdatedAt.Add(time.Microsecond)
	}
	w.UpdatedAt = now
}

func (w *Webhook) apply(s WebhookSettings, now time.Time) {
	was := w.DisabledAt
	w.update(now)
	w.WebhookSettings = s
	w.Events = slices.Clone(s.Events)
	w.DisabledAt, w.FailingSince, w.Failures = time.Time{}, time.Time{}, 0
	if s.Disabled != "" {
		w.stop(now)
		if !was.IsZero() {
			w.DisabledAt = was
		}
	} else if !w.RetryAt.IsZero() {
		w.RetryAt = now
	}
}

// Disable has nothing delivered any more.
func (w *Webhook) Disable(reason string, now time.Time) {
	w.update(now)
	w.Disabled = reason
	w.stop(now)
}

// stop is for an endpoint that nothing waits for any more.
func (w *Webhook) stop(now time.Time) {
	w.revoke()
	w.DisabledAt, w.Queueing, w.RetryAt = now, false, time.Time{}
}

// Rotate gives the endpoint another secret. While one that was rotated before is valid still, it stays, and the newer one goes: nobody may
// have got that, if the answer was lost.
func (w *Webhook) Rotate(secret string, overlap time.Duration, now time.Time) {
	if w.PreviousSecret == "" || !now.Before(w.PreviousUntil) {
		w.PreviousSecret = w.Secret
	}
	w.revoke()
	w.update(now)
	w.Secret, w.PreviousUntil = secret, now.Add(overlap)
}

// Exceeded tells whether more waits than may.
func (q *QueuedDeliveries) Exceeded(count int, size int64) bool {
	return q.MaxCount > 0 && count > q.MaxCount || q.MaxBytes > 0 && size > q.MaxBytes
}

// Counted tells whether what waits is to be counted.
func (q *QueuedDeliveries) Counted() bool { return q.MaxCount > 0 || q.MaxBytes > 0 }

// Accept tells whether events wait for the endpoint: not if it is disabled, or another than the one that was read, which begins after them.
// If its settings were changed since, what was tried says nothing of them, and is due at once.
func (w *Webhook) Accept(q *QueuedDeliveries) bool {
	if w.Disabled != "" || w.replaced(q.Version) {
		return false
	}
	if w.Changed(q.Version) {
		q.Failed, q.Delay, q.Deliveries = false, 0, slices.Clone(q.Deliveries)
		for i := range q.Deliveries {
			q.Deliveries[i].Delay = 0
		}
	}
	return true
}

// Enqueue notes that events wait for the endpoint. Those that come behind others are due when these are.
func (w *Webhook) Enqueue(q *QueuedDeliveries, now time.Time) {
	if q.Failed {
		w.fail(now)
	}
	if due := now.Add(q.Delay); w.RetryAt.IsZero() || !w.Queueing && due.Before(w.RetryAt) {
		w.RetryAt = due
	}
	w.Queueing = true
}

func (w *Webhook) fail(now time.Time) {
	if w.FailingSince.IsZero() {
		w.FailingSince = now
	}
	w.Failures++
}

// Take claims the endpoint.
func (w *Webhook) Take(lease time.Duration, now time.Time) {
	w.Claim++
	w.ClaimedUntil = now.Add(lease)
}

// Claimable tells whether the endpoint is due, and free.
func (w *Webhook) Claimable(now time.Time) bool {
	return w.Disabled == "" && !w.RetryAt.IsZero() && !w.RetryAt.After(now) && !w.ClaimedUntil.After(now)
}

// Waiting is what waits for an endpoint once deliveries are settled.
type Waiting struct {
	// Fresh: some were never tried. It matters if the settlement says that the endpoint has succeeded.
	Fresh bool
	// Next is when the next attempt of one is due; zero if nothing waits. It matters if the claim is given up.
	Next time.Time
}

// Recovers tells whether a settlement says that the endpoint is well again: what waits is due at once then.
func (w *Webhook) Recovers(s *Settlement) bool { return s.Succeeded && !w.FailingSince.IsZero() }

// Settle notes what became of attempts, and what waits now.
func (w *Webhook) Settle(s *Settlement, waiting Waiting, now time.Time) {
	if s.Succeeded {
		w.FailingSince, w.Failures = time.Time{}, 0
		w.Queueing = w.Queueing && waiting.Fresh
	}
	if s.Failed {
		w.fail(now)
	}
	if s.Lease > 0 {
		w.ClaimedUntil = now.Add(s.Lease)
		return
	}
	w.ClaimedUntil = time.Time{}
	w.RetryAt = waiting.Next
	if earliest := now.Add(s.Pause); !waiting.Next.IsZero() && waiting.Next.Before(earliest) {
		w.RetryAt = earliest
	}
}

// Schedule sets when the next attempt of a delivery is due: at once, if it was never tried.
func (d *Delivery) Schedule(now time.Time) {
	switch {
	case d.State != DeliveryWaiting:
		d.NextAttemptAt = time.Time{}
	case d.Attempts == 0:
		d.NextAttemptAt = now
	default:
		d.NextAttemptAt = now.Add(d.Delay)
	}
}

// AttemptAgain notes an attempt of a stored delivery that was made by hand. What was delivered once stays so.
func (d *Delivery) AttemptAgain(again *Delivery) {
	d.Attempts++
	d.AttemptedAt, d.Status, d.Error, d.Took = again.AttemptedAt, again.Status, again.Error, again.Took
	if again.State == DeliveryDelivered {
		d.State, d.NextAttemptAt = DeliveryDelivered, time.Time{}
	}
}

// DisabledDelivery is what the log says of a delivery that waited for an endpoint when it was disabled.
const DisabledDelivery = "the webhook was disabled"

// ByEndpoint parts deliveries by endpoint, in the order of venues and ids: whoever locks several does so in this order.
func ByEndpoint(deliveries []Delivery) (groups [][]Delivery) {
	sorted := slices.Clone(deliveries)
	slices.SortStableFunc(sorted, func(a, b Delivery) int {
		return cmp.Or(cmp.Compare(a.Venue, b.Venue), cmp.Compare(a.Endpoint, b.Endpoint))
	})
	for len(sorted) > 0 {
		n := 1
		for n < len(sorted) && sorted[n].Venue == sorted[0].Venue && sorted[n].Endpoint == sorted[0].Endpoint {
			n++
		}
		groups, sorted = append(groups, sorted[:n]), sorted[n:]
	}
	return groups
}
