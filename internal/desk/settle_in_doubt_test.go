package desk_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"

	"vacancy/internal/booking"
	"vacancy/internal/desk"
)

// doubts are ways to lose a commit. However it goes, the callers get what they would have got without.
var doubts = map[string][]turn{
	"before":                           {{loss: before}},
	"after":                            {{loss: after}},
	"delayed, before the look":         {{loss: delayed}, {arrive: first}},
	"delayed, between look and fence":  {{loss: delayed}, {arrive: between}},
	"delayed, after the fence":         {{loss: delayed}, {arrive: last}},
	"delayed, after the next":          {{loss: delayed}, {}, {arrive: last}},
	"delayed, between both of next":    {{loss: delayed}, {}, {arrive: between}},
	"unavailable when it did not":      {{loss: before}, {loss: unavailable}, {loss: unavailable}},
	"unavailable when it happened":     {{loss: after}, {loss: unavailable}, {loss: unavailable}, {loss: unavailable}},
	"delayed while unavailable":        {{loss: delayed}, {loss: unavailable}, {loss: unavailable, arrive: first}},
	"the fence is lost before":         {{loss: before}, {loss: before}},
	"the fence is lost after":          {{loss: before}, {loss: after}},
	"the fence is delayed":             {{loss: before}, {loss: delayed}, {arrive: first}},
	"delayed, and the fence later":     {{loss: delayed}, {loss: delayed}, {arrive: first}},
	"delayed, and the fence after":     {{loss: delayed}, {loss: after, arrive: last}},
	"delayed, after a lost fence":      {{loss: delayed}, {loss: before, arrive: last}},
	"twice before":                     {{loss: before}, {}, {loss: before}},
	"before, then after":               {{loss: before}, {}, {loss: after}},
	"delayed, then delayed between":    {{loss: delayed}, {}, {loss: delayed}, {arrive: between}},
	"delayed, then after, then arrive": {{loss: delayed}, {}, {loss: after}, {arrive: last}},
	"after, and so the fence":          {{loss: after}, {loss: after}, {loss: after}},
	"after, and the fence before":      {{loss: after}, {loss: before}, {loss: before}},
	"after, and the fence delayed":     {{loss: after}, {loss: delayed}, {arrive: between}},
	"delayed, and a fence behind":      {{loss: delayed}, {arrive: first, loss: after}},
}

// deed is a command with one effect on a venue that was prepared for it.
type deed struct {
	// chairs are those of the venue; none, and it is not there yet.
	chairs []booking.ResourceID
	// held is whether there is a hold before.
	held bool
	do   func(ctx context.Context, n *node, venue booking.VenueID, held desk.Outcome) (booking.Position, error)
}

var one, two = []booking.ResourceID{"a"}, []booking.ResourceID{"a", "b"}

func in(venue booking.VenueID, r desk.BookRequest) desk.BookRequest {
	r.Venue = venue
	return r
}

func keyed(r desk.BookRequest, key string) desk.BookRequest {
	r.Idempotency = desk.Idempotency{Key: key, Route: "book"}
	return r
}

func booked(made desk.Outcome, err error) (booking.Position, error) { return made.Position, err }

var errNotNew = errors.New("it is said to have been there before")

func created[T any](s desk.Saved[T], err error) (booking.Position, error) {
	if err == nil && !s.Created {
		err = errNotNew
	}
	return s.Position, err
}

var book = deed{two, false, func(ctx context.Context, n *node, venue booking.VenueID, _ desk.Outcome) (booking.Position, error) {
	return booked(n.Book(ctx, anybody, in(venue, request(at(10, 0)))))
}}

var deeds = map[string]deed{
	"book":                {two, false, book.do},
	"book the last place": {one, false, book.do},
	"book with a key": {two, false, func(ctx context.Context, n *node, venue booking.VenueID, _ desk.Outcome) (booking.Position, error) {
		made, err := n.Book(ctx, anybody, in(venue, keyed(request(at(10, 0)), "k")))
		if err != nil {
			return made.Position, err
		}
		again, err := n.Book(ctx, anybody, in(venue, keyed(request(at(10, 0)), "k")))
		if err == nil && (again.Token != made.Token || again.Booking.ID != made.Booking.ID) {
			err = errors.New("the repeat got another answer")
		}
		return made.Position, err
	}},
	"hold": {two, false, func(ctx context.Context, n *node, venue booking.VenueID, _ desk.Outcome) (booking.Position, error) {
		return booked(n.Book(ctx, anybody, in(venue, hold(at(10, 0)))))
	}},
	"confirm": {two, true, func(ctx context.Context, n *node, _ booking.VenueID, made desk.Outcome) (booking.Position, error) {
		return booked(n.Confirm(ctx, holder(made.Token), transition(made.Booking), ada))
	}},
	"extend": {two, true, func(ctx context.Context, n *node, _ booking.VenueID, made desk.Outcome) (booking.Position, error) {
		return booked(n.Extend(ctx, holder(made.Token), transition(made.Booking)))
	}},
	"cancel": {two, true, func(ctx context.Context, n *node, _ booking.VenueID, made desk.Outcome) (booking.Position, error) {
		return booked(n.Cancel(ctx, holder(made.Token), transition(made.Booking)))
	}},
	"put a resource": {two, false, func(ctx context.Context, n *node, venue booking.VenueID, _ desk.Outcome) (booking.Position, error) {
		r := resource("new", 1)
		r.Venue = venue
		return created(n.PutResource(ctx, staff, r, desk.Condition{Absent: true}))
	}},
	"archive a service": {two, false, func(ctx context.Context, n *node, venue booking.VenueID, _ desk.Outcome) (booking.Position, error) {
		return n.ArchiveService(ctx, staff, venue, "cut", desk.Condition{})
	}},
	"put a venue": {nil, false, func(ctx context.Context, n *node, venue booking.VenueID, _ desk.Outcome) (booking.Position, error) {
		v := booking.Venue{ID: venue, Name: "New", TimeZone: "UTC"}
		return created(n.PutVenue(ctx, staff, v, desk.Condition{Absent: true}))
	}},
}

