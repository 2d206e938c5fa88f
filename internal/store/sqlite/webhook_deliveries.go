package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/store"
	"vacancy/internal/store/record"
)

var (
	insertDelivery  = insertInto(record.Deliveries, "").one
	enqueueDelivery = insertInto(record.Deliveries, " ON CONFLICT DO NOTHING").one

	selectDelivery = `SELECT ` + record.Deliveries.Names("") + `, number FROM webhook_deliveries
		WHERE venue = ?1 AND endpoint = ?2 AND number = ?3`
	selectLog = `SELECT ` + strings.Replace(record.Deliveries.Names(""), " body,", " x'' AS body,", 1) + `, number FROM webhook_deliveries
		WHERE venue = ?1 AND endpoint = ?2 ORDER BY number DESC LIMIT ?3`
	selectWaiting = `SELECT ` + record.Deliveries.Names("") + `, number FROM webhook_deliveries
		WHERE venue = ?1 AND endpoint = ?2 AND state = 'waiting' AND next_attempt_at <= ?3 ORDER BY number LIMIT ?4`
)

const (
	deleteDeliveries  = `DELETE FROM webhook_deliveries WHERE venue = ?1 AND endpoint = ?2`
	abandonDeliveries = `
		UPDATE webhook_deliveries SET state = 'failed', error = ?3, next_attempt_at = NULL
		WHERE venue = ?1 AND endpoint = ?2 AND state = 'waiting'`
	expediteDeliveries = `
		UPDATE webhook_deliveries SET next_attempt_at = ?3
		WHERE venue = ?1 AND endpoint = ?2 AND state = 'waiting' AND next_attempt_at > ?3`
	updateDelivery = `
		UPDATE webhook_deliveries
		SET state = ?2, attempts = ?3, attempted_at = ?4, status = ?5, error = ?6, took = ?7, next_attempt_at = ?8
		WHERE number = ?1 AND (state = 'waiting' OR ?9)`
	emptyBodies = `
		UPDATE webhook_deliveries SET body = x''
		WHERE venue = ?1 AND endpoint = ?2 AND state <> 'waiting' AND length(body) > ?3`
	trimDeliveries = `
		DELETE FROM webhook_deliveries WHERE number IN (
			SELECT number FROM webhook_deliveries WHERE venue = ?1 AND endpoint = ?2 AND state <> 'waiting'
			ORDER BY number DESC LIMIT -1 OFFSET ?3)`
	sumWaiting = `
		SELECT count(*), coalesce(sum(length(body)), 0) FROM webhook_deliveries
		WHERE venue = ?1 AND endpoint = ?2 AND state = 'waiting'`
	selectFresh = `
		SELECT EXISTS (SELECT 1 FROM webhook_deliveries WHERE venue = ?1 AND endpoint = ?2 AND state = 'waiting' AND attempts = 0)`
	selectNext     = `SELECT min(next_attempt_at) FROM webhook_deliveries WHERE venue = ?1 AND endpoint = ?2 AND state = 'waiting'`
	selectBacklogs = `
		SELECT venue, endpoint, count(*), sum(length(body)), min(created_at) FROM webhook_deliveries
		WHERE state = 'waiting' AND (?1 = '' OR venue = ?1) GROUP BY venue, endpoint ORDER BY venue, endpoint`
)

// abandonDeliveries ends what waits for an endpoint that was disabled.
func (c *connection) abandonDeliveries(ctx context.Context, w *store.Webhook) error {
	if _, err := c.exec(ctx, abandonDeliveries, string(w.Venue), string(w.ID), store.DisabledDelivery); err != nil {
		return err
	}
	return c.trimDeliveries(ctx, w.Venue, w.ID)
}

// expediteDeliveries has all that waits for an endpoint be due now.
func (c *connection) expediteDeliveries(ctx context.Context, w *store.Webhook, now time.Time) error {
	_, err := c.exec(ctx, expediteDeliveries, string(w.Venue), string(w.ID), record.Micros(now))
	return err
}

// trimDeliveries keeps of an endpoint's log what is to be kept.
func (c *connection) trimDeliveries(ctx context.Context, venue booking.VenueID, id store.WebhookID) error {
	if _, err := c.exec(ctx, trimDeliveries, string(venue), string(id), store.RetainedDeliveries); err != nil {
		return err
	}
	_, err := c.exec(ctx, emptyBodies, string(venue), string(id), store.MaxLoggedBody)
	return err
}

