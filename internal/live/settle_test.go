package live_test

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"vacancy/internal/booking"
	"vacancy/internal/live"
	"vacancy/internal/live/livetest"
	"vacancy/internal/live/wire"
	"vacancy/internal/view"
)

// After things settle, what every reader has equals what a fresh GET returns (I6), whatever the readers and the nodes went through.
func TestReadersSettleOnTheTruth(t *testing.T) {
	t.Parallel()
	for part := range 8 {
		t.Run(strconv.Itoa(part), func(t *testing.T) {
			t.Parallel()
			rapid.Check(t, func(rt *rapid.T) {
				plan := plans().Draw(rt, "plan")
				var err error
				synctest.Test(t, func(t *testing.T) { err = play(t, plan, faithful()) })
				if err != nil {
					rt.Fatal(err)
				}
			})
		})
	}
}

// The test above can fail: each of these lacks one guard, and some plan shows it.
func TestReadersSettleOnTheTruthCanFail(t *testing.T) {
	t.Parallel()
	controls := map[string]rules{
		"a reader that ignores what vanished":         {take: withoutClosed, listen: listen, welcome: unmoved},
		"a hub that does not hear of claims":          {take: faithful().take, listen: deaf, welcome: unmoved},
		"a hub that thinks it knows since for ever":   {take: faithful().take, listen: listen, welcome: knowAll},
		"a reader that does not begin anew when told": {take: withoutReset, listen: listen, welcome: unmoved},
	}
	for name, control := range controls {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for seed := range 1000 {
				plan := plans().Example(seed)
				var err error
				synctest.Test(t, func(t *testing.T) { err = play(t, plan, control) })
				if err != nil {
					t.Logf("seed %d: %v", seed, err)
					return
				}
			}
			t.Error("no plan showed the fault")
		})
	}
}

// rules are what a negative control replaces.
type rules struct {
	// take is how a reader reduces a frame.
	take func(r *livetest.Reader, event live.Event, data []byte) error
	// listen is what a view tells to.
	listen func(h *live.Hub) view.Listener
	// welcome runs before a reader comes with a query.
	welcome func(h *live.Hub, q live.Query)
}

func faithful() rules {
	return rules{take: (*livetest.Reader).Apply, listen: listen, welcome: unmoved}
}

func unmoved(*live.Hub, live.Query) {}

// knowAll has the hub build the query's day states, and then forget since when it can tell what changed.
func knowAll(h *live.Hub, q live.Query) {
	if _, err := h.Snapshot(context.Background(), q, booking.Position{}); err == nil {
		h.KnowAll()
	}
}

func listen(h *live.Hub) view.Listener { return h }

// deafHub does not hear which claims a change takes and frees.
type deafHub struct{ *live.Hub }

func deaf(h *live.Hub) view.Listener { return deafHub{h} }

func (d deafHub) Changed(p *view.Picture, c booking.Change) {
	var entries []booking.Entry
	for _, e := range c.Entries {
		if e.Booking != nil {
			step := *e.Booking
			step.Claimed, step.Released = nil, nil
			e.Booking = &step
		}
		entries = append(entries, e)
	}
	c.Entries = entries
	d.Hub.Changed(p, c)
}

func withoutClosed(r *livetest.Reader, event live.Event, data []byte) error {
	var frame map[string]any
	if err := json.Unmarshal(data, &frame); err != nil {
		return err
	}
	if slots, ok := frame["slots"].([]any); ok {
		var kept []any
		for _, slot := range slots {
			if fields, ok := slot.(map[string]any); ok && fields["status"] != "closed" {
				kept = append(kept, slot)
			}
		}
		frame["slots"] = kept
	}
	data, err := json.Marshal(frame)
	if err != nil {
		return err
	}
	return r.Apply(event, data)
}

func withoutReset(r *livetest.Reader, event live.Event, data []byte) error {
	if event == live.EventSnapshot && len(r.Reasons) > 0 {
		return nil
	}
	return r.Apply(event, data)
}

// move is one thing that happens. A, B and C choose how.
type move struct {
	Kind, A, B, C int
}

func plans() *rapid.Generator[[]move] {
	one := rapid.Custom(func(t *rapid.T) move {
		return move{
			Kind: rapid.IntRange(0, 99).Draw(t, "kind") * 37 % 100, // small numbers are drawn more often: spread them
			A:    rapid.IntRange(0, 1000).Draw(t, "a"),
			B:    rapid.IntRange(0, 1000).Draw(t, "b"),
			C:    rapid.IntRange(0, 1000).Draw(t, "c"),
		}
	})
	return rapid.SliceOfN(one, 10, 80)
}

