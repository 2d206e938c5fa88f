package availability_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"vacancy/internal/availability"
	"vacancy/internal/booking"
)

// days on and beside which worlds are made: ordinary ones, and clock changes.
var days = []struct {
	zone string
	date booking.Date
}{
	{"Europe/Berlin", booking.Date{Year: 2026, Month: 11, Day: 24}},
	{"Europe/Berlin", booking.Date{Year: 2026, Month: 3, Day: 29}},
	{"Europe/Berlin", booking.Date{Year: 2026, Month: 10, Day: 25}},
	{"Australia/Lord_Howe", booking.Date{Year: 2026, Month: 4, Day: 5}},
	{"Africa/Cairo", booking.Date{Year: 2026, Month: 10, Day: 30}},
	{"America/Sao_Paulo", booking.Date{Year: 2017, Month: 10, Day: 15}},
	{"Pacific/Apia", booking.Date{Year: 2011, Month: 12, Day: 30}},
	{"America/St_Johns", booking.Date{Year: 2006, Month: 10, Day: 29}}, // 00:01 back to 23:01 of the day before
	{"Asia/Kolkata", booking.Date{Year: 2026, Month: 8, Day: 15}},
}

func drawMinutes(t *rapid.T, label string, minutes ...int) time.Duration {
	return time.Duration(rapid.SampledFrom(minutes).Draw(t, label)) * time.Minute
}

func drawSchedule(t *rapid.T) (s booking.Schedule) {
	minute := rapid.Map(rapid.IntRange(0, 95), func(n int) int { return n * 15 })
	for day := range s.Weekly {
		cuts := rapid.SliceOfNDistinct(minute, 0, 5, rapid.ID).Draw(t, booking.Weekdays[day])
		slices.Sort(cuts)
		for ; len(cuts) >= 2; cuts = cuts[1:] { // periods that touch, so that bookings run over their ends
			s.Weekly[day] = append(s.Weekly[day], booking.Period{Open: cuts[0], Close: cuts[1]})
		}
		if len(cuts) == 1 && rapid.Bool().Draw(t, "over midnight") {
			s.Weekly[day] = append(s.Weekly[day], booking.Period{Open: cuts[0], Close: booking.MinutesPerDay + cuts[0]/2})
		}
	}
	return s
}

func drawService(t *rapid.T) booking.Service {
	s := booking.Service{
		Duration:     drawMinutes(t, "duration", 15, 30, 45, 60, 100, 300, 26*60),
		Step:         drawMinutes(t, "step", 10, 15, 20, 30, 60, 90),
		BufferBefore: drawMinutes(t, "before", 0, 0, 5, 30, 120),
		BufferAfter:  drawMinutes(t, "after", 0, 0, 10, 45),
		MinNotice:    drawMinutes(t, "notice", 0, 0, 30, 120, 36*60),
		HorizonDays:  rapid.IntRange(1, 4).Draw(t, "horizon"),
	}
	s.PartySize.Min = rapid.IntRange(1, 3).Draw(t, "fewest")
	s.PartySize.Max = s.PartySize.Min + rapid.IntRange(0, 3).Draw(t, "more")
	s.Requires = []booking.Requirement{{Units: rapid.IntRange(1, 2).Draw(t, "units"), PerPerson: rapid.Bool().Draw(t, "per person")}}
	return s
}

// How far a world must reach: not at all if nothing is judged by it, or for listings of its day and the next ones.
const (
	unseen = 0
	nearby = 6
)