// salon is a shop whose node writes through a store that loses commits.
type salon struct {
	*shop
	*node
	doubtful *doubtful
}

func newSalon(t *testing.T, decorate func(desk.Store) desk.Store) *salon {
	t.Helper()
	s := newShop(t)
	doubtful := &doubtful{Store: hiddenDue{s.store}}
	return &salon{s, s.open(t, decorate(doubtful)), doubtful}
}

// furnishFor puts venues as the deed needs them.
func (s *salon) furnishFor(t *testing.T, d deed, venues ...booking.VenueID) {
	t.Helper()
	if d.chairs != nil {
		furnishVenues(t, s.node, 1, d.chairs, venues...)
	}
}

// check does a deed at a venue while commits are lost as planned, and says what of it went wrong.
func (s *salon) check(t *testing.T, venue booking.VenueID, d deed, plan []turn) error {
	t.Helper()
	var held desk.Outcome
	if d.held {
		var err error
		held, err = s.Book(t.Context(), anybody, in(venue, hold(at(12, 0))))
		must(t, err)
	}
	since := s.revision(t, venue)
	s.doubtful.follow(plan...)
	position, err := d.do(t.Context(), s.node, venue, held)
	if err != nil {
		return fmt.Errorf("it failed: %w", err)
	}
	if seen := s.revision(t, venue); seen < position.Revision {
		return fmt.Errorf("it was answered at revision %d with the view at %d", position.Revision, seen)
	}
	s.doubtful.follow() // what was planned and not reached
	s.doubtful.arrive(t.Context())
	changes, err := s.store.Changes(t.Context(), venue, since, 100)
	must(t, err)
	var effects []booking.Revision
	for _, c := range changes {
		if len(c.Entries) > 0 {
			effects = append(effects, c.Revision)
		}
	}
	if len(effects) != 1 || effects[0] != position.Revision {
		return fmt.Errorf("it was answered as revision %d; the history has effects at %v", position.Revision, effects)
	}
	return nil
}

// revision is the view's of a venue; zero if there is no such venue.
func (n *node) revision(t *testing.T, venue booking.VenueID) booking.Revision {
	t.Helper()
	p, err := n.view.Picture(t.Context(), venue)
	if errors.Is(err, booking.ErrNotFound) {
		return 0
	}
	must(t, err)
	return p.Revision
}

func undecorated(s desk.Store) desk.Store { return s }

func TestDoubtIsSettled(t *testing.T) {
	t.Parallel()
	for name, deed := range deeds {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSalon(t, undecorated)
			venues := numbered(len(doubts))
			s.furnishFor(t, deed, venues...)
			for i, how := range slices.Sorted(maps.Keys(doubts)) {
				if err := s.check(t, venues[i], deed, doubts[how]); err != nil {
					t.Errorf("%s: %v", how, err)
				}
			}
		})
	}
}

// Without the fence a delayed commit comes between the look and the retry; without the batches' ids one that happened looks like
// somebody else's. Both make the retry do it twice, or refuse it for its own sake.
func TestFenceAndBatchAreNeeded(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		plan     []turn
		decorate func(desk.Store) desk.Store
	}{
		"the fence":        {[]turn{{loss: delayed}, {arrive: last}}, withoutFence},
		"the batches' ids": {[]turn{{loss: after}}, withoutBatches},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			whole, lacking := newSalon(t, undecorated), newSalon(t, c.decorate)
			for i, deed := range []string{"book", "book the last place", "extend", "put a resource", "archive a service"} {
				venue := numbered(i + 1)[i]
				whole.furnishFor(t, deeds[deed], venue)
				lacking.furnishFor(t, deeds[deed], venue)
				if err := whole.check(t, venue, deeds[deed], c.plan); err != nil {
					t.Errorf("%s: %v", deed, err)
				}
				if lacking.check(t, venue, deeds[deed], c.plan) == nil {
					t.Errorf("negative control: %s without %s went well, so the check proves nothing", deed, name)
				}
			}
		})
	}
}
