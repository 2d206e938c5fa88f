package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"vacancy/internal/booking"
	"vacancy/internal/store"
	"vacancy/internal/store/record"
)

var (
	lockWebhook      = `SELECT ` + record.Webhooks.Names("") + ` FROM webhooks WHERE venue = $1 AND id = $2 FOR UPDATE`
	selectWebhooks   = `SELECT ` + record.Webhooks.Names("") + ` FROM webhooks WHERE venue = $1 ORDER BY id`
	selectAnyWebhook = `SELECT EXISTS (SELECT 1 FROM webhooks WHERE disabled = '')`
	upsertWebhook    = upsertRow(record.Webhooks)

	lockDueWebhooks = `SELECT ` + record.Webhooks.Names("") + ` FROM webhooks WHERE ` + dueWebhooks + `
		ORDER BY retry_at LIMIT $2 FOR UPDATE SKIP LOCKED`
)

const (
	countWebhooks = `SELECT count(*) FROM webhooks WHERE venue = $1`
	deleteWebhook = `DELETE FROM webhooks WHERE venue = $1 AND id = $2`

	dueWebhooks = `retry_at <= coalesce($1::timestamptz, statement_timestamp()) AND disabled = ''
		AND (claimed_until IS NULL OR claimed_until <= coalesce($1::timestamptz, statement_timestamp()))`
	anyDueWebhook = `SELECT EXISTS (SELECT FROM webhooks WHERE ` + dueWebhooks + `)`

	// lockRevision has two who add endpoints to one venue wait for each other, so that neither is one too many. It is the one lock of a
	// venue's row here, and settings are written seldom.
	lockRevision = `SELECT revision FROM venues WHERE id = $1 FOR NO KEY UPDATE`
)

// transact runs f in a transaction and commits it, durably as bookings are. Nothing is committed if f fails.
func (s *Store) transact(ctx context.Context, f func(ctx context.Context, c *session, now time.Time) error) error {
	return classify(s.useReserved(ctx, func(c *session) error {
		if _, err := c.conn.Exec(ctx, beginWriting); err != nil {
			return err
		}
		var now time.Time
		err := c.conn.QueryRow(ctx, selectNow, s.clock()).Scan(&now)
		if err == nil {
			err = f(ctx, c, now)
		}
		if err != nil {
			undo, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.config.commitTimeout)
			defer cancel()
			_, _ = c.conn.Exec(undo, `ROLLBACK`) // a connection on which it fails is not used again
			return err
		}
		committing, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.config.commitTimeout)
		defer cancel()
		return commitBatch(committing, c, new(pgx.Batch))
	}))
}

// PutWebhook stores the settings of an endpoint.
func (s *Store) PutWebhook(
	ctx context.Context, settings store.WebhookSettings, secret string, limit int,
) (saved store.Webhook, created bool, err error) {
	err = s.transact(ctx, func(ctx context.Context, c *session, now time.Time) error {
		var at booking.Revision
		if err := c.conn.QueryRow(ctx, lockRevision, string(settings.Venue)).Scan(&at); err != nil {
			return orNotFound(err)
		}
		saved, err = c.lockWebhook(ctx, settings.Venue, settings.ID)
		switch {
		case err == nil:
			saved.Replace(settings, c.epoch, at, now)
		case !errors.Is(err, booking.ErrNotFound):
			return err
		default:
			n := 0
			if err := c.conn.QueryRow(ctx, countWebhooks, string(settings.Venue)).Scan(&n); err != nil {
				return err
			}
			if n >= limit {
				return store.ErrWebhookLimit
			}
			saved, created = store.NewWebhook(settings, secret, c.epoch, at, now), true
		}
		if saved.Disabled != "" {
			if err := c.abandonDeliveries(ctx, &saved); err != nil {
				return err
			}
		} else if err := c.expediteDeliveries(ctx, &saved, now); err != nil {
			return err
		}
		return c.writeWebhook(ctx, &saved)
	})
	return saved, created, webhookError("put", settings.Venue, settings.ID, err)
}

func orNotFound(err error) error {
	if errors.Is(err, pgx.ErrNoRows) {
		return booking.ErrNotFound
	}
	return err
}

func webhookError(what string, venue booking.VenueID, id store.WebhookID, err error) error {
	if err == nil || errors.Is(err, booking.ErrNotFound) || errors.Is(err, store.ErrClaimLost) ||
		errors.Is(err, store.ErrWebhookChanged) {
		return err
	}
	return fmt.Errorf("%s webhook %s of venue %s: %w", what, id, venue, err)
}

// lockWebhook reads an endpoint, which nobody else changes until the end of the transaction.
func (c *session) lockWebhook(ctx context.Context, venue booking.VenueID, id store.WebhookID) (w store.Webhook, err error) {
	rows, err := c.conn.Query(ctx, lockWebhook, string(venue), string(id))
	if err != nil {
		return w, err
	}
	list, err := collectWebhooks(rows)
	if err == nil && len(list) == 0 {
		err = booking.ErrNotFound
	}
	if err != nil {
		return w, err
	}
	return list[0], nil
}

