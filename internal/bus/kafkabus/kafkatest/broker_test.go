package kafkatest_test

import (
	"fmt"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"

	"vacancy/internal/bus/kafkabus/kafkatest"
)

func TestSharedIsOneBroker(t *testing.T) {
	t.Parallel()
	if first, second := kafkatest.Shared(t), kafkatest.Shared(t); first != second {
		t.Errorf("two brokers: %s and %s", first.Direct(), second.Direct())
	}
}

// A broker that is killed has what it confirmed when it is started again, at the same address; so has one that is shut down.
func TestConfirmedRecordsSurvive(t *testing.T) {
	t.Parallel()
	broker := kafkatest.Start(t, kafkatest.Options{})
	topic, address := broker.Topic(t, 2, nil), broker.Address()
	client := broker.Client(t, kgo.DefaultProduceTopic(topic))
	defer client.Close()
	for i, end := range []func(){func() { broker.Kill(t) }, func() { broker.Stop(t) }} {
		if err := client.ProduceSync(t.Context(), kgo.StringRecord(fmt.Sprint("record ", i))).FirstErr(); err != nil {
			t.Fatal(err)
		}
		end()
		broker.Start(t)
		if got := broker.Records(t, topic); len(got) != i+1 {
			t.Errorf("%d records, want %d", len(got), i+1)
		}
	}
	if broker.Address() != address {
		t.Errorf("the address was %s and is %s", address, broker.Address())
	}
}
