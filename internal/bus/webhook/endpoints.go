package webhook

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/bus"
	"vacancy/internal/store"
)

// What the API does with endpoints. Each call names the venue, and finds nothing of another's.

type (
	// ID is an endpoint's in its venue, the operator's own.
	ID = store.WebhookID
	// State is what has become of an event for an endpoint.
	State = store.DeliveryState
)

// Settings is what an operator decides of an endpoint.
type Settings struct {
	URL string
	// Events are those that are delivered, each once; none is all.
	Events  []bus.Name
	Enabled bool
}

// Endpoint is an endpoint as it is shown: without a secret.
type Endpoint struct {
	ID ID
	Settings
	// Disabled says why it is not enabled, and since when.
	Disabled   string
	DisabledAt time.Time
	// PreviousSecretUntil is when the secret ends that was rotated last; zero if there is none.
	PreviousSecretUntil time.Time
	// FailingSince is since when no attempt has succeeded; zero if the last has. Waiting is how many events wait, OldestWaiting since when
	// the first does.
	FailingSince  time.Time
	Waiting       int
	OldestWaiting time.Time
	// Revision is the venue's when it began.
	Revision             booking.Revision
	CreatedAt, UpdatedAt time.Time
}

// Delivery is a line of an endpoint's log.
type Delivery struct {
	Number        int64
	Event         string
	Name          bus.Name
	State         State
	CreatedAt     time.Time
	Attempts      int
	AttemptedAt   time.Time
	Status        int
	Error         string
	Took          time.Duration
	NextAttemptAt time.Time
}

// Attempt is what became of an attempt that was made by hand.
type Attempt struct {
	Outcome Outcome
	Event   string
	Status  int
	Error   string
	At      time.Time
	Took    time.Duration
}

// ErrNotKept: the log does not have the body of the delivery any more.
var ErrNotKept = errors.New("the event is too large for the log to have kept it")

// operatorDisabled is the reason of an endpoint that was disabled by its settings.
const operatorDisabled = "disabled by its settings"

// PutEndpoint creates an endpoint, and returns its secret, or replaces the settings of one.
func (b *Bus) PutEndpoint(
	ctx context.Context, venue booking.VenueID, id ID, s Settings,
) (e Endpoint, secret string, created bool, err error) {
	settings, err := b.validate(venue, id, s)
	if err != nil {
		return e, "", false, err
	}
	secret = newSecret()
	w, created, err := b.config.Store.PutWebhook(ctx, settings, secret, MaxEndpoints)
	switch {
	case errors.Is(err, store.ErrWebhookLimit):
		return e, "", false, booking.NewInvalid("webhook", "a venue may have at most %d webhooks", MaxEndpoints)
	case b.stored(err) != nil:
		return e, "", false, err
	}
	if !created {
		secret = ""
	}
	e, err = b.shown(ctx, w)
	return e, secret, created, err
}

func (b *Bus) validate(venue booking.VenueID, id ID, s Settings) (settings store.WebhookSettings, err error) {
	if !booking.ValidID(string(id)) {
		return settings, booking.NewInvalid("webhook", "must be 1 to 64 of a-z, 0-9, _ and -, and begin with a letter or digit")
	}
	if err := b.guard.checkURL(s.URL); err != nil {
		return settings, err
	}
	settings = store.WebhookSettings{Venue: venue, ID: id, URL: s.URL}
	if !s.Enabled {
		settings.Disabled = operatorDisabled
	}
	known := Names()
	for i, name := range s.Events {
		if !slices.Contains(known, name) {
			return settings, booking.NewInvalid(fmt.Sprintf("events[%d]", i), "is not an event that webhooks get")
		}
		if slices.Contains(s.Events[:i], name) {
			return settings, booking.NewInvalid(fmt.Sprintf("events[%d]", i), "is given twice")
		}
		settings.Events = append(settings.Events, string(name))
	}
	slices.Sort(settings.Events)
	return settings, nil
}

// shown is an endpoint with what waits for it.
func (b *Bus) shown(ctx context.Context, w store.Webhook) (e Endpoint, err error) {
	list, err := b.showAll(ctx, w.Venue, []store.Webhook{w})
	if err != nil {
		return e, err
	}
	return list[0], nil
}

func (b *Bus) showAll(ctx context.Context, venue booking.VenueID, all []store.Webhook) ([]Endpoint, error) {
	backlogs, err := b.config.Store.WebhookBacklogs(ctx, venue)
	if b.stored(err) != nil {
		return nil, err
	}
	list := make([]Endpoint, len(all))
	for i := range all {
		w := &all[i]
		list[i] = Endpoint{
			ID: w.ID, Settings: Settings{URL: w.URL, Enabled: w.Disabled == ""}, Disabled: w.Disabled, DisabledAt: w.DisabledAt,
			FailingSince: w.FailingSince, Revision: w.Revision, CreatedAt: w.CreatedAt, UpdatedAt: w.UpdatedAt,
		}
		for _, name := range w.Events {
			list[i].Events = append(list[i].Events, bus.Name(name))
		}
		if w.PreviousUntil.After(b.config.Now()) {
			list[i].PreviousSecretUntil = w.PreviousUntil
		}
		for _, backlog := range backlogs {
			if backlog.Endpoint == w.ID {
				list[i].Waiting, list[i].OldestWaiting = backlog.Count, backlog.Oldest
			}
		}
	}
	return list, nil
}

