package config

// maxConnections is more than any PostgreSQL server accepts.
const maxConnections = 10_000

// maxWeight is the whole weight of a server at its load balancer, in percent.
const maxWeight = 100

// What --bus-partitions, --bus-replicas and --bus-topic may be. More partitions than a cluster of some brokers serves well, more copies
// than NATS knows (Kafka has no bound), a name that fits into a subject with the venue's and the event's.
const (
	maxBusPartitions = 1000
	maxBusReplicas   = 5
	maxBusTopic      = 64
)
