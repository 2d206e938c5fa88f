package app

import (
	"context"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/feed"
	"vacancy/internal/httpapi"
	"vacancy/internal/httpserver"
	"vacancy/internal/live/sse"
	"vacancy/internal/live/ws"
	"vacancy/internal/pages"
	"vacancy/internal/supervisor"
	"vacancy/web"
)

// exchangeable is a handler in the place of which another can be put while requests come.
type exchangeable struct{ current atomic.Pointer[http.Handler] }

func (e *exchangeable) serve(h http.Handler) { e.current.Store(&h) }

func (e *exchangeable) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	(*e.current.Load()).ServeHTTP(w, r)
}

// listen opens the ports. Nothing is answered before [App.serve]; then the public port answers with the handler given, until it gets
// another.
func (a *App) listen(ctx context.Context, first http.Handler) (err error) {
	a.public.serve(first)
	if err := a.buildCertificates(); err != nil {
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
			Flag: "--listen", Address: a.config.Listen, Listener: a.supervisor.Listener(supervisor.Public),
			Handler: a.drained(policy.Guard(&a.public)), Certificates: a.certificates,
			Wrap: a.limitConnections,
		},
		Admin: httpserver.Port{
			Flag: "--admin-listen", Address: a.config.AdminListen, Listener: a.supervisor.Listener(supervisor.Admin),
			Handler: a.drained(httpapi.NewAdmin(a.operatorConfig())),
			Wrap:    a.limitAdminConnections,
		},
		Log: a.log,
	}
	if a.config.HTTPListen != "" {
		plain := a.certificates.Challenges(policy.Upgrade(&a.public))
		options.Plain = httpserver.Port{
			Flag: "--http-listen", Address: a.config.HTTPListen, Listener: a.supervisor.Listener(supervisor.Plain), Handler: a.drained(plain),
			Wrap: a.limitConnections,
		}
	}
	a.server, err = httpserver.Listen(ctx, options)
	return err
}

// buildPages reads the pages. Their venues are there once the database is open.
func (a *App) buildPages() (*pages.Pages, error) {
	return pages.New(pages.Options{Files: web.FS(), Venues: pageVenues{a}, PublicURL: publicURL(a.config)})
}

// operatorConfig is what is served whether the database is open or not: health pages and metrics.
func (a *App) operatorConfig() httpapi.Config {
	return httpapi.Config{
		State: a, Meter: a.telemetry.HTTP, Limits: a.limits, ProbeToken: a.probeToken, Metrics: a.telemetry.Handler(),
		AdminPort: a.config.AdminListen != "", Weight: a.apiWeight(), AdminKey: a.config.AdminKey, Log: a.log, AccessLog: a.requestLog(),
		Tracer: a.requestTracer(),
	}
}

// requestLog is where a line for each request goes, or nil.
func (a *App) requestLog() *slog.Logger {
	switch {
	case !a.config.AccessLog:
		return nil
	case a.config.RequestLog != nil:
		return a.config.RequestLog
	default:
		return a.log
	}
}

// startingConfig is that of a server which waits for its database.
func (a *App) startingConfig(site *pages.Pages) httpapi.Config {
	c := a.operatorConfig()
	c.Pages = http.HandlerFunc(site.Unavailable)
	return c
}

// buildAPI builds the handler of everything that the public port answers once the database is open.
func (a *App) buildAPI(site *pages.Pages) http.Handler {
	c := a.operatorConfig()
	c.Desk, c.Catalogue, c.Hub, c.Callers, c.Webhooks = a.desk, a.view, a.hub, a.auth, a.webhooks
	a.pageData = httpapi.NewPageDataSource(c)
	fail := httpapi.Fail(a.log)
	a.sse = sse.New(sse.Options{Hub: a.hub, Limits: a.limits, Fail: fail, Log: a.log})
	a.feed = feed.New(feed.Config{Store: a.database, Pictures: a.view, Hub: a.hub})
	a.ws = ws.New(ws.Options{
		Hub: a.hub, Limits: a.limits, Fail: fail, Explain: httpapi.Explain, Origin: pageOrigin(c.Catalogue), IsKey: a.isKey,
		Events: socketEvents{a.feed}, Log: a.log,
	})
	c.Events = a.feed
	c.Live, c.Docs, c.Pages = http.HandlerFunc(a.serveLive), http.HandlerFunc(site.Docs), site
	return httpapi.New(c)
}

// socketEvents are the pages of the feed, for sockets.
type socketEvents struct{ feed *feed.Feed }

// Page implements [ws.Events].
func (e socketEvents) Page(ctx context.Context, venue booking.VenueID, cursor string) (ws.Page, error) {
	var after feed.Cursor
	if cursor != "" {
		var err error
		if after, err = feed.ParseCursor(cursor); err != nil {
			return ws.Page{}, booking.NewInvalid("position", "is not a cursor of this feed")
		}
	}
	page, err := e.feed.Read(ctx, venue, after, feed.DefaultPage)
	if err != nil {
		return ws.Page{}, err
	}
	document, err := httpapi.EventsDocument(page)
	return ws.Page{
		Document: document, Empty: len(page.Events) == 0, Cursor: page.Cursor.String(), More: page.More, DueAt: page.DueAt,
	}, err
}

// drained notes whether readyz is asked, and has connections closed after their next answer once the server stops.
func (a *App) drained(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/readyz" {
			a.readinessAsked.Store(time.Now().UnixNano())
		}
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
