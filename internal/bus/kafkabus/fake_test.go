package kafkabus_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"vacancy/internal/booking"
	"vacancy/internal/bus"
	"vacancy/internal/bus/bustest"
	"vacancy/internal/bus/kafkabus"
)

// fakeTopic is the topic of a fake broker, with one partition.
const fakeTopic = "vacancy"

// fake starts a broker within the test, which fails as it is told.
func fake(t *testing.T, settings map[string]string) *kfake.Cluster {
	t.Helper()
	cluster, err := kfake.NewCluster(kfake.NumBrokers(1))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cluster.Close)
	if err := cluster.CreateTopic(fakeTopic, 1, settings); err != nil {
		t.Fatal(err)
	}
	return cluster
}

func fakeConfig(cluster *kfake.Cluster, log *bustest.Log) kafkabus.Config {
	return kafkabus.Config{
		Brokers: cluster.ListenAddrs(), Topic: fakeTopic, Partitions: 1, Replicas: 1, MinInSync: 1, Log: log.Logger(),
	}
}

// stored are the ids of all events that the broker has, in its order.
func stored(t *testing.T, cluster *kfake.Cluster) (ids []string) {
	t.Helper()
	info := cluster.PartitionInfo(fakeTopic, 0)
	client, err := kgo.NewClient(kgo.SeedBrokers(cluster.ListenAddrs()...), kgo.ConsumeTopics(fakeTopic),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	for int64(len(ids)) < info.HighWatermark {
		fetches := client.PollFetches(t.Context())
		if err := fetches.Err(); err != nil {
			t.Fatal(err)
		}
		fetches.EachRecord(func(r *kgo.Record) { ids = append(ids, headersOf(r)["ce_id"]) })
	}
	return ids
}

func idsOf(events []bus.Event) (ids []string) {
	for _, e := range events {
		ids = append(ids, e.ID)
	}
	return ids
}

// small makes several batches of what a call has.
var small = map[string]string{"max.message.bytes": "2000"}

// failThird fails the third batch for good, while those behind it are in flight.
func failThird(cluster *kfake.Cluster) {
	var requests atomic.Int64
	cluster.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Err: kerr.InvalidRecord, When: func(kmsg.Request) bool {
		return requests.Add(1) == 3
	}})
}

// A batch in the middle of a call fails while later ones are in flight: nothing behind it is stored, the call fails as a whole, and when
// it is sent again, the first occurrences are in order.
func TestFailureInTheMiddle(t *testing.T) {
	t.Parallel()
	cluster := fake(t, small)
	b := open(t, fakeConfig(cluster, bustest.NewLog()))
	first := bustest.Events("a", 0, 4)
	if _, err := b.Publish(t.Context(), "a", first); err != nil {
		t.Fatal(err)
	}
	failThird(cluster)
	events := bustest.Events("a", 4, 40)
	if _, err := b.Publish(t.Context(), "a", events); !errors.Is(err, bus.ErrMisconfigured) {
		t.Fatalf("%v, want the broker's refusal", err)
	}
	got := stored(t, cluster)[len(first):]
	if len(got) == 0 || len(got) >= len(events) {
		t.Fatalf("%d of %d events are stored: the failure was not in the middle", len(got), len(events))
	}
	if !slices.Equal(got, idsOf(events)[:len(got)]) {
		t.Errorf("behind a failure, later events are stored: %v", got)
	}
	if _, err := b.Publish(t.Context(), "a", events); err != nil {
		t.Fatal(err)
	}
	if got := stored(t, cluster)[len(first)+len(got):]; !slices.Equal(got, idsOf(events)) {
		t.Errorf("the second time, the broker got %v", got)
	}
}

// TestFailureInTheMiddleIsNoticed is the control of the test above: a producer that is not idempotent stores what is behind the failure, if
// it has sent that before it hears of it.
func TestFailureInTheMiddleIsNoticed(t *testing.T) {
	t.Parallel()
	all := idsOf(bustest.Events("a", 0, 40))
	await(t, "events behind a failure", func() error {
		if got := storedWithoutIdempotence(t, all); slices.Equal(got, all[:len(got)]) {
			return errors.New("nothing behind the failure is stored")
		}
		return nil
	})
}

