package storetest

import (
	"context"
	"errors"
	"slices"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/store"
)

// Stores that keep webhooks badly.
type (
	sharedWebhooks    struct{ store.Store }
	unlimitedWebhooks struct{ store.Store }
	eternalSecret     struct{ store.Store }
	unsortedQueue     struct{ store.Store }
	unboundedQueue    struct{ store.Store }
	unclaimed         struct{ store.Store }
	unfenced          struct{ store.Store }
	disablesAny       struct{ store.Store }
	retriesAtOnce     struct{ store.Store }
	shortQueueing     struct{ store.Store }
	halfDisabled      struct{ store.Store }
	endlessLog        struct{ store.Store }
	ignoresHand       struct{ store.Store }
)

func (m sharedWebhooks) Webhooks(ctx context.Context, venue booking.VenueID) ([]store.Webhook, error) {
	list, err := m.Store.Webhooks(ctx, venue)
	slices.Reverse(list)
	return list, err
}

func (m unlimitedWebhooks) PutWebhook(
	ctx context.Context, s store.WebhookSettings, secret string, _ int,
) (store.Webhook, bool, error) {
	return m.Store.PutWebhook(ctx, s, secret, 1000)
}

func (m eternalSecret) RotateWebhookSecret(
	ctx context.Context, venue booking.VenueID, id store.WebhookID, secret string, _ time.Duration,
) (store.Webhook, error) {
	return m.Store.RotateWebhookSecret(ctx, venue, id, secret, 1000*time.Hour)
}

func (m unsortedQueue) WaitingDeliveries(ctx context.Context, c store.WebhookClaim, limit int) ([]store.Delivery, error) {
	list, err := m.Store.WaitingDeliveries(ctx, c, limit)
	slices.Reverse(list)
	return list, err
}

func (m unboundedQueue) EnqueueDeliveries(ctx context.Context, q store.QueuedDeliveries) error {
	q.MaxCount, q.MaxBytes = 1<<30, 1<<40
	return m.Store.EnqueueDeliveries(ctx, q)
}

func (m unclaimed) ClaimWebhooks(ctx context.Context, _ time.Duration, limit int) ([]store.WebhookClaim, error) {
	return m.Store.ClaimWebhooks(ctx, 0, limit)
}

// unfenced has whoever lost a claim settle by the newest.
func (m unfenced) SettleWebhook(ctx context.Context, c store.WebhookClaim, s store.Settlement) error {
	list, err := m.Webhooks(ctx, c.Webhook.Venue)
	for _, w := range list {
		if w.ID == c.Webhook.ID {
			c.Webhook.Claim = w.Claim
		}
	}
	return errors.Join(err, m.Store.SettleWebhook(ctx, c, s))
}

// disablesAny disables whatever has the id now.
func (m disablesAny) DisableWebhook(
	ctx context.Context, venue booking.VenueID, id store.WebhookID, read store.WebhookVersion, reason string,
) (bool, error) {
	list, err := m.Webhooks(ctx, venue)
	for _, w := range list {
		if w.ID == id {
			read = w.Version()
		}
	}
	was, disabling := m.Store.DisableWebhook(ctx, venue, id, read, reason)
	return was, errors.Join(err, disabling)
}

func (m retriesAtOnce) SettleWebhook(ctx context.Context, c store.WebhookClaim, s store.Settlement) error {
	s.Pause = 0
	for i := range s.Deliveries {
		s.Deliveries[i].Delay = 0
	}
	return m.Store.SettleWebhook(ctx, c, s)
}

func (m shortQueueing) Webhooks(ctx context.Context, venue booking.VenueID) ([]store.Webhook, error) {
	list, err := m.Store.Webhooks(ctx, venue)
	for i := range list {
		list[i].Queueing = list[i].Failures > 0
	}
	return list, err
}

func (m halfDisabled) DisableWebhook(
	ctx context.Context, venue booking.VenueID, id store.WebhookID, read store.WebhookVersion, reason string,
) (bool, error) {
	_, err := m.Store.DisableWebhook(ctx, venue, id, read, reason)
	return true, err
}

func (m endlessLog) Deliveries(ctx context.Context, venue booking.VenueID, id store.WebhookID, _ int) ([]store.Delivery, error) {
	return m.Store.Deliveries(ctx, venue, id, 1000)
}

// ignoresHand does not know attempts by hand.
func (m ignoresHand) RecordDeliveries(ctx context.Context, deliveries []store.Delivery) error {
	return m.Store.RecordDeliveries(ctx, slices.DeleteFunc(slices.Clone(deliveries), func(d store.Delivery) bool { return d.Number > 0 }))
}

var webhookMutants = []mutant{
	{
		"lists webhooks in another order", func(s store.Store) store.Store { return sharedWebhooks{s} },
		[]string{"webhooks/settings are stored, replaced and deleted, each venue's its own"},
	},
	{
		"takes any number of webhooks", func(s store.Store) store.Store { return unlimitedWebhooks{s} },
		[]string{"webhooks/a venue has a bounded number of endpoints"},
	},
	{
		"keeps a secret that was rotated", func(s store.Store) store.Store { return eternalSecret{s} },
		[]string{"webhooks/a secret is rotated, and the one before has an end"},
	},
	{
		"hands out what waits in another order", func(s store.Store) store.Store { return unsortedQueue{s} },
		[]string{"webhooks/what waits comes back in order, once for each event"},
	},
	{
		"has any number of events wait", func(s store.Store) store.Store { return unboundedQueue{s} },
		[]string{"webhooks/a queue is bounded in count and bytes, and a batch waits whole or not"},
	},
	{
		"claims without a lease", func(s store.Store) store.Store { return unclaimed{s} },
		[]string{"webhooks/one of many who ask gets the claim, until it runs out"},
	},
	{
		"has anybody settle", func(s store.Store) store.Store { return unfenced{s} },
		[]string{"webhooks/who has lost a claim writes nothing"},
	},
	{
		"disables an endpoint that was changed", func(s store.Store) store.Store { return disablesAny{s} },
		[]string{"webhooks/whoever has read an endpoint before it was changed decides nothing of it"},
	},
	{
		"tries again at once", func(s store.Store) store.Store { return retriesAtOnce{s} },
		[]string{"webhooks/an endpoint that fails is due after a pause, each delivery after its own delay"},
	},
	{
		"queues only while an endpoint fails", func(s store.Store) store.Store { return shortQueueing{s} },
		[]string{"webhooks/an endpoint queues until what was never tried is through"},
	},
	{
		"always says that it has disabled a webhook", func(s store.Store) store.Store { return halfDisabled{s} },
		[]string{"webhooks/a disabled endpoint has nothing waiting, and begins anew"},
	},
	{
		"lists all of the log", func(s store.Store) store.Store { return endlessLog{s} },
		[]string{"webhooks/the log keeps the last, and forgets no waiting event"},
	},
	{
		"does not record attempts by hand", func(s store.Store) store.Store { return ignoresHand{s} },
		[]string{"webhooks/an attempt by hand replaces what is known"},
	},
}
