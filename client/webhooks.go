package client

import (
	"context"
	"net/http"
	"time"
)

// WebhookSettings is where the events of a venue are posted to.
type WebhookSettings struct {
	URL string `json:"url"`
	// Events are the names of those to deliver, such as "booking.confirmed"; none is all.
	Events []string `json:"events,omitempty"`
	// Disabled stops it: nothing is kept for it then.
	Disabled bool `json:"-"`
}

// Webhook is a webhook as the server has it.
type Webhook struct {
	ID             string     `json:"id"`
	URL            string     `json:"url"`
	Events         []string   `json:"events"`
	Enabled        bool       `json:"enabled"`
	DisabledReason string     `json:"disabled_reason"`
	DisabledAt     *time.Time `json:"disabled_at"`
	// Secret is what requests are signed with. It is shown by the [Client.PutWebhook] that creates the webhook and by
	// [Client.RotateWebhookSecret], and never again.
	Secret              string     `json:"secret"`
	PreviousSecretUntil *time.Time `json:"previous_secret_until"`
	FailingSince        *time.Time `json:"failing_since"`
	// Waiting is how many events wait for another attempt.
	Waiting       int        `json:"waiting"`
	OldestWaiting *time.Time `json:"oldest_waiting"`
	// Revision is the venue's when it was created or enabled again: what is later is delivered.
	Revision  uint64    `json:"revision"`
	CreatedAt time.Time `json:"created_at"`
	UpdatedAt time.Time `json:"updated_at"`
}

// WebhookAttempt is what became of one attempt.
type WebhookAttempt struct {
	// Outcome is "delivered", or what went wrong: "timeout", "redirect", and others.
	Outcome string    `json:"outcome"`
	Event   string    `json:"event"`
	Status  int       `json:"status"`
	Error   string    `json:"error"`
	At      time.Time `json:"at"`
	TookMS  int64     `json:"took_ms"`
}

// WebhookDelivery is an event for a webhook.
type WebhookDelivery struct {
	ID    string `json:"id"`
	Event string `json:"event"`
	Name  string `json:"name"`
	// State is "waiting", "delivered" or "failed".
	State         string     `json:"state"`
	CreatedAt     time.Time  `json:"created_at"`
	Attempts      int        `json:"attempts"`
	AttemptedAt   *time.Time `json:"attempted_at"`
	Status        int        `json:"status"`
	Error         string     `json:"error"`
	TookMS        int64      `json:"took_ms"`
	NextAttemptAt *time.Time `json:"next_attempt_at"`
}

// Webhooks lists the webhooks of a venue.
func (c *Client) Webhooks(ctx context.Context, venue string) ([]Webhook, error) {
	list, _, err := read[struct{ Webhooks []Webhook }](ctx, c, newCall(http.MethodGet, venuePath(venue, "webhooks"), nil))
	return list.Webhooks, err
}

// Webhook gets one webhook.
func (c *Client) Webhook(ctx context.Context, venue, id string) (Webhook, error) {
	v, _, err := read[Webhook](ctx, c, newCall(http.MethodGet, venuePath(venue, "webhooks", id), nil))
	return v, err
}

// PutWebhook creates a webhook, and returns it with its secret, or replaces the settings of one. It is tried once: the answer of a second
// try would not have the secret.
func (c *Client) PutWebhook(ctx context.Context, venue, id string, s WebhookSettings) (Webhook, error) {
	r := newCall(http.MethodPut, venuePath(venue, "webhooks", id), nil)
	r.conditional = true
	return write[Webhook](ctx, c, r, struct {
		WebhookSettings
		Enabled bool `json:"enabled"`
	}{s, !s.Disabled})
}

// DeleteWebhook deletes a webhook, with what waits for it.
func (c *Client) DeleteWebhook(ctx context.Context, venue, id string) error {
	_, err := c.send(ctx, newCall(http.MethodDelete, venuePath(venue, "webhooks", id), nil))
	return err
}

// RotateWebhookSecret gives a webhook another secret. The old one is valid for a day.
func (c *Client) RotateWebhookSecret(ctx context.Context, venue, id string) (Webhook, error) {
	v, _, err := read[Webhook](ctx, c, newCall(http.MethodPost, venuePath(venue, "webhooks", id, "rotate_secret"), nil))
	return v, err
}

// TestWebhook has a test event sent now.
func (c *Client) TestWebhook(ctx context.Context, venue, id string) (WebhookAttempt, error) {
	v, _, err := read[WebhookAttempt](ctx, c, newCall(http.MethodPost, venuePath(venue, "webhooks", id, "test"), nil))
	return v, err
}

// WebhookDeliveries lists the last deliveries of a webhook, the newest first.
func (c *Client) WebhookDeliveries(ctx context.Context, venue, id string) ([]WebhookDelivery, error) {
	list, _, err := read[struct{ Deliveries []WebhookDelivery }](ctx, c,
		newCall(http.MethodGet, venuePath(venue, "webhooks", id, "deliveries"), nil))
	return list.Deliveries, err
}

// RedeliverWebhook has the event of a delivery sent again now.
func (c *Client) RedeliverWebhook(ctx context.Context, venue, id, delivery string) (WebhookAttempt, error) {
	v, _, err := read[WebhookAttempt](ctx, c,
		newCall(http.MethodPost, venuePath(venue, "webhooks", id, "deliveries", delivery, "redeliver"), nil))
	return v, err
}
