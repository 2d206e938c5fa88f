package schedule_test

import (
	"testing"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/schedule"
)

// The openings of a month of one resource, with the exceptions of some years, around a clock change.
func BenchmarkOpeningsOfAMonth(b *testing.B) {
	s := alwaysOpen()
	from := booking.Date{Year: 2026, Month: time.October, Day: 1}
	for i := range 200 {
		s.Exceptions = append(s.Exceptions, booking.Exception{Date: from.AddDays(i*5 - 400), Closed: true})
	}
	zone := loadZone(b, "Europe/Berlin")
	for b.Loop() {
		schedule.Openings(s, zone, from, from.AddDays(30))
	}
}

// The hours around one start, as each booking needs them.
func BenchmarkHoursOfAStart(b *testing.B) {
	s, zone := alwaysOpen(), loadZone(b, "Europe/Berlin")
	start := time.Date(2026, time.July, 1, 10, 0, 0, 0, zone)
	for b.Loop() {
		hours := schedule.HoursOver(s, zone, start, start.Add(time.Hour))
		if !hours.IsStart(start, 15*time.Minute) || !hours.Covers(start, start.Add(time.Hour)) {
			b.Fatal("not open")
		}
	}
}
