package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/store"
	"vacancy/internal/store/record"
)

var (
	selectWebhook    = `SELECT ` + record.Webhooks.Names("") + ` FROM webhooks WHERE venue = ?1 AND id = ?2`
	selectWebhooks   = `SELECT ` + record.Webhooks.Names("") + ` FROM webhooks WHERE venue = ?1 ORDER BY id`
	selectAnyWebhook = `SELECT EXISTS (SELECT 1 FROM webhooks WHERE disabled = '')`
	upsertWebhook    = upsertInto(record.Webhooks)

	selectDueWebhooks = `
		SELECT ` + record.Webhooks.Names("") + ` FROM webhooks INDEXED BY webhooks_due
		WHERE retry_at <= ?1 AND disabled = '' AND coalesce(claimed_until, 0) <= ?1 ORDER BY retry_at LIMIT ?2`
)

const (
	countWebhooks = `SELECT count(*) FROM webhooks WHERE venue = ?1`
	deleteWebhook = `DELETE FROM webhooks WHERE venue = ?1 AND id = ?2`
)

// PutWebhook stores the settings of an endpoint.
func (s *Store) PutWebhook(
	ctx context.Context, settings store.WebhookSettings, secret string, limit int,
) (saved store.Webhook, created bool, err error) {
	now := s.now()
	err = s.writer.transact(ctx, func(ctx context.Context, c *connection) (bool, error) {
		at, err := c.revisionOf(ctx, settings.Venue)
		if err != nil {
			return false, err
		}
		saved, err = c.webhook(ctx, settings.Venue, settings.ID)
		switch {
		case err == nil:
			saved.Replace(settings, s.epoch, at, now)
		case !errors.Is(err, booking.ErrNotFound):
			return false, err
		default:
			n := 0
			err := c.each(ctx, func(rows *sql.Rows) error { return rows.Scan(&n) }, countWebhooks, string(settings.Venue))
			if err != nil {
				return false, err
			}
			if n >= limit {
				return false, store.ErrWebhookLimit
			}
			saved, created = store.NewWebhook(settings, secret, s.epoch, at, now), true
		}
		if saved.Disabled != "" {
			if err := c.abandonDeliveries(ctx, &saved); err != nil {
				return false, err
			}
		} else if err := c.expediteDeliveries(ctx, &saved, now); err != nil {
			return false, err
		}
		return true, c.writeWebhook(ctx, &saved)
	})
	return saved, created, webhookError("put", settings.Venue, settings.ID, err)
}

func webhookError(what string, venue booking.VenueID, id store.WebhookID, err error) error {
	if err == nil || errors.Is(err, booking.ErrNotFound) || errors.Is(err, store.ErrClaimLost) ||
		errors.Is(err, store.ErrWebhookChanged) {
		return err
	}
	return fmt.Errorf("%s webhook %s of venue %s: %w", what, id, venue, classify(err))
}

func (c *connection) revisionOf(ctx context.Context, venue booking.VenueID) (at booking.Revision, err error) {
	found := false
	err = c.each(ctx, func(rows *sql.Rows) error { found = true; return rows.Scan(&at) }, selectRevision, string(venue))
	if err == nil && !found {
		err = booking.ErrNotFound
	}
	return at, err
}

func (c *connection) webhook(ctx context.Context, venue booking.VenueID, id store.WebhookID) (w store.Webhook, err error) {
	found := false
	err = readRows(ctx, c, record.Webhooks, func(r *record.WebhookRow) error {
		w, found = r.Decoded(), true
		return nil
	}, selectWebhook, string(venue), string(id))
	if err == nil && !found {
		err = booking.ErrNotFound
	}
	return w, err
}

func (c *connection) writeWebhook(ctx context.Context, w *store.Webhook) error {
	return upsert(ctx, c, upsertWebhook, record.Webhooks, record.NewWebhookRow(*w), nil)
}

// changeWebhook reads an endpoint, has f change it, and writes it, unless f says that there is nothing to write.
func (s *Store) changeWebhook(
	ctx context.Context, venue booking.VenueID, id store.WebhookID, f func(context.Context, *connection, *store.Webhook) (bool, error),
) error {
	return s.writer.transact(ctx, func(ctx context.Context, c *connection) (bool, error) {
		w, err := c.webhook(ctx, venue, id)
		if err != nil {
			return false, err
		}
		if write, err := f(ctx, c, &w); err != nil || !write {
			return false, err
		}
		return true, c.writeWebhook(ctx, &w)
	})
}

