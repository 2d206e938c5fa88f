package kafkabus_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/bus"
	"vacancy/internal/bus/bustest"
	"vacancy/internal/bus/kafkabus"
	"vacancy/internal/bus/kafkabus/kafkatest"
)

// Three brokers, three replicas, two of them in sync: one broker may be killed, and events go on; with two killed nothing is confirmed, and
// the operator is told why; when one is back, events go on. Nothing that was confirmed is missing, and all comes in order.
func TestReplicas(t *testing.T) {
	t.Parallel()
	brokers, log := kafkatest.StartCluster(t, 3), bustest.NewLog()
	config := kafkabus.Config{Topic: kafkatest.TopicName(), Declare: true, Partitions: 3, Replicas: 3, Log: log.Logger()}
	for _, broker := range brokers {
		config.Brokers = append(config.Brokers, broker.Address())
	}
	b := open(t, config)
	var venues []booking.VenueID
	for i := range 9 { // some in each partition, so that each broker leads some
		venues = append(venues, booking.VenueID(fmt.Sprint("v", i)))
	}
	const step = 5
	sent := 0
	publish := func(venue booking.VenueID) error {
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		_, err := b.Publish(ctx, venue, bustest.Events(venue, sent, step))
		return err
	}
	confirmed := func(what string) {
		t.Helper()
		for _, venue := range venues {
			await(t, what, func() error { return publish(venue) })
		}
		sent += step
	}
	confirmed("with three brokers")
	brokers[1].Kill(t)
	confirmed("with two brokers")
	brokers[2].Kill(t)
	await(t, "a refusal", func() error {
		if err := publish(venues[0]); !errors.Is(err, bus.ErrMisconfigured) || !strings.Contains(err.Error(), "in sync") {
			return fmt.Errorf("publish with one broker: %w", err)
		}
		return nil
	})
	if err := b.Health(); err == nil || !strings.Contains(err.Error(), "in sync") {
		t.Errorf("with one broker, health is %v", err)
	}
	if !strings.Contains(log.String(), "in sync") {
		t.Errorf("the log does not tell:\n%s", log)
	}
	brokers[2].Start(t)
	confirmed("with two brokers again")
	await(t, "health", func() error { kafkabus.CheckNow(b); return b.Health() })

	if strings.Contains(log.String(), "lost events") {
		t.Errorf("a loss is told of that was none:\n%s", log)
	}
	ids := make(map[string][]string)
	for _, r := range brokers[0].Records(t, config.Topic) {
		key, id := string(r.Key), headersOf(r)["ce_id"]
		if !slices.Contains(ids[key], id) { // the first occurrence
			ids[key] = append(ids[key], id)
		}
	}
	for _, venue := range venues {
		if got, want := ids[string(venue)], idsOf(bustest.Events(venue, 0, sent)); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", venue, got, want)
		}
	}
}
