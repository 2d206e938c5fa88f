package outbox_test

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/bus/membus"
	"vacancy/internal/outbox"
	"vacancy/internal/store"
)

// BenchmarkCommitted is what a commit pays for the relay: of a venue whose events this node sends, and of another.
func BenchmarkCommitted(b *testing.B) {
	for name, held := range map[string]bool{"ours": true, "another's": false} {
		b.Run(name, func(b *testing.B) {
			w := &world{venues: map[booking.VenueID]*worldVenue{}, buses: map[string]map[booking.VenueID]store.Cursor{}}
			r := outbox.New(outbox.Config{
				Store: w, Pictures: w, Bus: newBroker(), Name: busName, Now: time.Now, Log: slog.New(slog.DiscardHandler), Meter: newMeter(),
			})
			if held {
				r.HoldAll()
			}
			venues := manyVenues(100)
			b.ReportAllocs()
			i := booking.Revision(0)
			for b.Loop() {
				r.Committed(venues[i%100], i)
				i++
			}
		})
	}
}

// BenchmarkBacklog sends a backlog of bookings through a bus in memory, from a store that costs nothing:
//
//	go test -run '^$' -bench Backlog -benchtime 1x ./internal/outbox
func BenchmarkBacklog(b *testing.B) {
	const changes = 20_000
	for _, venues := range []int{1, 100} {
		b.Run(fmt.Sprintf("venues=%d", venues), func(b *testing.B) {
			sent := 0
			for b.Loop() {
				b.StopTimer()
				w := newWorld(b)
				ids := manyVenues(venues)
				w.open(ids...)
				if err := w.RegisterBus(b.Context(), busName); err != nil {
					b.Fatal(err)
				}
				for i, id := range ids {
					w.book(seeded(uint64(i)), id, changes/venues)
				}
				to := membus.New(membus.Config{Queue: 10 * changes})
				arriving := to.Subscribe()
				b.StartTimer()
				sent += sendBacklog(b, w, to, arriving, changes)
				arriving.Close()
			}
			b.ReportMetric(float64(sent)/b.Elapsed().Seconds(), "events/s")
		})
	}
}

// sendBacklog runs a relay until the events of so many bookings have arrived, and returns how many events that were.
func sendBacklog(b *testing.B, w *world, to *membus.Bus, arriving *membus.Subscription, bookings int) (sent int) {
	b.Helper()
	r := outbox.New(outbox.Config{
		Store: w, Pictures: w, Bus: to, Name: busName, Now: time.Now, Log: slog.New(slog.DiscardHandler), Meter: newMeter(),
	})
	ctx, cancel := context.WithCancel(b.Context())
	var running sync.WaitGroup
	running.Go(func() { r.Run(ctx) })
	for bookings > 0 {
		e, err := arriving.Next(ctx)
		if err != nil {
			b.Fatal(err)
		}
		sent++
		if isOfBooking(e) {
			bookings--
		}
	}
	cancel()
	running.Wait()
	return sent
}
