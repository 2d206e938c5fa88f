package record

import (
	"slices"
	"strings"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/store"
)

// WebhookRow is an endpoint, with the names of its events in one text.
type WebhookRow struct {
	store.Webhook
	EventNames string
}

// NewWebhookRow is the row of an endpoint.
func NewWebhookRow(w store.Webhook) *WebhookRow {
	return &WebhookRow{Webhook: w, EventNames: strings.Join(w.Events, " ")}
}

// Decoded is the endpoint of a row that was read.
func (r *WebhookRow) Decoded() store.Webhook {
	r.Events = slices.Clip(strings.Fields(r.EventNames))
	return r.Webhook
}

// Webhooks has a row for each endpoint.
var Webhooks = Table[WebhookRow]{"webhooks", 2, []Column[WebhookRow]{
	text("venue", func(r *WebhookRow) *booking.VenueID { return &r.Venue }),
	text("id", func(r *WebhookRow) *store.WebhookID { return &r.ID }),
	text("url", func(r *WebhookRow) *string { return &r.URL }),
	text("events", func(r *WebhookRow) *string { return &r.EventNames }),
	text("disabled", func(r *WebhookRow) *string { return &r.Disabled }),
	instantOrNull("disabled_at", func(r *WebhookRow) *time.Time { return &r.DisabledAt }),
	text("secret", func(r *WebhookRow) *string { return &r.Secret }),
	text("previous_secret", func(r *WebhookRow) *string { return &r.PreviousSecret }),
	instantOrNull("previous_until", func(r *WebhookRow) *time.Time { return &r.PreviousUntil }),
	fixed(instant("created_at", func(r *WebhookRow) *time.Time { return &r.CreatedAt })),
	instant("updated_at", func(r *WebhookRow) *time.Time { return &r.UpdatedAt }),
	text("epoch", func(r *WebhookRow) *booking.Epoch { return &r.Epoch }),
	integer("revision", func(r *WebhookRow) *booking.Revision { return &r.Revision }),
	flag("queueing", func(r *WebhookRow) *bool { return &r.Queueing }),
	instantOrNull("failing_since", func(r *WebhookRow) *time.Time { return &r.FailingSince }),
	integer("failures", func(r *WebhookRow) *int { return &r.Failures }),
	instantOrNull("retry_at", func(r *WebhookRow) *time.Time { return &r.RetryAt }),
	instantOrNull("claimed_until", func(r *WebhookRow) *time.Time { return &r.ClaimedUntil }),
	integer("claim", func(r *WebhookRow) *int64 { return &r.Claim }),
}}

// DeliveryRow is a delivery, with its duration in microseconds.
type DeliveryRow struct {
	store.Delivery
	Micros int64
}

// NewDeliveryRow is the row of a delivery.
func NewDeliveryRow(d store.Delivery) *DeliveryRow {
	if d.Body == nil {
		d.Body = []byte{}
	}
	return &DeliveryRow{Delivery: d, Micros: d.Took.Microseconds()}
}

// Decoded is the delivery of a row that was read.
func (r *DeliveryRow) Decoded() store.Delivery {
	r.Took = time.Duration(r.Micros) * time.Microsecond
	if len(r.Body) == 0 {
		r.Body = nil
	}
	return r.Delivery
}

// Deliveries has a row for each delivery. The number, which is its key, is given by the database.
var Deliveries = Table[DeliveryRow]{"webhook_deliveries", 0, []Column[DeliveryRow]{
	fixed(text("venue", func(r *DeliveryRow) *booking.VenueID { return &r.Venue })),
	fixed(text("endpoint", func(r *DeliveryRow) *store.WebhookID { return &r.Endpoint })),
	fixed(text("event_id", func(r *DeliveryRow) *string { return &r.EventID })),
	fixed(text("event_name", func(r *DeliveryRow) *string { return &r.EventName })),
	bytes("body", func(r *DeliveryRow) *[]byte { return &r.Body }),
	text("state", func(r *DeliveryRow) *store.DeliveryState { return &r.State }),
	fixed(instant("created_at", func(r *DeliveryRow) *time.Time { return &r.CreatedAt })),
	integer("attempts", func(r *DeliveryRow) *int { return &r.Attempts }),
	instantOrNull("attempted_at", func(r *DeliveryRow) *time.Time { return &r.AttemptedAt }),
	integer("status", func(r *DeliveryRow) *int { return &r.Status }),
	text("error", func(r *DeliveryRow) *string { return &r.Error }),
	integer("took", func(r *DeliveryRow) *int64 { return &r.Micros }),
	instantOrNull("next_attempt_at", func(r *DeliveryRow) *time.Time { return &r.NextAttemptAt }),
}}
