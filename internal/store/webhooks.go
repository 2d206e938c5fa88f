package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"vacancy/internal/booking"
)

var (
	// ErrWebhookLimit: a venue has as many endpoints as it may have.
	ErrWebhookLimit = fmt.Errorf("%w: the venue has as many webhooks as it may have", ErrRejected)
	// ErrQueueFull: more events wait for an endpoint than may wait.
	ErrQueueFull = fmt.Errorf("%w: too many events wait for the webhook", ErrRejected)
	// ErrClaimLost: the claim of an endpoint has run out and another has it, or the endpoint was changed, disabled or deleted.
	ErrClaimLost = errors.New("the claim of the webhook is lost")
	// ErrWebhookChanged: the endpoint is not the one that was read any more.
	ErrWebhookChanged = errors.New("the webhook was changed")
)

// Webhooks is what is kept of the endpoints that events are delivered to: their settings, the events that wait for another attempt, and
// the log of the last [RetainedDeliveries] that have ended. None of it raises a revision, and no transaction of a venue reads or writes
// it. Where a method names an endpoint that is not there, the error is [booking.ErrNotFound]. Time is the store's clock.
type Webhooks interface {
	// PutWebhook stores the settings of an endpoint, and returns it. One that is new begins at the venue's revision, with the secret; of one
	// that is there, the secret stays. One that was disabled and is not any more begins anew at the venue's revision. A disabled endpoint has
	// nothing waiting. What waits for an enabled one is due at once; whoever has a claim of it loses it. A venue may have limit endpoints; see
	// [ErrWebhookLimit].
	PutWebhook(ctx context.Context, settings WebhookSettings, secret string, limit int) (w Webhook, created bool, err error)
	// DeleteWebhook deletes an endpoint, with its queue and its log.
	DeleteWebhook(ctx context.Context, venue booking.VenueID, id WebhookID) error
	// Webhooks are a venue's endpoints, by id.
	Webhooks(ctx context.Context, venue booking.VenueID) ([]Webhook, error)
	// HasWebhooks tells whether any venue has an endpoint that is enabled.
	HasWebhooks(ctx context.Context) (bool, error)
	// RotateWebhookSecret gives an endpoint another secret. The one before is valid for the overlap. Within it, a second rotation replaces the
	// new secret, and the old one stays valid, for the overlap from then on. Whoever has a claim of the endpoint loses it.
	RotateWebhookSecret(ctx context.Context, venue booking.VenueID, id WebhookID, secret string, overlap time.Duration) (Webhook, error)
	// DisableWebhook disables an endpoint that is enabled, and tells whether it was. What waits for it has failed then. One that is enabled in
	// another version than the one that was read is left alone; see [ErrWebhookChanged].
	DisableWebhook(ctx context.Context, venue booking.VenueID, id WebhookID, read WebhookVersion, reason string) (bool, error)

	// EnqueueDeliveries has events wait for an endpoint in order, behind those that wait, all or none; see [ErrQueueFull]. An event that
	// waits already is left as it is. Nothing waits for an endpoint that is disabled, nor for one that was created since another was read. For
	// one that was changed since it was read, the events are due at once, and it has not failed.
	EnqueueDeliveries(ctx context.Context, q QueuedDeliveries) error
	// RecordDeliveries adds finished deliveries to the log. Those with a number are attempts that were made again by hand: what is known of
	// the delivery is replaced, but if it waits and has failed again, it goes on waiting, and what was delivered stays so. What
	// is of no endpoint is left out.
	RecordDeliveries(ctx context.Context, deliveries []Delivery) error
	// Deliveries are the last of an endpoint, the newest first, without bodies: those that wait too.
	Deliveries(ctx context.Context, venue booking.VenueID, id WebhookID, limit int) ([]Delivery, error)
	// Delivery is one of an endpoint's, with its body.
	Delivery(ctx context.Context, venue booking.VenueID, id WebhookID, number int64) (Delivery, error)
	// WebhookBacklogs says how much waits for the endpoints of a venue, or of all venues if it is "". Those that nothing waits for are left
	// out.
	WebhookBacklogs(ctx context.Context, venue booking.VenueID) ([]WebhookBacklog, error)

	// ClaimWebhooks claims endpoints that are enabled, are due and that nobody has claimed, at most limit, those first that have been due for
	// longest. A claim is for the lease. Of several that call it at the same time, one gets an endpoint.
	ClaimWebhooks(ctx context.Context, lease time.Duration, limit int) ([]WebhookClaim, error)
	// WaitingDeliveries are those of a claimed endpoint whose next attempt is due, in the order in which they were enqueued, at most limit,
	// with their bodies; see [ErrClaimLost]. One that was never tried is always due.
	WaitingDeliveries(ctx context.Context, claim WebhookClaim, limit int) ([]Delivery, error)
	// SettleWebhook writes what became of deliveries of a claimed endpoint, and renews the claim or gives it up; see [ErrClaimLost]. Once an
	// endpoint succeeds that has failed, what waits is due at once, but for the deliveries of the settlement.
	SettleWebhook(ctx context.Context, claim WebhookClaim, s Settlement) error
}

