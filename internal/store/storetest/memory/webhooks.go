package memory

import (
	"bytes"
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/store"
)

// webhooks are all endpoints, by venue and id, and all deliveries by number.
type webhooks struct {
	endpoints  []store.Webhook
	deliveries []store.Delivery
	number     int64
}

func (s *webhooks) find(venue booking.VenueID, id store.WebhookID) (*store.Webhook, error) {
	for i := range s.endpoints {
		if w := &s.endpoints[i]; w.Venue == venue && w.ID == id {
			return w, nil
		}
	}
	return nil, booking.ErrNotFound
}

// each calls visit with the deliveries of an endpoint, by number.
func (s *webhooks) each(venue booking.VenueID, id store.WebhookID, visit func(*store.Delivery)) {
	for i := range s.deliveries {
		if d := &s.deliveries[i]; d.Venue == venue && d.Endpoint == id {
			visit(d)
		}
	}
}

func (s *webhooks) waiting(venue booking.VenueID, id store.WebhookID, visit func(*store.Delivery)) {
	s.each(venue, id, func(d *store.Delivery) {
		if d.State == store.DeliveryWaiting {
			visit(d)
		}
	})
}

func (s *webhooks) delete(unwanted func(*store.Delivery) bool) {
	s.deliveries = slices.DeleteFunc(s.deliveries, func(d store.Delivery) bool { return unwanted(&d) })
}

// trim deletes all but the last finished deliveries of an endpoint.
func (s *webhooks) trim(venue booking.VenueID, id store.WebhookID) {
	finished := 0
	s.each(venue, id, func(d *store.Delivery) {
		if d.State != store.DeliveryWaiting {
			finished++
			if len(d.Body) > store.MaxLoggedBody {
				d.Body = nil
			}
		}
	})
	s.delete(func(d *store.Delivery) bool {
		if d.Venue != venue || d.Endpoint != id || d.State == store.DeliveryWaiting || finished <= store.RetainedDeliveries {
			return false
		}
		finished--
		return true
	})
}

// abandon ends what waits for an endpoint that was disabled.
func (s *webhooks) abandon(w *store.Webhook) {
	s.waiting(w.Venue, w.ID, func(d *store.Delivery) {
		d.State, d.Error, d.NextAttemptAt = store.DeliveryFailed, store.DisabledDelivery, time.Time{}
	})
	s.trim(w.Venue, w.ID)
}

// expedite has all that waits for an endpoint be due now.
func (s *webhooks) expedite(w *store.Webhook, now time.Time) {
	s.waiting(w.Venue, w.ID, func(d *store.Delivery) {
		if d.NextAttemptAt.After(now) {
			d.NextAttemptAt = now
		}
	})
}

// withWebhooks runs f while nobody else reads or writes.
func (s *Store) withWebhooks(ctx context.Context, f func(all *webhooks, now time.Time) error) error {
	if err := s.usable(ctx); err != nil {
		return err
	}
	now := s.now()
	s.config.Data.mu.Lock()
	defer s.config.Data.mu.Unlock()
	return f(&s.config.Data.webhooks, now)
}

func (s *Store) withWebhook(
	ctx context.Context, venue booking.VenueID, id store.WebhookID, f func(all *webhooks, w *store.Webhook, now time.Time) error,
) error {
	return s.withWebhooks(ctx, func(all *webhooks, now time.Time) error {
		w, err := all.find(venue, id)
		if err != nil {
			return err
		}
		return f(all, w, now)
	})
}

// PutWebhook stores the settings of an endpoint.
func (s *Store) PutWebhook(
	ctx context.Context, settings store.WebhookSettings, secret string, limit int,
) (saved store.Webhook, created bool, err error) {
	d := s.config.Data
	err = s.withWebhooks(ctx, func(all *webhooks, now time.Time) error {
		st := d.venues[settings.Venue]
		if st == nil {
			return booking.ErrNotFound
		}
		w, err := all.find(settings.Venue, settings.ID)
		if err == nil {
			w.Replace(settings, d.epoch, st.revision, now)
		} else {
			n := 0
			for _, other := range all.endpoints {
				if other.Venue == settings.Venue {
					n++
				}
			}
			if n >= limit {
				return store.ErrWebhookLimit
			}
			fresh := store.NewWebhook(settings, secret, d.epoch, st.revision, now)
			w, created = &fresh, true
			all.endpoints = append(all.endpoints, fresh)
			slices.SortFunc(all.endpoints, func(a, b store.Webhook) int {
				return cmp.Or(strings.Compare(string(a.Venue), string(b.Venue)), strings.Compare(string(a.ID), string(b.ID)))
			})
		}
		if w.Disabled != "" {
			all.abandon(w)
		} else {
			all.expedite(w, now)
		}
		saved = ofWebhook(*w)
		return nil
	})
	return saved, created, err
}

