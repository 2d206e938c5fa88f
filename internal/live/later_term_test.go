package live_test

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/live"
	"vacancy/internal/live/livetest"
	"vacancy/internal/store"
	"vacancy/internal/view"
)

const oldTerm, newTerm = booking.Epoch("7-a"), booking.Epoch("8-b")

// failover is a database that was left, the one that is in charge now, a node on each, and what the second node finds when it looks.
type failover struct {
	*testing.T
	left, current *livetest.Store
	ahead, behind scene
	found         *following
}

// following is what a node reads from: one database, and from some moment on another.
type following struct {
	store.Reader
	to atomic.Pointer[livetest.Store]
}

func (f *following) Load(ctx context.Context, id booking.VenueID, since time.Time) (store.Loaded, error) {
	return f.to.Load().Load(ctx, id, since)
}

func (f *following) Revisions(ctx context.Context, ids []booking.VenueID) (store.Revisions, error) {
	return f.to.Load().Revisions(ctx, ids)
}

func (f *following) Changes(ctx context.Context, id booking.VenueID, after booking.Revision, limit int) ([]booking.Change, error) {
	return f.to.Load().Changes(ctx, id, after, limit)
}

// FindDatabase is the search, which finds another database once a test has it noticed.
func (f *following) FindDatabase(context.Context) error { return nil }

// inFailover runs a test where one node has noticed a failover and the other has not.
func inFailover(t *testing.T, edit func(*live.Config), test func(t *testing.T, f *failover)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		f := &failover{T: t, left: livetest.NewStore(time.Now), current: livetest.NewStore(time.Now), found: &following{}}
		for _, s := range []*livetest.Store{f.left, f.current} {
			s.CommitSettings(livetest.Barber())
			s.CommitSettings(livetest.Ferry())
			s.SetEpoch(oldTerm)
		}
		f.found.to.Store(f.left)
		f.ahead = scene{T: t, store: f.current, Node: livetest.NewNode(t, f.current)}
		f.behind = scene{T: t, store: f.left, Node: livetest.NewNodeWith(t, f.found, time.Now, edit)}
		f.behind.get(trips(2, 3, 1)) // as a node that has served for long
		f.current.SetEpoch(newTerm)
		test(t, f)
	})
}

// notice has the second node find the database in charge.
func (f *failover) notice() {
	f.found.to.Store(f.current)
	f.behind.View.Check(f.Context())
	wait(time.Second)
}

// comesFromAhead is a reader on the second node that has been on the first, where a booking was made.
func (f *failover) comesFromAhead() *reader {
	f.Helper()
	r := f.ahead.come(trips(2, 3, 1), "")
	f.ahead.book(r.query, at(2, 10, 0), 1)
	wait(time.Second)
	r.gets(live.EventSnapshot)
	again := f.behind.come(r.query, r.Position)
	again.Reader = r.Reader
	return again
}

// A reader who has moved to the node of the new primary comes to one that has not noticed. It keeps what it has, stale, and is brought on
// once the node has: it never goes back to the history that was left.
func TestReaderOfALaterTerm(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		meanwhile func(f *failover, r *reader)
		want      []live.Event
	}{
		"nothing happened": {meanwhile: func(*failover, *reader) {}, want: []live.Event{live.EventFresh}},
		"a booking was made": {
			meanwhile: func(f *failover, r *reader) { f.commitAhead(r) },
			want:      []live.Event{live.EventReset, live.EventSnapshot}, // the node does not know since when its days are as they are
		},
		"the database was away meanwhile": {
			meanwhile: func(f *failover, r *reader) {
				f.left.SetDown(true)
				f.behind.View.Check(f.Context())
				wait(time.Second)
				r.gets()
			},
			want: []live.Event{live.EventFresh},
		},
		"somebody else booked on what was left": {
			meanwhile: func(f *failover, r *reader) {
				f.behind.book(r.query, at(3, 10, 0), 1)
				wait(time.Second)
				r.gets()
			},
			want: []live.Event{live.EventFresh},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inFailover(t, func(*live.Config) {}, func(t *testing.T, f *failover) {
				r := f.comesFromAhead()
				r.gets(live.EventStale)
				if n := f.behind.Hub.StaleReaders(); n != 1 {
					t.Errorf("%d readers count as stale", n)
				}
				wait(time.Second)
				r.gets()
				test.meanwhile(f, r)
				f.notice()
				<-r.woken
				r.gets(test.want...)
				r.agrees()
				if r.Stale || f.behind.Hub.StaleReaders() != 0 {
					t.Errorf("it is still stale: %v, %d", r.Stale, f.behind.Hub.StaleReaders())
				}
				wait(10 * time.Second) // nothing is left of the wait
				r.gets()
				f.behind.View.Apply(t.Context(), f.commitAhead(r))
				wait(time.Second)
				r.gets(live.EventDelta)
				r.agrees()
			})
		})
	}
}

// commitAhead commits a booking on the database in charge, of which no node hears.
func (f *failover) commitAhead(r *reader) booking.Change {
	f.Helper()
	c, err := f.current.Book(r.query.Venue, r.query.Service, r.query.Resource, at(3, 10, 0), 1)
	if err != nil {
		f.Fatal(err)
	}
	return c
}

