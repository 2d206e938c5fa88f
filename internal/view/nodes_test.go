package view_test

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/store"
	"vacancy/internal/view"
)

func revision(r booking.Revision) booking.Position { return booking.Position{Epoch: "e1", Revision: r} }

// While a node catches up, others come who are ahead of it. Their one reading begins after they came: a change that was committed
// before they did, and that the first reading just missed, is in what they get.
func TestThoseWhoWaitShareOneReading(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		asked booking.Revision // by the many
		want  error
		reads int
	}{
		"of what the first reading missed":     {asked: 3, reads: 2},
		"of what the first reading has":        {asked: 2, reads: 1},
		"of what the store does not have":      {asked: 9, want: view.ErrAhead, reads: 2},
		"of what no store ever has, forged so": {asked: 1 << 62, want: view.ErrAhead, reads: 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				h := newHistory()
				v, _ := newView(h, 10)
				picture(t, v)
				h.commit()
				held := make(chan struct{})
				h.set(func(h *history) { h.held = held })
				var all sync.WaitGroup
				all.Go(func() {
					if p, err := v.AtLeast(t.Context(), "v", revision(2)); err != nil || p.Revision < 2 {
						t.Errorf("the first got %v, %v", p, err)
					}
				})
				synctest.Wait() // it has read revision 2, but does not know it yet
				h.commit()
				h.set(func(h *history) { h.held = nil })
				for range 50 {
					all.Go(func() {
						p, err := v.AtLeast(t.Context(), "v", revision(test.asked))
						if !errors.Is(err, test.want) || err == nil && p.Revision < test.asked {
							t.Errorf("one of many got %v, %v", p, err)
						}
					})
				}
				synctest.Wait()
				close(held)
				all.Wait()
				if h.caught != test.reads || h.loads != 1 {
					t.Errorf("the changes were read %d times, not %d; the venue was loaded %d times", h.caught, test.reads, h.loads)
				}
			})
		})
	}
}

// Whoever began the reading may leave at once; the others get it all the same. And whoever waits may leave without waiting for it.
func TestThoseWhoWaitMayLeave(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHistory()
		v, _ := newView(h, 10)
		picture(t, v)
		h.commit()
		held := make(chan struct{})
		h.set(func(h *history) { h.held = held })
		first, leave := context.WithCancel(t.Context())
		var all sync.WaitGroup
		ask := func(ctx context.Context, want error) {
			all.Go(func() {
				if _, err := v.AtLeast(ctx, "v", revision(2)); !errors.Is(err, want) {
					t.Errorf("got %v, not %v", err, want)
				}
			})
			synctest.Wait()
		}
		ask(first, context.Canceled) // begins the reading, which goes on
		second, leaveSecond := context.WithCancel(t.Context())
		ask(t.Context(), nil)         // is the first of the next reading
		ask(second, context.Canceled) // waits for that
		leave()
		leaveSecond()
		synctest.Wait()
		close(held)
		all.Wait()
	})
}

// A reader comes with a position of a later term than the node knows of: it has seen a database that this node may find, so that is looked
// for, once, and the reader is not told that the position is of no use. One of an earlier term is, and so is one of a database that does
// not count terms, to one that does not.
func TestPositionOfALaterTerm(t *testing.T) {
	t.Parallel()
	const known, later = booking.Epoch("7-a"), booking.Epoch("8-b")
	finds := func(change func(h *history)) func(*history) error {
		return func(h *history) error { h.set(change); return nil }
	}
	for name, test := range map[string]struct {
		at   booking.Epoch
		here booking.Epoch        // of the database that the node uses; known if empty
		find func(*history) error // nil: nothing is looked for
		want error
	}{
		"it is found":              {at: later, find: finds(func(h *history) { h.epoch = later })},
		"it is not found":          {at: later, find: finds(func(*history) {}), want: view.ErrLaterTerm},
		"a yet later one is found": {at: later, find: finds(func(h *history) { h.epoch = "9-c" }), want: view.ErrEpoch},
		"nothing answers any more": {at: later, find: finds(func(h *history) { h.down = true }), want: view.ErrLaterTerm},
		"the search fails":         {at: later, find: func(*history) error { return errDown }, want: view.ErrLaterTerm},
		"the venue is not there any more": {
			at: later, find: finds(func(h *history) { h.epoch, h.gone = later, true }), want: booking.ErrNotFound,
		},
		"the same term of another history": {at: "7-b", want: view.ErrEpoch},
		"an earlier term":                  {at: "6-b", want: view.ErrEpoch},
		"no term":                          {at: "abc", want: view.ErrEpoch},
		"terms are not counted here":       {at: later, here: "abc", want: view.ErrEpoch},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHistory()
			h.set(func(h *history) { h.epoch = cmp.Or(test.here, known) })
			found := 0
			v := view.New(view.Config{
				Store: h, Now: time.Now, Log: discard, MaxVenues: 10,
				FindDatabase: func(context.Context) error {
					if found++; test.find == nil {
						return nil
					}
					return test.find(h)
				},
			})
			picture(t, v)
			p, err := v.AtLeast(t.Context(), "v", booking.Position{Epoch: test.at, Revision: 1})
			if !errors.Is(err, test.want) || err == nil && p.Epoch != test.at {
				t.Errorf("got %v, %v, want %v", p, err, test.want)
			}
			if looked := test.find != nil; found > 1 || (found == 1) != looked {
				t.Errorf("the database was looked for %d times; it is to be: %v", found, looked)
			}
		})
	}
}