func collectWebhooks(rows pgx.Rows) (list []store.Webhook, err error) {
	err = eachRow(rows, record.Webhooks, func(r *record.WebhookRow) error {
		list = append(list, r.Decoded())
		return nil
	})
	return list, err
}

func (c *session) writeWebhook(ctx context.Context, w *store.Webhook) error {
	_, err := c.conn.Exec(ctx, upsertWebhook, record.Append(nil, record.Webhooks.Columns, record.NewWebhookRow(*w))...)
	return err
}

// changeWebhook reads an endpoint, has f change it, and writes it.
func (s *Store) changeWebhook(
	ctx context.Context, venue booking.VenueID, id store.WebhookID,
	f func(ctx context.Context, c *session, w *store.Webhook, now time.Time) error,
) error {
	return s.transact(ctx, func(ctx context.Context, c *session, now time.Time) error {
		w, err := c.lockWebhook(ctx, venue, id)
		if err != nil {
			return err
		}
		if err := f(ctx, c, &w, now); err != nil {
			return err
		}
		return c.writeWebhook(ctx, &w)
	})
}

// DeleteWebhook deletes an endpoint, with its queue and its log.
func (s *Store) DeleteWebhook(ctx context.Context, venue booking.VenueID, id store.WebhookID) error {
	return webhookError("delete", venue, id, s.transact(ctx, func(ctx context.Context, c *session, _ time.Time) error {
		tag, err := c.conn.Exec(ctx, deleteWebhook, string(venue), string(id))
		if err == nil && tag.RowsAffected() == 0 {
			err = booking.ErrNotFound
		}
		if err == nil {
			_, err = c.conn.Exec(ctx, deleteDeliveries, string(venue), string(id))
		}
		return err
	}))
}

// Webhooks are a venue's endpoints, by id.
func (s *Store) Webhooks(ctx context.Context, venue booking.VenueID) (list []store.Webhook, err error) {
	err = s.use(ctx, func(c *session) error {
		rows, err := c.conn.Query(ctx, selectWebhooks, string(venue))
		if err == nil {
			list, err = collectWebhooks(rows)
		}
		return errors.Join(err, s.checkInCharge(c))
	})
	return list, classify(err)
}

// HasWebhooks tells whether any venue has an endpoint that is enabled.
func (s *Store) HasWebhooks(ctx context.Context) (has bool, err error) {
	err = s.use(ctx, func(c *session) error {
		return errors.Join(c.conn.QueryRow(ctx, selectAnyWebhook).Scan(&has), s.checkInCharge(c))
	})
	return has, classify(err)
}

// RotateWebhookSecret gives an endpoint another secret.
func (s *Store) RotateWebhookSecret(
	ctx context.Context, venue booking.VenueID, id store.WebhookID, secret string, overlap time.Duration,
) (saved store.Webhook, err error) {
	err = s.changeWebhook(ctx, venue, id, func(_ context.Context, _ *session, w *store.Webhook, now time.Time) error {
		w.Rotate(secret, overlap, now)
		saved = *w
		return nil
	})
	return saved, webhookError("rotate the secret of", venue, id, err)
}

// DisableWebhook disables an endpoint.
func (s *Store) DisableWebhook(
	ctx context.Context, venue booking.VenueID, id store.WebhookID, read store.WebhookVersion, reason string,
) (was bool, err error) {
	err = s.changeWebhook(ctx, venue, id, func(ctx context.Context, c *session, w *store.Webhook, now time.Time) error {
		was = false
		switch {
		case w.Disabled != "":
			return nil
		case w.Changed(read):
			return store.ErrWebhookChanged
		}
		was = true
		w.Disable(reason, now)
		return c.abandonDeliveries(ctx, w)
	})
	return was && err == nil, webhookError("disable", venue, id, err)
}

// ClaimWebhooks claims endpoints that are due. Of several nodes that do so at the same time, each gets others.
func (s *Store) ClaimWebhooks(ctx context.Context, lease time.Duration, limit int) (claims []store.WebhookClaim, err error) {
	some := false
	err = s.useReserved(ctx, func(c *session) error {
		return c.conn.QueryRow(ctx, anyDueWebhook, s.clock()).Scan(&some)
	})
	if err != nil || !some {
		return nil, classify(err)
	}
	err = s.transact(ctx, func(ctx context.Context, c *session, now time.Time) error {
		claims = nil
		rows, err := c.conn.Query(ctx, lockDueWebhooks, s.clock(), limit)
		if err != nil {
			return err
		}
		due, err := collectWebhooks(rows)
		if err != nil {
			return err
		}
		for i := range due {
			due[i].Take(lease, now)
			if err := c.writeWebhook(ctx, &due[i]); err != nil {
				return err
			}
			claims = append(claims, store.WebhookClaim{Webhook: due[i], Now: now})
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("claim webhooks: %w", err)
	}
	return claims, nil
}
