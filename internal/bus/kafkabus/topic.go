package kafkabus

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
)

// The settings of a topic that matter here.
const (
	maxMessageBytes = "max.message.bytes"
	minInSync       = "min.insync.replicas"
	cleanupPolicy   = "cleanup.policy"
	uncleanElection = "unclean.leader.election.enable"
	retention       = "retention.ms"
)

// topicFacts are what a check has seen of the topic.
type topicFacts struct {
	id         kadm.TopicID
	partitions int
	// replicas is the smallest number of a partition.
	replicas int
	// inSync is how many replicas each partition has in sync; leaderless are those that nobody leads.
	inSync     []int
	leaderless []int
	// settings is nil if they may not be read.
	settings map[string]string
}

// assessment is what follows from the facts.
type assessment struct {
	// refuse says why nothing may be published, or is nil.
	refuse error
	// warnings are of what works, and of partitions that do not; each is for the log and for Health.
	warnings []string
	// advice is for the log alone.
	advice []string
	// maxBatch is the largest batch that the topic takes.
	maxBatch int
}

// assess says what follows from the facts for this configuration. It is pure.
func assess(c *Config, f *topicFacts) assessment {
	j := assessment{maxBatch: defaultBatchBytes}
	if n, err := strconv.Atoi(f.settings[maxMessageBytes]); err == nil {
		j.maxBatch = min(j.maxBatch, n)
	}
	required, known := c.MinInSync, false
	if n, err := strconv.Atoi(f.settings[minInSync]); err == nil {
		required, known = n, true
	}
	switch {
	case f.partitions < c.Partitions:
		j.refuse = misconfigured("the topic %s has %d partitions, and %d are configured: configure the number that it was made with",
			c.Topic, f.partitions, c.Partitions)
	case f.replicas < c.Replicas:
		j.refuse = misconfigured("the topic %s has %d replicas of a partition, and %d are asked for: confirmed events may be lost with a broker",
			c.Topic, f.replicas, c.Replicas)
	case known && required < c.MinInSync:
		j.refuse = misconfigured("the topic %s has %s=%d, and %d is asked for: confirmed events may be lost with a broker",
			c.Topic, minInSync, required, c.MinInSync)
	case strings.Contains(f.settings[cleanupPolicy], "compact"):
		j.refuse = misconfigured("the topic %s is compacted (%s=%s), which keeps of each venue the last event only: it is to be \"delete\"",
			c.Topic, cleanupPolicy, f.settings[cleanupPolicy])
	}
	if f.partitions > c.Partitions {
		j.warn("the topic %s has %d partitions, and %d are configured: its number was changed, which must not be. Events go on to the "+
			"first %d, so that they stay in order; other programs that write to it or look a venue up may take another partition",
			c.Topic, f.partitions, c.Partitions, c.Partitions)
	}
	for partition, inSync := range f.inSync {
		if inSync < required && partition < c.Partitions {
			j.warn("partition %d of the topic %s has %d replicas in sync, and needs %d: its events wait until brokers are back",
				partition, c.Topic, inSync, required)
			break // the others are likely the same
		}
	}
	if len(f.leaderless) > 0 {
		j.warn("nobody leads the partitions %v of the topic %s: their events wait", f.leaderless, c.Topic)
	}
	if f.settings == nil {
		j.advice = append(j.advice, adviceSettings)
	}
	if j.refuse == nil && f.replicas == 1 {
		j.advice = append(j.advice, adviceReplicas)
	}
	if j.refuse == nil && known && required == 1 && f.replicas > 1 {
		j.advice = append(j.advice, adviceInSync)
	}
	if f.settings[uncleanElection] == "true" {
		j.advice = append(j.advice, adviceUnclean)
	}
	return j
}

func (j *assessment) warn(format string, args ...any) {
	j.warnings = append(j.warnings, fmt.Sprintf(format, args...))
}

// Advice for the log.
const (
	adviceSettings = "the settings of the topic cannot be read, so it is not known whether confirmed events are safe: " +
		"allow the user DescribeConfigs of it"
	adviceReplicas = "the topic has one replica of each partition: a broker that loses its disk takes confirmed events along"
	adviceInSync   = "the topic has " + minInSync + "=1: an event that only one replica has is confirmed, and may be lost with it"
	adviceUnclean  = "the topic has " + uncleanElection + "=true: a replica that lacks confirmed events may become leader, and they are lost"
)

