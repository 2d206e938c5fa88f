package booking_test

import (
	"testing"
	"time"

	"vacancy/internal/booking"
)

func TestParseDate(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"", "2026-11", "2026-13-01", "2026-02-29", "2026-11-31", "26-11-24", "2026-1-2", "24.11.2026", "2026-11-24T00:00:00Z", " 2026-11-24",
		"2026-11-24 ", "0000-01-01", "-001-01-01", "10000-01-01", "２０２６-11-24",
	} {
		if d, err := booking.ParseDate(text); err == nil {
			t.Errorf("%q is read as %v", text, d)
		}
	}
	want := booking.Date{Year: 2028, Month: time.February, Day: 29}
	if d, err := booking.ParseDate("2028-02-29"); err != nil || d != want {
		t.Errorf("%v, %v, want %v", d, err, want)
	}
}

func TestDateArithmetic(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		from string
		days int
		to   string
	}{
		{"2026-11-24", 0, "2026-11-24"},
		{"2026-12-31", 1, "2027-01-01"},
		{"2028-03-01", -1, "2028-02-29"},
		{"2026-03-28", 2, "2026-03-30"}, // clocks do not matter
		{"0001-01-01", 3_652_058, "9999-12-31"},
	} {
		from, _ := booking.ParseDate(tt.from)
		to, _ := booking.ParseDate(tt.to)
		if got := from.AddDays(tt.days); got != to {
			t.Errorf("%s and %d days: %s, want %s", from, tt.days, got, to)
		}
		if from.DaysUntil(to) != tt.days || to.DaysUntil(from) != -tt.days {
			t.Errorf("%s until %s: %d and back %d, want %d", from, to, from.DaysUntil(to), to.DaysUntil(from), tt.days)
		}
		if sign(from.Compare(to)) != -sign(tt.days) || sign(to.Compare(from)) != sign(tt.days) {
			t.Errorf("%s and %s compare as %d", from, to, from.Compare(to))
		}
	}
	if d := (booking.Date{Year: 2026, Month: time.November, Day: 24}); d.Weekday() != time.Tuesday {
		t.Errorf("%s is a %s", d, d.Weekday())
	}
}

func sign(n int) int { return min(max(n, -1), 1) }

// The date of an instant is what its own clock shows.
func TestDateOf(t *testing.T) {
	t.Parallel()
	evening := time.Date(2026, 11, 24, 23, 30, 0, 0, time.UTC)
	if d := booking.DateOf(evening.In(time.FixedZone("", 3600))); d.String() != "2026-11-25" {
		t.Errorf("%s, want 2026-11-25", d)
	}
}

func FuzzParseDate(f *testing.F) {
	for _, seed := range []string{"2026-11-24", "2028-02-29", "0001-01-01", "9999-12-31", "2026-2-3", ""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		d, err := booking.ParseDate(text)
		if err != nil {
			return
		}
		if d.String() != text {
			t.Errorf("%q is written as %q", text, d)
		}
		if d.AddDays(1).AddDays(-1) != d || d.DaysUntil(d.AddDays(1)) != 1 {
			t.Errorf("%q has no next day", text)
		}
		var again booking.Date
		if written, err := d.MarshalText(); err != nil || again.UnmarshalText(written) != nil || again != d {
			t.Errorf("%q is read again as %v", text, again)
		}
	})
}
