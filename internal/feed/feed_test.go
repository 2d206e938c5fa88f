package feed_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	_ "time/tzdata"

	"go.uber.org/goleak"

	"vacancy/internal/booking"
	"vacancy/internal/bus"
	"vacancy/internal/feed"
	"vacancy/internal/live"
	"vacancy/internal/live/livetest"
	"vacancy/internal/store"
	"vacancy/internal/view"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// durable is a store whose changes are all durable, but for those beyond a revision. Some of them may have been deleted, or damaged.
type durable struct {
	*livetest.Store
	deleted, damaged booking.Revision
	// proven is the last that is known to be durable; 0: all are.
	proven booking.Revision
	err    error
	reads  int
}

func (d *durable) DurableChanges(
	ctx context.Context, venue booking.VenueID, after booking.Revision, limit int,
) (found store.Durable, err error) {
	d.reads++
	current, err := d.Revisions(ctx, []booking.VenueID{venue})
	if err != nil || d.err != nil {
		return found, errors.Join(err, d.err)
	}
	found.Epoch, found.Revision = current.Epoch, current.Of[venue].Revision
	if found.Revision == 0 {
		return found, nil
	}
	if found.Changes, err = d.Changes(ctx, venue, max(after, d.deleted), limit); err != nil {
		return found, err
	}
	if d.proven > 0 {
		found.Revision = min(found.Revision, d.proven)
		found.Changes = slices.DeleteFunc(found.Changes, func(c booking.Change) bool { return c.Revision > d.proven })
	}
	for i, c := range found.Changes {
		if c.Revision == d.damaged {
			found.Changes, found.Damaged = found.Changes[:i], d.damaged
			return found, store.ErrDamaged
		}
	}
	return found, nil
}

// scene is a feed of a barber and a ferry, on Saturday 2000-01-01 at 01:00 in Berlin.
type scene struct {
	*testing.T
	*livetest.Node
	store *durable
	feed  *feed.Feed
	// held is how much is acquired, and refusal why nothing more is.
	held    int
	refusal error
}

func (s *scene) acquire() (release func(), err error) {
	if s.refusal != nil {
		return nil, s.refusal
	}
	s.held++
	return func() { s.held-- }, nil
}

func inScene(t *testing.T, test func(t *testing.T, s *scene)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s := &scene{T: t, store: &durable{Store: livetest.NewStore(time.Now)}}
		s.store.CommitSettings(livetest.Barber())
		s.store.CommitSettings(livetest.Ferry())
		s.Node = livetest.NewNode(t, s.store.Store)
		s.feed = feed.New(feed.Config{Store: s.store, Pictures: s.View, Hub: s.Hub})
		defer s.feed.Close()
		test(t, s)
	})
}

// at is an instant of January 2000 on Berlin's clock.
func at(d, hour int) time.Time { return time.Date(2000, 1, d, hour-1, 0, 0, 0, time.UTC) }

// book commits a trip, and tells the node.
func (s *scene) book(start time.Time) booking.Change {
	s.Helper()
	c, err := s.store.Book("ferry", "trip", "", start, 1)
	if err != nil {
		s.Fatal(err)
	}
	s.View.Apply(s.Context(), c)
	return c
}

func (s *scene) read(after feed.Cursor, limit int) feed.Page {
	s.Helper()
	page, err := s.feed.Read(s.Context(), "ferry", after, limit)
	if err != nil {
		s.Fatal(err)
	}
	// What a reader keeps is the text.
	again, err := feed.ParseCursor(page.Cursor.String())
	if err != nil || again != page.Cursor {
		s.Errorf("the cursor %+v came back as %+v, %v", page.Cursor, again, err)
	}
	return page
}

func (s *scene) expect(page feed.Page, want ...string) {
	s.Helper()
	var got []string
	for _, e := range page.Events {
		got = append(got, string(e.Name))
	}
	if !slices.Equal(got, want) {
		s.Errorf("the events are %v, want %v", got, want)
	}
}