// drawWorld draws a pool and its claims. Members have hours of their own or share the first one's; some are archived, some unknown.
func drawWorld(t *rapid.T, reach int) (*world, booking.Date) {
	day := rapid.SampledFrom(days).Draw(t, "day")
	zone, err := booking.LoadZone(day.zone)
	if err != nil {
		t.Fatal(err)
	}
	q := availability.Query{Zone: zone, Service: drawService(t), Resources: map[booking.ResourceID]booking.Resource{}}
	pool := &q.Service.Requires[0]
	shared := drawSchedule(t)
	var claims []booking.Claim
	noon := time.Date(day.date.Year, day.date.Month, day.date.Day, 12, 0, 0, 0, time.UTC)
	for m := range rapid.IntRange(1, 3).Draw(t, "members") {
		r := booking.Resource{ID: booking.ResourceID(fmt.Sprintf("m%d", m)), Schedule: shared}
		if rapid.Bool().Draw(t, "own hours") {
			r.Schedule = drawSchedule(t)
		}
		r.Capacity = rapid.IntRange(1, 9).Draw(t, "capacity")
		r.Archived = rapid.IntRange(0, 9).Draw(t, "archived") == 0
		pool.AnyOf = append(pool.AnyOf, r.ID)
		if rapid.IntRange(0, 9).Draw(t, "known") > 0 {
			q.Resources[r.ID] = r
		}
		for range rapid.IntRange(0, 25).Draw(t, "claims") {
			start := noon.Add(time.Duration(rapid.IntRange(-48*12, 48*12).Draw(t, "start")) * 5 * time.Minute)
			claims = append(claims, booking.Claim{
				Resource: r.ID, Start: start, End: start.Add(drawMinutes(t, "length", 5, 30, 60, 120, 600)),
				Units: rapid.IntRange(1, r.Capacity).Draw(t, "taken"),
			})
		}
	}
	if rapid.IntRange(0, 2).Draw(t, "choose") == 0 {
		q.Resource = rapid.SampledFrom(pool.AnyOf).Draw(t, "chosen")
		if r, known := q.Resources[q.Resource]; !known || r.Archived {
			q.Resource = ""
		}
	}
	q.Now = noon.Add(time.Duration(rapid.IntRange(-6*24*12, 24*12).Draw(t, "now")) * 5 * time.Minute)
	return newWorld(q, day.date, reach, claims), day.date
}

// What is listed, what fits and why not are what the rules say of each minute; and what is listed is accepted.
func TestListingAndFitFollowTheRules(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w, date := drawWorld(t, nearby)
		if err := w.differ(genuine, date.AddDays(-1), date.AddDays(1)); err != nil {
			t.Fatalf("now %v, %+v: %v", w.query.Now, w.query.Service, err)
		}
	})
}

// onlyAt is a Ledgers that looks at the first second of a span alone.
type onlyAt struct{ availability.Ledgers }

func (o onlyAt) Taken(id booking.ResourceID, start, _ time.Time) int {
	return o.Ledgers.Taken(id, start, start.Add(time.Second))
}

// Negative controls: the same property fails when one of the rules is left out.
func TestTheRulesCatchMutants(t *testing.T) {
	t.Parallel()
	for name, alter := range map[string]mutant{
		"no buffer before": func(q availability.Query) availability.Query { q.Service.BufferBefore = 0; return q },
		"no buffer after":  func(q availability.Query) availability.Query { q.Service.BufferAfter = 0; return q },
		"no notice":        func(q availability.Query) availability.Query { q.Service.MinNotice = 0; return q },
		"notice to the instant": func(q availability.Query) availability.Query {
			q.Now = q.Now.Add(-time.Nanosecond)
			return q
		},
		"a day more": func(q availability.Query) availability.Query { q.Service.HorizonDays++; return q },
		"another's calendar": func(q availability.Query) availability.Query {
			q.Now = q.Now.Add(24 * time.Hour)
			q.Service.MinNotice -= 24 * time.Hour
			return q
		},
		"a look at the first second": func(q availability.Query) availability.Query { q.Ledgers = onlyAt{q.Ledgers}; return q },
		"nothing is taken":           func(q availability.Query) availability.Query { q.Ledgers = books{}; return q },
		"any member will do":         func(q availability.Query) availability.Query { q.Resource = ""; return q },
		"per booking": func(q availability.Query) availability.Query {
			q.Service.Requires = slices.Clone(q.Service.Requires)
			q.Service.Requires[0].PerPerson = false
			return q
		},
		"archived members serve": func(q availability.Query) availability.Query {
			resources := map[booking.ResourceID]booking.Resource{}
			for id, r := range q.Resources {
				r.Archived = false
				resources[id] = r
			}
			q.Resources = resources
			return q
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			type scene struct {
				*world
				date booking.Date
			}
			scenes := rapid.Custom(func(t *rapid.T) scene {
				w, date := drawWorld(t, nearby)
				return scene{w, date}
			})
			for seed := range 300 {
				if s := scenes.Example(seed); s.differ(alter, s.date.AddDays(-1), s.date.AddDays(1)) != nil {
					return
				}
			}
			t.Error("the rules see nothing wrong")
		})
	}
}

