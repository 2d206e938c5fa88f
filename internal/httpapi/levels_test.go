package httpapi_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"vacancy/internal/auth"
	"vacancy/internal/booking"
	"vacancy/internal/desk"
	"vacancy/internal/httpapi"
	"vacancy/internal/limit"
	"vacancy/internal/live"
	"vacancy/internal/store"
	"vacancy/internal/store/storetest/memory"
	"vacancy/internal/view"
)

// newerStore is the store of a program of level 2, which has services of two parts: a wash and cut gets its second one here. While a node
// of level 1 runs, it is refused, as PostgreSQL's store refuses it.
type newerStore struct {
	*memory.Store
	olderNodeRuns bool
}

func (s *newerStore) Update(ctx context.Context, needs []store.Need, decide func([]store.Found) ([]store.Write, error)) error {
	return s.Store.Update(ctx, needs, func(found []store.Found) ([]store.Write, error) {
		writes, err := decide(found)
		for i, w := range writes {
			for _, e := range w.Change.Entries {
				if e.Service != nil && e.Service.ID == "wash-and-cut" {
					e.Service.Requires = append(e.Service.Requires, booking.Requirement{AnyOf: []booking.ResourceID{"jonas"}, Units: 1})
				}
			}
			if s.olderNodeRuns && w.Change.Level() > max(found[i].Needs, 1) {
				return nil, booking.ErrNodesBehind
			}
		}
		return writes, err
	})
}

// serverOn opens a server on a store that is in memory.
func serverOn(t *testing.T, s store.Store, now *clock) *server {
	t.Helper()
	v := view.New(view.Config{Store: s, Now: now.Now, Log: discard, MaxVenues: 100})
	hub := live.New(live.Config{View: v, Documents: noDocuments{}, Log: discard})
	v.Listen(hub)
	d := desk.New(desk.Config{Store: s, View: v, Log: discard, Meter: noMeter{}, Lanes: 1, VenuesPerTransaction: 64, MaxWaiting: 1000})
	d.Start()
	t.Cleanup(func() {
		d.Close()
		hub.Close()
	})
	keys := auth.New(s)
	_, err := keys.EnsureAdmin(t.Context(), adminKey)
	must(t, err)
	of := &server{clock: now, desk: d, keys: keys, log: new(lockedBuffer), meter: new(meter), contract: document()}
	of.ready.Store(true)
	of.Handler = httpapi.New(httpapi.Config{
		Limits: limit.None(), Desk: d, Catalogue: v, Hub: hub, Callers: keys, State: of, Meter: of.meter,
		Live: says("live", "text/event-stream"), Metrics: says("metrics", "text/plain"), Docs: says("docs", "text/html"),
		Pages: says("page", "text/html"), Log: discard,
	})
	return of
}

// TestLevelIsRaised: a setting that an older server would not understand is refused while one runs. Once it is accepted, an older server
// that comes back reads the venue, and says of every write that another server can do it; the newer one goes on, and so do other venues.
func TestLevelIsRaised(t *testing.T) {
	t.Parallel()
	now := new(clock)
	now.Advance(time.Duration(monday.UnixNano()))
	data := memory.NewData()
	later := &newerStore{Store: memory.Open(memory.Config{Data: data, Now: now.Now, Level: 2}), olderNodeRuns: true}
	newer := serverOn(t, later, now)
	older := serverOn(t, memory.Open(memory.Config{Data: data, Now: now.Now, Level: 1}), now)
	newer.furnish(t)
	newer.do(t, "PUT", "/v1/venues/other", venueBody, admin()).want(t, http.StatusCreated, "")

	const target = "/v1/venues/barber/services/wash-and-cut"
	refused := newer.do(t, "PUT", target, cutBody, admin()).want(t, http.StatusConflict, "nodes_behind")
	if refused.header.Get("Retry-After") != "" {
		t.Errorf("it may be retried after %q, which nobody knows", refused.header.Get("Retry-After"))
	}
	newer.do(t, "GET", target, "").want(t, http.StatusNotFound, "not_found")
	older.do(t, "POST", bookings, bookingAt("09:00", `,`+ada)).want(t, http.StatusCreated, "")

	later.olderNodeRuns = false
	newer.do(t, "PUT", target, cutBody, admin()).want(t, http.StatusCreated, "")
	for _, w := range []struct{ method, target, body string }{
		{"POST", bookings, bookingAt("09:30", `,`+ada)},
		{"PUT", "/v1/venues/barber", venueBody},
		{"PUT", "/v1/venues/barber/resources/mia", chairBody},
		{"PUT", "/v1/venues/barber/services/cut", cutBody},
		{"DELETE", "/v1/venues/barber/services/yoga", ""},
	} {
		a := older.do(t, w.method, w.target, w.body, admin()).want(t, http.StatusServiceUnavailable, "needs_newer")
		if a.header.Get("Retry-After") == "" {
			t.Errorf("%s %s: nobody is told when to try again", w.method, w.target)
		}
	}
	older.do(t, "GET", free, "").want(t, http.StatusOK, "")
	older.do(t, "PUT", "/v1/venues/other", venueBody, admin()).want(t, http.StatusOK, "")
	newer.do(t, "POST", bookings, bookingAt("09:30", `,`+ada)).want(t, http.StatusCreated, "")
}
