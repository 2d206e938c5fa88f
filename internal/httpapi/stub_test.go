package httpapi_test

import (
	"context"
	"crypto/sha256"
	"net/http"
	"strings"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/bus/webhook"
	"vacancy/internal/desk"
	"vacancy/internal/feed"
	"vacancy/internal/httpapi"
	"vacancy/internal/limit"
	"vacancy/internal/live"
)

// stub is a desk, a catalogue and a hub that say yes to what the domain allows, at no cost: what is measured and fuzzed on it is the
// API alone.
type stub struct {
	venue booking.Venue
	made  desk.Outcome
	week  *live.Frame
}

func stubConfig() httpapi.Config {
	at := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	position := booking.Position{Epoch: "e", Revision: 7}
	s := stub{
		venue: booking.Venue{
			ID: "barber", Name: "Barber", TimeZone: "Europe/Berlin", AllowedOrigins: []string{"https://shop.example"}, Revision: 1,
		},
		made: desk.Outcome{Zone: time.UTC, Token: "q83vEjRWeJASNFZ4kKvN7xI0VnI", Position: position, Booking: booking.Booking{
			Venue: "barber", ID: "bk_06b3qk6w8r9v1zj5n0a7yd2mfc", Service: "cut", Status: booking.Confirmed,
			Start: at, End: at.Add(30 * time.Minute), PartySize: 1,
			Claims: []booking.Claim{{Resource: "mia", Units: 1}}, CreatedAt: monday, UpdatedAt: monday,
			Customer: booking.Customer{Name: "Ada", Email: "ada@example.com"},
		}},
		week: &live.Frame{
			Event: live.EventBooking, Booking: weekBody(), Snapshot: new(live.Snapshot), Position: booking.Position{Epoch: "e", Revision: 7},
		},
	}
	return httpapi.Config{
		Desk: s, Catalogue: s, Hub: s, Events: s, Webhooks: stubWebhooks{}, Callers: s, State: s,
		Meter: new(meter), Limits: limit.None(), Log: discard,
		Live: says("live", "text/event-stream"), Metrics: says("metrics", "text/plain"), Docs: says("docs", "text/html"),
		Pages: says("page", "text/html"),
	}
}

// weekBody is an answer of the size that a week of half-hours has.
func weekBody() []byte {
	day := `{"date":"2026-11-23","status":"available","slots":[` + strings.Repeat(
		`{"start":"2026-11-23T09:00:00+01:00","end":"2026-11-23T09:30:00+01:00","remaining":2,"capacity":3,"status":"available"},`, 16)
	day = strings.TrimSuffix(day, ",") + `]},`
	return []byte(`{"venue":"barber","service":"cut","time_zone":"Europe/Berlin","position":"e.7.0","as_of":"2026-11-23T05:00:00Z",` +
		`"stale":false,"days":[` + strings.TrimSuffix(strings.Repeat(day, 7), ",") + `]}`)
}

func (s stub) Read(context.Context, booking.VenueID, feed.Cursor, int) (feed.Page, error) {
	return feed.Page{Cursor: feed.Cursor{Epoch: "e", Revision: 7}}, nil
}

func (s stub) Open(context.Context, booking.VenueID, func() (func(), error)) (*feed.Reader, error) {
	return nil, booking.ErrNotFound
}

// stubWebhooks has one endpoint.
type stubWebhooks struct{}

func (stubWebhooks) PutEndpoint(
	_ context.Context, _ booking.VenueID, id webhook.ID, s webhook.Settings,
) (webhook.Endpoint, string, bool, error) {
	return webhook.Endpoint{ID: id, Settings: s}, "", false, nil
}

func (stubWebhooks) Endpoints(context.Context, booking.VenueID) ([]webhook.Endpoint, error) {
	return []webhook.Endpoint{{ID: "till"}}, nil
}

func (stubWebhooks) Endpoint(context.Context, booking.VenueID, webhook.ID) (webhook.Endpoint, error) {
	return webhook.Endpoint{ID: "till"}, nil
}

func (stubWebhooks) DeleteEndpoint(context.Context, booking.VenueID, webhook.ID) error { return nil }

func (stubWebhooks) RotateSecret(context.Context, booking.VenueID, webhook.ID) (webhook.Endpoint, string, error) {
	return webhook.Endpoint{ID: "till"}, "whsec_", nil
}

func (stubWebhooks) Test(context.Context, booking.VenueID, webhook.ID) (webhook.Attempt, error) {
	return webhook.Attempt{Outcome: webhook.Delivered}, nil
}

func (stubWebhooks) Deliveries(context.Context, booking.VenueID, webhook.ID) ([]webhook.Delivery, error) {
	return []webhook.Delivery{{State: "delivered"}}, nil
}