func TestRead(t *testing.T) {
	t.Parallel()
	inScene(t, func(t *testing.T, s *scene) {
		s.book(at(2, 10))
		page := s.read(feed.Cursor{}, 10)
		s.expect(page)
		if page.More || page.Position() != (booking.Position{Epoch: "e1", Revision: 2}) {
			t.Errorf("it begins at %+v", page)
		}
		s.expect(s.read(page.Cursor, 10))
		s.book(at(2, 11))
		s.book(at(2, 12))
		s.book(at(2, 12))
		all := s.read(page.Cursor, 10)
		s.expect(all, "booking.confirmed", "booking.confirmed", "booking.confirmed", "availability.changed")
		s.expect(s.read(all.Cursor, 10))
		if again := s.read(page.Cursor, 10); again.Events[3].ID != all.Events[3].ID || again.Cursor != all.Cursor {
			t.Errorf("read again, it is %+v, and was %+v", again, all)
		}
		some := s.read(page.Cursor, 2)
		s.expect(some, "booking.confirmed", "booking.confirmed", "availability.changed")
		if !some.More || some.Cursor.Revision != 4 {
			t.Errorf("two of three lead to %+v", some.Cursor)
		}
		s.expect(s.read(some.Cursor, 2), "booking.confirmed", "availability.changed")
	})
}

// laterTerms are the pictures of a node that may find a later term than it knows.
type laterTerms struct{ feed.Pictures }

func (laterTerms) AtLeast(context.Context, booking.VenueID, booking.Position) (*view.Picture, error) {
	return nil, view.ErrLaterTerm
}

func TestReadErrors(t *testing.T) {
	t.Parallel()
	inScene(t, func(t *testing.T, s *scene) {
		for _, after := range []feed.Cursor{{}, {Epoch: "e1", Revision: 4}} {
			if _, err := s.feed.Read(t.Context(), "nowhere", after, 10); !errors.Is(err, booking.ErrNotFound) {
				t.Errorf("a venue that there is not: %v", err)
			}
		}
		if _, err := s.feed.Open(t.Context(), "nowhere", s.acquire); !errors.Is(err, booking.ErrNotFound) {
			t.Errorf("waiting for a venue that there is not: %v", err)
		}
		if s.held != 0 {
			t.Errorf("%d are counted, and none waits", s.held)
		}
		s.refusal = errors.New("too many")
		if _, err := s.feed.Open(t.Context(), "ferry", s.acquire); !errors.Is(err, s.refusal) {
			t.Errorf("one too many: %v", err)
		}
		page := s.read(feed.Cursor{}, 10)
		later := page.Cursor
		later.Epoch = "4-k2"
		s.store.SetEpoch("3-k2")
		finding := feed.New(feed.Config{Store: s.store, Pictures: laterTerms{s.View}, Hub: s.Hub})
		defer finding.Close()
		if _, err := finding.Read(t.Context(), "ferry", later, 10); !errors.Is(err, booking.ErrUnavailable) {
			t.Errorf("a cursor of a later term that may be found: %v", err)
		}
		if got, err := s.feed.Read(t.Context(), "ferry", later, 10); err != nil || got.Cursor.Epoch != "3-k2" || len(got.Events) != 1 {
			t.Errorf("a cursor of a later term than that of the only database: %+v, %v; want a reset", got, err)
		}
		s.store.err = store.ErrUnavailable
		for _, after := range []feed.Cursor{{}, page.Cursor} {
			if _, err := s.feed.Read(t.Context(), "ferry", after, 10); !errors.Is(err, booking.ErrUnavailable) {
				t.Errorf("a store that is away: %v", err)
			}
		}
	})
}

// A cursor of another history gets venue.reset and goes on.
func TestOtherHistory(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change func(s *scene)
		common booking.Revision
	}{
		"a standby that was promoted with all that there was": {func(s *scene) { s.store.SetEpoch("e2") }, 4},
		"a backup":                     {func(s *scene) { s.store.Restore("e2", "ferry") }, 0},
		"a backup in the same epoch":   {func(s *scene) { s.store.Restore("e1", "ferry") }, 0},
		"a backup that has gone on":    {func(s *scene) { s.store.Restore("e1", "ferry"); s.book(at(3, 10)); s.book(at(3, 11)) }, 0},
		"a promotion that has gone on": {func(s *scene) { s.store.SetEpoch("e2"); s.book(at(3, 10)) }, 4},
	} {
		inScene(t, func(t *testing.T, s *scene) {
			for hour := range 3 {
				s.book(at(2, 10+hour))
			}
			before := s.read(feed.Cursor{}, 10)
			test.change(s)
			s.View.Check(t.Context())
			page := s.read(before.Cursor, 10)
			s.expect(page, "venue.reset")
			if !page.More || page.Cursor.Revision != test.common {
				t.Errorf("%s: it goes on at %+v", name, page.Cursor)
			}
			for page.More {
				page = s.read(page.Cursor, 10)
			}
			s.expect(s.read(page.Cursor, 10))
			now := s.read(feed.Cursor{}, 10)
			if page.Cursor != now.Cursor {
				t.Errorf("%s: it ends at %+v, and now is %+v", name, page.Cursor, now.Cursor)
			}
		})
	}
}