// DeleteWebhook deletes an endpoint, with its queue and its log.
func (s *Store) DeleteWebhook(ctx context.Context, venue booking.VenueID, id store.WebhookID) error {
	return s.withWebhook(ctx, venue, id, func(all *webhooks, _ *store.Webhook, _ time.Time) error {
		all.endpoints = slices.DeleteFunc(all.endpoints, func(w store.Webhook) bool { return w.Venue == venue && w.ID == id })
		all.delete(func(d *store.Delivery) bool { return d.Venue == venue && d.Endpoint == id })
		return nil
	})
}

// Webhooks are a venue's endpoints, by id.
func (s *Store) Webhooks(ctx context.Context, venue booking.VenueID) (list []store.Webhook, err error) {
	err = s.withWebhooks(ctx, func(all *webhooks, _ time.Time) error {
		for _, w := range all.endpoints {
			if w.Venue == venue {
				list = append(list, ofWebhook(w))
			}
		}
		return nil
	})
	return list, err
}

// HasWebhooks tells whether any venue has an endpoint that is enabled.
func (s *Store) HasWebhooks(ctx context.Context) (has bool, err error) {
	err = s.withWebhooks(ctx, func(all *webhooks, _ time.Time) error {
		for _, w := range all.endpoints {
			has = has || w.Disabled == ""
		}
		return nil
	})
	return has, err
}

// RotateWebhookSecret gives an endpoint another secret.
func (s *Store) RotateWebhookSecret(
	ctx context.Context, venue booking.VenueID, id store.WebhookID, secret string, overlap time.Duration,
) (saved store.Webhook, err error) {
	err = s.withWebhook(ctx, venue, id, func(_ *webhooks, w *store.Webhook, now time.Time) error {
		w.Rotate(secret, overlap, now)
		saved = ofWebhook(*w)
		return nil
	})
	return saved, err
}

// DisableWebhook disables an endpoint.
func (s *Store) DisableWebhook(
	ctx context.Context, venue booking.VenueID, id store.WebhookID, read store.WebhookVersion, reason string,
) (was bool, err error) {
	err = s.withWebhook(ctx, venue, id, func(all *webhooks, w *store.Webhook, now time.Time) error {
		switch {
		case w.Disabled != "":
			return nil
		case w.Changed(read):
			return store.ErrWebhookChanged
		}
		was = true
		w.Disable(reason, now)
		all.abandon(w)
		return nil
	})
	return was, err
}

// EnqueueDeliveries has events wait for an endpoint.
func (s *Store) EnqueueDeliveries(ctx context.Context, q store.QueuedDeliveries) error {
	return s.withWebhook(ctx, q.Venue, q.Endpoint, func(all *webhooks, w *store.Webhook, now time.Time) error {
		if !w.Accept(&q) {
			return nil
		}
		waits, count, size := make(map[string]bool), 0, int64(0)
		all.waiting(q.Venue, q.Endpoint, func(d *store.Delivery) {
			waits[d.EventID] = true
			count, size = count+1, size+int64(len(d.Body))
		})
		var fresh []store.Delivery
		for _, d := range q.Deliveries {
			if !waits[d.EventID] {
				waits[d.EventID] = true
				count, size = count+1, size+int64(len(d.Body))
				fresh = append(fresh, d)
			}
		}
		if q.Exceeded(count, size) {
			return store.ErrQueueFull
		}
		for i := range fresh {
			fresh[i].Venue, fresh[i].Endpoint, fresh[i].State = q.Venue, q.Endpoint, store.DeliveryWaiting
			all.insert(&fresh[i], now)
		}
		w.Enqueue(&q, now)
		return nil
	})
}

func (s *webhooks) insert(d *store.Delivery, now time.Time) {
	s.number++
	d.Number, d.CreatedAt, d.AttemptedAt = s.number, now, rounded(d.AttemptedAt)
	d.Took = d.Took.Truncate(time.Microsecond)
	d.Schedule(now)
	stored := ofDelivery(*d)
	stored.Delay = 0
	s.deliveries = append(s.deliveries, stored)
}

// RecordDeliveries adds finished deliveries to the log.
func (s *Store) RecordDeliveries(ctx context.Context, deliveries []store.Delivery) error {
	return s.withWebhooks(ctx, func(all *webhooks, now time.Time) error {
		for i := range deliveries {
			d := deliveries[i]
			if _, err := all.find(d.Venue, d.Endpoint); err != nil {
				continue
			}
			if d.Number == 0 {
				all.insert(&d, now)
			} else {
				all.each(d.Venue, d.Endpoint, func(stored *store.Delivery) {
					if stored.Number == d.Number {
						stored.AttemptAgain(&d)
						stored.AttemptedAt, stored.Took = rounded(stored.AttemptedAt), stored.Took.Truncate(time.Microsecond)
					}
				})
			}
			all.trim(d.Venue, d.Endpoint)
		}
		return nil
	})
}

// Deliveries are the last of an endpoint.
func (s *Store) Deliveries(ctx context.Context, venue booking.VenueID, id store.WebhookID, limit int) (list []store.Delivery, err error) {
	err = s.withWebhook(ctx, venue, id, func(all *webhooks, _ *store.Webhook, _ time.Time) error {
		all.each(venue, id, func(d *store.Delivery) {
			short := *d
			short.Body = nil
			list = append(list, short)
		})
		slices.Reverse(list)
		list = list[:min(limit, len(list))]
		return nil
	})
	return list, err
}