// A range of dates is its dates one by one.
func TestForDaysIsForDay(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w, date := drawWorld(t, unseen)
		for _, want := range availability.ForDays(w.query, date.AddDays(-2), date.AddDays(2)) {
			got := availability.ForDay(w.query, want.Date)
			if got.Date != want.Date || !slices.Equal(got.Starts, want.Starts) || got.Boundary != want.Boundary || got.Next != want.Next {
				t.Fatalf("%+v, want %+v", got, want)
			}
		}
	})
}

// Time alone changes a day's starts at its boundaries and at no other instant.
func TestBoundaries(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w, date := drawWorld(t, unseen)
		asOf := func(now time.Time) availability.Day {
			q := w.query
			q.Now = now
			return availability.ForDay(q, date)
		}
		const year = 365 * 24 * time.Hour
		now := w.query.Now
		day := asOf(now)

		since, until := now.Add(-year), now.Add(year)
		if !day.Boundary.IsZero() {
			since = day.Boundary
			if before := asOf(since.Add(-1)); slices.Equal(before.Starts, day.Starts) {
				t.Fatalf("nothing changed at %v", since)
			} else if !before.Next.Equal(since) {
				t.Fatalf("before %v, the next boundary was %v", since, before.Next)
			}
		}
		if !day.Next.IsZero() {
			until = day.Next
			if after := asOf(until); slices.Equal(after.Starts, day.Starts) {
				t.Fatalf("nothing changes at %v", until)
			} else if !after.Boundary.Equal(until) {
				t.Fatalf("at %v, the boundary is %v", until, after.Boundary)
			}
		}
		if since.After(now) || !until.After(now) {
			t.Fatalf("now %v is not in [%v, %v)", now, since, until)
		}
		between := since.Add(time.Duration(rapid.Int64Range(0, int64(until.Sub(since)-1)).Draw(t, "between")))
		for _, then := range []time.Time{since, between, until.Add(-1)} {
			other := asOf(then)
			if !slices.Equal(other.Starts, day.Starts) || other.Boundary != day.Boundary || other.Next != day.Next {
				t.Fatalf("at %v: %+v, want %+v", then, other, day)
			}
		}
	})
}

// Remaining is exact: so many can still be placed at the start, by bookings that Fit accepts one after the other, and no more.
func TestRemainingCanBePlaced(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w, date := drawWorld(t, unseen)
		starts := availability.ForDay(w.query, date).Starts
		if len(starts) == 0 {
			return
		}
		s := rapid.SampledFrom(starts).Draw(t, "start")
		if w.query.Service.Requires[0].PerPerson {
			return // the sum over parties is found by placing in the oracle
		}
		placed := 0
		for ; placed <= s.Remaining; placed++ {
			claims, err := availability.Fit(w.query, s.Start, w.query.Service.PartySize.Min)
			if err != nil {
				break
			}
			for _, c := range claims {
				take(w.query, c)
			}
		}
		if placed != s.Remaining {
			t.Fatalf("%d were placed, %d remained", placed, s.Remaining)
		}
	})
}
