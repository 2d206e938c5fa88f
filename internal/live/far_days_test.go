package live_test

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/live"
	"vacancy/internal/live/livetest"
	"vacancy/internal/live/wire"
)

// horizonDays is how far ahead the ferry can be booked. The barber's service can for a week.
const horizonDays = 90

// farDays is a query of so many days from a date.
func farDays(from booking.Date, days int) live.Query {
	q := trips(1, 1, 1)
	q.From, q.To = from, from.AddDays(days-1)
	return q
}

// Days that nobody can book are not kept, whoever watches them: readers of far dates cost no day state, and others are served.
func TestFarDaysCostNothing(t *testing.T) {
	t.Parallel()
	inSceneWith(t, func(c *live.Config) { c.MaxDayStates, c.MaxVenueDayStates = 100, 100 }, func(t *testing.T, s scene) {
		var far []*reader
		for i := range 11 {
			for year := range 32 {
				q := farDays(booking.Date{Year: 3000 + 100*i + year, Month: 1, Day: 1}, live.MaxQueryDays)
				far = append(far, s.come(q, ""))
			}
		}
		for _, r := range far {
			r.gets(live.EventSnapshot)
			isOpen := func(d livetest.Day) bool { return d.Status != "closed" }
			if days := r.Days(); len(days) != live.MaxQueryDays || slices.ContainsFunc(days, isOpen) {
				t.Fatalf("the far days are %v", days)
			}
		}
		past := s.come(farDays(booking.Date{Year: 1990, Month: 1, Day: 1}, live.MaxQueryDays), "")
		past.gets(live.EventSnapshot)
		if days, _ := s.Hub.Size(); days != 0 {
			t.Errorf("%d days are kept", days)
		}
		// The negative control: days that can be booked are kept, as long as there is room.
		customer := s.come(trips(1, 7, 1), "")
		customer.gets(live.EventSnapshot)
		if days, _ := s.Hub.Size(); days != 7 {
			t.Errorf("%d days are kept, and not 7", days)
		}
		s.book(customer.query, at(2, 10, 0), 1)
		wait(time.Second)
		customer.gets(live.EventDelta)
		customer.agrees()
	})
}

// Of a query that reaches over what can be booked, only the days within are kept.
func TestDaysAroundTheHorizon(t *testing.T) {
	t.Parallel()
	inScene(t, func(t *testing.T, s scene) {
		r := s.come(farDays(day(1).AddDays(-20), live.MaxQueryDays), "")
		r.gets(live.EventSnapshot)
		if days, _ := s.Hub.Size(); days != 1+live.MaxQueryDays-20 { // yesterday, and what is left from today on
			t.Errorf("%d days are kept", days)
		}
		r.agrees()
	})
}

// As time moves on, a reader of days beyond the horizon gets them when they come within it, by deltas and at the right moment, also on
// the days on which the clocks are changed.
func TestFarDaysComeNear(t *testing.T) {
	t.Parallel()
	for name, first := range map[string]booking.Date{"wholly": day(1).AddDays(horizonDays + 5), "partly": day(1).AddDays(horizonDays - 3)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inScene(t, func(t *testing.T, s scene) {
				r := s.come(farDays(first, live.MaxQueryDays), "")
				r.gets(live.EventSnapshot)
				for range 90 { // to the last of March, when the clocks are put forward
					wait(24 * time.Hour)
					s.View.Check(t.Context())
					for _, event := range r.pull() {
						if event != live.EventDelta {
							t.Fatalf("a %s at %v: %v", event, time.Now(), r.Reasons)
						}
					}
					r.agrees()
				}
				if r.Seen[live.EventDelta] < 50 {
					t.Errorf("only %d deltas came", r.Seen[live.EventDelta])
				}
			})
		})
	}
}

// Who comes back with a position from before a day came near is brought up to date, on the same node and on another.
func TestResumeOverDaysThatCameNear(t *testing.T) {
	t.Parallel()
	inScene(t, func(t *testing.T, s scene) {
		q := farDays(day(1).AddDays(horizonDays-2), 10)
		old := s.come(q, "")
		old.gets(live.EventSnapshot)
		position, seen := old.Position, old.Reader
		wait(5 * 24 * time.Hour)
		s.View.Check(t.Context())
		for name, n := range map[string]scene{"the same node": s, "another": s.another()} {
			n.View.Check(t.Context())
			r := n.come(q, position)
			r.Reader = seen
			if events := r.pull(); len(events) == 0 {
				t.Errorf("on %s, nothing came", name)
			}
			r.agrees()
		}
	})
}