// inspect looks at the topic, and makes it if it is missing and to be declared. The error is one of the client's.
func (b *Bus) inspect(ctx context.Context, admin *kadm.Client) (*topicFacts, error) {
	detail, err := describe(ctx, admin, b.config.Topic)
	if b.config.Declare && errors.Is(err, kerr.UnknownTopicOrPartition) {
		if err = b.declare(ctx, admin); err == nil {
			detail, err = describeNew(ctx, admin, b.config.Topic, b.config.Partitions)
		}
	}
	if err != nil {
		return nil, err
	}
	f := &topicFacts{id: detail.ID, partitions: len(detail.Partitions)}
	for _, p := range detail.Partitions.Sorted() {
		if f.replicas == 0 || len(p.Replicas) < f.replicas {
			f.replicas = len(p.Replicas)
		}
		f.inSync = append(f.inSync, len(p.ISR))
		if p.Leader < 0 {
			f.leaderless = append(f.leaderless, int(p.Partition))
		}
	}
	f.settings, err = settings(ctx, admin, b.config.Topic)
	return f, err
}

func describe(ctx context.Context, admin *kadm.Client, topic string) (kadm.TopicDetail, error) {
	details, err := admin.ListTopics(ctx, topic)
	if err != nil {
		return kadm.TopicDetail{}, err
	}
	detail, ok := details[topic]
	if !ok {
		return kadm.TopicDetail{}, kerr.UnknownTopicOrPartition
	}
	return detail, detail.Err
}

// describeNew waits until the brokers have told each other of a topic.
func describeNew(ctx context.Context, admin *kadm.Client, topic string, partitions int) (kadm.TopicDetail, error) {
	for failures := 0; ; failures++ {
		detail, err := describe(ctx, admin, topic)
		switch {
		case err == nil && len(detail.Partitions) >= partitions:
			return detail, nil
		case err != nil && !errors.Is(err, kerr.UnknownTopicOrPartition):
			return detail, err
		}
		if err := wait(ctx, backoff(failures)); err != nil {
			return detail, err
		}
	}
}

// declare makes the topic, with the settings that keep what is confirmed.
func (b *Bus) declare(ctx context.Context, admin *kadm.Client) error {
	err := create(ctx, admin, b.config.Topic, b.config.Partitions, b.config.Replicas, map[string]string{
		minInSync: strconv.Itoa(b.config.MinInSync), cleanupPolicy: "delete", uncleanElection: "false",
	})
	if err == nil {
		b.log.Info("Kafka: made the topic for events", "topic", b.config.Topic,
			"partitions", b.config.Partitions, "replicas", b.config.Replicas, "min_in_sync", b.config.MinInSync)
	}
	return err
}

// create makes a topic. One that is there already, by another node, is as good.
func create(ctx context.Context, admin *kadm.Client, topic string, partitions, replicas int, settings map[string]string) error {
	values := make(map[string]*string, len(settings))
	for name, value := range settings {
		values[name] = &value
	}
	_, err := admin.CreateTopic(ctx, int32(partitions), int16(replicas), values, topic)
	if errors.Is(err, kerr.TopicAlreadyExists) {
		return nil
	}
	return err
}

// settings reads those of a topic; they are nil if the user may not.
func settings(ctx context.Context, admin *kadm.Client, topic string) (map[string]string, error) {
	resources, err := admin.DescribeTopicConfigs(ctx, topic)
	var resource kadm.ResourceConfig
	if err == nil {
		resource, err = resources.On(topic, nil)
	}
	if err == nil {
		err = resource.Err
	}
	if errors.Is(err, kerr.TopicAuthorizationFailed) || errors.Is(err, kerr.ClusterAuthorizationFailed) {
		return nil, nil //nolint:nilnil // not allowed is an answer
	}
	if err != nil {
		return nil, err
	}
	wanted := []string{maxMessageBytes, minInSync, cleanupPolicy, uncleanElection}
	found := make(map[string]string, len(wanted))
	for _, config := range resource.Configs {
		if slices.Contains(wanted, config.Key) && config.Value != nil {
			found[config.Key] = *config.Value
		}
	}
	return found, nil
}
