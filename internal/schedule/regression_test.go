package schedule_test

import (
	"testing"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/schedule"
)

// On the last day of a leap year beyond the zone database's table, package time gives an end of the zone's bounds that is not after
// the instant asked about. The search for a wall went from one segment to the next by their ends, and so never got on: one GET for
// the end of 2040 would have kept a core busy for ever.
func TestLastDayOfLeapYears(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		"Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Cairo", "Asia/Kolkata", "Pacific/Chatham",
	} {
		zone, err := booking.LoadZone(name)
		if err != nil {
			t.Fatal(err)
		}
		for year := 2027; year <= 2104; year++ {
			for n := range 3 {
				date := booking.Date{Year: year, Month: time.December, Day: 30}.AddDays(n)
				want := time.Date(date.Year, date.Month, date.Day, 0, 0, 0, 0, zone)
				if got := schedule.Midnight(zone, date); !got.Equal(want) {
					t.Errorf("%s begins at %s in %s, not %s", date, got, name, want)
				}
				always := booking.Schedule{}
				for day := range always.Weekly {
					always.Weekly[day] = []booking.Period{{Open: 0, Close: booking.MinutesPerDay}}
				}
				if openings := schedule.Openings(always, zone, date, date); len(openings) != 1 || !openings[0].Start.Equal(want) {
					t.Errorf("%s in %s: %v", date, name, openings)
				}
			}
		}
	}
}
