package schedule_test

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"vacancy/internal/booking"
	"vacancy/internal/schedule"
)

// oddities are days on which clocks did something: usual changes, and the strangest that there have been.
var oddities = []struct {
	zone string
	date string
}{
	{"Europe/Berlin", "2026-03-29"},
	{"Europe/Berlin", "2026-10-25"},
	{"America/New_York", "2026-03-08"},
	{"America/New_York", "2026-11-01"},
	{"Europe/Dublin", "2027-10-31"}, // winter is the exception there
	{"Australia/Lord_Howe", "2026-04-05"},
	{"Australia/Lord_Howe", "2026-10-04"}, // half an hour
	{"Antarctica/Troll", "2026-03-29"},
	{"Antarctica/Troll", "2026-10-25"},  // two hours
	{"Pacific/Chatham", "2026-04-05"},   // offset of 45 minutes, at 03:45
	{"America/Sao_Paulo", "2017-10-15"}, // skips midnight
	{"America/Sao_Paulo", "2018-02-18"}, // repeats the last hour of the 17th
	{"Asia/Beirut", "2026-03-29"},
	{"Asia/Beirut", "2026-10-25"},
	{"Africa/Cairo", "2026-04-24"},
	{"Africa/Cairo", "2026-10-30"},
	{"America/Havana", "2026-03-08"},
	{"America/Havana", "2026-11-01"},   // repeats the first hour of a date
	{"America/St_Johns", "2006-10-29"}, // 00:01 back to 23:01 of the day before
	{"America/St_Johns", "2007-03-11"},
	{"Pacific/Apia", "2011-12-30"},      // the date does not exist
	{"Pacific/Kwajalein", "1993-08-21"}, // nor here
	{"Pacific/Kwajalein", "1969-10-01"}, // 23 hours happen twice
	{"Africa/Casablanca", "2026-02-15"},
	{"Africa/Casablanca", "2026-03-22"},
	{"Asia/Pyongyang", "2018-05-05"}, // half an hour, at 23:30
	{"Asia/Kathmandu", "1986-01-01"}, // a quarter
	{"Europe/London", "1947-04-13"},  // double summer time
	{"America/Caracas", "2016-05-01"},
	{"Asia/Kolkata", "2026-06-01"},
	{"UTC", "2026-06-01"},
}

// drawPeriods draws what Validate accepts for one date: periods apart from each other, the last perhaps over midnight. They like
// the hours in which clocks change.
func drawPeriods(t *rapid.T, label string) []booking.Period {
	minute := rapid.OneOf(
		rapid.IntRange(0, booking.MinutesPerDay-1),
		rapid.IntRange(0, 4*60), rapid.IntRange(22*60, booking.MinutesPerDay-1),
		rapid.Map(rapid.IntRange(0, 47), func(n int) int { return n * 30 }),
	)
	cuts := rapid.SliceOfNDistinct(minute, 0, 6, rapid.ID).Draw(t, label)
	slices.Sort(cuts)
	var periods []booking.Period
	for ; len(cuts) >= 2; cuts = cuts[2:] {
		periods = append(periods, booking.Period{Open: cuts[0], Close: cuts[1]})
	}
	if len(cuts) == 1 {
		until := booking.MinutesPerDay + rapid.IntRange(0, cuts[0]).Draw(t, "over midnight")
		periods = append(periods, booking.Period{Open: cuts[0], Close: until})
	}
	return periods
}

func drawQuestion(t *rapid.T) question {
	odd := rapid.SampledFrom(oddities).Draw(t, "day")
	zone, err := booking.LoadZone(odd.zone)
	if err != nil {
		t.Fatal(err)
	}
	around, err := booking.ParseDate(odd.date)
	if err != nil {
		t.Fatal(err)
	}
	q := question{zone: zone, from: around.AddDays(rapid.IntRange(-2, 1).Draw(t, "from"))}
	q.to = q.from.AddDays(rapid.IntRange(0, 2).Draw(t, "days"))
	for day := range q.schedule.Weekly {
		q.schedule.Weekly[day] = drawPeriods(t, booking.Weekdays[day])
	}
	for i := range rapid.IntRange(0, 2).Draw(t, "exceptions") {
		hours := drawPeriods(t, "exception")
		e := booking.Exception{Date: q.from.AddDays(i), Closed: len(hours) == 0, Hours: hours}
		q.schedule.Exceptions = append(q.schedule.Exceptions, e)
	}
	q.step = time.Duration(rapid.SampledFrom([]int{1, 5, 7, 10, 15, 20, 30, 45, 60, 90, 1440}).Draw(t, "step")) * time.Minute
	for range 20 {
		start := rapid.IntRange(0, 2*booking.MinutesPerDay).Draw(t, "span")
		q.spans = append(q.spans, [2]int{start, start + rapid.IntRange(0, 240).Draw(t, "length")})
	}
	return q
}