// A node that has one database, as SQLite's, finds no other: a position of a later term is of another history, and nothing is said of
// hosts.
func TestPositionOfALaterTermThanTheOnlyDatabases(t *testing.T) {
	t.Parallel()
	h := newHistory()
	h.set(func(h *history) { h.epoch = "7-a" })
	var said bytes.Buffer
	v := view.New(view.Config{Store: h, Now: time.Now, Log: slog.New(slog.NewTextHandler(&said, nil)), MaxVenues: 10})
	picture(t, v)
	if _, err := v.AtLeast(t.Context(), "v", booking.Position{Epoch: "8-b", Revision: 1}); !errors.Is(err, view.ErrEpoch) {
		t.Errorf("got %v, want %v", err, view.ErrEpoch)
	}
	if said.Len() > 0 {
		t.Errorf("it is said: %s", said.String())
	}
}

// The node has noticed the failover, and this venue's picture not yet: nothing is looked for.
func TestPositionOfALaterTermThatTheStoreKnows(t *testing.T) {
	t.Parallel()
	h := newHistory()
	h.set(func(h *history) { h.epoch = "7-a" })
	v := view.New(view.Config{
		Store: h, Now: time.Now, Log: discard, MaxVenues: 10,
		FindDatabase: func(context.Context) error { t.Error("the database is looked for"); return nil },
	})
	picture(t, v)
	h.set(func(h *history) { h.epoch = "8-b" })
	if p, err := v.AtLeast(t.Context(), "v", booking.Position{Epoch: "8-b", Revision: 1}); err != nil || p.Epoch != "8-b" {
		t.Errorf("got %v, %v", p, err)
	}
}

// A search that hangs keeps no reader for long, and neither does a node whose database is away: it is of a later term all the same, and it
// is said that the store does not answer. That a reader knows more is logged once in a while, however many do.
func TestSearchThatHangs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHistory()
		h.set(func(h *history) { h.epoch = "7-a" })
		var said bytes.Buffer
		v := view.New(view.Config{
			Store: h, Now: time.Now, Log: slog.New(slog.NewTextHandler(&said, nil)), MaxVenues: 10,
			FindDatabase: func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() },
		})
		picture(t, v)
		for range 3 {
			began := time.Now()
			_, err := v.AtLeast(t.Context(), "v", booking.Position{Epoch: "8-b", Revision: 1})
			if !errors.Is(err, view.ErrLaterTerm) || !errors.Is(err, booking.ErrUnavailable) {
				t.Errorf("got %v", err)
			}
			if waited := time.Since(began); waited > 2*time.Second {
				t.Errorf("it was waited for %v", waited)
			}
		}
		if n := strings.Count(said.String(), "later term"); n != 1 {
			t.Errorf("it is said %d times:\n%s", n, said.String())
		}
		<-time.After(time.Minute)
		_, _ = v.AtLeast(t.Context(), "v", booking.Position{Epoch: "8-b", Revision: 1})
		if n := strings.Count(said.String(), "later term"); n != 2 {
			t.Errorf("a minute later it is said %d times:\n%s", n, said.String())
		}
	})
}