func (stubWebhooks) Redeliver(context.Context, booking.VenueID, webhook.ID, int64) (webhook.Attempt, error) {
	return webhook.Attempt{Outcome: webhook.Gone, Status: 410}, nil
}

func (s stub) Ready() bool { return true }

func (s stub) Writable() bool { return true }

func (s stub) Actor(_ context.Context, r *http.Request) (booking.Actor, error) {
	switch r.Header.Get("Authorization") {
	case "":
		return booking.Actor{Kind: booking.Public}, nil
	case "Bearer " + adminKey:
		return booking.Actor{Kind: booking.Staff, Key: "admin", TokenHash: booking.HashToken(adminKey)}, nil
	case "Bearer abc":
		return booking.Actor{Kind: booking.TokenHolder}, nil
	}
	return booking.Actor{}, booking.ErrUnauthenticated
}

func (s stub) TokenHash(r *http.Request) (hash [sha256.Size]byte, ok bool) {
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok {
		return hash, false
	}
	return booking.HashToken(token), true
}

func (s stub) Book(_ context.Context, _ booking.Actor, r desk.BookRequest) (desk.Outcome, error) {
	if !r.Hold {
		if err := r.Customer.Validate(); err != nil {
			return desk.Outcome{}, err
		}
	}
	return s.made, nil
}

func (s stub) Confirm(_ context.Context, _ booking.Actor, _ desk.TransitionRequest, c booking.Customer) (desk.Outcome, error) {
	return s.made, c.Validate()
}

func (s stub) Extend(context.Context, booking.Actor, desk.TransitionRequest) (desk.Outcome, error) {
	return s.made, nil
}

func (s stub) Cancel(context.Context, booking.Actor, desk.TransitionRequest) (desk.Outcome, error) {
	return s.made, nil
}

func (s stub) Booking(context.Context, booking.Actor, booking.VenueID, booking.BookingID) (desk.Outcome, error) {
	return s.made, nil
}

func (s stub) Venues(context.Context, booking.VenueID, int) ([]booking.Venue, error) {
	return []booking.Venue{s.venue, s.venue}, nil
}

func (s stub) Bookings(context.Context, booking.Actor, booking.VenueID, desk.Filter) ([]booking.Booking, error) {
	return []booking.Booking{s.made.Booking, s.made.Booking}, nil
}

func (s stub) PutVenue(_ context.Context, _ booking.Actor, v booking.Venue, _ desk.Condition) (desk.Saved[booking.Venue], error) {
	return desk.Saved[booking.Venue]{Value: v}, v.Validate()
}

func (s stub) PutResource(
	_ context.Context, _ booking.Actor, r booking.Resource, _ desk.Condition,
) (desk.Saved[booking.Resource], error) {
	return desk.Saved[booking.Resource]{Value: r}, r.Validate()
}

func (s stub) PutService(_ context.Context, _ booking.Actor, v booking.Service, _ desk.Condition) (desk.Saved[booking.Service], error) {
	return desk.Saved[booking.Service]{Value: v}, v.Validate()
}

func (s stub) ArchiveVenue(context.Context, booking.Actor, booking.VenueID, desk.Condition) (booking.Position, error) {
	return booking.Position{}, booking.ErrPrecondition
}

func (s stub) ArchiveResource(
	context.Context, booking.Actor, booking.VenueID, booking.ResourceID, desk.Condition,
) (booking.Position, error) {
	return booking.Position{}, &booking.InUse{Bookings: []booking.BookingID{"bk_1"}, More: true}
}

func (s stub) ArchiveService(
	context.Context, booking.Actor, booking.VenueID, booking.ServiceID, desk.Condition,
) (booking.Position, error) {
	return booking.Position{}, nil
}

func (s stub) Venue(context.Context, booking.VenueID) (booking.Venue, *time.Location, error) {
	return s.venue, time.UTC, nil
}

func (s stub) Resource(context.Context, booking.VenueID, booking.ResourceID) (booking.Resource, error) {
	return booking.Resource{}, nil
}

func (s stub) Service(context.Context, booking.VenueID, booking.ServiceID) (booking.Service, error) {
	return booking.Service{}, nil
}

func (s stub) Resources(context.Context, booking.VenueID) ([]booking.Resource, error) {
	return []booking.Resource{{ID: "mia"}}, nil
}

func (s stub) Services(context.Context, booking.VenueID) ([]booking.Service, error) {
	return []booking.Service{{ID: "cut"}}, nil
}

// Snapshot is a frame that is encoded already, as those of a warm week are.
func (s stub) Snapshot(context.Context, live.Query, booking.Position) (*live.Frame, error) {
	return s.week, nil
}

func (s stub) DayStatuses(context.Context, live.Query, booking.Position) (*live.DayStatuses, error) {
	return &live.DayStatuses{Zone: time.UTC}, nil
}