func TestGaps(t *testing.T) {
	t.Parallel()
	inScene(t, func(t *testing.T, s *scene) {
		begin := s.read(feed.Cursor{}, 10)
		for hour := range 4 {
			s.book(at(2, 10+hour))
		}
		s.store.deleted = 3
		page := s.read(begin.Cursor, 10)
		s.expect(page, "venue.gap", "booking.confirmed", "booking.confirmed", "availability.changed")
		if string(page.Events[0].Data) != `{"from":2,"to":3,"at_least":"e1.3.0"}` {
			t.Errorf("the gap is %s", page.Events[0].Data)
		}
		s.store.deleted, s.store.damaged = 0, 4
		page = s.read(begin.Cursor, 10)
		s.expect(page, "booking.confirmed", "booking.confirmed", "availability.changed", "venue.gap")
		if !page.More || page.Cursor.Revision != 4 {
			t.Errorf("behind what is damaged it goes on at %+v", page.Cursor)
		}
		s.expect(s.read(page.Cursor, 10), "booking.confirmed", "availability.changed")
		// The damaged one is the first that was not deleted.
		s.store.deleted = 3
		page = s.read(begin.Cursor, 10)
		s.expect(page, "venue.gap")
		if page.Cursor.Revision != 4 {
			t.Errorf("behind what is deleted and damaged it goes on at %+v", page.Cursor)
		}
	})
}

// What is not known to be durable is not told, nor is a value that rests on it.
func TestOnlyWhatIsDurable(t *testing.T) {
	t.Parallel()
	inScene(t, func(t *testing.T, s *scene) {
		begin := s.read(feed.Cursor{}, 10)
		s.book(at(2, 10))
		s.store.proven = 2
		s.expect(s.read(begin.Cursor, 10), "booking.confirmed", "availability.changed")
		s.book(at(2, 10))
		if page, err := s.feed.Read(t.Context(), "ferry", begin.Cursor, 10); !errors.Is(err, booking.ErrUnavailable) {
			t.Errorf("the picture is ahead: %+v, %v", page, err)
		}
		s.store.proven = 0
		page := s.read(begin.Cursor, 10)
		s.expect(page, "booking.confirmed", "booking.confirmed", "availability.changed")
	})
}

// next waits for the next page in a goroutine, and returns when it came and what it is.
func (s *scene) next(r *feed.Reader, after feed.Cursor, wait time.Duration) func() (feed.Page, time.Duration) {
	began := time.Now()
	type result struct {
		page feed.Page
		took time.Duration
		err  error
	}
	done := make(chan result, 1)
	go func() {
		page, err := r.Next(s.Context(), after, 10, wait)
		done <- result{page, time.Since(began), err}
	}()
	synctest.Wait()
	return func() (feed.Page, time.Duration) {
		s.Helper()
		got := <-done
		if got.err != nil {
			s.Fatal(got.err)
		}
		return got.page, got.took
	}
}