// WebhookID is an endpoint's id in its venue, the operator's own.
type WebhookID string

// WebhookSettings is what an operator decides of an endpoint.
type WebhookSettings struct {
	Venue booking.VenueID
	ID    WebhookID
	URL   string
	// Events are the names of the events that are delivered, in order; none is all.
	Events []string
	// Disabled says why nothing is delivered; empty: it is enabled.
	Disabled string
}

// Webhook is an endpoint.
type Webhook struct {
	WebhookSettings
	// DisabledAt is when it was disabled; zero if it is not.
	DisabledAt time.Time
	// Secret is what is sent is signed with, and besides PreviousSecret until PreviousUntil.
	Secret, PreviousSecret string
	PreviousUntil          time.Time
	CreatedAt, UpdatedAt   time.Time
	// Epoch and Revision are the venue's when the endpoint began, or began anew: what is later is delivered.
	Epoch    booking.Epoch
	Revision booking.Revision

	// Queueing: events wait behind others, so that they arrive in order.
	Queueing bool
	// FailingSince is when the first of the attempts failed that have failed without one that succeeded, and Failures how many.
	FailingSince time.Time
	Failures     int
	// RetryAt is when the next attempt is due; zero if nothing waits. ClaimedUntil and Claim are of who makes it.
	RetryAt, ClaimedUntil time.Time
	Claim                 int64
}

// WebhookVersion tells the settings and the secret of an endpoint from others before and after them, and from those of another that had its
// id before it was deleted.
type WebhookVersion struct {
	created int64
	updated time.Time
}

// DeliveryState is what has become of an event for an endpoint.
type DeliveryState string

// The states of a delivery.
const (
	DeliveryWaiting   DeliveryState = "waiting"
	DeliveryDelivered DeliveryState = "delivered"
	// DeliveryFailed are those that are not tried any more.
	DeliveryFailed DeliveryState = "failed"
)

// Delivery is an event for an endpoint.
type Delivery struct {
	// Number is the store's own, in the order of the log.
	Number   int64
	Venue    booking.VenueID
	Endpoint WebhookID
	// EventID and EventName are the event's, and Body is what is sent.
	EventID, EventName string
	Body               []byte

	State DeliveryState
	// CreatedAt is when the delivery was stored: the store sets it.
	CreatedAt time.Time
	// Attempts is how often it was tried, AttemptedAt when last, Status what HTTP status that was answered with, 0 if there was no answer,
	// Error what was wrong, and Took how long it took.
	Attempts    int
	AttemptedAt time.Time
	Status      int
	Error       string
	Took        time.Duration
	// Delay is in how long the next attempt is due, of one that is given to a store and waits; NextAttemptAt is when, of one that comes from
	// a store.
	Delay         time.Duration
	NextAttemptAt time.Time
}

// QueuedDeliveries are events that wait for an endpoint.
type QueuedDeliveries struct {
	Venue    booking.VenueID
	Endpoint WebhookID
	// Version is the endpoint's as it was read by whoever has tried it.
	Version    WebhookVersion
	Deliveries []Delivery
	// Failed: the endpoint has failed just now. Delay is in how long it is tried again, if nothing is due earlier and the endpoint is not
	// queueing already.
	Failed bool
	Delay  time.Duration
	// MaxCount and MaxBytes bound what may wait, these included; 0 is not counted, which takes a while where much waits.
	MaxCount int
	MaxBytes int64
}

// WebhookBacklog is how much waits for an endpoint.
type WebhookBacklog struct {
	Venue    booking.VenueID
	Endpoint WebhookID
	Count    int
	Bytes    int64
	Oldest   time.Time
}

// WebhookClaim is the right to make attempts for an endpoint.
type WebhookClaim struct {
	// Webhook is the endpoint as it is claimed.
	Webhook Webhook
	// Now is when it was claimed.
	Now time.Time
}

// Settlement is what became of attempts.
type Settlement struct {
	// Deliveries were tried, and have a number.
	Deliveries []Delivery
	// Succeeded: the last attempt that says something of the endpoint succeeded. Failed: it failed. One at most.
	Succeeded, Failed bool
	// Lease renews the claim; 0 gives it up, and the endpoint is due after Pause at the earliest.
	Lease, Pause time.Duration
}