// Delivery is one of an endpoint's.
func (s *Store) Delivery(ctx context.Context, venue booking.VenueID, id store.WebhookID, number int64) (found store.Delivery, err error) {
	err = s.withWebhook(ctx, venue, id, func(all *webhooks, _ *store.Webhook, _ time.Time) error {
		err := booking.ErrNotFound
		all.each(venue, id, func(d *store.Delivery) {
			if d.Number == number {
				found, err = ofDelivery(*d), nil
			}
		})
		return err
	})
	return found, err
}

// WebhookBacklogs says how much waits.
func (s *Store) WebhookBacklogs(ctx context.Context, venue booking.VenueID) (list []store.WebhookBacklog, err error) {
	err = s.withWebhooks(ctx, func(all *webhooks, _ time.Time) error {
		for _, w := range all.endpoints {
			if venue != "" && w.Venue != venue {
				continue
			}
			b := store.WebhookBacklog{Venue: w.Venue, Endpoint: w.ID}
			all.waiting(w.Venue, w.ID, func(d *store.Delivery) {
				if b.Count++; b.Count == 1 {
					b.Oldest = d.CreatedAt
				}
				b.Bytes += int64(len(d.Body))
			})
			if b.Count > 0 {
				list = append(list, b)
			}
		}
		return nil
	})
	return list, err
}

// ClaimWebhooks claims endpoints that are due.
func (s *Store) ClaimWebhooks(ctx context.Context, lease time.Duration, limit int) (claims []store.WebhookClaim, err error) {
	err = s.withWebhooks(ctx, func(all *webhooks, now time.Time) error {
		var due []*store.Webhook
		for i := range all.endpoints {
			if w := &all.endpoints[i]; w.Claimable(now) {
				due = append(due, w)
			}
		}
		slices.SortStableFunc(due, func(a, b *store.Webhook) int { return a.RetryAt.Compare(b.RetryAt) })
		for _, w := range due[:min(limit, len(due))] {
			w.Take(lease, now)
			claims = append(claims, store.WebhookClaim{Webhook: ofWebhook(*w), Now: now})
		}
		return nil
	})
	return claims, err
}

func (s *Store) withClaim(
	ctx context.Context, claim store.WebhookClaim, f func(all *webhooks, w *store.Webhook, now time.Time) error,
) error {
	return s.withWebhooks(ctx, func(all *webhooks, now time.Time) error {
		w, err := all.find(claim.Webhook.Venue, claim.Webhook.ID)
		if err != nil || w.Claim != claim.Webhook.Claim {
			return store.ErrClaimLost
		}
		return f(all, w, now)
	})
}

// WaitingDeliveries are those of a claimed endpoint that are due.
func (s *Store) WaitingDeliveries(ctx context.Context, claim store.WebhookClaim, limit int) (list []store.Delivery, err error) {
	err = s.withClaim(ctx, claim, func(all *webhooks, w *store.Webhook, now time.Time) error {
		all.waiting(w.Venue, w.ID, func(d *store.Delivery) {
			if len(list) < limit && !d.NextAttemptAt.After(now) {
				list = append(list, ofDelivery(*d))
			}
		})
		return nil
	})
	return list, err
}

// SettleWebhook writes what became of attempts.
func (s *Store) SettleWebhook(ctx context.Context, claim store.WebhookClaim, settlement store.Settlement) error {
	return s.withClaim(ctx, claim, func(all *webhooks, w *store.Webhook, now time.Time) error {
		if w.Recovers(&settlement) {
			all.expedite(w, now)
		}
		for i := range settlement.Deliveries {
			d := settlement.Deliveries[i]
			d.Schedule(now)
			all.waiting(w.Venue, w.ID, func(stored *store.Delivery) {
				if stored.Number == d.Number {
					stored.State, stored.Attempts, stored.AttemptedAt = d.State, d.Attempts, rounded(d.AttemptedAt)
					stored.Status, stored.Error, stored.Took = d.Status, d.Error, d.Took.Truncate(time.Microsecond)
					stored.NextAttemptAt = d.NextAttemptAt
				}
			})
		}
		all.trim(w.Venue, w.ID)
		var rest store.Waiting
		all.waiting(w.Venue, w.ID, func(d *store.Delivery) {
			rest.Fresh = rest.Fresh || d.Attempts == 0
			if rest.Next.IsZero() || d.NextAttemptAt.Before(rest.Next) {
				rest.Next = d.NextAttemptAt
			}
		})
		w.Settle(&settlement, rest, now)
		return nil
	})
}

func ofWebhook(w store.Webhook) store.Webhook {
	w.Events = slices.Clone(w.Events)
	return w
}

func ofDelivery(d store.Delivery) store.Delivery {
	d.Body = bytes.Clone(d.Body)
	return d
}