// storedWithoutIdempotence is what a broker has after the third batch of a producer that is not idempotent has failed.
func storedWithoutIdempotence(t *testing.T, ids []string) []string {
	t.Helper()
	cluster := fake(t, small)
	client, err := kgo.NewClient(kgo.SeedBrokers(cluster.ListenAddrs()...), kgo.DefaultProduceTopic(fakeTopic), kgo.DisableIdempotentWrite(),
		kgo.MaxProduceRequestsInflightPerBroker(5), kgo.ProducerBatchMaxBytes(2000), kgo.ProducerBatchCompression(kgo.NoCompression()))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	failThird(cluster)
	for _, id := range ids {
		client.Produce(t.Context(), &kgo.Record{
			Value: []byte(strings.Repeat("x", 400)), Headers: []kgo.RecordHeader{{Key: "ce_id", Value: []byte(id)}},
		}, nil)
	}
	if err := client.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	return stored(t, cluster)
}

// A call that waits behind another is not sent if its caller leaves meanwhile; one in flight fails for all in its group, and none of it is
// sent again.
func TestCallersWhoLeave(t *testing.T) {
	t.Parallel()
	cluster := fake(t, nil)
	b := open(t, fakeConfig(cluster, bustest.NewLog()))
	publish := func(ctx context.Context, venue booking.VenueID) <-chan error {
		result := make(chan error, 1)
		go func() {
			_, err := b.Publish(ctx, venue, bustest.Events(venue, 0, 3))
			result <- err
		}()
		return result
	}
	if err := <-publish(t.Context(), "first"); err != nil {
		t.Fatal(err)
	}
	// The broker holds what comes, and acts on it when it is released.
	release, held := make(chan struct{}), make(chan struct{}, 10)
	cluster.ControlKey(int16(kmsg.Produce), func(kmsg.Request) (kmsg.Response, error, bool) {
		held <- struct{}{}
		cluster.SleepControl(func() { <-release })
		return nil, nil, false
	})
	flying, stop := context.WithCancel(t.Context())
	defer stop()
	inFlight := publish(flying, "in-flight")
	<-held
	waiting, leave := context.WithCancel(t.Context())
	left := publish(waiting, "left")
	stays := publish(t.Context(), "stays")
	leave()
	if err := <-left; !errors.Is(err, bus.ErrUnavailable) {
		t.Errorf("a caller who leaves gets %v", err)
	}
	stop()
	if err := <-inFlight; !errors.Is(err, bus.ErrUnavailable) {
		t.Errorf("a caller who leaves gets %v", err)
	}
	close(release)
	if err := <-stays; err != nil {
		t.Errorf("a caller who stays gets %v", err)
	}
	got := strings.Join(stored(t, cluster), " ")
	for venue, times := range map[string][]int{"first": {1}, "left": {0}, "in-flight": {0, 1}, "stays": {1}} {
		first := bustest.Events(booking.VenueID(venue), 0, 1)[0].ID
		if n := strings.Count(got, first); !slices.Contains(times, n) {
			t.Errorf("events of %q are stored %d times: %s", venue, n, got)
		}
	}
}

