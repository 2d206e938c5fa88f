package httpapi

import (
	"context"
	"errors"
	"net/http"
	"reflect"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"vacancy/internal/booking"
	"vacancy/internal/bus"
	"vacancy/internal/bus/webhook"
	"vacancy/internal/clean"
)

// WebhookEndpoints is what the API needs of a [webhook.Bus].
type WebhookEndpoints interface {
	PutEndpoint(context.Context, booking.VenueID, webhook.ID, webhook.Settings) (e webhook.Endpoint, secret string, created bool, err error)
	Endpoints(context.Context, booking.VenueID) ([]webhook.Endpoint, error)
	Endpoint(context.Context, booking.VenueID, webhook.ID) (webhook.Endpoint, error)
	DeleteEndpoint(context.Context, booking.VenueID, webhook.ID) error
	RotateSecret(context.Context, booking.VenueID, webhook.ID) (e webhook.Endpoint, secret string, err error)
	Test(context.Context, booking.VenueID, webhook.ID) (webhook.Attempt, error)
	Deliveries(context.Context, booking.VenueID, webhook.ID) ([]webhook.Delivery, error)
	Redeliver(ctx context.Context, venue booking.VenueID, id webhook.ID, delivery int64) (webhook.Attempt, error)
}

func (a *api) addWebhooks() {
	const path = "/v1/venues/{venue}/webhooks"
	a.add(&route{
		method: http.MethodGet, path: path, id: "list-webhooks", tag: tagEvents,
		summary: "List a venue's webhooks", access: staff,
		successes: []success{{http.StatusOK, "All webhooks of the venue, by id.", Webhooks{}, "", nil}},
		errors:    []string{"not_found"},
		handler:   noBody((*requestContext).listWebhooks),
	})
	a.add(&route{
		method: http.MethodGet, path: path + "/{webhook}", id: "get-webhook", tag: tagEvents,
		summary: "Read a webhook", description: "Without its secret, which is shown once.", access: staff,
		successes: []success{{http.StatusOK, "The webhook.", Webhook{}, "", nil}},
		errors:    []string{"not_found"},
		handler:   noBody((*requestContext).getWebhook),
	})
	a.add(&route{
		method: http.MethodPut, path: path + "/{webhook}", id: "put-webhook", tag: tagEvents,
		summary: "Create a webhook or replace its settings",
		description: "Events are posted to its url from now on, signed as the Standard Webhooks have it. The answer that creates it has the " +
			"secret, once: whoever has missed it asks for another by rotate_secret. One that was disabled and is enabled again begins anew: read " +
			"what was missed with GET.",
		access: staff,
		successes: []success{
			{http.StatusOK, "The webhook as it is now.", Webhook{}, "", nil},
			{http.StatusCreated, "The webhook was created. It has its secret.", Webhook{}, "", nil},
		},
		errors:  []string{"not_found", "invalid"},
		handler: withBody((*requestContext).putWebhook),
	})
	a.add(&route{
		method: http.MethodDelete, path: path + "/{webhook}", id: "delete-webhook", tag: tagEvents,
		summary: "Delete a webhook", description: "With what waits for it, and its log.", access: staff,
		successes: []success{{http.StatusNoContent, "It is deleted.", nil, "", nil}},
		errors:    []string{"not_found"},
		handler:   noBody((*requestContext).deleteWebhook),
	})
	a.addWebhookActions(path + "/{webhook}")
	a.describeWebhooks()
}

