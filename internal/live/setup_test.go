package live_test

import (
	"encoding/json"
	"reflect"
	"testing"
	"testing/synctest"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/live"
	"vacancy/internal/live/livetest"
	"vacancy/internal/live/wire"
)

// A bubble's time begins on Saturday 2000-01-01 at 00:00 UTC, which is 01:00 in Berlin.

// day is a date of January 2000.
func day(d int) booking.Date { return booking.Date{Year: 2000, Month: 1, Day: d} }

// at is an instant of January 2000 on Berlin's clock.
func at(d, hour, minute int) time.Time { return time.Date(2000, 1, d, hour-1, minute, 0, 0, time.UTC) }

// cuts is a query for the barber's service.
func cuts(from, to int) live.Query {
	return live.Query{Venue: "barber", Service: "cut", From: day(from), To: day(to), Party: 1}
}

// trips is a query for the ferry's service.
func trips(from, to, party int) live.Query {
	return live.Query{Venue: "ferry", Service: "trip", From: day(from), To: day(to), Party: party}
}

// scene is a store with a barber and a ferry, and one node over it.
type scene struct {
	*testing.T
	store *livetest.Store
	*livetest.Node
}

// inScene runs a test in a bubble of time.
func inScene(t *testing.T, test func(t *testing.T, s scene)) {
	t.Helper()
	inSceneWith(t, func(*live.Config) {}, test)
}

// inSceneWith does so with another configuration.
func inSceneWith(t *testing.T, edit func(*live.Config), test func(t *testing.T, s scene)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		store := livetest.NewStore(time.Now)
		store.CommitSettings(livetest.Barber())
		store.CommitSettings(livetest.Ferry())
		test(t, scene{T: t, store: store, Node: livetest.NewNodeWith(t, store, time.Now, edit)})
	})
}

// another is a second node over the scene's store.
func (s scene) another() scene {
	s.Node = livetest.NewNode(s.T, s.store)
	return s
}

// book commits a booking and tells the scene's node.
func (s scene) book(q live.Query, start time.Time, party int) booking.Change {
	s.Helper()
	c := s.commit(q, start, party)
	s.View.Apply(s.Context(), c)
	return c
}

// commit commits a booking of which no node hears.
func (s scene) commit(q live.Query, start time.Time, party int) booking.Change {
	s.Helper()
	c, err := s.store.Book(q.Venue, q.Service, q.Resource, start, party)
	if err != nil {
		s.Fatal(err)
	}
	return c
}

// cancel commits the cancellation of what a change booked, and tells the scene's node.
func (s scene) cancel(c booking.Change) {
	s.Helper()
	freed, err := s.store.Cancel(c.Venue, c.Entries[0].Booking.ID)
	if err != nil {
		s.Fatal(err)
	}
	s.View.Apply(s.Context(), freed)
}

// put commits settings and tells the scene's node.
func (s scene) put(id booking.VenueID, entries []booking.Entry) {
	s.View.Apply(s.Context(), s.store.CommitSettings(id, entries))
}

// get is a fresh answer.
func (s scene) get(q live.Query) *live.Frame {
	s.Helper()
	snapshot, err := s.Hub.Snapshot(s.Context(), q, booking.Position{})
	if err != nil {
		s.Fatal(err)
	}
	return snapshot
}

// reader is a subscription with what its reader makes of it.
type reader struct {
	scene
	livetest.Reader
	query live.Query
	sub   *live.Subscription
	woken livetest.Waker
}

// come opens a subscription with a position, "" for none.
func (s scene) come(q live.Query, position string) *reader {
	s.Helper()
	r := &reader{scene: s, query: q, woken: livetest.NewWaker()}
	var err error
	if r.sub, err = s.Hub.Subscribe(s.Context(), q, position, live.Unlimited{}, r.woken); err != nil {
		s.Fatal(err)
	}
	s.Cleanup(r.sub.Close)
	return r
}

// pull takes what there is, and returns the events.
func (r *reader) pull() []live.Event {
	r.Helper()
	var events []live.Event
	for f := r.sub.Next(); f != nil; f = r.sub.Next() {
		if err := r.Apply(f.Event, wire.JSON(f)); err != nil {
			r.Fatal(err)
		}
		events = append(events, f.Event)
	}
	return events
}

// gets pulls, and fails unless these events come.
func (r *reader) gets(want ...live.Event) {
	r.Helper()
	if got := r.pull(); !reflect.DeepEqual(got, want) {
		r.Fatalf("events %v, and not %v", got, want)
	}
}

// agrees fails unless the reader has what a fresh answer has.
func (r *reader) agrees() {
	r.Helper()
	want, err := livetest.DaysOf(wire.JSON(r.get(r.query)))
	if err != nil {
		r.Fatal(err)
	}
	if got := r.Days(); !reflect.DeepEqual(got, want) {
		r.Errorf("the reader has\n%v\nand not\n%v", got, want)
	}
}

// delta is a delta frame, decoded.
type delta struct {
	Position    string
	CommittedAt string `json:"committed_at"`
	Slots       []livetest.Slot
	Days        []livetest.Day
}

// next takes the next frame, which must be a delta.
func (r *reader) next() (d delta) {
	r.Helper()
	f := r.sub.Next()
	if f == nil || f.Event != live.EventDelta {
		r.Fatalf("the next frame is %v, and no delta", f)
	}
	if err := json.Unmarshal(wire.JSON(f), &d); err != nil {
		r.Fatal(err)
	}
	if err := r.Apply(f.Event, wire.JSON(f)); err != nil {
		r.Fatal(err)
	}
	return d
}

// wait lets time pass, and everything happen that happens in it.
func wait(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

// anyone is a client without limits.
func anyone() (release func(), err error) { return func() {}, nil }