func TestNextWaits(t *testing.T) {
	t.Parallel()
	inScene(t, func(t *testing.T, s *scene) {
		r, err := s.feed.Open(t.Context(), "ferry", s.acquire)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		begin := s.read(feed.Cursor{}, 10)

		s.store.reads = 0
		page, took := s.next(r, begin.Cursor, 30*time.Second)()
		if took != 30*time.Second || s.store.reads > 2 {
			t.Errorf("nothing came after %s and %d readings", took, s.store.reads)
		}
		s.expect(page)
		if page, took = s.next(r, begin.Cursor, 0)(); took != 0 {
			t.Errorf("without waiting it took %s", took)
		}
		s.expect(page)

		// Others book while it waits: those that come within the conflation interval are one page.
		wait := s.next(r, begin.Cursor, 30*time.Second)
		<-time.After(time.Second)
		s.book(at(2, 10))
		s.book(at(2, 11))
		page, took = wait()
		if took > time.Second+100*time.Millisecond {
			t.Errorf("it took %s", took)
		}
		s.expect(page, "booking.confirmed", "booking.confirmed", "availability.changed")

		// What came between two calls is there at once.
		s.book(at(2, 12))
		page, took = s.next(r, page.Cursor, 30*time.Second)()
		if took != 0 {
			t.Errorf("what was there already took %s", took)
		}
		s.expect(page, "booking.confirmed", "availability.changed")

		// Another venue's booking is nothing.
		wait = s.next(r, page.Cursor, 30*time.Second)
		c, err := s.store.Book("barber", "cut", "", at(2, 10), 1)
		if err != nil {
			t.Fatal(err)
		}
		s.View.Apply(t.Context(), c)
		if page, took = wait(); took != 30*time.Second {
			t.Errorf("it took %s", took)
		}

		// Midnight opens a day.
		<-time.After(time.Until(at(1, 23)))
		page, took = s.next(r, page.Cursor, 2*time.Hour)()
		if took < time.Hour || took > time.Hour+time.Second {
			t.Errorf("the day opened after %s", took)
		}
		s.expect(page, "availability.day_opened")
		if page.Events[0].Name != bus.AvailabilityDayOpened || !strings.Contains(string(page.Events[0].Data), `"date":"2000-04-01"`) {
			t.Errorf("%s", page.Events[0].Data)
		}
		s.expect(s.read(page.Cursor, 10))
	})
}

func TestNextEnds(t *testing.T) {
	t.Parallel()
	inScene(t, func(t *testing.T, s *scene) {
		r, err := s.feed.Open(t.Context(), "ferry", s.acquire)
		if err != nil {
			t.Fatal(err)
		}
		begin := s.read(feed.Cursor{}, 10)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := r.Next(ctx, begin.Cursor, 10, time.Minute); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a caller who has left: %v", err)
		}
		wait := s.next(r, begin.Cursor, time.Minute)
		if r.Ended() {
			t.Error("it has ended")
		}
		<-time.After(time.Second)
		s.feed.Close()
		if _, took := wait(); took != time.Second || !r.Ended() {
			t.Errorf("it took %s", took)
		}
		if _, took := s.next(r, begin.Cursor, time.Minute)(); took != 0 {
			t.Errorf("after its end it took %s", took)
		}
		if s.held != 1 {
			t.Errorf("%d are counted, and one waits", s.held)
		}
		r.Close()
		if s.Hub.Watches("ferry") || s.held != 0 {
			t.Error("the venue is kept for nobody, or somebody counted who has left")
		}
	})
}

var _ live.Waker = (*feed.Reader)(nil)

// A reader that keeps to its cursor gets every booking once, whatever the limit.
func TestEveryBookingOnce(t *testing.T) {
	t.Parallel()
	inScene(t, func(t *testing.T, s *scene) {
		page := s.read(feed.Cursor{}, 10)
		var want, got []string
		for i := range 300 {
			c := s.book(at(2+i/100, 8+i%12))
			want = append(want, string(c.Entries[0].Booking.ID))
		}
		for limit := 1; ; limit++ {
			page = s.read(page.Cursor, limit)
			for _, e := range page.Events {
				if e.Name == bus.BookingConfirmed {
					got = append(got, e.Subject)
				}
			}
			if len(page.Events) == 0 {
				break
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%d bookings, want %d", len(got), len(want))
		}
	})
}

func FuzzParseCursor(f *testing.F) {
	f.Add(feed.Cursor{Epoch: "3-k2", Revision: 41, Batch: "b", Opened: "2026-11-24 Europe/Berlin"}.String())
	f.Add("")
	f.Add("MQ")
	f.Fuzz(func(t *testing.T, text string) {
		c, err := feed.ParseCursor(text)
		if err != nil {
			return
		}
		if again, err := feed.ParseCursor(c.String()); err != nil || again != c {
			t.Errorf("%q: %+v, %+v, %v", text, c, again, err)
		}
	})
}
