package httpapi

import (
	"context"
	"crypto/sha256"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"vacancy/internal/booking"
	"vacancy/internal/desk"
	"vacancy/internal/feed"
	"vacancy/internal/limit"
	"vacancy/internal/live"
)

// Config is what the API serves from. All of it is needed, but for Webhooks, AdminPort, ProbeToken, Tracer and AccessLog.
type Config struct {
	Desk      Desk
	Catalogue Catalogue
	Hub       Hub
	Events    EventFeed
	Webhooks  WebhookEndpoints
	Callers   Callers
	State     State
	Meter     Meter
	// Limits says how much one client may do.
	Limits *limit.Limiter

	// Live serves GET /v1/live, by whatever transport the request asks for.
	Live http.Handler
	// ProbeToken is what the server's own probe shows itself by; empty: there is none. It is as secret as a key.
	ProbeToken string
	// AdminPort tells that metrics and readiness have a port of their own (see [NewAdmin]), and are not served on this one.
	AdminPort bool
	// Weight is set on the operator's port; nil: there is none. AdminKey is the key that may set it from another machine; empty is none.
	Weight   Weight
	AdminKey string
	// Metrics serves GET /metrics, and Docs GET /docs.
	Metrics, Docs http.Handler
	// Pages serves every GET that is no call of the API, and sets the headers that its pages need.
	Pages http.Handler

	Log *slog.Logger
	// Tracer, if it is set, traces each request.
	Tracer Tracer
	// AccessLog, if it is set, gets a line for each request, at level info.
	AccessLog *slog.Logger
}

// Desk is what the API needs of a [desk.Desk].
type Desk interface {
	Book(context.Context, booking.Actor, desk.BookRequest) (desk.Outcome, error)
	Confirm(context.Context, booking.Actor, desk.TransitionRequest, booking.Customer) (desk.Outcome, error)
	Extend(context.Context, booking.Actor, desk.TransitionRequest) (desk.Outcome, error)
	Cancel(context.Context, booking.Actor, desk.TransitionRequest) (desk.Outcome, error)
	Booking(context.Context, booking.Actor, booking.VenueID, booking.BookingID) (desk.Outcome, error)
	Bookings(context.Context, booking.Actor, booking.VenueID, desk.Filter) ([]booking.Booking, error)
	Venues(ctx context.Context, after booking.VenueID, limit int) ([]booking.Venue, error)

	PutVenue(context.Context, booking.Actor, booking.Venue, desk.Condition) (desk.Saved[booking.Venue], error)
	PutResource(context.Context, booking.Actor, booking.Resource, desk.Condition) (desk.Saved[booking.Resource], error)
	PutService(context.Context, booking.Actor, booking.Service, desk.Condition) (desk.Saved[booking.Service], error)
	ArchiveVenue(context.Context, booking.Actor, booking.VenueID, desk.Condition) (booking.Position, error)
	ArchiveResource(
		context.Context, booking.Actor, booking.VenueID, booking.ResourceID, desk.Condition,
	) (booking.Position, error)
	ArchiveService(
		context.Context, booking.Actor, booking.VenueID, booking.ServiceID, desk.Condition,
	) (booking.Position, error)
}

// Catalogue reads a venue's settings from memory. What is archived is among the answers, marked as such: bookings still name it.
// The error is [booking.ErrNotFound] for what was never there.
type Catalogue interface {
	// Venue comes with its time zone, loaded.
	Venue(context.Context, booking.VenueID) (booking.Venue, *time.Location, error)
	Resource(context.Context, booking.VenueID, booking.ResourceID) (booking.Resource, error)
	Service(context.Context, booking.VenueID, booking.ServiceID) (booking.Service, error)
	// Resources and Services are in their order.
	Resources(context.Context, booking.VenueID) ([]booking.Resource, error)
	Services(context.Context, booking.VenueID) ([]booking.Service, error)
}

// Hub is what the API needs of a [live.Hub].
type Hub interface {
	Snapshot(ctx context.Context, q live.Query, atLeast booking.Position) (*live.Frame, error)
	DayStatuses(ctx context.Context, q live.Query, atLeast booking.Position) (*live.DayStatuses, error)
}