// What a broker refuses has a line for the operator, in the error, in Health and in the log, and ends with its reason.
func TestRefusals(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		err  *kerr.Error
		key  kmsg.Key
		kind error
		says string
	}{
		"too few replicas":          {kerr.NotEnoughReplicas, kmsg.Produce, bus.ErrMisconfigured, "fewer replicas in sync"},
		"no leave to write":         {kerr.TopicAuthorizationFailed, kmsg.Produce, bus.ErrMisconfigured, "ACL"},
		"no leave in the cluster":   {kerr.ClusterAuthorizationFailed, kmsg.InitProducerID, bus.ErrMisconfigured, "IdempotentWrite"},
		"refused records":           {kerr.InvalidRecord, kmsg.Produce, bus.ErrMisconfigured, "refuse records"},
		"no leader":                 {kerr.NotLeaderForPartition, kmsg.Produce, bus.ErrUnavailable, "NOT_LEADER"},
		"a broker with a bad disk":  {kerr.KafkaStorageError, kmsg.Produce, bus.ErrUnavailable, "KAFKA_STORAGE_ERROR"},
		"not to be described":       {kerr.TopicAuthorizationFailed, kmsg.Metadata, bus.ErrMisconfigured, "ACL"},
		"not in time":               {kerr.RequestTimedOut, kmsg.Produce, bus.ErrUnavailable, "confirm"},
		"too few replicas, late on": {kerr.NotEnoughReplicasAfterAppend, kmsg.Produce, bus.ErrUnavailable, "confirm"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cluster, log := fake(t, nil), bustest.NewLog()
			fault := cluster.Fault(kfake.Fault{
				Keys: []kmsg.Key{c.key}, Err: c.err, Count: -1, TopLevel: c.key == kmsg.InitProducerID,
			})
			b := open(t, fakeConfig(cluster, log))
			_, err := b.Publish(t.Context(), "a", bustest.Events("a", 0, 3))
			if !errors.Is(err, c.kind) || errors.Is(err, bus.ErrMisconfigured) != errors.Is(c.kind, bus.ErrMisconfigured) {
				t.Errorf("%v, want %v", err, c.kind)
			}
			for where, text := range map[string]string{"error": err.Error(), "log": log.String()} {
				if !strings.Contains(text, c.says) {
					t.Errorf("the %s lacks %q: %s", where, c.says, text)
				}
			}
			fault.Remove()
			await(t, "publishing", func() error {
				_, err := b.Publish(t.Context(), "a", bustest.Events("a", 0, 3))
				return err
			})
			if err := b.Health(); err != nil {
				t.Errorf("after it was mended: %v", err)
			}
		})
	}
}

// A broker that has forgotten what it confirmed, as after the election of a replica that lacked it, shows that by the sequence that it
// expects: events go on, and the loss is told.
func TestLossIsTold(t *testing.T) {
	t.Parallel()
	cluster, log := fake(t, nil), bustest.NewLog()
	b := open(t, fakeConfig(cluster, log))
	for i, lost := range []bool{false, true} {
		if lost {
			cluster.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Err: kerr.OutOfOrderSequenceNumber})
		}
		if _, err := b.Publish(t.Context(), "a", bustest.Events("a", i, 1)); err != nil {
			t.Fatal(err)
		}
		await(t, "the log", func() error {
			if told := strings.Contains(log.String(), "lost events"); told != lost {
				return fmt.Errorf("told is %t", told)
			}
			return nil
		})
	}
}

// Without leave to read the topic's settings, its limit is found out: batches shrink, and an event that is too large alone is named.
func TestUnknownLimit(t *testing.T) {
	t.Parallel()
	cluster, log := fake(t, map[string]string{"max.message.bytes": "20000"}), bustest.NewLog()
	cluster.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.DescribeConfigs}, Err: kerr.TopicAuthorizationFailed, Count: -1})
	b := open(t, fakeConfig(cluster, log))
	fits, large := bustest.Events("a", 0, 100), bustest.Events("a", 100, 5)
	large[2].Data = []byte(`"` + strings.Repeat("x", 30_000) + `"`)
	for i := range fits {
		fits[i].Data = []byte(`"` + strings.Repeat("x", 1000) + `"`)
	}
	await(t, "publishing in smaller batches", func() error {
		_, err := b.Publish(t.Context(), "a", fits)
		return err
	})
	var rejected *bus.RejectedError
	await(t, "a rejection", func() error {
		_, err := b.Publish(t.Context(), "a", large)
		if !errors.As(err, &rejected) {
			return errors.Join(errors.New("not rejected"), err)
		}
		return nil
	})
	if rejected.Index != 2 {
		t.Errorf("event %d is rejected, want 2", rejected.Index)
	}
	await(t, "publishing the others", func() error {
		_, err := b.Publish(t.Context(), "a", slices.Delete(slices.Clone(large), 2, 3))
		return err
	})
	if !strings.Contains(log.String(), "DescribeConfigs") {
		t.Errorf("nobody is told how to mend it:\n%s", log)
	}
}

// await tries again and again, for what a bus finds out by itself.
func await(t *testing.T, what string, try func() error) {
	t.Helper()
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	late := time.After(time.Minute)
	for {
		err := try()
		if err == nil {
			return
		}
		select {
		case <-again.C:
		case <-late:
			t.Fatalf("%s: %v", what, err)
		}
	}
}