// The database is away when the reader comes, as it is in the moment of a failover: what the node has in memory is not for this reader.
func TestReaderOfALaterTermWhileTheDatabaseIsAway(t *testing.T) {
	t.Parallel()
	inFailover(t, func(*live.Config) {}, func(t *testing.T, f *failover) {
		f.left.SetDown(true)
		r := f.comesFromAhead()
		r.gets(live.EventStale)
		f.notice()
		r.gets(live.EventFresh)
		r.agrees()
	})
}

// A term that the node does not find, since it is cut off or since somebody has made the term up, is waited for. After five seconds the
// reader begins anew, and so does one that comes again and again.
func TestTermThatIsNotFound(t *testing.T) {
	t.Parallel()
	inFailover(t, func(*live.Config) {}, func(t *testing.T, f *failover) {
		q := trips(2, 3, 1)
		for range 3 {
			r := f.behind.come(q, "zz-invented.1.0")
			r.gets(live.EventStale)
			wait(5*time.Second - time.Millisecond)
			r.gets()
			wait(time.Millisecond)
			<-r.woken
			r.gets(live.EventReset, live.EventSnapshot)
			if !slices.Equal(r.Reasons, []live.Reason{live.EpochChanged}) || r.Stale {
				t.Errorf("the reasons are %v; stale: %v", r.Reasons, r.Stale)
			}
			r.agrees()
			f.behind.book(q, at(2, 11, 0), 1)
			wait(time.Second)
			r.gets(live.EventDelta)
		}
		left := f.behind.come(q, "zz-invented.1.0")
		left.sub.Close()
		if n := f.behind.Hub.StaleReaders(); n != 0 {
			t.Errorf("%d readers count as stale who have left", n)
		}
	})
}

// Where terms are not counted there is nothing to be found: the reader begins anew at once.
func TestTermWhereNoneAreCounted(t *testing.T) {
	t.Parallel()
	inScene(t, func(t *testing.T, s scene) {
		r := s.come(trips(2, 3, 1), "8-b.1.0")
		r.gets(live.EventReset, live.EventSnapshot)
		if !slices.Equal(r.Reasons, []live.Reason{live.EpochChanged}) {
			t.Errorf("the reasons are %v", r.Reasons)
		}
	})
}

// Where there is only one database, no later term than its own will ever be found: a copy of the file was put back that knows of fewer
// terms than the reader has seen. The reader begins anew at once, and is not stale.
func TestLaterTermOfTheOnlyDatabase(t *testing.T) {
	t.Parallel()
	inScene(t, func(t *testing.T, s scene) {
		s.store.SetEpoch(oldTerm)
		r := s.come(trips(2, 3, 1), string(newTerm)+".1.0")
		r.gets(live.EventReset, live.EventSnapshot)
		if !slices.Equal(r.Reasons, []live.Reason{live.EpochChanged}) || r.Stale || s.Hub.StaleReaders() != 0 {
			t.Errorf("the reasons are %v; stale: %v", r.Reasons, r.Stale)
		}
		r.agrees()
		_, err := s.Hub.Snapshot(t.Context(), trips(2, 3, 1), booking.Position{Epoch: newTerm, Revision: 1})
		if _, invalid := errors.AsType[*booking.Invalid](err); !invalid || errors.Is(err, live.ErrLaterTerm) {
			t.Errorf("a GET of a later term: got %v", err)
		}
	})
}

// returning takes a later term for another epoch, as hubs did once.
type returning struct{ live.View }

func (f returning) AtLeast(ctx context.Context, id booking.VenueID, at booking.Position) (*view.Picture, error) {
	p, err := f.View.AtLeast(ctx, id, at)
	if errors.Is(err, view.ErrLaterTerm) {
		err = view.ErrEpoch
	}
	return p, err
}

// The tests above can fail: without the wait, the reader is taken back to what was left.
func TestReaderOfALaterTermCanFail(t *testing.T) {
	t.Parallel()
	inFailover(t, func(c *live.Config) { c.View = returning{c.View} }, func(_ *testing.T, f *failover) {
		r := f.comesFromAhead()
		r.gets(live.EventReset, live.EventSnapshot)
	})
}

// A GET that asks for a position of a later term is refused, and it is told apart from others.
func TestGetOfALaterTerm(t *testing.T) {
	t.Parallel()
	inFailover(t, func(*live.Config) {}, func(t *testing.T, f *failover) {
		later := booking.Position{Epoch: newTerm, Revision: 1}
		_, err := f.behind.Hub.Snapshot(t.Context(), trips(2, 3, 1), later)
		if _, invalid := errors.AsType[*booking.Invalid](err); !invalid || !errors.Is(err, live.ErrLaterTerm) {
			t.Errorf("got %v", err)
		}
		f.left.SetDown(true)
		if _, err = f.behind.Hub.Snapshot(t.Context(), trips(2, 3, 1), later); !errors.Is(err, booking.ErrUnavailable) {
			t.Errorf("while the database is away: %v", err)
		}
		f.notice()
		if _, err = f.behind.Hub.Snapshot(t.Context(), trips(2, 3, 1), later); err != nil {
			t.Errorf("once the database is found: %v", err)
		}
	})
}
