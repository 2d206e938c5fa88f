package schedule_test

import (
	"slices"
	"testing"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/schedule"
)

// Whatever the zone, date, period and step: an opening is in order, its starts are in it and ascend, IsStart agrees with them, and a
// clock shows each at a whole number of steps after the opening.
func FuzzOpening(f *testing.F) {
	f.Add("Europe/Berlin", 20_600, uint16(150), uint16(60), uint16(30))
	f.Add("America/St_Johns", 13_449, uint16(1400), uint16(120), uint16(7))
	f.Add("Pacific/Apia", 15_338, uint16(0), uint16(1439), uint16(15))
	f.Add("Asia/Manila", -45_656, uint16(600), uint16(900), uint16(60))
	f.Fuzz(func(t *testing.T, name string, day int, open, length, minutes uint16) {
		zone, err := booking.LoadZone(name)
		if err != nil || day < -100_000 || day > 100_000 {
			return
		}
		date := booking.Date{Year: 1970, Month: 1, Day: 1}.AddDays(day)
		period := booking.Period{Open: int(open) % booking.MinutesPerDay}
		period.Close = period.Open + 1 + int(length)%booking.MinutesPerDay
		step := time.Duration(1+int(minutes)%booking.MinutesPerDay) * time.Minute
		s := booking.Schedule{Exceptions: []booking.Exception{{Date: date, Hours: []booking.Period{period}}}}

		openings := schedule.Openings(s, zone, date, date)
		if len(openings) > 1 {
			t.Fatalf("%d openings of one period", len(openings))
		}
		for _, o := range openings {
			checkOpening(t, o, date, period, step)
		}
	})
}

func checkOpening(t *testing.T, o schedule.Opening, date booking.Date, period booking.Period, step time.Duration) {
	t.Helper()
	if !o.Start.Before(o.End) {
		t.Fatalf("opening %v to %v", o.Start, o.End)
	}
	nominal := time.Date(date.Year, date.Month, date.Day, 0, period.Open, 0, 0, time.UTC).Unix()
	starts := slices.Collect(o.Starts(step))
	for i, start := range starts {
		elapsed := time.Duration(wallOf(start)-nominal) * time.Second
		if start.Before(o.Start) || !start.Before(o.End) || elapsed < 0 || elapsed%step != 0 || !o.IsStart(start, step) {
			t.Fatalf("start %v of %v to %v", start, o.Start, o.End)
		}
		if i > 0 && !starts[i-1].Before(start) {
			t.Fatalf("start %v is not after %v", start, starts[i-1])
		}
	}
	for at := o.Start; at.Before(o.End); at = at.Add(time.Minute) {
		if _, found := slices.BinarySearchFunc(starts, at, time.Time.Compare); found != o.IsStart(at, step) {
			t.Fatalf("start at %v: %v", at, !found)
		}
	}
}