// A longer horizon brings days near at once, and a shorter one takes them away.
func TestHorizonIsEdited(t *testing.T) {
	t.Parallel()
	inScene(t, func(t *testing.T, s scene) {
		r := s.come(farDays(day(1).AddDays(horizonDays+10), 20), "")
		r.gets(live.EventSnapshot)
		for _, horizon := range []int{120, 12, 105} {
			_, entries := livetest.Ferry()
			for _, e := range entries {
				if e.Service != nil {
					e.Service.HorizonDays = horizon
					s.put("ferry", []booking.Entry{e})
				}
			}
			wait(time.Second)
			r.gets(live.EventReset, live.EventSnapshot)
			r.agrees()
		}
	})
}

// One venue has at most its part of the day states: the others have room, for GET and for live readers, and in the venue itself GET
// still answers.
func TestVenuesShareTheDays(t *testing.T) {
	t.Parallel()
	inSceneWith(t, func(c *live.Config) { c.MaxDayStates = 40 }, func(t *testing.T, s scene) {
		s.come(trips(1, 20, 1), "").gets(live.EventSnapshot)
		if _, err := s.Hub.Subscribe(t.Context(), trips(21, 22, 1), "", live.Unlimited{}, livetest.NewWaker()); !errors.Is(err, live.ErrFull) {
			t.Errorf("more days of the venue gave %v", err)
		}
		s.get(trips(21, 22, 1))
		s.come(trips(3, 5, 2), "").gets(live.EventSnapshot) // on days that are there
		dyes := live.Query{Venue: "barber", Service: "dye", From: day(1), To: day(20), Party: 1}
		other := s.come(dyes, "")
		other.gets(live.EventSnapshot)
		other.agrees()
		if days, _ := s.Hub.Size(); days != 40 {
			t.Errorf("%d days are kept", days)
		}
	})
}

// An answer that is computed without being kept is the one that would be kept, position and all.
func TestComputedAnswersAreTheSame(t *testing.T) {
	t.Parallel()
	inSceneWith(t, func(c *live.Config) { c.MaxDayStates, c.MaxVenueDayStates = 1, 1 }, func(t *testing.T, full scene) {
		roomy := full.another()
		change := full.commit(trips(2, 2, 1), at(2, 10, 0), 3)
		for _, s := range []scene{full, roomy} {
			s.View.Apply(t.Context(), change)
			s.View.Check(t.Context())
		}
		for _, q := range []live.Query{trips(1, 9, 1), trips(1, 9, 4), farDays(day(1).AddDays(-5), live.MaxQueryDays), cuts(1, 31)} {
			if got, want := wire.JSON(full.get(q)), wire.JSON(roomy.get(q)); !bytes.Equal(got, want) {
				t.Errorf("computed it is\n%s\nand kept\n%s", got, want)
			}
		}
		after := booking.Position{Epoch: "e1", Revision: change.Revision}
		got, err := full.Hub.Snapshot(t.Context(), trips(1, 9, 1), after)
		if err != nil || !got.Position.Covers(after) {
			t.Errorf("at least %v gave %+v, %v", after, got, err)
		}
		if days, windows := full.Hub.Size(); days+windows != 0 {
			t.Errorf("%d days and %d windows are kept", days, windows)
		}
	})
}

