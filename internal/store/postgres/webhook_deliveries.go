package postgres

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"vacancy/internal/booking"
	"vacancy/internal/store"
	"vacancy/internal/store/record"
)

var (
	insertDelivery = insertRow(record.Deliveries)
	enqueueRow     = insertDelivery + ` ON CONFLICT DO NOTHING`

	selectDelivery = `SELECT ` + record.Deliveries.Names("") + `, number FROM webhook_deliveries
		WHERE venue = $1 AND endpoint = $2 AND number = $3`
	lockDelivery = selectDelivery + ` FOR UPDATE`
	selectLog    = `SELECT ` + strings.Replace(record.Deliveries.Names(""), " body,", " ''::bytea AS body,", 1) + `, number
		FROM webhook_deliveries WHERE venue = $1 AND endpoint = $2 ORDER BY number DESC LIMIT $3`
	selectWaiting = `SELECT ` + record.Deliveries.Names("") + `, number FROM webhook_deliveries
		WHERE venue = $1 AND endpoint = $2 AND state = 'waiting'
			AND next_attempt_at <= coalesce($3::timestamptz, statement_timestamp()) ORDER BY number LIMIT $4`
)

const (
	selectClaim = `SELECT claim FROM webhooks WHERE venue = $1 AND id = $2`

	deleteDeliveries  = `DELETE FROM webhook_deliveries WHERE venue = $1 AND endpoint = $2`
	abandonDeliveries = `
		UPDATE webhook_deliveries SET state = 'failed', error = $3, next_attempt_at = NULL
		WHERE venue = $1 AND endpoint = $2 AND state = 'waiting'`
	expediteDeliveries = `
		UPDATE webhook_deliveries SET next_attempt_at = $3
		WHERE venue = $1 AND endpoint = $2 AND state = 'waiting' AND next_attempt_at > $3`
	updateDelivery = `
		UPDATE webhook_deliveries
		SET state = $2, attempts = $3, attempted_at = $4, status = $5, error = $6, took = $7, next_attempt_at = $8
		WHERE number = $1 AND (state = 'waiting' OR $9)`
	emptyBodies = `
		UPDATE webhook_deliveries SET body = ''
		WHERE venue = $1 AND endpoint = $2 AND state <> 'waiting' AND length(body) > $3`
	trimDeliveries = `
		DELETE FROM webhook_deliveries WHERE number IN (
			SELECT number FROM webhook_deliveries WHERE venue = $1 AND endpoint = $2 AND state <> 'waiting'
			ORDER BY number DESC OFFSET $3)`
	sumWaiting = `
		SELECT count(*), coalesce(sum(length(body)), 0)::bigint FROM webhook_deliveries
		WHERE venue = $1 AND endpoint = $2 AND state = 'waiting'`
	selectFresh = `
		SELECT EXISTS (SELECT FROM webhook_deliveries WHERE venue = $1 AND endpoint = $2 AND state = 'waiting' AND attempts = 0)`
	selectNext     = `SELECT min(next_attempt_at) FROM webhook_deliveries WHERE venue = $1 AND endpoint = $2 AND state = 'waiting'`
	selectBacklogs = `
		SELECT venue, endpoint, count(*), sum(length(body))::bigint, min(created_at) FROM webhook_deliveries
		WHERE state = 'waiting' AND ($1 = '' OR venue = $1) GROUP BY venue, endpoint ORDER BY venue, endpoint`
)

// abandonDeliveries ends what waits for an endpoint that was disabled.
func (c *session) abandonDeliveries(ctx context.Context, w *store.Webhook) error {
	if _, err := c.conn.Exec(ctx, abandonDeliveries, string(w.Venue), string(w.ID), store.DisabledDelivery); err != nil {
		return err
	}
	return c.trimDeliveries(ctx, w.Venue, w.ID)
}

// expediteDeliveries has all that waits for an endpoint be due now.
func (c *session) expediteDeliveries(ctx context.Context, w *store.Webhook, now time.Time) error {
	_, err := c.conn.Exec(ctx, expediteDeliveries, string(w.Venue), string(w.ID), now)
	return err
}

// trimDeliveries keeps of an endpoint's log what is to be kept.
func (c *session) trimDeliveries(ctx context.Context, venue booking.VenueID, id store.WebhookID) error {
	if _, err := c.conn.Exec(ctx, trimDeliveries, string(venue), string(id), store.RetainedDeliveries); err != nil {
		return err
	}
	_, err := c.conn.Exec(ctx, emptyBodies, string(venue), string(id), store.MaxLoggedBody)
	return err
}

