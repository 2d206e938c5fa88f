package availability_test

import (
	"fmt"
	"slices"
	"testing"
	"time"
	_ "time/tzdata"

	"vacancy/internal/availability"
	"vacancy/internal/booking"
	"vacancy/internal/ledger"
)

// busyPool is a service with a 15-minute step and a pool of barbers, each about half booked for 90 days.
func busyPool(tb testing.TB, members int) availability.Query {
	tb.Helper()
	zone, err := booking.LoadZone("Europe/Berlin")
	if err != nil {
		tb.Fatal(err)
	}
	q := availability.Query{
		Zone: zone,
		Service: booking.Service{
			Duration: 30 * time.Minute, Step: 15 * time.Minute, BufferAfter: 10 * time.Minute, MinNotice: time.Hour,
			HorizonDays: 90, PartySize: booking.PartySize{Min: 1, Max: 1},
		},
		Resources: map[booking.ResourceID]booking.Resource{},
		Now:       time.Date(2026, 10, 1, 6, 7, 8, 0, time.UTC),
	}
	var hours booking.WeeklyHours
	for day := range hours {
		hours[day] = []booking.Period{{Open: 8 * 60, Close: 13 * 60}, {Open: 14 * 60, Close: 20 * 60}}
	}
	pool := booking.Requirement{Units: 1}
	ledgers := books{}
	for m := range members {
		id := booking.ResourceID(fmt.Sprintf("barber-%d", m))
		pool.AnyOf = append(pool.AnyOf, id)
		q.Resources[id] = booking.Resource{ID: id, Capacity: 1, Schedule: booking.Schedule{Weekly: hours}}
		edit := ledger.Ledger{}.Edit()
		for day := range 90 {
			for k := range 14 {
				start := time.Date(2026, 10, 1+day, 7, 45*k+m%3*15, 0, 0, time.UTC)
				if (k+m+day)%3 == 0 {
					continue
				}
				if err := edit.Add(booking.Claim{Start: start, End: start.Add(40 * time.Minute), Units: 1}); err != nil {
					tb.Fatal(err)
				}
			}
		}
		ledgers[id] = edit.Ledger()
	}
	q.Service.Requires = []booking.Requirement{pool}
	q.Ledgers = ledgers
	return q
}

// A month that nothing is remembered of, for a pool of 20: the budget is 20 ms.
func BenchmarkColdMonth(b *testing.B) {
	q := busyPool(b, 20)
	from, to := booking.Date{Year: 2026, Month: 10, Day: 1}, booking.Date{Year: 2026, Month: 10, Day: 31}
	starts := 0
	for b.Loop() {
		starts = 0
		for _, day := range availability.ForDays(q, from, to) {
			starts += len(day.Starts)
		}
	}
	b.ReportMetric(float64(starts), "starts")
}

// One day, as it is computed anew after each booking.
func BenchmarkDay(b *testing.B) {
	for _, members := range []int{1, 20} {
		b.Run(fmt.Sprintf("pool=%d", members), func(b *testing.B) {
			q := busyPool(b, members)
			for b.Loop() {
				availability.ForDay(q, booking.Date{Year: 2026, Month: 10, Day: 14})
			}
		})
	}
}

func BenchmarkFit(b *testing.B) {
	for _, members := range []int{1, 20} {
		b.Run(fmt.Sprintf("pool=%d", members), func(b *testing.B) {
			q := busyPool(b, members)
			starts := availability.ForDay(q, booking.Date{Year: 2026, Month: 10, Day: 14}).Starts
			start := starts[slices.IndexFunc(starts, func(s availability.Start) bool { return s.Largest > 0 })].Start
			for b.Loop() {
				_, _ = availability.Fit(q, start, 1)
			}
		})
	}
}

func BenchmarkAlternatives(b *testing.B) {
	q := busyPool(b, 20)
	start := time.Date(2026, 10, 14, 12, 30, 0, 0, time.UTC)
	for b.Loop() {
		if len(availability.Alternatives(q, start, 1, 5)) != 5 {
			b.Fatal("not five alternatives")
		}
	}
}
