package events_test

import (
	"fmt"
	"testing"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/events"
)

// BenchmarkOfChanges makes the events of changes of 64 bookings: one change that books one start, and 64 that book as many.
func BenchmarkOfChanges(b *testing.B) {
	for _, changes := range []int{1, 64} {
		b.Run(fmt.Sprintf("changes=%d", changes), func(b *testing.B) {
			w := newWorld(b, "Europe/Berlin", monday)
			hall := w.picture.Resources["room"]
			hall.Capacity = 1000
			class := w.picture.Services[classes]
			class.HorizonDays = 60
			w.commit(booking.Entry{Resource: &hall}, booking.Entry{Service: &class})
			after := w.picture.Revision
			var entries []booking.Entry
			for i := range 64 {
				start := at(10, 0)
				if changes > 1 {
					start = start.AddDate(0, 0, i/2).Add(time.Duration(i%2) * time.Hour)
				}
				entries = append(entries, booking.Entry{Kind: booking.BookingConfirmed, Booking: &booking.BookingTransition{
					ID: booking.NewBookingID(monday), Service: classes, Status: booking.Confirmed, Start: start, End: start.Add(time.Hour), PartySize: 2,
					Claimed: []booking.Claim{{Resource: "room", Start: start, End: start.Add(time.Hour), Units: 2}},
				}})
			}
			for i := 0; i < len(entries); i += 64 / changes {
				w.commit(entries[i : i+64/changes]...)
			}
			in := w.input(after)
			n := 0
			b.ReportAllocs()
			for b.Loop() {
				told, err := events.OfChanges(in)
				if err != nil {
					b.Fatal(err)
				}
				n += len(told)
			}
			b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "events/s")
		})
	}
}

// BenchmarkCheckpoint checks a quarter of a year of three services.
func BenchmarkCheckpoint(b *testing.B) {
	w := newWorld(b, "Europe/Berlin", monday)
	for _, s := range w.picture.Services {
		s.HorizonDays = 90
		w.commit(booking.Entry{Service: &s})
	}
	b.ReportAllocs()
	for b.Loop() {
		events.Checkpoint(w.picture, w.now)
	}
}