func (a *api) addWebhookActions(path string) {
	a.add(&route{
		method: http.MethodPost, path: path + "/rotate_secret", id: "rotate-webhook-secret", tag: tagEvents,
		summary: "Give a webhook another secret",
		description: "The answer has it, once. For 24 hours requests are signed with the one before, too: see previous_secret_until. A call " +
			"whose answer was lost can be made again within that time: the old secret stays valid, and the newer one is replaced.",
		access:    staff,
		successes: []success{{http.StatusOK, "The webhook, with its new secret.", Webhook{}, "", nil}},
		errors:    []string{"not_found"},
		handler:   withOptionalBody((*requestContext).rotateWebhookSecret),
	})
	a.add(&route{
		method: http.MethodPost, path: path + "/test", id: "test-webhook", tag: tagEvents,
		summary:     "Send a test event",
		description: "Sends a webhook.test now, to one that is disabled too, and says what came of it. What was answered is not shown.",
		access:      staff,
		successes:   []success{{http.StatusOK, "What became of it. That it failed is a success of this call.", WebhookAttempt{}, "", nil}},
		errors:      []string{"not_found"},
		handler:     withOptionalBody((*requestContext).testWebhook),
	})
	a.add(&route{
		method: http.MethodGet, path: path + "/deliveries", id: "list-webhook-deliveries", tag: tagEvents,
		summary: "The last deliveries of a webhook", description: "The newest 100: what waits, and what has ended.", access: staff,
		successes: []success{{http.StatusOK, "The deliveries, the newest first.", WebhookDeliveries{}, "", nil}},
		errors:    []string{"not_found"},
		handler:   noBody((*requestContext).listWebhookDeliveries),
	})
	a.add(&route{
		method: http.MethodPost, path: path + "/deliveries/{delivery}/redeliver", id: "redeliver-webhook", tag: tagEvents,
		summary:     "Send an event again",
		description: "Now, and says what came of it. The event has its id still, so a receiver that has it already can tell.",
		access:      staff,
		successes:   []success{{http.StatusOK, "What became of it. That it failed is a success of this call.", WebhookAttempt{}, "", nil}},
		errors:      []string{"not_found", "event_not_kept"},
		handler:     withOptionalBody((*requestContext).redeliverWebhook),
	})
}

// describeWebhooks documents what is sent to webhooks.
func (a *api) describeWebhooks() {
	api := a.huma.OpenAPI()
	api.Webhooks = make(map[string]*huma.PathItem)
	event := api.Components.Schemas.Schema(reflect.TypeFor[Event](), true, "")
	for _, name := range append(webhook.Names(), bus.WebhookTest) {
		api.Webhooks[string(name)] = &huma.PathItem{Post: &huma.Operation{
			OperationID: "receive-" + string(name), Tags: []string{tagEvents}, Summary: name.Type(), Security: []map[string][]string{},
			Description: "Signed: verify it before anything else of it is believed. docs/webhooks.md says how, and docs/events.md what it holds.",
			Parameters: []*huma.Param{
				refParam("webhook-id"), refParam("webhook-timestamp"), refParam("webhook-signature"), refParam("Vacancy-Attempt"),
				refParam("Vacancy-Late"),
			},
			RequestBody: &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{bus.ContentType: {Schema: event}}},
			Responses: map[string]*huma.Response{
				"2XX": {Description: "It is delivered. Answer within 5 seconds, and work then."},
				"410": {Description: "The webhook is disabled, and a person is told."},
				"default": {Description: "It is tried again for three days, later and later; 429 and 503 may say when by Retry-After. Redirects are " +
					"not followed."},
			},
		}}
	}
}

// webhookID is the venue and the webhook that the path names.
func (c *requestContext) webhookID() (booking.VenueID, webhook.ID, error) {
	return itemID[webhook.ID](c, "webhook")
}

func (c *requestContext) listWebhooks() error {
	venue, err := c.venue()
	if err != nil {
		return err
	}
	if _, _, err := c.Catalogue.Venue(c.r.Context(), venue); err != nil {
		return err
	}
	found, err := c.Webhooks.Endpoints(c.r.Context(), venue)
	if err != nil {
		return err
	}
	list := Webhooks{Webhooks: make([]Webhook, len(found))}
	for i, e := range found {
		list.Webhooks[i] = webhookOf(e, "")
	}
	return c.secretJSON(http.StatusOK, list)
}

// secretJSON answers with what no cache is to keep.
func (c *requestContext) secretJSON(status int, v any) error {
	c.w.Header()["Cache-Control"] = noStore
	return c.json(status, v)
}

func (c *requestContext) getWebhook() error {
	venue, id, err := c.webhookID()
	if err != nil {
		return err
	}
	e, err := c.Webhooks.Endpoint(c.r.Context(), venue, id)
	if err != nil {
		return err
	}
	return c.secretJSON(http.StatusOK, webhookOf(e, ""))
}

