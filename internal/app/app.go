package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
	_ "time/tzdata" // so that time zones are known on a machine that has no data of them

	"vacancy/internal/alert"
	"vacancy/internal/auth"
	"vacancy/internal/booking"
	"vacancy/internal/config"
	"vacancy/internal/desk"
	"vacancy/internal/httpapi"
	"vacancy/internal/httpserver"
	"vacancy/internal/limit"
	"vacancy/internal/live"
	"vacancy/internal/live/sse"
	"vacancy/internal/live/ws"
	"vacancy/internal/pages"
	"vacancy/internal/store"
	"vacancy/internal/telemetry"
	"vacancy/internal/tlscert"
	"vacancy/internal/view"
	"vacancy/web"
)

// App is one server.
type App struct {
	config    config.Config
	log       *slog.Logger
	telemetry *telemetry.Telemetry
	alerts    *alert.Tracker
	database  database
	// clientSecret is what the tags are keyed with that places are counted by.
	clientSecret string

	auth   *auth.Auth
	view   *view.View
	desk   *desk.Desk
	hub    *live.Hub
	limits *limit.Limiter
	sse    *sse.Handler
	ws     *ws.Handler
	// certificates are nil without TLS.
	certificates tlscert.Source
	server       *httpserver.Server

	newAdminKey string
	ready       atomic.Bool
	checking    context.CancelFunc
	background  sync.WaitGroup
	closing     sync.Once
	closed      error
}

// New opens the database and listens, so that whatever is wrong with either is known at once. Run serves.
func New(ctx context.Context, c config.Config, log *slog.Logger) (_ *App, err error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	a := &App{config: c, log: log, telemetry: telemetry.New()}
	a.alerts = newAlerts(c, log, a.telemetry.Alerts)
	a.alerts.Start()
	defer func() {
		if err != nil {
			err = errors.Join(err, a.Close())
		}
	}()
	if err := a.buildStore(ctx); err != nil {
		return nil, err
	}
	if err := a.buildLimits(); err != nil {
		return nil, err
	}
	a.buildRooms()
	if err := a.view.Sync(ctx); err != nil {
		return nil, fmt.Errorf("read the database's clock: %w", err)
	}
	if err := a.buildHTTP(ctx); err != nil {
		return nil, err
	}
	if err := a.ensureAdmin(ctx); err != nil {
		return nil, err
	}
	return a, nil
}

func (a *App) buildStore(ctx context.Context) (err error) {
	if a.database, err = openDatabase(ctx, a.config, a.log, postgresMeter{a.telemetry.Postgres}); err != nil {
		return err
	}
	if a.clientSecret, err = a.database.ClientSecret(ctx); err != nil {
		return err
	}
	a.auth = auth.New(a.database)
	return nil
}

// buildRooms builds what stands between the store and the transports, and lets the hub hear of every change of the view.
func (a *App) buildRooms() {
	a.view = view.New(view.Config{Store: a.database, Now: time.Now, Log: a.log, MaxVenues: a.config.MaxVenues})
	retention := store.DefaultRetention
	retention.Changes = a.config.ChangesRetention
	a.desk = desk.New(desk.Config{
		Store: a.database, View: a.view, Log: a.log, Meter: a.telemetry.Desk,
		Lanes: a.database.lanes, VenuesPerTransaction: a.database.venuesPerTransaction, MaxWaiting: a.config.MaxWaiting,
		LimitPlaces: a.config.Limits == "on", ClientSecret: a.clientSecret,
		Retention: retention,
	})
	a.hub = live.New(live.Config{
		View: a.view, Documents: documents{a}, Log: a.log, Metrics: liveMeter{a.telemetry.Live}, MaxReaders: a.config.MaxReaders,
	})
	a.view.Listen(a.hub)
	a.showState()
}

// buildHTTP builds the handlers and opens the ports. Nothing is answered yet.
func (a *App) buildHTTP(ctx context.Context) (err error) {
	api, err := a.buildAPI()
	if err != nil {
		return err
	}
	if a.certificates, err = certificates(a.config, a.log); err != nil {
		return err
	}
	a.showCertificate()
	proxies, err := a.config.Proxies()
	if err != nil {
		return err
	}
	fail := httpapi.Fail(a.log)
	policy := httpserver.Policy{
		PublicURL: a.config.Public(), Hosts: a.config.Domains(), HTTPSPort: port(a.config.Listen), Trusted: proxies,
		Misdirected:  func(w http.ResponseWriter, r *http.Request) { fail(w, r, httpapi.ErrMisdirected) },
		PlainRefused: func(w http.ResponseWriter, r *http.Request) { fail(w, r, httpapi.ErrPlainHTTP) },
	}
	options := httpserver.Options{
		Public: httpserver.Port{
			Flag: "--listen", Address: a.config.Listen, Handler: a.drained(policy.Guard(api)), Certificates: a.certificates,
			Wrap: a.limitConnections,
		},
		Admin: httpserver.Port{
			Flag: "--admin-listen", Address: a.config.AdminListen, Handler: httpapi.NewAdmin(a.apiConfig()), Wrap: a.limitAdminConnections,
		},
		Log: a.log,
	}
	if a.config.HTTPListen != "" {
		plain := a.certificates.Challenges(policy.Upgrade(api))
		options.Plain = httpserver.Port{Flag: "--http-listen", Address: a.config.HTTPListen, Handler: a.drained(plain), Wrap: a.limitConnections}
	}
	a.server, err = httpserver.Listen(ctx, options)
	return err
}

