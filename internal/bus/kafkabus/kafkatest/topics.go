package kafkatest

import (
	"context"
	"crypto/rand"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// adminTimeout bounds what tests ask the broker for.
const adminTimeout = time.Minute

// TopicName is a name that no other topic has.
func TopicName() string { return "t-" + strings.ToLower(rand.Text()) }

// Topic makes a topic of the test's own, with settings such as max.message.bytes.
func (b *Broker) Topic(tb testing.TB, partitions int, settings map[string]string) string {
	tb.Helper()
	name := TopicName()
	b.Create(tb, name, partitions, settings)
	return name
}

// Create makes a topic of that name.
func (b *Broker) Create(tb testing.TB, name string, partitions int, settings map[string]string) {
	tb.Helper()
	configs := make(map[string]*string, len(settings))
	for key, value := range settings {
		configs[key] = &value
	}
	b.admin(tb, func(ctx context.Context, admin *kadm.Client) error {
		if _, err := admin.CreateTopic(ctx, int32(partitions), 1, configs, name); err != nil {
			return err
		}
		return leaders(ctx, admin, name, partitions)
	})
}

// leaders waits until the broker knows of a topic that was made, and leads its partitions.
func leaders(ctx context.Context, admin *kadm.Client, topic string, partitions int) error {
	return waitFor(ctx, func() (bool, error) {
		details, err := admin.ListTopics(ctx, topic)
		led := 0
		for _, p := range details[topic].Partitions {
			if p.Leader >= 0 && p.Err == nil {
				led++
			}
		}
		return led == partitions, err
	})
}

// waitFor asks again and again: a broker does not tell when it has learned of something.
func waitFor(ctx context.Context, holds func() (bool, error)) error {
	again := time.NewTicker(10 * time.Millisecond)
	defer again.Stop()
	for {
		if done, err := holds(); done || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-again.C:
		}
	}
}

// Delete deletes a topic, and returns when it is gone; another one may have its name then.
func (b *Broker) Delete(tb testing.TB, name string) {
	tb.Helper()
	b.admin(tb, func(ctx context.Context, admin *kadm.Client) error {
		before, err := admin.ListTopics(ctx, name)
		if err == nil {
			_, err = admin.DeleteTopic(ctx, name)
		}
		if err != nil {
			return err
		}
		return waitFor(ctx, func() (bool, error) {
			now, err := admin.ListTopics(ctx, name)
			return now[name].Err != nil || now[name].ID != before[name].ID, err
		})
	})
}

// Configure changes a setting of a topic.
func (b *Broker) Configure(tb testing.TB, topic, setting, value string) {
	tb.Helper()
	b.admin(tb, func(ctx context.Context, admin *kadm.Client) error {
		responses, err := admin.AlterTopicConfigs(ctx, []kadm.AlterConfig{{Op: kadm.SetConfig, Name: setting, Value: &value}}, topic)
		if err != nil {
			return err
		}
		_, err = responses.On(topic, nil)
		return err
	})
}

// Grow raises the number of partitions of a topic.
func (b *Broker) Grow(tb testing.TB, topic string, partitions int) {
	tb.Helper()
	b.admin(tb, func(ctx context.Context, admin *kadm.Client) error {
		responses, err := admin.UpdatePartitions(ctx, partitions, topic)
		if err == nil {
			err = responses.Error()
		}
		if err != nil {
			return err
		}
		return leaders(ctx, admin, topic, partitions)
	})
}

// Allow makes a user of SCRAM-SHA-256 and SCRAM-SHA-512 with [Password], and lets the user do that with topics of that name. The
// operations may be none.
func (b *Broker) Allow(tb testing.TB, user, topic string, operations ...kadm.ACLOperation) {
	tb.Helper()
	b.admin(tb, func(ctx context.Context, admin *kadm.Client) error {
		var err error
		for _, mechanism := range []kadm.ScramMechanism{kadm.ScramSha256, kadm.ScramSha512} { // a request takes a user once
			upsert := kadm.UpsertSCRAM{User: user, Mechanism: mechanism, Iterations: 4096, Password: Password}
			responses, failed := admin.AlterUserSCRAMs(ctx, nil, []kadm.UpsertSCRAM{upsert})
			err = errors.Join(err, failed, responses.Error())
		}
		if err != nil || len(operations) == 0 {
			return err
		}
		rules := kadm.NewACLs().Topics(topic).ResourcePatternType(kadm.ACLPatternLiteral).Operations(operations...).
			Allow("User:" + user).AllowHosts()
		created, err := admin.CreateACLs(ctx, rules)
		if err != nil {
			return err
		}
		for _, rule := range created {
			if rule.Err != nil {
				return rule.Err
			}
		}
		return nil
	})
}

// Forget takes a user's passwords away: the next connection of the user's is refused.
func (b *Broker) Forget(tb testing.TB, user string) {
	tb.Helper()
	b.admin(tb, func(ctx context.Context, admin *kadm.Client) error {
		var err error
		for _, mechanism := range []kadm.ScramMechanism{kadm.ScramSha256, kadm.ScramSha512} {
			responses, failed := admin.AlterUserSCRAMs(ctx, []kadm.DeleteSCRAM{{User: user, Mechanism: mechanism}}, nil)
			err = errors.Join(err, failed, responses.Error())
		}
		return err
	})
}

func (b *Broker) admin(tb testing.TB, do func(context.Context, *kadm.Client) error) {
	tb.Helper()
	client := b.Client(tb)
	defer client.Close()
	ctx, cancel := context.WithTimeout(tb.Context(), adminTimeout)
	defer cancel()
	if err := do(ctx, kadm.NewClient(client)); err != nil {
		tb.Fatalf("Kafka in %s: %v", b.directory, err)
	}
}

// Client is a client of the test's own, which the caller closes.
func (b *Broker) Client(tb testing.TB, options ...kgo.Opt) *kgo.Client {
	tb.Helper()
	client, err := kgo.NewClient(append([]kgo.Opt{kgo.SeedBrokers(b.Direct()), kgo.MetadataMinAge(100 * time.Millisecond)}, options...)...)
	if err != nil {
		tb.Fatal(err)
	}
	return client
}

// Records reads all records that a topic has now, those of each partition in order.
func (b *Broker) Records(tb testing.TB, topic string) []*kgo.Record {
	tb.Helper()
	ctx, cancel := context.WithTimeout(tb.Context(), adminTimeout)
	defer cancel()
	var missing int64
	b.admin(tb, func(ctx context.Context, admin *kadm.Client) error {
		starts, err := admin.ListStartOffsets(ctx, topic)
		if err == nil {
			err = starts.Error()
		}
		if err != nil {
			return err
		}
		ends, err := admin.ListEndOffsets(ctx, topic)
		if err == nil {
			err = ends.Error()
		}
		if err != nil {
			return err
		}
		ends.Each(func(end kadm.ListedOffset) {
			start, _ := starts.Lookup(end.Topic, end.Partition)
			missing += end.Offset - start.Offset
		})
		return nil
	})
	client := b.Client(tb, kgo.ConsumeTopics(topic), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	defer client.Close()
	var records []*kgo.Record
	for int64(len(records)) < missing {
		fetches := client.PollFetches(ctx)
		if err := fetches.Err(); err != nil {
			tb.Fatalf("read %s: %v", topic, err)
		}
		records = append(records, fetches.Records()...)
	}
	return records
}
