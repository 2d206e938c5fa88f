package kafkabus

// Through has all connections go to one address, whatever brokers there are.
func Through(c Config, address string) Config {
	c.through = address
	return c
}

// PartitionOf is where the venue's events go.
var PartitionOf = (*Bus).partitionOf

// CheckNow asks for a check of the topic.
var CheckNow = (*Bus).requestCheck

// SizeAlone is the size of a record's batch.
var SizeAlone = sizeAlone

// NewRecord makes an event's record.
var NewRecord = newRecord

// TopicFacts are what a check has seen of a topic.
type TopicFacts struct {
	Partitions, Replicas int
	InSync, Leaderless   []int
	Settings             map[string]string
}

// Assess says what follows from the facts.
func Assess(c Config, f TopicFacts) (warnings, advice []string, maxBatch int, refusal error) {
	j := assess(&c, &topicFacts{
		partitions: f.Partitions, replicas: f.Replicas, inSync: f.InSync, leaderless: f.Leaderless, settings: f.Settings,
	})
	return j.warnings, j.advice, j.maxBatch, j.refuse
}