// A reader comes with a position of another epoch. If the database was restored and this node does not know yet, it learns of it; if
// not, the store is asked one small question, and nothing is loaded.
func TestPositionOfAnotherEpoch(t *testing.T) {
	t.Parallel()
	h := newHistory()
	v, n := newView(h, 10)
	h.commit()
	picture(t, v)
	if _, err := v.AtLeast(t.Context(), "v", booking.Position{Epoch: "e0", Revision: 99}); !errors.Is(err, view.ErrEpoch) {
		t.Errorf("a position of an old epoch gave %v", err)
	}
	if h.loads != 1 || h.caught != 0 || h.asked != 1 {
		t.Errorf("%d loads, %d readings of changes, %d of revisions", h.loads, h.caught, h.asked)
	}
	h.set(func(h *history) { h.epoch, h.changes = "e2", nil })
	p, err := v.AtLeast(t.Context(), "v", booking.Position{Epoch: "e2", Revision: 1})
	if err != nil || p.Epoch != "e2" || taken(p) != 0 {
		t.Errorf("after a restore the picture is %v, %v", p, err)
	}
	if _, err := v.AtLeast(t.Context(), "v", revision(1)); !errors.Is(err, view.ErrEpoch) {
		t.Errorf("a position of before gave %v", err)
	}
	if want := []string{"reloaded 2", "reloaded 1"}; !slices.Equal(n.said(), want) {
		t.Errorf("heard %q, not %q", n.said(), want)
	}
}

// Somebody comes from a node whose time is ahead. If it is a little, this one waits for it; if it is more, it asks the store whether
// the clock was set forward.
func TestPositionAheadInTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHistory()
		v, _ := newView(h, 10)
		picture(t, v)
		later := func(by time.Duration) booking.Position {
			return booking.Position{Epoch: "e1", Revision: 1, Boundary: time.Now().Add(by)}
		}
		for name, test := range map[string]struct {
			by    time.Duration
			jump  time.Duration
			want  error
			waits time.Duration
		}{
			"behind":                           {by: -time.Hour},
			"a little":                         {by: 3 * time.Millisecond, waits: 3 * time.Millisecond},
			"too much":                         {by: time.Hour, want: view.ErrAhead},
			"the clock was set forward":        {by: time.Hour, jump: time.Hour},
			"the clock was set forward nearly": {by: time.Hour, jump: time.Hour - time.Second, waits: time.Second},
		} {
			h.set(func(h *history) { h.ahead = 0 })
			v.Check(t.Context())
			h.set(func(h *history) { h.ahead = test.jump })
			at := later(test.by)
			began := time.Now()
			_, err := v.AtLeast(t.Context(), "v", at)
			if waited := time.Since(began); !errors.Is(err, test.want) || (waited-test.waits).Abs() > time.Microsecond {
				t.Errorf("%s: %v after %v", name, err, waited)
			}
		}
		h.set(func(h *history) { h.ahead = 0 })
		v.Check(t.Context())
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		if _, err := v.AtLeast(ctx, "v", later(time.Second)); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a caller who left got %v", err)
		}
	})
}

// One venue that cannot be read is stale, and says since when; the others are not. Those who look at it hear of both.
func TestOneBadVenueIsStaleAlone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHistory()
		v, n := newView(h, 10)
		for _, id := range []booking.VenueID{"v", "w"} {
			if _, err := v.Picture(t.Context(), id); err != nil {
				t.Fatal(err)
			}
		}
		v.Check(t.Context())
		lastGood := v.Now()
		h.commit()
		h.set(func(h *history) { h.bad = "w" })
		for range 3 {
			<-time.After(time.Second)
			v.Check(t.Context())
		}
		if stale, asOf := v.Freshness("v"); stale || !asOf.Equal(v.Now()) || taken(picture(t, v)) != 1 {
			t.Errorf("the good venue is stale: %t, as of %v", stale, asOf)
		}
		if stale, asOf := v.Freshness("w"); !stale || !asOf.Equal(lastGood) {
			t.Errorf("the bad venue is stale: %t, as of %v, not %v", stale, asOf, lastGood)
		}
		if stale, _ := v.Freshness(""); stale {
			t.Error("the view as a whole is stale")
		}
		h.set(func(h *history) { h.bad = "" })
		v.Check(t.Context())
		if stale, asOf := v.Freshness("w"); stale || !asOf.Equal(v.Now()) {
			t.Errorf("the venue that can be read again is stale: %t, as of %v", stale, asOf)
		}
		want := []string{`freshness of "w"`, `freshness of "w"`}
		if said := slices.DeleteFunc(n.said(), func(s string) bool { return s != want[0] }); !slices.Equal(said, want) {
			t.Errorf("heard %q, not %q", said, want)
		}
	})
}