// waiting is what waits for an endpoint, as far as a settlement asks: to look at all takes a while where much waits.
func (c *session) waiting(ctx context.Context, w *store.Webhook, s *store.Settlement) (waiting store.Waiting, err error) {
	if s.Succeeded {
		err = c.conn.QueryRow(ctx, selectFresh, string(w.Venue), string(w.ID)).Scan(&waiting.Fresh)
	}
	if err == nil && s.Lease == 0 {
		err = c.conn.QueryRow(ctx, selectNext, string(w.Venue), string(w.ID)).Scan((*instant)(&waiting.Next))
	}
	return waiting, err
}

// checkQueue fails if more waits than may.
func (c *session) checkQueue(ctx context.Context, q *store.QueuedDeliveries) error {
	if !q.Counted() {
		return nil
	}
	count, size := 0, int64(0)
	err := c.conn.QueryRow(ctx, sumWaiting, string(q.Venue), string(q.Endpoint)).Scan(&count, &size)
	if err == nil && q.Exceeded(count, size) {
		err = store.ErrQueueFull
	}
	return err
}

func (c *session) readDeliveries(ctx context.Context, text string, args ...any) (list []store.Delivery, err error) {
	rows, err := c.conn.Query(ctx, text, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var row record.DeliveryRow
		if err := scanRow(rows, record.Deliveries.Columns, &row, &row.Number); err != nil {
			return nil, err
		}
		list = append(list, row.Decoded())
	}
	return list, rows.Err()
}

// EnqueueDeliveries has events wait for an endpoint.
func (s *Store) EnqueueDeliveries(ctx context.Context, q store.QueuedDeliveries) error {
	err := s.changeWebhook(ctx, q.Venue, q.Endpoint, func(ctx context.Context, c *session, w *store.Webhook, now time.Time) error {
		if !w.Accept(&q) {
			return nil
		}
		var b pgx.Batch
		for _, d := range q.Deliveries {
			d.Venue, d.Endpoint, d.State, d.CreatedAt = q.Venue, q.Endpoint, store.DeliveryWaiting, now
			d.Schedule(now)
			b.Queue(enqueueRow, record.Append(nil, record.Deliveries.Columns, record.NewDeliveryRow(d))...)
		}
		if err := c.conn.SendBatch(ctx, &b).Close(); err != nil {
			return err
		}
		w.Enqueue(&q, now)
		return c.checkQueue(ctx, &q)
	})
	return webhookError("enqueue events for", q.Venue, q.Endpoint, err)
}