// DeleteWebhook deletes an endpoint, with its queue and its log.
func (s *Store) DeleteWebhook(ctx context.Context, venue booking.VenueID, id store.WebhookID) error {
	return webhookError("delete", venue, id, s.writer.transact(ctx, func(ctx context.Context, c *connection) (bool, error) {
		n, err := c.exec(ctx, deleteWebhook, string(venue), string(id))
		if err == nil && n == 0 {
			err = booking.ErrNotFound
		}
		if err == nil {
			_, err = c.exec(ctx, deleteDeliveries, string(venue), string(id))
		}
		return true, err
	}))
}

// Webhooks are a venue's endpoints, by id.
func (s *Store) Webhooks(ctx context.Context, venue booking.VenueID) (list []store.Webhook, err error) {
	err = s.read(ctx, func(c *connection) error {
		return readRows(ctx, c, record.Webhooks, func(r *record.WebhookRow) error {
			list = append(list, r.Decoded())
			return nil
		}, selectWebhooks, string(venue))
	})
	return list, err
}

// HasWebhooks tells whether any venue has an endpoint that is enabled.
func (s *Store) HasWebhooks(ctx context.Context) (has bool, err error) {
	err = s.read(ctx, func(c *connection) error {
		return c.each(ctx, func(rows *sql.Rows) error { return rows.Scan(&has) }, selectAnyWebhook)
	})
	return has, err
}

// RotateWebhookSecret gives an endpoint another secret.
func (s *Store) RotateWebhookSecret(
	ctx context.Context, venue booking.VenueID, id store.WebhookID, secret string, overlap time.Duration,
) (saved store.Webhook, err error) {
	now := s.now()
	err = s.changeWebhook(ctx, venue, id, func(_ context.Context, _ *connection, w *store.Webhook) (bool, error) {
		w.Rotate(secret, overlap, now)
		saved = *w
		return true, nil
	})
	return saved, webhookError("rotate the secret of", venue, id, err)
}

// DisableWebhook disables an endpoint.
func (s *Store) DisableWebhook(
	ctx context.Context, venue booking.VenueID, id store.WebhookID, read store.WebhookVersion, reason string,
) (was bool, err error) {
	now := s.now()
	err = s.changeWebhook(ctx, venue, id, func(ctx context.Context, c *connection, w *store.Webhook) (bool, error) {
		was = false
		switch {
		case w.Disabled != "":
			return false, nil
		case w.Changed(read):
			return false, store.ErrWebhookChanged
		}
		was = true
		w.Disable(reason, now)
		return true, c.abandonDeliveries(ctx, w)
	})
	return was && err == nil, webhookError("disable", venue, id, err)
}

// ClaimWebhooks claims endpoints that are due. Nothing is written if none is.
func (s *Store) ClaimWebhooks(ctx context.Context, lease time.Duration, limit int) (claims []store.WebhookClaim, err error) {
	now := s.now()
	due := func(ctx context.Context, c *connection) (due []store.Webhook, err error) {
		err = readRows(ctx, c, record.Webhooks, func(r *record.WebhookRow) error {
			due = append(due, r.Decoded())
			return nil
		}, selectDueWebhooks, record.Micros(now), limit)
		return due, err
	}
	some := false
	err = s.read(ctx, func(c *connection) error {
		found, err := due(ctx, c)
		some = len(found) > 0
		return err
	})
	if err != nil || !some {
		return nil, err
	}
	err = s.writer.transact(ctx, func(ctx context.Context, c *connection) (bool, error) {
		found, err := due(ctx, c)
		if err != nil {
			return false, classify(err)
		}
		for i := range found {
			found[i].Take(lease, now)
			if err := c.writeWebhook(ctx, &found[i]); err != nil {
				return false, classify(err)
			}
			claims = append(claims, store.WebhookClaim{Webhook: found[i], Now: now})
		}
		return len(found) > 0, nil
	})
	if err != nil {
		return nil, fmt.Errorf("claim webhooks: %w", err)
	}
	return claims, nil
}
