package kafkabus_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"

	"vacancy/internal/booking"
	"vacancy/internal/bus"
	"vacancy/internal/bus/bustest"
	"vacancy/internal/bus/kafkabus"
	"vacancy/internal/bus/kafkabus/kafkatest"
)

// A record is as the Kafka protocol binding of CloudEvents has it in the binary mode.
func TestRecord(t *testing.T) {
	t.Parallel()
	broker := kafkatest.Shared(t)
	topic := broker.Topic(t, 1, nil)
	b := open(t, realConfig(broker, topic, bustest.NewLog()))
	e := bustest.Event("yoga", 3)
	e.Subject = "b_1"
	if _, err := b.Publish(t.Context(), "yoga", []bus.Event{e}); err != nil {
		t.Fatal(err)
	}
	record := broker.Records(t, topic)[0]
	want := map[string]string{"content-type": "application/json"}
	for _, a := range e.Attributes() {
		if a.Name != "datacontenttype" {
			want["ce_"+a.Name] = a.Value
		}
	}
	if got := headersOf(record); !maps.Equal(got, want) {
		t.Errorf("headers %v\nwant %v", got, want)
	}
	if string(record.Key) != "yoga" || string(record.Value) != string(e.Data) {
		t.Errorf("key %q, value %q", record.Key, record.Value)
	}
	if record.Timestamp.Equal(e.Time) {
		t.Error("the record is as old as its event: the topic's retention would count from there")
	}
}

// An event as large as the topic takes, but for the few bytes of the library's framing, is taken; one with a byte more is named, and
// neither it nor what is behind it is sent.
func TestLargestEvent(t *testing.T) {
	t.Parallel()
	broker := kafkatest.Shared(t)
	const limit = 5000
	topic := broker.Topic(t, 1, map[string]string{"max.message.bytes": fmt.Sprint(limit)})
	b := open(t, realConfig(broker, topic, bustest.NewLog()))
	exactly := func(i, want int) bus.Event {
		e := bustest.Event("a", i)
		for n := want; n > 0; n-- {
			e.Data = []byte(`"` + strings.Repeat("x", n) + `"`)
			if kafkabus.SizeAlone(kafkabus.NewRecord(topic, 0, "a", &e)) == want {
				return e
			}
		}
		t.Fatalf("no event makes a batch of %d bytes", want)
		return e
	}
	fits := []bus.Event{bustest.Event("a", 0), exactly(1, limit-4), bustest.Event("a", 2)}
	if _, err := b.Publish(t.Context(), "a", fits); err != nil {
		t.Errorf("a batch of the limit's size: %v", err)
	}
	large := []bus.Event{bustest.Event("a", 3), exactly(4, limit-3), bustest.Event("a", 5)}
	var rejected *bus.RejectedError
	if _, err := b.Publish(t.Context(), "a", large); !errors.As(err, &rejected) {
		t.Fatalf("a byte more: %v", err)
	}
	if rejected.Index != 1 || !strings.Contains(rejected.Reason, "max.message.bytes") {
		t.Errorf("rejected: %+v", rejected)
	}
	if got := len(broker.Records(t, topic)); got != len(fits) {
		t.Errorf("%d records, want %d", got, len(fits))
	}
	// The broker itself has the same measure.
	client := broker.Client(t, kgo.ProducerBatchCompression(kgo.NoCompression()))
	defer client.Close()
	for i, accepted := range []bool{true, false} {
		e := exactly(1, limit+i)
		if err := client.ProduceSync(t.Context(), kafkabus.NewRecord(topic, 0, "a", &e)).FirstErr(); (err == nil) != accepted {
			t.Errorf("the broker says of a batch of %d bytes: %v", limit+i, err)
		}
	}
}

// The partition is the one that Kafka's own clients choose by the key, so that other programs find a venue; these are known values of
// their hash. It does not depend on how many partitions the topic has got meanwhile.
func TestPartitionIsKafkasOwn(t *testing.T) {
	t.Parallel()
	for key, hash := range map[booking.VenueID]int32{
		"21": -973932308, "foobar": -790332482, "a-little-bit-long-string": -985981536, "a-little-bit-longer-string": -1486304829,
	} {
		for _, n := range []int{1, 7, 12} {
			b := open(t, kafkabus.Config{Brokers: []string{"127.0.0.1:1"}, Partitions: n, Log: bustest.NewLog().Logger()})
			if got, want := kafkabus.PartitionOf(b, key), int(hash&0x7fffffff)%n; got != want {
				t.Errorf("%s of %d: partition %d, want %d", key, n, got, want)
			}
		}
	}
}

// A topic that grows moves no venue: events stay in their partitions, and the operator is told, at once and at every start.
func TestTopicThatGrows(t *testing.T) {
	t.Parallel()
	broker, log := kafkatest.Shared(t), bustest.NewLog()
	topic := broker.Topic(t, 2, nil)
	config := realConfig(broker, topic, log)
	config.Partitions = 2
	b := open(t, config)
	publish := func(b *kafkabus.Bus, from int) {
		t.Helper()
		for v := range 20 {
			venue := booking.VenueID(fmt.Sprint("v", v))
			if _, err := b.Publish(t.Context(), venue, bustest.Events(venue, from, 3)); err != nil {
				t.Fatal(err)
			}
		}
	}
	publish(b, 0)
	broker.Grow(t, topic, 8)
	kafkabus.CheckNow(b)
	told := func(b *kafkabus.Bus) func() error {
		return func() error {
			if err := b.Health(); err == nil || !strings.Contains(err.Error(), "8 partitions, and 2 are configured") {
				return fmt.Errorf("health is %w", err)
			}
			return nil
		}
	}
	await(t, "the running bus notices", told(b))
	publish(b, 3)
	restarted := open(t, config)
	publish(restarted, 6)
	await(t, "a restarted bus notices", told(restarted))
	if !strings.Contains(log.String(), "level=ERROR") {
		t.Errorf("it is not told loudly:\n%s", log)
	}
	ids := make(map[string][]string)
	partition := make(map[string]int32)
	for _, r := range broker.Records(t, topic) {
		key := string(r.Key)
		if before, ok := partition[key]; ok && before != r.Partition {
			t.Errorf("%s is in partitions %d and %d", key, before, r.Partition)
		}
		partition[key] = r.Partition
		ids[key] = append(ids[key], headersOf(r)["ce_id"])
	}
	for key, got := range ids {
		if want := idsOf(bustest.Events(booking.VenueID(key), 0, 9)); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", key, got, want)
		}
	}
}

func realConfig(broker *kafkatest.Broker, topic string, log *bustest.Log) kafkabus.Config {
	return kafkabus.Config{
		Brokers: []string{broker.Address()}, Topic: topic, Partitions: 1, Replicas: 1, MinInSync: 1, Log: log.Logger(),
	}
}
