package httpapi

import (
	"strconv"
	"time"

	"vacancy/internal/bus"
	"vacancy/internal/bus/webhook"
)

// WebhookSettings is what PUT sends for a webhook.
type WebhookSettings struct {
	URL     string   `json:"url" minLength:"1" maxLength:"2048" doc:"Where events are posted to, by https. Private addresses are refused when they are connected to." example:"https://example.com/hooks/vacancy"`
	Events  []string `json:"events,omitempty" nullable:"false" maxItems:"20" doc:"The names of the events to deliver, each once. Left out or empty, all. venue.reset and venue.gap, which say that something is lost, are always delivered." example:"[\"booking.confirmed\",\"booking.cancelled\"]"`
	Enabled *bool    `json:"enabled,omitempty" nullable:"false" doc:"Left out: true. While it is false, events are not kept for it."`
}

// Webhook is an endpoint that events are delivered to.
type Webhook struct {
	ID      webhook.ID `json:"id" example:"till"`
	URL     string     `json:"url" example:"https://example.com/hooks/vacancy"`
	Events  []bus.Name `json:"events" nullable:"false" doc:"The names of the events that are delivered; empty: all." example:"[\"booking.confirmed\"]"`
	Enabled bool       `json:"enabled"`

	DisabledReason string     `json:"disabled_reason,omitempty" doc:"Why it is not enabled." example:"it answered 410 Gone: it wants no more events"`
	DisabledAt     *time.Time `json:"disabled_at,omitempty" format:"date-time" nullable:"false"`

	Secret              string     `json:"secret,omitempty" doc:"What requests are signed with. Only in the answer of the PUT that creates the webhook and of rotate_secret: it is never shown again." example:"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"`
	PreviousSecretUntil *time.Time `json:"previous_secret_until,omitempty" format:"date-time" nullable:"false" doc:"Until when requests are signed with the secret before, too."`

	FailingSince  *time.Time `json:"failing_since,omitempty" format:"date-time" nullable:"false" doc:"Since when no attempt has succeeded."`
	Waiting       int        `json:"waiting" doc:"How many events wait for another attempt." example:"0"`
	OldestWaiting *time.Time `json:"oldest_waiting,omitempty" format:"date-time" nullable:"false" doc:"Since when the oldest of them waits."`

	Revision  uint64    `json:"revision" doc:"The venue's revision when the webhook was created or enabled again: what is later is delivered." example:"41"`
	CreatedAt time.Time `json:"created_at" format:"date-time"`
	UpdatedAt time.Time `json:"updated_at" format:"date-time"`
}

// Webhooks are a venue's webhooks.
type Webhooks struct {
	Webhooks []Webhook `json:"webhooks" nullable:"false"`
}

// WebhookAttempt is what became of one attempt.
type WebhookAttempt struct {
	Outcome webhook.Outcome `json:"outcome" enum:"delivered,timeout,unreachable,bad_certificate,forbidden_address,bad_answer,redirect,gone,throttled,client_error,server_error" doc:"delivered: it answered with a 2xx. bad_answer: what it answered is no HTTP. throttled: 429 or 503." example:"delivered"`
	Event   string          `json:"event" doc:"The id of the event." example:"fade-house/test/5h2k"`
	Status  int             `json:"status,omitempty" doc:"The HTTP status of the answer, if there was one." example:"204"`
	Error   string          `json:"error,omitempty" doc:"What was wrong." example:"its certificate has expired, on 2026-11-20 08:00:00 UTC"`
	At      time.Time       `json:"at" format:"date-time"`
	TookMS  int64           `json:"took_ms" doc:"How long it took, in milliseconds." example:"85"`
}

// WebhookDelivery is an event for a webhook.
type WebhookDelivery struct {
	ID    string        `json:"id" example:"1842"`
	Event string        `json:"event" doc:"The id of the event." example:"fade-house/3-k2/41/0"`
	Name  bus.Name      `json:"name" example:"booking.confirmed"`
	State webhook.State `json:"state" enum:"waiting,delivered,failed" doc:"failed: it is not tried any more."`

	CreatedAt     time.Time  `json:"created_at" format:"date-time"`
	Attempts      int        `json:"attempts" example:"1"`
	AttemptedAt   *time.Time `json:"attempted_at,omitempty" format:"date-time" nullable:"false" doc:"When it was tried last."`
	Status        int        `json:"status,omitempty" doc:"The HTTP status of the last answer." example:"204"`
	Error         string     `json:"error,omitempty" doc:"What was wrong with the last attempt." example:"it answered 500 Internal Server Error"`
	TookMS        int64      `json:"took_ms" doc:"How long the last attempt took, in milliseconds." example:"85"`
	NextAttemptAt *time.Time `json:"next_attempt_at,omitempty" format:"date-time" nullable:"false"`
}

// WebhookDeliveries are the last deliveries of a webhook.
type WebhookDeliveries struct {
	Deliveries []WebhookDelivery `json:"deliveries" nullable:"false"`
}

func webhookOf(e webhook.Endpoint, secret string) Webhook {
	return Webhook{
		ID: e.ID, URL: e.URL, Events: append([]bus.Name{}, e.Events...), Enabled: e.Enabled, DisabledReason: e.Disabled,
		DisabledAt: orNone(e.DisabledAt), Secret: secret, PreviousSecretUntil: orNone(e.PreviousSecretUntil),
		FailingSince: orNone(e.FailingSince), Waiting: e.Waiting, OldestWaiting: orNone(e.OldestWaiting),
		Revision: uint64(e.Revision), CreatedAt: e.CreatedAt.UTC(), UpdatedAt: e.UpdatedAt.UTC(),
	}
}

func webhookAttemptOf(a webhook.Attempt) WebhookAttempt {
	return WebhookAttempt{
		Outcome: a.Outcome, Event: a.Event, Status: a.Status, Error: a.Error, At: a.At.UTC(), TookMS: a.Took.Milliseconds(),
	}
}

func webhookDeliveryOf(d webhook.Delivery) WebhookDelivery {
	return WebhookDelivery{
		ID: strconv.FormatInt(d.Number, 10), Event: d.Event, Name: d.Name, State: d.State, CreatedAt: d.CreatedAt.UTC(), Attempts: d.Attempts,
		AttemptedAt: orNone(d.AttemptedAt), Status: d.Status, Error: d.Error, TookMS: d.Took.Milliseconds(),
		NextAttemptAt: orNone(d.NextAttemptAt),
	}
}

// orNone is an instant, or nothing if it is zero.
func orNone(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	utc := t.UTC()
	return &utc
}
