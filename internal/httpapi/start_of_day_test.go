package httpapi

import (
	"testing"
	"time"

	"vacancy/internal/booking"
)

// The first instant of a day is on that day, and the one before it is not; also where clocks change at midnight, and where a date
// was left out.
func TestDayBeginsWithItsFirstInstant(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		"UTC", "Europe/Berlin", "America/Sao_Paulo", "America/Havana", "Asia/Beirut", "Asia/Gaza", "Africa/Cairo", "America/Asuncion",
		"Atlantic/Azores", "Australia/Lord_Howe", "Asia/Tehran", "Pacific/Apia",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			zone, err := booking.LoadZone(name)
			if err != nil {
				t.Fatal(err)
			}
			skipped := booking.Date{Year: 2011, Month: time.December, Day: 30}
			for date := (booking.Date{Year: 2009, Month: 1, Day: 1}); date.Year < 2028; date = date.AddDays(1) {
				begins := startOfDay(date, zone)
				want := date
				if name == "Pacific/Apia" && date == skipped {
					want = date.AddDays(1)
				}
				if got := booking.DateOf(begins); got != want {
					t.Errorf("%s begins on %s: %s", date, got, begins)
				}
				if before := booking.DateOf(begins.Add(-time.Nanosecond)); before.Compare(date) >= 0 {
					t.Errorf("%s has begun before %s", date, begins)
				}
			}
		})
	}
}
