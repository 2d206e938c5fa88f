package natsbus_test

import (
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"vacancy/internal/booking"
	"vacancy/internal/bus/bustest"
	"vacancy/internal/bus/natsbus"
)

// BenchmarkPublish is one batch of each of so many venues side by side, to a server that writes to the operating system, or to the disk.
func BenchmarkPublish(b *testing.B) {
	for name, config := range map[string]string{
		"written": jetStream,
		"synced":  strings.Replace(jetStream, "max_file_store", "sync_interval: always, max_file_store", 1),
	} {
		for _, c := range []struct{ venues, batch int }{{1, 1}, {1, 100}, {64, 1}, {64, 100}} {
			b.Run(fmt.Sprintf("%s/venues=%d/batch=%d", name, c.venues, c.batch), func(b *testing.B) {
				bus := open(b, natsbus.Config{URL: url(startBroker(b, config).address), Declare: true, Log: slog.New(slog.DiscardHandler)})
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
}