// EventFeed is what the API needs of a [feed.Feed].
type EventFeed interface {
	Read(ctx context.Context, venue booking.VenueID, after feed.Cursor, limit int) (feed.Page, error)
	Open(ctx context.Context, venue booking.VenueID, acquire func() (release func(), err error)) (*feed.Reader, error)
}

// Callers is what the API needs of an [auth.Auth].
type Callers interface {
	// Actor is who makes a request. If the request has a token, the database may be asked.
	Actor(context.Context, *http.Request) (booking.Actor, error)
	// TokenHash is the hash of the request's token, and does not ask the database. If it is not ok, Actor does not either.
	TokenHash(*http.Request) (hash [sha256.Size]byte, ok bool)
}

// Tracer traces requests.
type Tracer interface {
	// Request begins the span of a request, within the trace that its caller names. End is told the pattern that matched, and the status.
	Request(r *http.Request) (ctx context.Context, traceID string, end func(route string, status int))
}

// State tells what the server can do at the moment.
type State interface {
	// Ready is false while the server starts, and from the moment it begins to stop.
	Ready() bool
	// Writable tells whether a booking would be likely to succeed, as far as is known. It asks nobody.
	Writable() bool
}

// Meter is told of every request once it is answered. It must be quick.
type Meter interface {
	// Expect names, before there are requests, a route that changes bookings, so that its first failure is seen as an increase.
	Expect(route string)
	// Request: route is the pattern that matched, such as "GET /v1/venues/{venue}"; "/" for pages and wrong addresses.
	Request(route string, status int, took time.Duration)
	// Problem: a request was answered with a problem of that code.
	Problem(code string)
}

// api serves the API.
type api struct {
	Config
	mux  *http.ServeMux
	huma huma.API
	fail func(w http.ResponseWriter, r *http.Request, err error)
	// crossSite tells a request that a page of another site makes.
	crossSite *http.CrossOriginProtection
	// hostNoticed is the Unix time of the last line about a Host that is not a page's own.
	hostNoticed atomic.Int64
	// rightKeys are hashes of management keys that were right when they were last used. They say who is counted, and give no right.
	rightKeys *recent[[sha256.Size]byte]
	// streams writes streams of events.
	streams *live.Backlog
	// allowedOrigins are those that pages of other origins called from, with the venues that allowed them.
	allowedOrigins *recent[allowedOrigin]
	// preflights are the methods that pages of other origins may use, by path.
	preflights map[string][]string
}

// New is the handler of everything that the server answers.
func New(config Config) http.Handler {
	a := newAPI(config)
	a.addDocs()
	a.addMetrics()
	for path, calls := range a.huma.OpenAPI().Paths {
		if calls.Post != nil {
			config.Meter.Expect(http.MethodPost + " " + path)
		}
	}
	return a
}

func newAPI(config Config) *api {
	a := emptyAPI(config)
	a.addAvailability()
	a.addLive()
	a.addBookings()
	a.addVenues()
	a.addResources()
	a.addServices()
	a.addEvents()
	a.addWebhooks()
	a.addHealth()
	a.openAnswers()
	a.mux.HandleFunc(catchAllPattern, a.otherwise)
	return a
}

func emptyAPI(config Config) *api {
	mux := http.NewServeMux()
	if config.Webhooks == nil {
		config.Webhooks = noWebhooks{}
	}
	return &api{
		Config: config, mux: mux, huma: newHuma(mux), fail: Fail(config.Log), crossSite: http.NewCrossOriginProtection(),
		preflights: make(map[string][]string), rightKeys: newRecent[[sha256.Size]byte](maxRightKeys),
		allowedOrigins: newRecent[allowedOrigin](maxAllowedOrigins), streams: live.NewBacklog(live.DefaultMaxBacklog),
	}
}

// Spec is the OpenAPI 3.1 document of the API, in YAML. It is the same each time.
func Spec() ([]byte, error) { return newAPI(Config{}).document() }