// buildAPI builds the handler of everything that the public port answers.
func (a *App) buildAPI() (http.Handler, error) {
	config := a.apiConfig()
	site, err := pages.New(pages.Options{
		Files: web.FS(), Venues: pageVenues{httpapi.NewPageDataSource(config), a.view.Now}, PublicURL: publicURL(a.config),
	})
	if err != nil {
		return nil, err
	}
	fail := httpapi.Fail(a.log)
	a.sse = sse.New(sse.Options{Hub: a.hub, Limits: a.limits, Fail: fail, Log: a.log})
	a.ws = ws.New(ws.Options{
		Hub: a.hub, Limits: a.limits, Fail: fail, Explain: httpapi.Explain, Origin: pageOrigin(config.Catalogue), IsKey: a.isKey, Log: a.log,
	})
	config.Live, config.Docs, config.Pages = http.HandlerFunc(a.serveLive), http.HandlerFunc(site.Docs), site
	return httpapi.New(config), nil
}

// apiConfig is what the public API and the operator's port have in common.
func (a *App) apiConfig() httpapi.Config {
	return httpapi.Config{
		Desk: a.desk, Catalogue: catalogue{a.view}, Hub: a.hub, Callers: a.auth, State: a, Meter: a.telemetry.HTTP,
		Limits: a.limits, Metrics: a.telemetry.Handler(), AdminPort: a.config.AdminListen != "", Log: a.log,
	}
}

// drained has connections closed after their next answer once the server stops.
func (a *App) drained(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !a.ready.Load() {
			w.Header()["Connection"] = []string{"close"}
		}
		next.ServeHTTP(w, r)
	})
}

// serveLive serves a live query over the transport that the request asks for.
func (a *App) serveLive(w http.ResponseWriter, r *http.Request) {
	if ws.Wanted(r) {
		a.ws.ServeHTTP(w, r)
		return
	}
	a.sse.ServeHTTP(w, r)
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
	a.background.Go(func() { a.watchOthers(checking, hints) })
	a.desk.Start()
	a.ready.Store(true)
	a.logStart(ctx)

	served := make(chan error, 1)
	go func() { served <- a.server.Serve() }()
	select {
	case <-ctx.Done():
		err := a.Close()
		<-served //nolint:errcheck // it was told to end
		return err
	case err := <-served:
		return errors.Join(err, a.Close())
	}
}

// watchOthers lets other nodes' writes be seen at once. What it misses, the view's periodic check finds.
func (a *App) watchOthers(ctx context.Context, hints *view.HintQueue) {
	if err := a.database.watch(ctx, hints.Enqueue); err != nil && ctx.Err() == nil {
		a.log.Error("other nodes' changes are not heard of; they are seen within a second", "error", err)
	}
}

// Close stops taking requests, lets the live readers go, finishes what was accepted, and closes the database, within the
// configured time. It may be called more than once; later calls wait for the first.
func (a *App) Close() error {
	a.closing.Do(func() { a.closed = a.close() })
	return a.closed
}

func (a *App) close() (err error) {
	served := a.ready.Swap(false)
	if served {
		a.log.Info("stopping", "version", Version(), "timeout", a.config.ShutdownTimeout)
		defer func(began time.Time) { a.logStop(began, err) }(time.Now())
	}
	ctx, cancel := context.WithTimeout(context.Background(), a.config.ShutdownTimeout)
	defer cancel()
	if served {
		time.Sleep(drainDelay) //nolint:forbidigo // there is nothing to wait for: requests may come or not
	}
	if a.server != nil {
		err = errors.Join(concurrently(ctx, a.server.Shutdown, a.sse.Close, a.ws.Close), a.server.Close())
	}
	if a.desk != nil {
		a.desk.Shutdown(ctx)
	}
	if a.checking != nil {
		a.checking()
		a.background.Wait()
	}
	if a.hub != nil {
		a.hub.Close()
	}
	if a.database.Store != nil {
		err = errors.Join(err, a.database.Close())
	}
	a.alerts.Close(ctx)
	return err
}

// concurrently runs steps side by side, so that a reader who takes nothing does not keep the requests under way from their time.
func concurrently(ctx context.Context, steps ...func(context.Context) error) error {
	errs := make([]error, len(steps))
	var all sync.WaitGroup
	for i, step := range steps {
		all.Go(func() { errs[i] = step(ctx) })
	}
	all.Wait()
	return errors.Join(errs...)
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