// waiting is what waits for an endpoint, as far as a settlement asks: to look at all takes a while where much waits.
func (c *connection) waiting(ctx context.Context, w *store.Webhook, s *store.Settlement) (waiting store.Waiting, err error) {
	if s.Succeeded {
		err = c.each(ctx, func(rows *sql.Rows) error { return rows.Scan(&waiting.Fresh) }, selectFresh, string(w.Venue), string(w.ID))
	}
	if err == nil && s.Lease == 0 {
		err = c.each(ctx, func(rows *sql.Rows) error { return rows.Scan((*instant)(&waiting.Next)) },
			selectNext, string(w.Venue), string(w.ID))
	}
	return waiting, err
}

// checkQueue fails if more waits than may.
func (c *connection) checkQueue(ctx context.Context, q *store.QueuedDeliveries) error {
	if !q.Counted() {
		return nil
	}
	count, size := 0, int64(0)
	err := c.each(ctx, func(rows *sql.Rows) error { return rows.Scan(&count, &size) }, sumWaiting, string(q.Venue), string(q.Endpoint))
	if err == nil && q.Exceeded(count, size) {
		err = store.ErrQueueFull
	}
	return err
}

func readDeliveries(ctx context.Context, c *connection, text string, args ...any) (list []store.Delivery, err error) {
	err = c.each(ctx, func(rows *sql.Rows) error {
		var row record.DeliveryRow
		err := scanRow(rows, record.Deliveries.Columns, &row, &row.Number)
		list = append(list, row.Decoded())
		return err
	}, text, args...)
	return list, err
}

// EnqueueDeliveries has events wait for an endpoint.
func (s *Store) EnqueueDeliveries(ctx context.Context, q store.QueuedDeliveries) error {
	now := s.now()
	err := s.changeWebhook(ctx, q.Venue, q.Endpoint, func(ctx context.Context, c *connection, w *store.Webhook) (bool, error) {
		if !w.Accept(&q) {
			return false, nil
		}
		for _, d := range q.Deliveries {
			d.Venue, d.Endpoint, d.State, d.CreatedAt = q.Venue, q.Endpoint, store.DeliveryWaiting, now
			d.Schedule(now)
			_, err := c.exec(ctx, enqueueDelivery, appendRow(nil, record.Deliveries.Columns, record.NewDeliveryRow(d))...)
			if err != nil {
				return false, err
			}
		}
		w.Enqueue(&q, now)
		return true, c.checkQueue(ctx, &q)
	})
	return webhookError("enqueue events for", q.Venue, q.Endpoint, err)
}

// RecordDeliveries adds finished deliveries to the log.
func (s *Store) RecordDeliveries(ctx context.Context, deliveries []store.Delivery) error {
	if len(deliveries) == 0 {
		return nil
	}
	now := s.now()
	err := s.writer.transact(ctx, func(ctx context.Context, c *connection) (bool, error) {
		for _, group := range store.ByEndpoint(deliveries) {
			venue, id := group[0].Venue, group[0].Endpoint
			if _, err := c.webhook(ctx, venue, id); errors.Is(err, booking.ErrNotFound) {
				continue
			} else if err != nil {
				return false, err
			}
			for _, d := range group {
				if err := c.recordDelivery(ctx, d, now); err != nil {
					return false, err
				}
			}
			if err := c.trimDeliveries(ctx, venue, id); err != nil {
				return false, err
			}
		}
		return true, nil
	})
	if err != nil {
		return fmt.Errorf("record deliveries of webhooks: %w", classify(err))
	}
	return nil
}

func (c *connection) recordDelivery(ctx context.Context, d store.Delivery, now time.Time) error {
	if d.Number == 0 {
		d.CreatedAt = now
		_, err := c.exec(ctx, insertDelivery, appendRow(nil, record.Deliveries.Columns, record.NewDeliveryRow(d))...)
		return err
	}
	stored, err := readDeliveries(ctx, c, selectDelivery, string(d.Venue), string(d.Endpoint), d.Number)
	if err != nil || len(stored) == 0 {
		return err
	}
	stored[0].AttemptAgain(&d)
	return c.updateDelivery(ctx, &stored[0], true)
}

