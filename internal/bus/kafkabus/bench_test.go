package kafkabus_test

import (
	"fmt"
	"log/slog"
	"sync"
	"testing"

	"vacancy/internal/booking"
	"vacancy/internal/bus/bustest"
	"vacancy/internal/bus/kafkabus"
	"vacancy/internal/bus/kafkabus/kafkatest"
)

// BenchmarkPublish has several venues publish side by side, to Kafka on this machine. An operation is one event.
func BenchmarkPublish(b *testing.B) {
	broker := kafkatest.Shared(b)
	for _, shape := range []struct{ venues, batch int }{{1, 1}, {64, 1}, {1, 100}, {100, 100}, {100, 1000}} {
		b.Run(fmt.Sprintf("venues=%d/batch=%d", shape.venues, shape.batch), func(b *testing.B) {
			topic := broker.Topic(b, kafkabus.DefaultPartitions, nil)
			subject := open(b, kafkabus.Config{
				Brokers: []string{broker.Address()}, Topic: topic, Replicas: 1, Log: slog.New(slog.DiscardHandler),
			})
			publish := func(v, first, n int) {
				venue := booking.VenueID(fmt.Sprint("v", v))
				if _, err := subject.Publish(b.Context(), venue, bustest.Events(venue, first, n)); err != nil {
					b.Error(err)
				}
			}
			publish(0, 0, 1)
			b.ResetTimer()
			var venues sync.WaitGroup
			for v := range shape.venues {
				venues.Go(func() {
					share := (b.N + shape.venues - 1) / shape.venues
					for first := 0; first < share; first += shape.batch {
						publish(v, first, min(shape.batch, share-first))
					}
				})
			}
			venues.Wait()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
		})
	}
}