// Endpoints are a venue's, by id.
func (b *Bus) Endpoints(ctx context.Context, venue booking.VenueID) ([]Endpoint, error) {
	all, err := b.config.Store.Webhooks(ctx, venue)
	if b.stored(err) != nil {
		return nil, err
	}
	return b.showAll(ctx, venue, all)
}

// Endpoint is one of a venue's.
func (b *Bus) Endpoint(ctx context.Context, venue booking.VenueID, id ID) (Endpoint, error) {
	w, err := b.find(ctx, venue, id)
	if err != nil {
		return Endpoint{}, err
	}
	return b.shown(ctx, w)
}

func (b *Bus) find(ctx context.Context, venue booking.VenueID, id ID) (w store.Webhook, err error) {
	all, err := b.config.Store.Webhooks(ctx, venue)
	if b.stored(err) != nil {
		return w, err
	}
	i := slices.IndexFunc(all, func(w store.Webhook) bool { return w.ID == id })
	if i < 0 {
		return w, booking.ErrNotFound
	}
	return all[i], nil
}

// DeleteEndpoint deletes an endpoint, with what waits for it.
func (b *Bus) DeleteEndpoint(ctx context.Context, venue booking.VenueID, id ID) error {
	return b.stored(b.config.Store.DeleteWebhook(ctx, venue, id))
}

// RotateSecret gives an endpoint another secret, and returns it. The one before is valid for [SecretOverlap]. Whoever has missed the answer
// may call it again: the old one stays valid.
func (b *Bus) RotateSecret(ctx context.Context, venue booking.VenueID, id ID) (e Endpoint, secret string, err error) {
	secret = newSecret()
	w, err := b.config.Store.RotateWebhookSecret(ctx, venue, id, secret, SecretOverlap)
	if b.stored(err) != nil {
		return e, "", err
	}
	e, err = b.shown(ctx, w)
	return e, secret, err
}

// Test sends an event to an endpoint, though it may be disabled, and tells what came of it. It changes nothing but the log.
func (b *Bus) Test(ctx context.Context, venue booking.VenueID, id ID) (Attempt, error) {
	w, err := b.find(ctx, venue, id)
	if err != nil {
		return Attempt{}, err
	}
	data, err := json.Marshal(map[string]any{"webhook": id})
	if err != nil {
		return Attempt{}, err
	}
	e := bus.Event{
		ID: string(venue) + "/test/" + strings.ToLower(rand.Text()), Venue: venue, Name: bus.WebhookTest, Time: b.config.Now(),
		Epoch: w.Epoch, Revision: w.Revision, Data: data,
	}
	body, err := e.Structured()
	if err != nil {
		return Attempt{}, err
	}
	return b.byHand(ctx, &w, store.Delivery{Venue: venue, Endpoint: id, EventID: e.ID, EventName: string(e.Name), Body: body})
}

// Redeliver sends the event of a delivery again, and tells what came of it.
func (b *Bus) Redeliver(ctx context.Context, venue booking.VenueID, id ID, number int64) (Attempt, error) {
	w, err := b.find(ctx, venue, id)
	if err != nil {
		return Attempt{}, err
	}
	if err := b.stored(b.log.flush(ctx)); err != nil {
		return Attempt{}, err
	}
	d, err := b.config.Store.Delivery(ctx, venue, id, number)
	if b.stored(err) != nil {
		return Attempt{}, err
	}
	if len(d.Body) == 0 {
		return Attempt{}, ErrNotKept
	}
	return b.byHand(ctx, &w, d)
}

// byHand makes an attempt for a person who waits for it.
func (b *Bus) byHand(ctx context.Context, w *store.Webhook, d store.Delivery) (Attempt, error) {
	bounded, end, err := b.begin(ctx)
	if err != nil {
		return Attempt{}, unavailable(err)
	}
	defer end()
	result, err := b.attempt(bounded, b.inline, w, &d)
	if err != nil {
		return Attempt{}, unavailable(err)
	}
	d.State = store.DeliveryFailed
	if result.delivered() {
		d.State = store.DeliveryDelivered
	}
	if err := b.stored(b.config.Store.RecordDeliveries(ctx, []store.Delivery{d})); err != nil {
		return Attempt{}, err
	}
	return Attempt{
		Outcome: result.outcome, Event: d.EventID, Status: result.status, Error: result.text, At: result.at, Took: result.took,
	}, nil
}

// unavailable is an error of the bus as callers of the API know it.
func unavailable(err error) error {
	if errors.Is(err, bus.ErrUnavailable) {
		return fmt.Errorf("%w: %w", booking.ErrUnavailable, err)
	}
	return err
}

// Deliveries is the log of an endpoint: what waits, and the last that have ended; the newest first.
func (b *Bus) Deliveries(ctx context.Context, venue booking.VenueID, id ID) ([]Delivery, error) {
	if err := b.stored(b.log.flush(ctx)); err != nil {
		return nil, err
	}
	list, err := b.config.Store.Deliveries(ctx, venue, id, store.RetainedDeliveries)
	if b.stored(err) != nil {
		return nil, err
	}
	shown := make([]Delivery, len(list))
	for i, d := range list {
		shown[i] = Delivery{
			Number: d.Number, Event: d.EventID, Name: bus.Name(d.EventName), State: d.State, CreatedAt: d.CreatedAt, Attempts: d.Attempts,
			AttemptedAt: d.AttemptedAt, Status: d.Status, Error: d.Error, Took: d.Took, NextAttemptAt: d.NextAttemptAt,
		}
	}
	return shown, nil
}
