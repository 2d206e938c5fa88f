// Package kafkabus carries events to a topic of Kafka, as CloudEvents in the binary mode of the Kafka protocol binding.
//
//	b, err := kafkabus.New(kafkabus.Config{Brokers: []string{"kafka-1:9092"}, Log: log})
//	receipt, err := b.Publish(ctx, venue, events)
//
// A record's key is the venue, and the key alone chooses the partition, by the hash that Kafka's own clients use; so the events of a venue
// are in one partition, in order. The number of partitions is the configured one, whatever becomes of the topic: a topic that grows would
// otherwise move venues to other partitions, and their events out of order.
//
// What is confirmed is on every replica in sync (acks=all), and the producer is idempotent: what the client sends again by itself is
// stored once. Each partition has a lane (lane.go): calls that wait for it go out together, one group in flight at a time, and a group
// whose caller has left is cancelled, so that nothing of it is sent later.
//
// One goroutine (supervisor.go) checks the topic at the start, after a failure and from time to time (topic.go), and replaces the client
// where the library cannot forget what it knows of a topic. Errors become those of package bus, with a text for the operator, in errors.go.
package kafkabus