// stage is where a plan is played: two nodes over one store, of which the second lags behind, and some readers.
type stage struct {
	rules rules
	store *livetest.Store
	venue booking.VenueID
	nodes [2]*livetest.Node
	// ahead is how far each node's clock is ahead of the store's; negative: behind.
	ahead  [2]atomic.Int64
	guests [4]guest
	// restored counts how often the store was.
	restored int
}

// guest is a reader that is connected or not.
type guest struct {
	query  live.Query
	node   *livetest.Node
	sub    *live.Subscription
	reader livetest.Reader
}

func play(t *testing.T, plan []move, rules rules) error {
	<-time.After(7 * time.Hour) // the bubble's time begins at 2000-01-01 00:00 UTC; now the doors are about to open
	s := &stage{rules: rules, store: livetest.NewStore(time.Now)}
	if plan[0].A%2 == 0 {
		s.venue, _ = livetest.Barber()
		s.store.CommitSettings(livetest.Barber())
	} else {
		s.venue, _ = livetest.Ferry()
		s.store.CommitSettings(livetest.Ferry())
	}
	for i := range s.nodes {
		clock := func() time.Time { return time.Now().Add(time.Duration(s.ahead[i].Load())) }
		s.nodes[i] = livetest.NewNodeWith(t, s.store, clock, func(*live.Config) {})
		s.nodes[i].View.Listen(rules.listen(s.nodes[i].Hub))
	}
	defer s.leave()
	for i, m := range plan {
		if err := s.move(t.Context(), m); err != nil {
			return fmt.Errorf("move %d %+v: %w", i, m, err)
		}
		synctest.Wait()
	}
	return s.settle(t)
}

func (s *stage) leave() {
	for i := range s.guests {
		s.guests[i].cut()
	}
}

func (s *stage) move(ctx context.Context, m move) error {
	g := &s.guests[m.A%len(s.guests)]
	switch k := m.Kind; {
	case k < 25:
		s.book(ctx, m)
	case k < 35:
		return s.cancel(ctx, m)
	case k < 38:
		return s.edit(ctx, m)
	case k < 50:
		<-time.After(waits[m.A%len(waits)])
	case k < 52:
		s.ahead[m.A%2].Store(int64(skews[m.B%len(skews)]))
	case k < 58:
		return s.catchUp(ctx, m)
	case k < 70:
		return s.pull(g, 1+m.B%3)
	case k < 80:
		g.cut()
	case k < 98:
		return s.come(ctx, g, m)
	case k == 98:
		s.restored++ // each time another epoch: two histories in one could not be told apart
		s.store.Restore(booking.Epoch(fmt.Sprintf("r%d", s.restored)), s.venue)
		s.check(ctx)
	default:
		_, err := s.nodes[m.A%2].View.Reload(ctx, s.venue)
		return err
	}
	return nil
}

var (
	waits = []time.Duration{
		30 * time.Minute, time.Hour, time.Millisecond, 60 * time.Millisecond, time.Minute, 31 * time.Minute, 5 * time.Hour, 26 * time.Hour,
	}
	skews = []time.Duration{0, time.Second, -time.Second, 5 * time.Minute, -30 * time.Minute, time.Hour}
)

// book commits a booking, and has the first node know of it, mostly. Half of the barber's are of the service that the readers do not
// look at.
func (s *stage) book(ctx context.Context, m move) {
	service, resource, party := booking.ServiceID("cut"), booking.ResourceID(""), 1
	switch {
	case s.venue == "ferry":
		service, party = "trip", 1+m.C%5
	case m.C%3 == 0:
		resource = "ann"
	case m.C%3 == 1:
		service = "dye"
	}
	start := time.Date(2000, 1, 1+m.A%10, 8+m.B%6, 0, 0, 0, time.UTC)
	if c, err := s.store.Book(s.venue, service, resource, start, party); err == nil { // not every start is bookable
		s.tell(ctx, c, m.C)
	}
}

func (s *stage) cancel(ctx context.Context, m move) error {
	booked := s.store.Booked(s.venue)
	if len(booked) == 0 {
		return nil
	}
	c, err := s.store.Cancel(s.venue, booked[m.A%len(booked)])
	s.tell(ctx, c, m.B)
	return err
}

func (s *stage) edit(ctx context.Context, m move) error {
	_, entries := livetest.Barber()
	if s.venue == "ferry" {
		_, entries = livetest.Ferry()
	}
	resource, service := *entries[1].Resource, *entries[len(entries)-1].Service
	switch m.B % 4 {
	case 0:
		resource.Schedule = livetest.Daily(10*60, 15*60)
	case 1:
		resource.Capacity++
	case 2:
		below := 5
		service.LimitedBelow = &below
	default:
		service.MinNotice += time.Hour
	}
	s.tell(ctx, s.store.CommitSettings(s.venue, []booking.Entry{{Resource: &resource}, {Service: &service}}), m.C)
	return nil
}

