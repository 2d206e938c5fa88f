package availability_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"vacancy/internal/availability"
	"vacancy/internal/booking"
)

// The count is never below what is listed, and not far above it: what it adds are the starts too late in the hours, or past.
func TestCountStarts(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w, date := drawWorld(t, twoWeeks)
		w.query.Service.HorizonDays = 400
		to := date.AddDays(rapid.IntRange(0, 5).Draw(t, "days"))
		listed := 0
		for _, day := range availability.ForDays(w.query, date, to) {
			listed += len(day.Starts)
		}
		if n := availability.CountStarts(w.query, date, to); n < listed {
			t.Errorf("%d starts are counted, and %d listed", n, listed)
		}
	})
}

func TestCountStartsByHand(t *testing.T) {
	t.Parallel()
	q := barbers(t)
	tuesday := booking.Date{Year: 2026, Month: time.November, Day: 24}
	for name, test := range map[string]struct {
		edit func()
		days int
		want int
	}{
		"three members with the same hours, one of them longer": {func() {}, 1, 6 + 4},
		"a week of them": {func() {}, 7, 7 * 10},
		"one member":     {func() { q.Resource = "ben" }, 1, 6},
		"a start a minute, around the clock": {func() {
			q.Resource, q.Service.Step = "", time.Minute
			for id := range q.Resources {
				q.Resources[id] = booking.Resource{ID: id, Capacity: 1, Schedule: daily(t, "00:00-24:00")}
			}
		}, 62, 62 * 1440},
	} {
		q = barbers(t)
		test.edit()
		if n := availability.CountStarts(q, tuesday, tuesday.AddDays(test.days-1)); n != test.want {
			t.Errorf("%s: %d starts, and not %d", name, n, test.want)
		}
	}
}