// Only a few answers are computed at a time; who waits too long is refused, and who leaves does not wait.
func TestComputingIsBounded(t *testing.T) {
	t.Parallel()
	inSceneWith(t, func(c *live.Config) { c.MaxDayStates, c.MaxVenueDayStates = 1, 1 }, func(t *testing.T, s scene) {
		done := s.Hub.OccupyComputing()
		began := time.Now()
		if _, err := s.Hub.Snapshot(t.Context(), trips(1, 9, 1), booking.Position{}); !errors.Is(err, booking.ErrBusy) {
			t.Errorf("it gave %v", err)
		}
		if waited := time.Since(began); waited != 2*time.Second {
			t.Errorf("it waited for %v", waited)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := s.Hub.Snapshot(ctx, trips(1, 9, 1), booking.Position{}); !errors.Is(err, booking.ErrBusy) {
			t.Errorf("it gave %v", err)
		}
		done()
		s.get(trips(1, 9, 1))
	})
}

// A query that would list too many starts is refused before anything is computed, with the number; the same for GET and live readers.
func TestStartsOfAQueryAreBounded(t *testing.T) {
	t.Parallel()
	inScene(t, func(t *testing.T, s scene) {
		_, entries := livetest.Ferry()
		for _, e := range entries {
			switch {
			case e.Service != nil:
				e.Service.Step, e.Service.HorizonDays = time.Minute, 100
				e.Service.Duration = time.Minute
			case e.Resource != nil:
				for i := range e.Resource.Schedule.Weekly {
					e.Resource.Schedule.Weekly[i] = []booking.Period{{Open: 0, Close: 24 * 60}}
				}
			}
		}
		s.put("ferry", entries)
		refused := func(err error) bool {
			invalid, ok := errors.AsType[*booking.Invalid](err)
			return errors.Is(err, live.ErrRangeTooLong) && ok && invalid.Fields[0].Field == "to" &&
				strings.Contains(invalid.Fields[0].Message, "14400 starts")
		}
		ten, eight := farDays(day(2), 10), farDays(day(2), 8)
		if _, err := s.Hub.Snapshot(t.Context(), ten, booking.Position{}); !refused(err) {
			t.Errorf("GET gave %v", err)
		}
		if _, err := s.Hub.Subscribe(t.Context(), ten, "", live.Unlimited{}, livetest.NewWaker()); !refused(err) {
			t.Errorf("a subscription gave %v", err)
		}
		if days, windows := s.Hub.Size(); days+windows != 0 {
			t.Errorf("%d days and %d windows are kept", days, windows)
		}
		if _, slots := s.get(eight).Snapshot.Size(); slots != 8*1440 {
			t.Errorf("eight days have %d slots", slots)
		}
		s.get(farDays(day(1).AddDays(150), live.MaxQueryDays)) // days beyond the horizon have none
		if _, err := s.Hub.DayStatuses(t.Context(), farDays(day(2), 60), booking.Position{}); err != nil {
			t.Errorf("the statuses of sixty days: %v", err)
		}
		if _, err := s.Hub.DayStatuses(t.Context(), farDays(day(2), 100), booking.Position{}); !errors.Is(err, live.ErrRangeTooLong) {
			t.Errorf("the statuses of a hundred days: %v", err)
		}
	})
}

// permits count what a client has of the days.
type permits struct{ taken, most int }

var errPermits = errors.New("the client has all its days")

func (p *permits) Acquire(days int) error {
	if p.taken+days > p.most {
		return errPermits
	}
	p.taken += days
	return nil
}

func (p *permits) Release(days int) { p.taken -= days }

// A client has its share of the days and no more, gets back what it no longer watches, and is nobody else's loss.
func TestClientsShareTheDays(t *testing.T) {
	t.Parallel()
	inScene(t, func(t *testing.T, s scene) {
		client := &permits{most: 40}
		watch := func(q live.Query) (*live.Subscription, error) {
			return s.Hub.Subscribe(t.Context(), q, "", client, livetest.NewWaker())
		}
		one, err := watch(trips(1, 30, 1))
		if err != nil || client.taken != 30 {
			t.Fatalf("%d are taken, %v", client.taken, err)
		}
		far, err := watch(farDays(booking.Date{Year: 3000, Month: 1, Day: 1}, live.MaxQueryDays))
		if err != nil || client.taken != 31 {
			t.Fatalf("with far days, %d are taken, %v", client.taken, err)
		}
		if _, err := watch(trips(1, 10, 1)); !errors.Is(err, errPermits) || client.taken != 31 {
			t.Errorf("beyond the share: %d are taken, %v", client.taken, err)
		}
		s.come(trips(1, 10, 1), "").gets(live.EventSnapshot)
		for range 2 { // closing again gives nothing back
			one.Close()
			far.Close()
		}
		if client.taken != 0 {
			t.Errorf("in the end %d are taken", client.taken)
		}
		s.store.SetDown(true)
		q := live.Query{Venue: "zoo", Service: "visit", From: day(1), To: day(1), Party: 1}
		if _, err := watch(q); err == nil || client.taken != 0 {
			t.Errorf("after a refusal %d are taken, %v", client.taken, err)
		}
	})
}

// While an answer is computed that is not kept, midnight passes: its window gets a day more, which the hub must not count, for nobody
// takes it off again. Midnight passes at each of the moments at which the clock is read.
func TestComputedDaysAreNeverCounted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := livetest.NewStore(time.Now)
		store.CommitSettings(livetest.Ferry())
		var readings, midnight, days int // midnight is the reading at which the next date begins
		now := func() time.Time {
			if readings++; readings == midnight {
				days++
			}
			return time.Now().AddDate(0, 0, days)
		}
		n := livetest.NewNodeWith(t, store, now, func(c *live.Config) { c.MaxDayStates, c.MaxVenueDayStates = 1, 1 })
		s := scene{T: t, store: store, Node: n}
		q := farDays(day(1).AddDays(horizonDays-30), live.MaxQueryDays) // the horizon moves into it
		s.get(q)
		passed := 0
		for moment := 1; ; moment++ {
			before := days
			readings, midnight = 0, moment
			s.get(q)
			midnight = 0
			if kept, windows := s.Hub.Size(); kept+windows != 0 {
				t.Fatalf("%d days and %d windows are kept", kept, windows)
			}
			if days == before {
				break // the answer takes fewer readings
			}
			passed++
		}
		if passed < 2 {
			t.Errorf("the clock was read %d times, so midnight did not pass between two readings", passed)
		}
	})
}
