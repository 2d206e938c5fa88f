package httpapi_test

import (
	"testing"
	"time"

	"vacancy/internal/auth"
	"vacancy/internal/booking"
	"vacancy/internal/desk"
	"vacancy/internal/httpapi"
	"vacancy/internal/limit"
	"vacancy/internal/live"
	"vacancy/internal/live/wire"
	"vacancy/internal/view"
)

// node is another server on the same database.
type node struct {
	*server
	view *view.View
}

// another opens a node whose own clock is off, and which knows what time it is by the store's.
func (s *server) another(t *testing.T, off time.Duration) *node {
	t.Helper()
	v := view.New(view.Config{
		Store: s.store, Now: func() time.Time { return s.clock.Now().Add(off) }, Log: discard, MaxVenues: 100,
	})
	hub := live.New(live.Config{View: v, Documents: noDocuments{}, Log: discard})
	v.Listen(hub)
	must(t, v.Sync(t.Context()))
	d := desk.New(desk.Config{
		Store: s.store, View: v, Log: discard, Meter: noMeter{}, Lanes: 1, VenuesPerTransaction: 64, MaxWaiting: 1000,
	})
	d.Start()
	t.Cleanup(func() {
		d.Close()
		hub.Close()
	})
	n := &node{server: &server{clock: s.clock, store: s.store, desk: d, log: s.log, meter: s.meter, contract: s.contract}, view: v}
	n.ready.Store(true)
	n.Handler = httpapi.New(httpapi.Config{
		Limits: limit.None(), Desk: d, Catalogue: v, Hub: hub, Callers: auth.New(s.store), State: n, Meter: n.meter,
		Live: says("live", "text/event-stream"), Metrics: says("metrics", "text/plain"), Docs: says("docs", "text/html"),
		Pages: says("page", "text/html"), Log: discard,
	})
	return n
}

// pair are two nodes on one database whose own clocks are two hours apart.
func pair(t *testing.T) (early, late *node) {
	t.Helper()
	s := newServer(t)
	return s.another(t, -time.Hour), s.another(t, time.Hour)
}

// A hold yields when the store's clock says so, and not when that of any node does (I7); and all nodes show it.
func TestHoldsOnNodesWhoseClocksDiffer(t *testing.T) {
	t.Parallel()
	early, late := pair(t)
	hold := `,"resource":"mia","hold":true`
	held := late.book(t, bookingAt("09:00", hold))
	if held.ExpiresAt != "2026-11-23T06:10:00+01:00" {
		t.Errorf("the hold expires at %s", held.ExpiresAt)
	}
	mia := free + "&resource=mia&at_least="
	remaining := func(n *node, position string) int {
		return decode[wire.Availability](t, n.do(t, "GET", mia+position, "").want(t, 200, "")).Days[0].Slots[0].Remaining
	}
	late.clock.Advance(10*time.Minute - time.Second)
	for _, n := range []*node{late, early} {
		_, err := n.desk.ExpireDue(t.Context())
		must(t, err)
		if remaining(n, held.Position) != 0 {
			t.Error("a hold yielded before its time")
		}
		n.do(t, "POST", bookings, bookingAt("09:00", hold)).want(t, 409, "slot_unavailable")
	}
	late.clock.Advance(time.Second)
	next := early.book(t, bookingAt("09:00", hold)) // on the node that is an hour behind
	if position, err := booking.ParsePosition(next.Position); err != nil || position.Revision < 2 {
		t.Errorf("the booking is at %s, %v", next.Position, err)
	}
	late.clock.Advance(10 * time.Minute)
	for _, n := range []*node{early, late} {
		_, err := n.desk.ExpireDue(t.Context())
		must(t, err)
		n.view.Check(t.Context()) // another node may have expired it
		if remaining(n, next.Position) != 1 {
			t.Error("an expired hold is in the way")
		}
	}
}

// What is listed on any node can be booked on any, and what can be booked is listed, whatever the nodes' own clocks show.
func TestNoticeOnNodesWhoseClocksDiffer(t *testing.T) {
	t.Parallel()
	early, late := pair(t)
	early.clock.Advance(3*time.Hour + 10*time.Minute) // 09:10 in Berlin; the notice is an hour
	for _, n := range []*node{late, early} {
		a := decode[wire.Availability](t, n.do(t, "GET", free, "").want(t, 200, ""))
		if first := a.Days[0].Slots[0].Start; first != "2026-11-23T10:30:00+01:00" {
			t.Errorf("the first start is %s", first)
		}
		n.do(t, "POST", bookings, bookingAt("10:00", `,`+ada)).want(t, 409, "too_soon")
		n.book(t, bookingAt("10:30", `,`+ada))
	}
}

// Who polls, and meets another node each time, does not go back in time: what it has seen, its If-None-Match tells.
func TestPollingOneNodeAfterTheOther(t *testing.T) {
	t.Parallel()
	early, late := pair(t)
	tag := late.do(t, "GET", free, "").want(t, 200, "").header.Get("ETag")
	early.do(t, "GET", free, "", header("If-None-Match", tag)).want(t, 304, "")
	early.book(t, bookingAt("09:00", `,`+ada))
	seen := early.do(t, "GET", free, "").want(t, 200, "").header.Get("ETag")
	late.do(t, "GET", free, "", header("If-None-Match", tag)).want(t, 304, "") // it has not heard of the booking
	late.do(t, "GET", free, "", header("If-None-Match", seen)).want(t, 304, "")
	late.do(t, "GET", free, "", header("If-None-Match", tag)).want(t, 200, "")
	for _, other := range []string{`W/"e9.1.0"`, `W/"` + seen[3:6] + `.zzzz.0"`, `"12"`, `W/"", "x"`} {
		late.do(t, "GET", free, "", header("If-None-Match", other)).want(t, 200, "")
	}
}
