package live_test

import (
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"vacancy/internal/live"
	"vacancy/internal/live/livetest"
)

// A change after a quiet time is there at once, with nothing but what changed, and says when it was committed.
func TestFirstChangeIsPublishedAtOnce(t *testing.T) {
	t.Parallel()
	inScene(t, func(t *testing.T, s scene) {
		r := s.come(cuts(1, 7), "")
		r.gets(live.EventSnapshot)
		wait(1500 * time.Microsecond)
		began := time.Now()
		s.book(cuts(1, 7), at(3, 10, 0), 1)
		<-r.woken
		if took := time.Since(began); took != 0 {
			t.Errorf("it took %v", took)
		}
		d := r.next()
		if want := "2000-01-01T00:00:00.001500Z"; d.CommittedAt != want {
			t.Errorf("committed at %s, and not %s", d.CommittedAt, want)
		}
		// The cut takes 40 minutes with cleaning: the starts half an hour earlier and later lose a place too.
		if len(d.Slots) != 3 || d.Slots[1].Remaining != 1 || d.Slots[1].Start != "2000-01-03T10:00:00+01:00" || len(d.Days) != 1 {
			t.Errorf("the delta is %+v", d)
		}
		r.gets()
		r.agrees()
	})
}

// A thousand changes in a second cost a reader twenty frames and the first, and the last frame has the last values.
func TestChangesAreConflated(t *testing.T) {
	t.Parallel()
	inScene(t, func(t *testing.T, s scene) {
		q := trips(2, 2, 1)
		r := s.come(q, "")
		r.gets(live.EventSnapshot)
		var frames []delta
		last := s.book(q, at(2, 10, 0), 4)
		wait(time.Millisecond)
		for i := range 500 { // the value is never what it was 50 ms before
			c := s.book(q, at(2, 10, 0), 1+i%4)
			wait(time.Millisecond)
			s.cancel(last)
			wait(time.Millisecond)
			last = c
			select {
			case <-r.woken:
				frames = append(frames, r.next())
			default:
			}
		}
		wait(time.Second)
		r.pull()
		r.agrees()
		if n := len(frames); n < 18 || n > 21 {
			t.Errorf("%d frames in a second", n)
		}
		first, err := time.Parse(time.RFC3339Nano, frames[2].CommittedAt)
		if err != nil {
			t.Fatal(err)
		}
		second, err := time.Parse(time.RFC3339Nano, frames[3].CommittedAt)
		if err != nil {
			t.Fatal(err)
		}
		// committed_at is the oldest change of a frame: right after the frame before it.
		if between := second.Sub(first); between < 48*time.Millisecond || between > 52*time.Millisecond {
			t.Errorf("the oldest changes of two frames are %v apart", between)
		}
	})
}

// What a reader does not see is not sent: a change of another service's resource, of another day, or of nothing to the eye.
func TestNothingIsPublishedIfNothingChangesToTheEye(t *testing.T) {
	t.Parallel()
	inScene(t, func(t *testing.T, s scene) {
		annOnly := cuts(1, 3)
		annOnly.Resource = "ann"
		benOnly := cuts(1, 3)
		benOnly.Resource = "ben"
		r := s.come(annOnly, "")
		r.gets(live.EventSnapshot)
		s.book(benOnly, at(3, 10, 0), 1)
		s.book(cuts(1, 7), at(4, 10, 0), 1)
		booked := s.commit(annOnly, at(3, 14, 0), 1)
		freed, err := s.store.Cancel("barber", booked.Entries[0].Booking.ID)
		if err != nil {
			t.Fatal(err)
		}
		s.View.Apply(t.Context(), booked)
		s.View.Apply(t.Context(), freed) // before the worker ran: nothing changed in the end
		wait(time.Second)
		select {
		case <-r.woken:
			t.Error("the reader was woken")
		default:
		}
		r.gets()
		r.agrees()
	})
}

// Readers at the same position get the very same bytes, and one that was slow gets one frame with the latest values.
func TestFramesAreShared(t *testing.T) {
	t.Parallel()
	inScene(t, func(t *testing.T, s scene) {
		q := trips(2, 3, 1)
		readers := [3]*reader{s.come(q, ""), s.come(q, ""), s.come(q, "")}
		for _, r := range readers {
			r.gets(live.EventSnapshot)
		}
		slow := readers[2]
		for hour := range 5 {
			s.book(q, at(2, 9+hour, 0), 1)
			wait(time.Second)
			one, other := readers[0].sub.Next(), readers[1].sub.Next()
			if one == nil || one != other {
				t.Fatalf("two readers got %p and %p", one, other)
			}
		}
		if d := slow.next(); len(d.Slots) != 5 {
			t.Errorf("the slow reader got %d slots at once", len(d.Slots))
		}
		slow.gets()
		slow.agrees()
	})
}

