package httpapi_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"vacancy/internal/auth"
	"vacancy/internal/booking"
	"vacancy/internal/desk"
	"vacancy/internal/httpapi"
	"vacancy/internal/limit"
	"vacancy/internal/live"
	"vacancy/internal/live/wire"
	"vacancy/internal/store"
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
	return s.anotherReading(t, s.store, off)
}

// anotherReading opens one whose view reads from another store.
func (s *server) anotherReading(t *testing.T, reads store.Reader, off time.Duration) *node {
	t.Helper()
	v := view.New(view.Config{
		Store: reads, Now: func() time.Time { return s.clock.Now().Add(off) }, Log: discard, MaxVenues: 100,
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

// inTerm is a store whose database is in a term.
type inTerm struct {
	store.Reader
	epoch booking.Epoch
}

func (s inTerm) Load(ctx context.Context, id booking.VenueID, since time.Time) (store.Loaded, error) {
	loaded, err := s.Reader.Load(ctx, id, since)
	loaded.Epoch = s.epoch
	return loaded, err
}

func (s inTerm) Revisions(ctx context.Context, ids []booking.VenueID) (store.Revisions, error) {
	current, err := s.Reader.Revisions(ctx, ids)
	current.Epoch = s.epoch
	return current, err
}

// Who polls, and has met a server that has noticed a failover, comes to one that has not: what that one has is stale, and is said to be. It
// is not if the tag is of an earlier term. Who asks for a position of the later term is told that the server is not that far.
func TestPollingAServerThatHasNotNoticedAFailover(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	n := s.anotherReading(t, inTerm{s.store, "7-a"}, 0)
	for tag, stale := range map[string]bool{`W/"8-b.1.0"`: true, `W/"6-z.1.0"`: false, `W/"7-b.1.0"`: false, `W/"abc.1.0"`: false} {
		got := n.do(t, "GET", free, "", header("If-None-Match", tag)).want(t, 200, "")
		if a := decode[wire.Availability](t, got); a.Stale != stale || !strings.HasPrefix(a.Position, "7-a.") {
			t.Errorf("who has %s is told stale: %v, at %s", tag, a.Stale, a.Position)
		}
		if stored := got.header.Get("Cache-Control") != "no-store"; stored == stale {
			t.Errorf("what %s gets may be stored: %v", tag, stored)
		}
	}
	n.do(t, "GET", free+"&at_least=8-b.1.0", "").want(t, 422, "invalid", "at_least")
}