func (c *requestContext) putWebhook(s WebhookSettings) error {
	venue, err := c.venue()
	if err != nil {
		return err
	}
	settings := webhook.Settings{URL: clean.Word(s.URL), Enabled: s.Enabled == nil || *s.Enabled}
	if settings.Enabled { // those of an archived venue can be disabled still
		_, err = c.activeVenue(venue)
	} else {
		_, err = c.Webhooks.Endpoint(c.r.Context(), venue, webhook.ID(c.r.PathValue("webhook")))
		if errors.Is(err, booking.ErrNotFound) { // to create one is for venues in use
			_, err = c.activeVenue(venue)
		}
	}
	if err != nil {
		return err
	}
	for _, name := range s.Events {
		settings.Events = append(settings.Events, bus.Name(name))
	}
	e, secret, created, err := c.Webhooks.PutEndpoint(c.r.Context(), venue, webhook.ID(c.r.PathValue("webhook")), settings)
	if err != nil {
		return err
	}
	status := http.StatusOK
	if created {
		status = http.StatusCreated
	}
	return c.secretJSON(status, webhookOf(e, secret))
}

func (c *requestContext) deleteWebhook() error {
	venue, id, err := c.webhookID()
	if err != nil {
		return err
	}
	if err := c.Webhooks.DeleteEndpoint(c.r.Context(), venue, id); err != nil {
		return err
	}
	c.w.WriteHeader(http.StatusNoContent)
	return nil
}

func (c *requestContext) rotateWebhookSecret(Nothing) error {
	venue, id, err := c.webhookID()
	if err != nil {
		return err
	}
	e, secret, err := c.Webhooks.RotateSecret(c.r.Context(), venue, id)
	if err != nil {
		return err
	}
	return c.secretJSON(http.StatusOK, webhookOf(e, secret))
}

func (c *requestContext) testWebhook(Nothing) error {
	venue, id, err := c.webhookID()
	if err != nil {
		return err
	}
	a, err := c.Webhooks.Test(c.r.Context(), venue, id)
	if err != nil {
		return err
	}
	return c.secretJSON(http.StatusOK, webhookAttemptOf(a))
}

func (c *requestContext) listWebhookDeliveries() error {
	venue, id, err := c.webhookID()
	if err != nil {
		return err
	}
	found, err := c.Webhooks.Deliveries(c.r.Context(), venue, id)
	if err != nil {
		return err
	}
	list := WebhookDeliveries{Deliveries: make([]WebhookDelivery, len(found))}
	for i, d := range found {
		list.Deliveries[i] = webhookDeliveryOf(d)
	}
	c.w.Header()["Cache-Control"] = noStore
	return c.compressibleJSON(list)
}

func (c *requestContext) redeliverWebhook(Nothing) error {
	venue, id, err := c.webhookID()
	if err != nil {
		return err
	}
	number, err := strconv.ParseInt(c.r.PathValue("delivery"), 10, 64)
	if err != nil {
		return booking.ErrNotFound
	}
	a, err := c.Webhooks.Redeliver(c.r.Context(), venue, id, number)
	if err != nil {
		return err
	}
	return c.secretJSON(http.StatusOK, webhookAttemptOf(a))
}

// noWebhooks serves where there are none.
type noWebhooks struct{}

func (noWebhooks) PutEndpoint(context.Context, booking.VenueID, webhook.ID, webhook.Settings) (webhook.Endpoint, string, bool, error) {
	return webhook.Endpoint{}, "", false, booking.ErrNotFound
}

func (noWebhooks) Endpoints(context.Context, booking.VenueID) ([]webhook.Endpoint, error) {
	return nil, nil
}

func (noWebhooks) Endpoint(context.Context, booking.VenueID, webhook.ID) (webhook.Endpoint, error) {
	return webhook.Endpoint{}, booking.ErrNotFound
}

func (noWebhooks) DeleteEndpoint(context.Context, booking.VenueID, webhook.ID) error {
	return booking.ErrNotFound
}

func (noWebhooks) RotateSecret(context.Context, booking.VenueID, webhook.ID) (webhook.Endpoint, string, error) {
	return webhook.Endpoint{}, "", booking.ErrNotFound
}

func (noWebhooks) Test(context.Context, booking.VenueID, webhook.ID) (webhook.Attempt, error) {
	return webhook.Attempt{}, booking.ErrNotFound
}

func (noWebhooks) Deliveries(context.Context, booking.VenueID, webhook.ID) ([]webhook.Delivery, error) {
	return nil, booking.ErrNotFound
}

func (noWebhooks) Redeliver(context.Context, booking.VenueID, webhook.ID, int64) (webhook.Attempt, error) {
	return webhook.Attempt{}, booking.ErrNotFound
}