// One venue that takes long to read is stale meanwhile, and does not keep the others from being checked.
func TestOneSlowVenueIsStaleAlone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHistory()
		v, _ := newView(h, 10)
		picture(t, v)
		h.commit()
		held := make(chan struct{})
		h.set(func(h *history) { h.held = held })
		ctx, stop := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() { v.Run(ctx) })
		<-time.After(4 * time.Second)
		if stale, asOf := v.Freshness(""); stale || v.Now().Sub(asOf) > 2*time.Second {
			t.Errorf("the view is stale: %t, as of %v at %v", stale, asOf, v.Now())
		}
		if stale, _ := v.Freshness("v"); !stale {
			t.Error("the slow venue is not stale")
		}
		close(held)
		<-time.After(2 * time.Second)
		if stale, _ := v.Freshness("v"); stale || taken(picture(t, v)) != 1 {
			t.Error("the venue stays stale though it was read")
		}
		stop()
		running.Wait()
	})
}

// A venue that the restored database does not have is no longer there, and whoever looks at it learns that nothing can be booked.
func TestVenueThatIsGone(t *testing.T) {
	t.Parallel()
	h := newHistory()
	v, n := newView(h, 10)
	picture(t, v)
	last := &lastPicture{notebook: n}
	v.Listen(last)
	h.set(func(h *history) { h.gone, h.epoch = true, "e2" })
	v.Check(t.Context())
	if p := last.picture; p == nil || !p.Venue.Archived || p.Epoch != "e2" || p.Venue.ID != "v" {
		t.Errorf("the listener heard of %+v", p)
	}
	if _, err := v.Picture(t.Context(), "v"); !errors.Is(err, booking.ErrNotFound) || v.InMemory() != 0 {
		t.Errorf("the venue is %v; %d are in memory", err, v.InMemory())
	}
	h.set(func(h *history) { h.gone = false })
	if picture(t, v); last.picture.Venue.Archived {
		t.Error("the venue came back, and the listener does not know")
	}
}

// lastPicture keeps the last picture that was read anew.
type lastPicture struct {
	*notebook
	picture *view.Picture
}

func (l *lastPicture) Reloaded(p *view.Picture) { l.picture = p }

// During a failover one connection still speaks of the old history, when another speaks of the new one. The next check sees to it.
func TestMixedEpochsHeal(t *testing.T) {
	t.Parallel()
	h := newHistory()
	mixed := &twoFaced{history: h, load: "e1"}
	v := view.New(view.Config{Store: mixed, Now: time.Now, Log: discard, MaxVenues: 10})
	picture(t, v)
	h.set(func(h *history) { h.epoch = "e2" })
	v.Check(t.Context())
	if p := picture(t, v); p.Epoch != "e1" {
		t.Errorf("the picture is of %s", p.Epoch)
	}
	mixed.load = ""
	v.Check(t.Context())
	if p := picture(t, v); p.Epoch != "e2" {
		t.Errorf("the picture stays of %s", p.Epoch)
	}
	if stale, _ := v.Freshness("v"); stale {
		t.Error("the venue is stale")
	}
}

// twoFaced loads from another epoch than it tells revisions of.
type twoFaced struct {
	*history
	load booking.Epoch
}

func (f *twoFaced) Load(ctx context.Context, id booking.VenueID, since time.Time) (store.Loaded, error) {
	l, err := f.history.Load(ctx, id, since)
	if f.load != "" {
		l.Epoch = f.load
	}
	return l, err
}

// Venues come and go for want of room while others wait for them, ask for them and change them. Everybody gets what was there when
// they asked, or something newer.
func TestVenuesComeAndGoWhileOthersWait(t *testing.T) {
	t.Parallel()
	h := newHistory()
	v, _ := newView(h, 1)
	var all sync.WaitGroup
	for i := range 8 {
		id := booking.VenueID("v")
		if i%2 == 1 {
			id = "w"
		}
		all.Go(func() {
			for range 200 {
				c := h.commit()
				if i < 2 {
					c.Venue = id
					v.Apply(t.Context(), c)
				}
				if p, err := v.AtLeast(t.Context(), id, revision(c.Revision)); err != nil || p.Revision < c.Revision || p.Venue.ID != id {
					t.Errorf("at least %d is %v, %v", c.Revision, p, err)
				}
				if i == 2 {
					v.Check(t.Context())
				}
			}
		})
	}
	all.Wait()
	for _, id := range []booking.VenueID{"v", "w"} {
		if p, err := v.CatchUp(t.Context(), id); err != nil || taken(p) != 1600 || p.Revision != 1601 {
			t.Errorf("%s has %d taken at revision %d, %v", id, taken(p), p.Revision, err)
		}
	}
}