// Openings, starts and cover are what a clock watched minute by minute gives.
func TestOpeningsAreWhatTheClockShows(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		q := drawQuestion(t)
		tl := newTimeline(q.zone, q.from, q.to, time.Minute)
		if err := q.differ(tl, genuine); err != nil {
			t.Fatalf("%v: %v", q, err)
		}
	})
}

// Hours over a span answer as all openings far around it do: none that matters is missing.
func TestHoursMissNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		q := drawQuestion(t)
		tl := newTimeline(q.zone, q.from.AddDays(-3), q.to.AddDays(3), time.Minute)
		all := tl.openings(q.schedule, q.from.AddDays(-3), q.to.AddDays(3))
		begin, end := schedule.DateBounds(q.zone, q.from, q.to)
		hours := schedule.HoursOver(q.schedule, q.zone, begin, end)

		var want []time.Time
		for _, start := range tl.starts(all, q.step) {
			if !start.Before(begin) && start.Before(end) {
				want = append(want, start)
			}
		}
		if got := hours.Starts(q.step, begin, end); !slices.EqualFunc(got, want, time.Time.Equal) {
			t.Fatalf("%v: starts %v, want %v", q, got, want)
		}
		for i := tl.index(begin); i < tl.index(end); i++ {
			at := tl.instant(i)
			_, found := slices.BinarySearchFunc(want, at, time.Time.Compare)
			if got := hours.IsStart(at, q.step); got != found {
				t.Fatalf("%v: start at %v: %v", q, at, got)
			}
			if got := hours.Covers(at, at.Add(time.Minute)); got != tl.covers(all, i, i+1) {
				t.Fatalf("%v: open at %v: %v", q, at, got)
			}
		}
	})
}

// A part of a span has the starts of the whole span that are in it, wherever it is cut.
func TestStartsOfAPart(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		q := drawQuestion(t)
		begin, end := schedule.DateBounds(q.zone, q.from, q.to)
		hours := schedule.HoursOver(q.schedule, q.zone, begin, end)
		cut := begin.Add(time.Duration(rapid.Int64Range(0, int64(end.Sub(begin))).Draw(t, "cut")))
		parts := slices.Concat(hours.Starts(q.step, begin, cut), hours.Starts(q.step, cut, end))
		if whole := hours.Starts(q.step, begin, end); !slices.EqualFunc(parts, whole, time.Time.Equal) {
			t.Fatalf("%v cut at %v: %v, want %v", q, cut, parts, whole)
		}
	})
}

// A span of dates is exactly from the first to the last instant that shows one of them.
func TestSpanHoldsTheDates(t *testing.T) {
	t.Parallel()
	for _, odd := range oddities {
		zone := loadZone(t, odd.zone)
		around, err := booking.ParseDate(odd.date)
		if err != nil {
			t.Fatal(err)
		}
		for shift := -1; shift <= 1; shift++ {
			date := around.AddDays(shift)
			tl := newTimeline(zone, date, date, time.Minute)
			first, last := -1, -1
			for i := range tl.walls {
				if booking.DateOf(tl.instant(i)) == date {
					last = i
					if first < 0 {
						first = i
					}
				}
			}
			begin, end := schedule.DateBounds(zone, date, date)
			if first < 0 { // a date that was skipped
				if !begin.Equal(end) {
					t.Errorf("%s %s: %v to %v, want nothing", odd.zone, date, begin, end)
				}
				continue
			}
			if !begin.Equal(tl.instant(first)) || end.Before(tl.instant(last+1)) {
				t.Errorf("%s %s: %v to %v, want %v to %v", odd.zone, date, begin, end, tl.instant(first), tl.instant(last+1))
			}
		}
	}
}