func (s *stage) tell(ctx context.Context, c booking.Change, how int) {
	if how%8 != 0 { // else it is lost, and the next change shows the gap
		s.nodes[0].View.Apply(ctx, c)
	}
	if how%5 == 0 {
		s.nodes[1].View.Apply(ctx, c)
	}
}

func (s *stage) catchUp(ctx context.Context, m move) error {
	if m.A%3 == 0 {
		s.check(ctx)
		return nil
	}
	_, err := s.nodes[m.B%2].View.CatchUp(ctx, s.venue)
	return err
}

func (s *stage) check(ctx context.Context) {
	for _, n := range s.nodes {
		n.View.Check(ctx)
	}
}

// come connects a guest: with its position if it has one, else anew, or with what GET answered it.
func (s *stage) come(ctx context.Context, g *guest, m move) (err error) {
	g.cut()
	g.node = s.nodes[m.B%2]
	if g.reader.Position == "" || m.C%7 == 0 {
		g.query, g.reader = s.query(m), livetest.Reader{}
	}
	if g.reader.Position == "" && m.C%2 == 0 {
		snapshot, err := g.node.Hub.Snapshot(ctx, g.query, booking.Position{})
		if err != nil {
			return err
		}
		if err := g.reader.Apply(live.EventSnapshot, wire.JSON(snapshot)); err != nil {
			return err
		}
		if m.C%4 == 0 {
			return nil // it comes later
		}
	}
	s.rules.welcome(g.node.Hub, g.query)
	g.sub, err = g.node.Hub.Subscribe(ctx, g.query, g.reader.Position, live.Unlimited{}, livetest.NewWaker())
	return err
}

// query is one of a few, so that both nodes know it.
func (s *stage) query(m move) live.Query {
	q := live.Query{Venue: s.venue, Service: "cut", Party: 1}
	if s.venue == "ferry" {
		q.Service, q.Party = "trip", 1+m.B%2*3
	} else if m.B%4 == 0 {
		q.Resource = "ann"
	}
	q.From = booking.Date{Year: 2000, Month: 1, Day: 1 + m.C%5*2}
	q.To = q.From.AddDays(m.C % 3)
	return q
}

// pull takes up to so many frames; what is not taken is lost when the guest is cut.
func (s *stage) pull(g *guest, most int) error {
	if g.sub == nil {
		return nil
	}
	for range most {
		f := g.sub.Next()
		if f == nil {
			return nil
		}
		before := g.reader.Position
		if err := s.rules.take(&g.reader, f.Event, wire.JSON(f)); err != nil {
			return err
		}
		if err := advances(f.Event, before, g.reader.Position); err != nil {
			return err
		}
	}
	return nil
}

// advances tells whether a position went back without a reset.
func advances(event live.Event, before, after string) error {
	if event != live.EventDelta {
		return nil
	}
	from, err := booking.ParsePosition(before)
	if err != nil {
		return err
	}
	to, err := booking.ParsePosition(after)
	if err != nil {
		return err
	}
	if !to.Covers(from) {
		return fmt.Errorf("a delta led from %s back to %s", before, after)
	}
	return nil
}

func (g *guest) cut() {
	if g.sub != nil {
		g.sub.Close()
		g.sub = nil
	}
}

// settle lets every node and every reader catch up, and compares what they have with the truth of a new node.
func (s *stage) settle(t *testing.T) error {
	ctx := t.Context()
	for _, n := range s.nodes {
		if _, err := n.View.Picture(ctx, s.venue); err != nil {
			return err
		}
	}
	s.ahead[0].Store(0)
	s.ahead[1].Store(0)
	s.check(ctx)
	<-time.After(2 * time.Minute) // within a minute a node looks at its clock again
	synctest.Wait()
	truth := livetest.NewNode(t, s.store)
	for i := range s.guests {
		g := &s.guests[i]
		if g.sub == nil && g.reader.Position == "" {
			continue
		}
		if g.sub == nil {
			if err := s.come(ctx, g, move{B: i, C: 1}); err != nil {
				return err
			}
		}
		if err := s.pull(g, 1000); err != nil {
			return err
		}
		fresh, err := truth.Hub.Snapshot(ctx, g.query, booking.Position{})
		if err != nil {
			return err
		}
		want, err := livetest.DaysOf(wire.JSON(fresh))
		if err != nil {
			return err
		}
		if got := g.reader.Days(); !reflect.DeepEqual(got, want) {
			return fmt.Errorf("reader %d at %s has\n%v\nand not\n%v", i, g.reader.Position, got, want)
		}
	}
	return nil
}