// updateDelivery writes what became of a delivery, if it waits or may have ended too.
func (c *connection) updateDelivery(ctx context.Context, d *store.Delivery, ended bool) error {
	var next, attempted any
	if !d.NextAttemptAt.IsZero() {
		next = record.Micros(d.NextAttemptAt)
	}
	if !d.AttemptedAt.IsZero() {
		attempted = record.Micros(d.AttemptedAt)
	}
	_, err := c.exec(ctx, updateDelivery,
		d.Number, string(d.State), d.Attempts, attempted, d.Status, d.Error, d.Took.Microseconds(), next, ended)
	return err
}

// Deliveries are the last of an endpoint.
func (s *Store) Deliveries(ctx context.Context, venue booking.VenueID, id store.WebhookID, limit int) (list []store.Delivery, err error) {
	err = s.snapshot(ctx, func(c *connection) error {
		if _, err := c.webhook(ctx, venue, id); err != nil {
			return err
		}
		list, err = readDeliveries(ctx, c, selectLog, string(venue), string(id), limit)
		return err
	})
	return list, err
}

// Delivery is one of an endpoint's.
func (s *Store) Delivery(ctx context.Context, venue booking.VenueID, id store.WebhookID, number int64) (d store.Delivery, err error) {
	err = s.read(ctx, func(c *connection) error {
		list, err := readDeliveries(ctx, c, selectDelivery, string(venue), string(id), number)
		if err == nil && len(list) == 0 {
			err = booking.ErrNotFound
		}
		if err == nil {
			d = list[0]
		}
		return err
	})
	return d, err
}

// WebhookBacklogs says how much waits.
func (s *Store) WebhookBacklogs(ctx context.Context, venue booking.VenueID) (list []store.WebhookBacklog, err error) {
	err = s.read(ctx, func(c *connection) error {
		return c.each(ctx, func(rows *sql.Rows) error {
			var b store.WebhookBacklog
			err := rows.Scan(&b.Venue, &b.Endpoint, &b.Count, &b.Bytes, (*instant)(&b.Oldest))
			list = append(list, b)
			return err
		}, selectBacklogs, string(venue))
	})
	return list, err
}

// WaitingDeliveries are those of a claimed endpoint that are due.
func (s *Store) WaitingDeliveries(ctx context.Context, claim store.WebhookClaim, limit int) (list []store.Delivery, err error) {
	of := &claim.Webhook
	err = s.snapshot(ctx, func(c *connection) error {
		if _, err := c.claimed(ctx, of); err != nil {
			return err
		}
		list, err = readDeliveries(ctx, c, selectWaiting, string(of.Venue), string(of.ID), record.Micros(s.now()), limit)
		return err
	})
	return list, err
}

// claimed is an endpoint, if it is claimed still.
func (c *connection) claimed(ctx context.Context, of *store.Webhook) (store.Webhook, error) {
	w, err := c.webhook(ctx, of.Venue, of.ID)
	if errors.Is(err, booking.ErrNotFound) || err == nil && w.Claim != of.Claim {
		return w, store.ErrClaimLost
	}
	return w, err
}

// SettleWebhook writes what became of attempts.
func (s *Store) SettleWebhook(ctx context.Context, claim store.WebhookClaim, settlement store.Settlement) error {
	of, now := &claim.Webhook, s.now()
	err := s.writer.transact(ctx, func(ctx context.Context, c *connection) (bool, error) {
		w, err := c.claimed(ctx, of)
		if err != nil {
			return false, err
		}
		if w.Recovers(&settlement) {
			if err := c.expediteDeliveries(ctx, &w, now); err != nil {
				return false, err
			}
		}
		for _, d := range settlement.Deliveries {
			d.Schedule(now)
			if err := c.updateDelivery(ctx, &d, false); err != nil {
				return false, err
			}
		}
		if len(settlement.Deliveries) > 0 {
			if err := c.trimDeliveries(ctx, of.Venue, of.ID); err != nil {
				return false, err
			}
		}
		waiting, err := c.waiting(ctx, of, &settlement)
		if err != nil {
			return false, err
		}
		w.Settle(&settlement, waiting, now)
		return true, c.writeWebhook(ctx, &w)
	})
	return webhookError("settle", of.Venue, of.ID, err)
}