// metrics remembers what it heard.
type metrics struct {
	mu        sync.Mutex
	readers   int
	ages      []time.Duration
	updates   []time.Duration
	changes   int
	delivered map[live.Event]int
	resets    map[live.Reason]int
	panics    int
}

func (m *metrics) Readers(n int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.readers = n
}

func (m *metrics) Update(age time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.updates = append(m.updates, age)
}

func (m *metrics) Published(age time.Duration, changes int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.ages = append(m.ages, age)
	m.changes += changes
}

func (m *metrics) Delivered(event live.Event) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.delivered[event]++
}

func (m *metrics) Reset(reason live.Reason) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.resets[reason]++
}

func (*metrics) LaterTerm() {}

func (m *metrics) Panicked() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.panics++
}

func TestMetrics(t *testing.T) {
	t.Parallel()
	m := &metrics{delivered: make(map[live.Event]int), resets: make(map[live.Reason]int)}
	inSceneWith(t, func(c *live.Config) { c.Metrics = m }, func(t *testing.T, s scene) {
		leave, err := s.Hub.Admit(anyone)
		if err != nil {
			t.Fatal(err)
		}
		r := s.come(trips(2, 2, 1), "")
		r.gets(live.EventSnapshot)
		s.book(r.query, at(2, 10, 0), 1)
		synctest.Wait()
		wait(10 * time.Millisecond)
		s.book(r.query, at(2, 11, 0), 1)
		s.book(r.query, at(2, 11, 0), 1)
		wait(time.Second)
		r.gets(live.EventDelta)
		s.put(livetest.Ferry())
		wait(time.Second)
		r.gets(live.EventReset, live.EventSnapshot)
		leave()
		m.mu.Lock()
		defer m.mu.Unlock()
		if len(m.ages) != 3 || m.ages[0] != 0 || m.ages[1] != 40*time.Millisecond {
			t.Errorf("ages %v", m.ages)
		}
		if m.changes != 4 || m.readers != 0 {
			t.Errorf("%d changes, %d readers are left", m.changes, m.readers)
		}
		if m.delivered[live.EventSnapshot] != 2 || m.delivered[live.EventDelta] != 1 || m.resets[live.ScheduleChanged] != 1 {
			t.Errorf("delivered %v, resets %v", m.delivered, m.resets)
		}
		if len(m.updates) != 1 || m.updates[0] != time.Second+10*time.Millisecond { // the reader pulled a second after the oldest
			t.Errorf("updates took %v", m.updates)
		}
	})
}

// What a reader missed while it was away says nothing of how quick the server is.
func TestUpdatesOfReadersWhoWereAwayAreNotTimed(t *testing.T) {
	t.Parallel()
	m := &metrics{delivered: make(map[live.Event]int), resets: make(map[live.Reason]int)}
	inSceneWith(t, func(c *live.Config) { c.Metrics = m }, func(t *testing.T, s scene) {
		q := trips(2, 2, 1)
		r := s.come(q, "")
		r.gets(live.EventSnapshot)
		r.sub.Close()
		s.book(q, at(2, 10, 0), 1)
		wait(time.Hour)
		back := s.come(q, r.Position)
		back.Reader = r.Reader // which has what it saw before
		back.gets(live.EventDelta)
		if len(m.updates) != 0 {
			t.Errorf("an hour's absence was timed: %v", m.updates)
		}
		s.book(q, at(2, 11, 0), 1)
		wait(time.Millisecond)
		back.gets(live.EventDelta)
		if len(m.updates) != 1 || m.updates[0] > 100*time.Millisecond {
			t.Errorf("the update after it took %v", m.updates)
		}
	})
}

func TestSizesAndStaleReaders(t *testing.T) {
	t.Parallel()
	inScene(t, func(t *testing.T, s scene) {
		first, second := s.come(trips(2, 3, 1), ""), s.come(cuts(3, 3), "")
		first.gets(live.EventSnapshot)
		second.gets(live.EventSnapshot)
		if sizes := s.Hub.Sizes(); sizes.Windows != 2 || sizes.DayStates != 3 || s.Hub.StaleReaders() != 0 {
			t.Errorf("sizes %+v, %d readers are stale", sizes, s.Hub.StaleReaders())
		}
		s.store.SetDown(true)
		s.View.Check(t.Context())
		if n := s.Hub.StaleReaders(); n != 2 {
			t.Errorf("%d of 2 readers are stale", n)
		}
		second.sub.Close()
		if n := s.Hub.StaleReaders(); n != 1 {
			t.Errorf("%d of 1 reader are stale", n)
		}
		s.store.SetDown(false)
		s.View.Check(t.Context())
		if n := s.Hub.StaleReaders(); n != 0 {
			t.Errorf("%d readers are stale when the store is back", n)
		}
	})
}
