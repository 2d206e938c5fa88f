package app

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"
	_ "time/tzdata" // so that time zones are known on a machine that has no data of them

	"vacancy/internal/agentcheck"
	"vacancy/internal/alert"
	"vacancy/internal/auth"
	"vacancy/internal/booking"
	"vacancy/internal/bus"
	"vacancy/internal/config"
	"vacancy/internal/desk"
	"vacancy/internal/feed"
	"vacancy/internal/httpapi"
	"vacancy/internal/httpserver"
	"vacancy/internal/limit"
	"vacancy/internal/live"
	"vacancy/internal/live/sse"
	"vacancy/internal/live/ws"
	"vacancy/internal/otlp"
	"vacancy/internal/store"
	"vacancy/internal/supervisor"
	"vacancy/internal/telemetry"
	"vacancy/internal/tlscert"
	"vacancy/internal/view"
)

// App is one server.
type App struct {
	config    config.Config
	log       *slog.Logger
	telemetry *telemetry.Telemetry
	alerts    *alert.Tracker
	otlp      *otlp.OTLP // nil: nothing is sent
	hosts     databaseObserver
	database  database
	// clientSecret is what the tags are keyed with that places are counted by.
	clientSecret string

	auth   *auth.Auth
	view   *view.View
	desk   *desk.Desk
	hub    *live.Hub
	limits *limit.Limiter
	// broker is the one that --bus names; nil if it names none.
	broker bus.Bus
	// relays carry events to the outside, with pictures of their own; there may be none.
	relays        relays
	eventPictures *view.View
	webhooks      *webhooks
	// pageData is what the pages show of venues.
	pageData *httpapi.PageDataSource

	sse *sse.Handler
	ws  *ws.Handler
	// feed gives events to those who pull them.
	feed *feed.Feed
	// certificates are nil without TLS.
	certificates tlscert.Source
	server       *httpserver.Server
	supervisor   *supervisor.Supervisor
	// agent answers load balancers, and is nil without --agent-listen; weight is nil then, too.
	agent        *agentcheck.Agent
	agentServing sync.WaitGroup
	weight       *agentcheck.Weight
	// public is what the public port answers with.
	public exchangeable
	// probeToken is what the server's own probe shows itself by.
	probeToken string
	// probing ends when the server begins to stop.
	probing     context.Context
	stopProbing context.CancelFunc

	newAdminKey string
	// opened is set once the database is open, and ready from then until the server begins to stop.
	opened, ready atomic.Bool
	// outboxPaused: what goes to the outside is held back. outboxKnown is set once that was read.
	outboxPaused, outboxKnown atomic.Bool
	// waitingSince is set while the server waits for its database.
	waitingSince atomic.Pointer[time.Time]
	// readinessAsked is when readyz was asked last, in Unix nanoseconds; 0 is never.
	readinessAsked atomic.Int64
	// served is closed when the ports that serving has opened are closed, with the reason in servedErr.
	serving    sync.Once
	served     chan struct{}
	servedErr  error
	checking   context.CancelFunc
	background sync.WaitGroup
	closing    sync.Once
	closed     error
	// failed holds why the process must end.
	failed chan error
}

// New listens and opens the database, so that whatever is wrong with either is known at once; only for a database that is away it waits,
// see [App.openDatabase]. Run serves.
func New(ctx context.Context, c config.Config, log *slog.Logger, options ...Option) (_ *App, err error) {
	a := &App{
		config: c, supervisor: new(supervisor.Supervisor), log: log, telemetry: telemetry.New(), served: make(chan struct{}),
		probeToken: newProbeToken(), failed: make(chan error, 1),
	}
	for _, option := range options {
		option(a)
	}
	if err := a.config.Validate(); err != nil {
		return nil, err
	}
	a.probing, a.stopProbing = context.WithCancel(context.WithoutCancel(ctx))
	a.alerts = newAlerts(a.config, log, a.telemetry.Alerts)
	a.hosts.tracker = a.alerts
	a.telemetry.Alerts.Paused(a.outboxPaused.Load)
	a.telemetry.Database.Read(a.Readable, a.Writable)
	a.telemetry.Database.Waited(a.waited)
	a.telemetry.Server.Read(a.Ready)
	defer func() {
		if err != nil {
			err = errors.Join(err, a.Close())
		}
	}()
	if err := a.startOTLP(ctx); err != nil {
		return nil, err
	}
	if err := a.buildLimits(); err != nil {
		return nil, err
	}
	if err := a.buildAgent(ctx); err != nil {
		return nil, err
	}
	if a.config.BusKind() != config.NoBus {
		if a.broker, err = newBroker(a.config, log); err != nil {
			return nil, err
		}
	}
	site, err := a.buildPages()
	if err != nil {
		return nil, err
	}
	if err := a.listen(ctx, httpapi.NewStarting(a.startingConfig(site))); err != nil {
		return nil, err
	}
	a.serveAgent()
	if err := a.openDatabase(ctx); err != nil {
		return nil, err
	}
	a.alerts.Start() // now it is known whether the database is a copy
	a.showState()
	a.public.serve(a.buildAPI(site))
	a.opened.Store(true)
	if err := a.ensureAdmin(ctx); err != nil {
		return nil, err
	}
	return a, nil
}

