package schedule_test

import (
	"fmt"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/schedule"
)

// A night shift when summer time ends: 02:00 comes twice.
func Example() {
	zone, _ := booking.LoadZone("Europe/Berlin")
	night, _ := booking.ParsePeriod("22:00-04:00")
	var s booking.Schedule
	s.Weekly[time.Saturday] = []booking.Period{night}

	saturday := booking.Date{Year: 2026, Month: time.October, Day: 24}
	for _, o := range schedule.Openings(s, zone, saturday, saturday) {
		fmt.Println("open", o.End.Sub(o.Start))
		for start := range o.Starts(time.Hour) {
			fmt.Println(start.Format("Mon 15:04 MST"))
		}
	}
	// Output:
	// open 7h0m0s
	// Sat 22:00 CEST
	// Sat 23:00 CEST
	// Sun 00:00 CEST
	// Sun 01:00 CEST
	// Sun 02:00 CEST
	// Sun 02:00 CET
	// Sun 03:00 CET
}
