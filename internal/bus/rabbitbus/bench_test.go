package rabbitbus_test

import (
	"fmt"
	"log/slog"
	"sync"
	"testing"

	"vacancy/internal/booking"
	"vacancy/internal/bus/bustest"
	"vacancy/internal/bus/rabbitbus"
	"vacancy/internal/bus/rabbitbus/rabbittest"
)

// BenchmarkPublish is how many events a second are confirmed by a quorum queue of one node.
func BenchmarkPublish(b *testing.B) {
	for _, c := range []struct{ venues, batch int }{{1, 1}, {1, 100}, {64, 1}, {64, 100}} {
		b.Run(fmt.Sprintf("venues=%d/batch=%d", c.venues, c.batch), func(b *testing.B) {
			bus := openBus(b, rabbitbus.Config{
				URL: rabbittest.Shared(b).VirtualHost(b), Declare: true, Queue: "all", QueueLimit: 1 << 40, Log: slog.New(slog.DiscardHandler),
			})
			next := 0
			for b.Loop() {
				var calls sync.WaitGroup
				for i := range c.venues {
					calls.Go(func() {
						venue := booking.VenueID(fmt.Sprintf("venue-%d", i))
						if _, err := bus.Publish(b.Context(), venue, bustest.Events(venue, next, c.batch)); err != nil {
							b.Error(err)
						}
					})
				}
				calls.Wait()
				next += c.batch
			}
			b.ReportMetric(float64(b.N*c.venues*c.batch)/b.Elapsed().Seconds(), "events/s")
		})
	}
}
