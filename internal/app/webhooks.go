package app

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"vacancy/internal/alert"
	"vacancy/internal/booking"
	"vacancy/internal/bus/webhook"
	"vacancy/internal/store"
	"vacancy/internal/telemetry"
)

// webhooksName is the name of the webhooks' bus: its cursors have it in the database.
const webhooksName = "webhooks"

// alertWebhookDisabled is the alert of an endpoint that was disabled since it failed. Its subject is the endpoint.
const alertWebhookDisabled = "webhook_disabled"

// webhooks are the venues' endpoints as a bus. The relay to them rests while there are none, so that they cost nothing then.
type webhooks struct {
	*webhook.Bus
	app *App

	mu       sync.Mutex
	disabled map[string]alert.Alert // by subject
}

func (a *App) buildWebhooks() error {
	networks, err := a.config.WebhookPrefixes()
	if err != nil {
		return err
	}
	a.telemetry.Webhooks.Begin(texts(webhook.Outcomes()))
	w := &webhooks{app: a, disabled: make(map[string]alert.Alert)}
	w.Bus = webhook.New(webhook.Config{
		Store: a.database, AllowedNetworks: networks, Meter: webhookMeter{a.telemetry.Webhooks}, Alerts: w, Log: a.log,
		Paused: a.outboxPaused.Load, Now: a.view.Now,
	})
	a.webhooks = w
	return nil
}

// relay is the one to the webhooks.
func (w *webhooks) relay() *busRelay {
	i := slices.IndexFunc(w.app.relays, func(r *busRelay) bool { return r.name == webhooksName })
	return w.app.relays[i]
}

// wanted tells whether a venue has an endpoint that is enabled.
func (w *webhooks) wanted(ctx context.Context, venue booking.VenueID) (bool, error) {
	endpoints, err := w.app.database.Webhooks(ctx, venue)
	return slices.ContainsFunc(endpoints, func(e store.Webhook) bool { return e.Disabled == "" }), err
}

// check has the relay rest, or not, as the database says, and the alerts be those of now.
func (w *webhooks) check(ctx context.Context) {
	if has, err := w.app.database.HasWebhooks(ctx); err == nil { // else it stays as it is
		w.relay().setIdle(!has)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	maps.DeleteFunc(w.disabled, func(_ string, a alert.Alert) bool { return time.Since(a.Since) > webhookAlertFor })
	w.app.alerts.Set("webhooks", slices.Collect(maps.Values(w.disabled)))
}

// PutEndpoint creates an endpoint, or replaces the settings of one. The bus is registered before, so that its cursors are not behind the
// endpoint's beginning.
func (w *webhooks) PutEndpoint(
	ctx context.Context, venue booking.VenueID, id webhook.ID, s webhook.Settings,
) (e webhook.Endpoint, secret string, created bool, err error) {
	if err := w.app.database.RegisterBus(ctx, webhooksName); err != nil {
		return e, "", false, err
	}
	e, secret, created, err = w.Bus.PutEndpoint(ctx, venue, id, s)
	if err == nil && e.Enabled {
		w.relay().setIdle(false)
		w.forget(venue, id)
	}
	return e, secret, created, err
}

// DeleteEndpoint deletes an endpoint.
func (w *webhooks) DeleteEndpoint(ctx context.Context, venue booking.VenueID, id webhook.ID) error {
	w.forget(venue, id)
	return w.Bus.DeleteEndpoint(ctx, venue, id)
}

func (w *webhooks) forget(venue booking.VenueID, id webhook.ID) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.disabled, subjectOf(venue, id))
}

// WebhookDisabled has a person told, from the next check on.
func (w *webhooks) WebhookDisabled(venue booking.VenueID, id store.WebhookID, reason string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	subject := subjectOf(venue, id)
	w.disabled[subject] = alert.Alert{
		Key: alertWebhookDisabled, Subject: subject, Severity: alert.Warning, Since: time.Now(),
		Text: fmt.Sprintf("webhook %s of venue %s gets no more events: %s", id, venue, reason),
	}
}

func subjectOf(venue booking.VenueID, id store.WebhookID) string {
	return string(venue) + "/" + string(id)
}

// webhookMeter counts deliveries.
type webhookMeter struct{ telemetry.Webhooks }

func (m webhookMeter) Attempt(outcome webhook.Outcome, took time.Duration) {
	m.Webhooks.Attempt(string(outcome), took)
}