// buildRooms builds what stands between the store and the transports, and lets the hub hear of every change of the view.
func (a *App) buildRooms() error {
	a.view = view.New(view.Config{
		Store: a.database, Now: time.Now, Log: a.log, MaxVenues: a.config.MaxVenues, FindDatabase: a.database.find,
	})
	if err := a.buildRelays(); err != nil {
		return err
	}
	retention := store.DefaultRetention
	retention.Changes = a.config.ChangesRetention
	a.desk = desk.New(desk.Config{
		Store: a.database, View: a.deskView(), Log: a.log, Meter: a.telemetry.Desk, Tracer: a.deskTracer(),
		Lanes: a.database.lanes, VenuesPerTransaction: a.database.venuesPerTransaction, MaxWaiting: a.config.MaxWaiting,
		LimitPlaces: a.config.Limits == "on", ClientSecret: a.clientSecret,
		Retention: retention, Failed: a.fail,
	})
	a.hub = live.New(live.Config{
		View: a.view, Documents: documents{a}, Log: a.log, Metrics: liveMeter{a.telemetry.Live}, MaxReaders: a.config.MaxReaders,
	})
	a.view.Listen(a.hub)
	return nil
}

// URL is where the server can be reached from its own machine: "http://127.0.0.1:8080".
func (a *App) URL() string { return a.server.URL() }

// PublicURL is where customers reach the server, as far as it is told; else it is [App.URL].
func (a *App) PublicURL() string {
	return cmp.Or(publicURL(a.config), a.server.URL())
}

// AdminURL is where metrics and health pages are, if they have a port of their own.
func (a *App) AdminURL() string { return a.server.AdminURL() }

// NewAdminKey is the admin key that was made because there was none, or empty. It is the operator's only chance to see it.
func (a *App) NewAdminKey() string { return a.newAdminKey }

// ensureAdmin stores the operator's key, or one that is made if there is none and somebody will see it. It is the last step of a start
// that can fail: a key that is stored and never shown is lost.
func (a *App) ensureAdmin(ctx context.Context) (err error) {
	if a.config.AdminKey != "" || a.config.MakeAdminKey {
		a.newAdminKey, err = a.auth.EnsureAdmin(ctx, a.config.AdminKey)
		if errors.Is(err, booking.ErrUnavailable) && !a.database.writable() {
			a.log.Error("the admin key cannot be stored while nothing can be written; start the server again then", "error", err)
			return nil
		}
		return err
	}
	has, err := a.auth.HasKeys(ctx)
	if err == nil && !has {
		a.log.Warn("there is no admin key: venues cannot be managed; set VACANCY_ADMIN_KEY, or start the server once on a terminal, " +
			"where it makes one and shows it")
	}
	return err
}

// IssueKey makes a management key of that name, in place of an older one.
func (a *App) IssueKey(ctx context.Context, name string) (string, error) {
	return a.auth.Issue(ctx, name)
}

// Ready tells whether the server serves: it has started, and has not begun to stop.
func (a *App) Ready() bool { return a.ready.Load() }

// Readable tells whether the database answered the last check, which runs every second.
func (a *App) Readable() bool {
	if !a.opened.Load() {
		return false
	}
	stale, _ := a.view.Freshness("")
	return !stale
}

// Writable tells whether a booking would be likely to succeed: the database answered the last check, took the last heartbeat, and no
// write failed just now. It asks nobody, so it is answered at once whatever the database does.
func (a *App) Writable() bool { return a.Readable() && a.database.writable() && a.desk.Writable() }

// Run serves until ctx ends or the listener fails, then closes the app.
func (a *App) Run(ctx context.Context) error {
	checking, stop := context.WithCancel(context.WithoutCancel(ctx))
	a.checking = stop
	a.background.Go(func() { a.view.Run(checking) })
	a.background.Go(func() { a.limits.Run(checking) })
	if a.certificates != nil {
		a.background.Go(func() { a.certificates.Run(checking) })
	}
	hints := a.view.NewHintQueue()
	a.background.Go(func() { hints.Run(checking) })
	a.watchOthers(checking, hints)
	a.background.Go(func() { a.watchOutbox(checking) })
	a.runRelays(checking)
	a.desk.Start()
	a.ready.Store(true)
	a.logStart(ctx)

	a.serve()
	a.background.Go(func() { a.runSupervision(checking) })
	if a.config.ProbeInterval > 0 {
		a.background.Go(func() { a.newProbe().Run(a.probing) })
	}
	select {
	case <-ctx.Done():
		return a.Close()
	case <-a.served:
		return errors.Join(a.servedErr, a.Close())
	}
}

// serve has the ports answer. It may be called more than once.
func (a *App) serve() {
	a.serving.Do(func() {
		go func() { // Close waits for it
			defer close(a.served)
			a.servedErr = a.server.Serve()
		}()
	})
}

// documents gives the live hub a booking as the API shows it.
type documents struct{ app *App }

func (d documents) Booking(ctx context.Context, venue booking.VenueID, id booking.BookingID, token string) ([]byte, error) {
	actor, err := d.app.auth.Bearer(ctx, token)
	if err != nil {
		return nil, err
	}
	made, err := d.app.desk.Booking(ctx, actor, venue, id)
	if err != nil {
		return nil, err
	}
	return httpapi.BookingDocument(made)
}

// OpenAPI is the API's OpenAPI document.
func OpenAPI() ([]byte, error) { return httpapi.Spec() }

// MetricsDocument is the documentation of the metrics.
func MetricsDocument() []byte { return telemetry.Document() }
