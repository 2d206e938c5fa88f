package ws_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/live/ws"
)

// venueEvents has one event for each number, and a page of all behind a cursor.
type venueEvents struct {
	mu    sync.Mutex
	last  int
	reads int
	errs  []error // of the next readings
	dueAt time.Time
}

func (v *venueEvents) happen() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.last++
}

func (v *venueEvents) fail(errs ...error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.errs = errs
}

func (v *venueEvents) Page(_ context.Context, venue booking.VenueID, cursor string) (ws.Page, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.reads++
	if len(v.errs) > 0 {
		err := v.errs[0]
		v.errs = v.errs[1:]
		return ws.Page{}, err
	}
	at := v.last
	if cursor != "" {
		if _, err := fmt.Sscanf(cursor, "c%d", &at); err != nil {
			return ws.Page{}, booking.NewInvalid("position", "is no cursor")
		}
	}
	var all []string
	for n := at + 1; n <= v.last; n++ {
		all = append(all, fmt.Sprint(n))
	}
	return ws.Page{
		Document: fmt.Appendf(nil, `{"venue":%q,"events":[%s],"cursor":"c%d"}`, venue, strings.Join(all, ","), v.last),
		Empty:    at == v.last, Cursor: fmt.Sprintf("c%d", v.last), DueAt: v.dueAt,
	}, nil
}

const watchVenue = `{"type":"subscribe","id":"v","topic":"venue","venue":"ferry","token":"key"}`

func page(cursor string, events string) string {
	return `{"type":"events","id":"v","venue":"ferry","events":[` + events + `],"cursor":"` + cursor + `"}`
}

func inVenue(t *testing.T, test func(t *testing.T, s *stage, v *venueEvents, c *connection)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		v := &venueEvents{last: 3, dueAt: time.Now().Add(1000 * time.Hour)}
		s := newStage(t, now, func(o *ws.Options) { o.Events = v })
		test(t, s, v, s.connect(t, "", func(*connection) {}))
	})
}

// A staff page follows a venue: from now, or from where it was.
func TestVenueTopic(t *testing.T) {
	t.Parallel()
	inVenue(t, func(t *testing.T, s *stage, v *venueEvents, c *connection) {
		c.say(watchVenue)
		c.gets(page("c3", ""))
		v.happen()
		s.Book(t, 10, 1)
		c.gets(page("c4", "4"))
		// What happens within the interval is one page.
		for hour := range 3 {
			v.happen()
			s.Book(t, 11+hour, 1)
		}
		var got []string
		for cursor := ""; cursor != "c7"; {
			text := c.next()
			_, cursor, _ = strings.Cut(strings.TrimSuffix(text, `"}`), `"cursor":"`)
			got = append(got, cursor)
		}
		if len(got) > 2 {
			t.Errorf("three bookings at once make pages to %v", got)
		}
		// A change that is no news is not told, and costs a reading alone.
		s.Book(t, 15, 1)
		v.happen()
		<-time.After(time.Second)
		s.Book(t, 16, 1)
		c.gets(page("c8", "8"))
		c.say(`{"type":"unsubscribe","id":"v"}`)
		c.gets(`{"type":"unsubscribed","id":"v"}`)
		if s.Hub.Watches("ferry") {
			t.Error("the venue is kept for nobody")
		}
		c.say(strings.Replace(watchVenue, `"token"`, `"position":"c6","token"`, 1))
		c.gets(page("c8", "7,8"))
	})
}

// The store is away for a while, and then there is everything.
func TestVenueTopicThroughAnOutage(t *testing.T) {
	t.Parallel()
	inVenue(t, func(t *testing.T, s *stage, v *venueEvents, c *connection) {
		c.say(watchVenue)
		c.gets(page("c3", ""))
		v.fail(booking.ErrUnavailable, context.DeadlineExceeded, booking.ErrBusy)
		v.happen()
		began := time.Now()
		s.Book(t, 10, 1)
		c.gets(page("c4", "4"))
		if took := time.Since(began); took < 3*time.Second || took > 5*time.Second {
			t.Errorf("it took %s", took)
		}
	})
}

// Time alone makes events too: they are looked for when they are due.
func TestVenueTopicIsDue(t *testing.T) {
	t.Parallel()
	inVenue(t, func(t *testing.T, _ *stage, v *venueEvents, c *connection) {
		v.mu.Lock()
		v.dueAt = time.Now().Add(time.Minute)
		v.mu.Unlock()
		c.say(watchVenue)
		c.gets(page("c3", ""))
		v.happen()
		began := time.Now()
		c.gets(page("c4", "4"))
		if took := time.Since(began); took < time.Minute || took > 80*time.Second {
			t.Errorf("it took %s", took)
		}
		// As long as the store's clock is behind, it is not asked all the time.
		v.mu.Lock()
		v.reads = 0
		v.mu.Unlock()
		<-time.After(time.Minute)
		synctest.Wait()
		v.mu.Lock()
		defer v.mu.Unlock()
		if v.reads > 10 {
			t.Errorf("it was read %d times in a minute", v.reads)
		}
	})
}

// Who has no key gets nothing, and neither has a key any more that was taken back.
func TestVenueTopicNeedsAKey(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ say, want string }{
		"no token":       {strings.Replace(watchVenue, `,"token":"key"`, "", 1), `"code":"unauthenticated"`},
		"another token":  {strings.Replace(watchVenue, `"key"`, `"secret"`, 1), `"code":"forbidden"`},
		"no venue":       {strings.Replace(watchVenue, "ferry", "Ferry!", 1), `"code":"invalid"`},
		"another venue":  {strings.Replace(watchVenue, "ferry", "nowhere", 1), `"code":"not_found"`},
		"no cursor":      {strings.Replace(watchVenue, `"token"`, `"position":"x","token"`, 1), `"code":"invalid"`},
		"another topic":  {strings.Replace(watchVenue, `"venue","venue"`, `"venues","venue"`, 1), `"code":"invalid"`},
		"somebody wrong": {strings.Replace(watchVenue, `"key"`, `"guess"`, 1), `"code":"forbidden"`},
	} {
		inVenue(t, func(t *testing.T, _ *stage, _ *venueEvents, c *connection) {
			c.say(test.say)
			if got := c.next(); !strings.Contains(got, `{"type":"error","id":"v",`+test.want) {
				t.Errorf("%s: %s", name, got)
			}
		})
	}
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		keys := []string{"key"}
		v := &venueEvents{last: 3, dueAt: time.Now().Add(time.Hour)}
		s := newStage(t, now, func(o *ws.Options) {
			o.Events = v
			o.IsKey = func(_ context.Context, token string) (bool, error) {
				mu.Lock()
				defer mu.Unlock()
				return slices.Contains(keys, token), nil
			}
		})
		c := s.connect(t, "", func(*connection) {})
		c.say(watchVenue)
		c.gets(page("c3", ""))
		mu.Lock()
		keys = nil
		mu.Unlock()
		v.happen()
		s.Book(t, 10, 1)
		if got := c.next(); !strings.Contains(got, `"code":"forbidden"`) {
			t.Errorf("a key that was taken back gets %s", got)
		}
	})
}