// RecordDeliveries adds finished deliveries to the log. Endpoints are locked in the order of their ids, in which everybody does.
func (s *Store) RecordDeliveries(ctx context.Context, deliveries []store.Delivery) error {
	if len(deliveries) == 0 {
		return nil
	}
	byEndpoint := store.ByEndpoint(deliveries)
	err := s.transact(ctx, func(ctx context.Context, c *session, now time.Time) error {
		for _, group := range byEndpoint {
			venue, id := group[0].Venue, group[0].Endpoint
			if _, err := c.lockWebhook(ctx, venue, id); errors.Is(err, booking.ErrNotFound) {
				continue
			} else if err != nil {
				return err
			}
			for _, d := range group {
				if err := c.recordDelivery(ctx, d, now); err != nil {
					return err
				}
			}
			if err := c.trimDeliveries(ctx, venue, id); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("record deliveries of webhooks: %w", err)
	}
	return nil
}

func (c *session) recordDelivery(ctx context.Context, d store.Delivery, now time.Time) error {
	if d.Number == 0 {
		d.CreatedAt = now
		_, err := c.conn.Exec(ctx, insertDelivery, record.Append(nil, record.Deliveries.Columns, record.NewDeliveryRow(d))...)
		return err
	}
	stored, err := c.readDeliveries(ctx, lockDelivery, string(d.Venue), string(d.Endpoint), d.Number)
	if err != nil || len(stored) == 0 {
		return err
	}
	stored[0].AttemptAgain(&d)
	return c.updateDelivery(ctx, &stored[0], true)
}

// updateDelivery writes what became of a delivery, if it waits or may have ended too.
func (c *session) updateDelivery(ctx context.Context, d *store.Delivery, ended bool) error {
	var next, attempted *time.Time
	if !d.NextAttemptAt.IsZero() {
		next = &d.NextAttemptAt
	}
	if !d.AttemptedAt.IsZero() {
		attempted = &d.AttemptedAt
	}
	_, err := c.conn.Exec(ctx, updateDelivery,
		d.Number, string(d.State), d.Attempts, attempted, d.Status, d.Error, d.Took.Microseconds(), next, ended)
	return err
}

// Deliveries are the last of an endpoint.
func (s *Store) Deliveries(ctx context.Context, venue booking.VenueID, id store.WebhookID, limit int) (list []store.Delivery, err error) {
	err = s.useReserved(ctx, func(c *session) error {
		if _, err := c.claimOf(ctx, venue, id); err != nil {
			return err
		}
		list, err = c.readDeliveries(ctx, selectLog, string(venue), string(id), limit)
		return err
	})
	return list, classify(err)
}

func (c *session) claimOf(ctx context.Context, venue booking.VenueID, id store.WebhookID) (claim int64, err error) {
	err = c.conn.QueryRow(ctx, selectClaim, string(venue), string(id)).Scan(&claim)
	return claim, orNotFound(err)
}

// Delivery is one of an endpoint's.
func (s *Store) Delivery(ctx context.Context, venue booking.VenueID, id store.WebhookID, number int64) (d store.Delivery, err error) {
	err = s.useReserved(ctx, func(c *session) error {
		list, err := c.readDeliveries(ctx, selectDelivery, string(venue), string(id), number)
		if err == nil && len(list) == 0 {
			err = booking.ErrNotFound
		}
		if err == nil {
			d = list[0]
		}
		return err
	})
	return d, classify(err)
}

// WebhookBacklogs says how much waits.
func (s *Store) WebhookBacklogs(ctx context.Context, venue booking.VenueID) (list []store.WebhookBacklog, err error) {
	err = s.useReserved(ctx, func(c *session) error {
		rows, err := c.conn.Query(ctx, selectBacklogs, string(venue))
		if err != nil {
			return err
		}
		list, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (b store.WebhookBacklog, err error) {
			err = row.Scan(&b.Venue, &b.Endpoint, &b.Count, &b.Bytes, (*instant)(&b.Oldest))
			return b, err
		})
		return err
	})
	return list, classify(err)
}

// WaitingDeliveries are those of a claimed endpoint that are due.
func (s *Store) WaitingDeliveries(ctx context.Context, claim store.WebhookClaim, limit int) (list []store.Delivery, err error) {
	of := &claim.Webhook
	err = s.useReserved(ctx, func(c *session) error {
		current, err := c.claimOf(ctx, of.Venue, of.ID)
		if errors.Is(err, booking.ErrNotFound) || err == nil && current != of.Claim {
			return store.ErrClaimLost
		}
		if err != nil {
			return err
		}
		list, err = c.readDeliveries(ctx, selectWaiting, string(of.Venue), string(of.ID), s.clock(), limit)
		return err
	})
	return list, classify(err)
}

// SettleWebhook writes what became of attempts.
func (s *Store) SettleWebhook(ctx context.Context, claim store.WebhookClaim, settlement store.Settlement) error {
	of := &claim.Webhook
	err := s.transact(ctx, func(ctx context.Context, c *session, now time.Time) error {
		w, err := c.lockWebhook(ctx, of.Venue, of.ID)
		if errors.Is(err, booking.ErrNotFound) || err == nil && w.Claim != of.Claim {
			return store.ErrClaimLost
		}
		if err != nil {
			return err
		}
		if w.Recovers(&settlement) {
			if err := c.expediteDeliveries(ctx, &w, now); err != nil {
				return err
			}
		}
		for _, d := range settlement.Deliveries {
			d.Schedule(now)
			if err := c.updateDelivery(ctx, &d, false); err != nil {
				return err
			}
		}
		if len(settlement.Deliveries) > 0 {
			if err := c.trimDeliveries(ctx, of.Venue, of.ID); err != nil {
				return err
			}
		}
		waiting, err := c.waiting(ctx, of, &settlement)
		if err != nil {
			return err
		}
		w.Settle(&settlement, waiting, now)
		return c.writeWebhook(ctx, &w)
	})
	return webhookError("settle", of.Venue, of.ID, err)
}
