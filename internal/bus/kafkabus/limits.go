package kafkabus

import "time"

const (
	// DefaultTopic is the name of the topic.
	DefaultTopic = "vacancy"
	// DefaultPartitions is how many partitions the topic has. It bounds how many consumers can share the work, and cannot be changed later.
	DefaultPartitions = 12
	// DefaultReplicas and DefaultMinInSync keep every confirmed event through the loss of one broker, and go on publishing meanwhile.
	DefaultReplicas  = 3
	DefaultMinInSync = 2

	// deliveryTimeout bounds how long a group of events waits for its confirmation, whatever its callers allow.
	deliveryTimeout = 10 * time.Second
	// requestTimeout is what a broker gets to replicate, and requestOverhead what its answer may take besides, before the connection is
	// given up for dead.
	requestTimeout  = 4 * time.Second
	requestOverhead = 2 * time.Second
	dialTimeout     = 3 * time.Second

	// produceRetries is how often a batch is sent again before its failure is reported: with the backoff, some 0.4 s. What lasts longer, such
	// as the election of a leader, is for the caller's own retries.
	produceRetries = 3
	// minBackoff and maxBackoff are between tries of the client's; it doubles.
	minBackoff = 50 * time.Millisecond
	maxBackoff = time.Second
	// metadataMinAge bounds how often brokers are asked who leads, metadataMaxAge how seldom.
	metadataMinAge = 100 * time.Millisecond
	metadataMaxAge = time.Minute
	// linger lets the events of a call become one batch: a call sends what it has without waiting for the end of it.
	linger = 5 * time.Millisecond

	// maxGroupEvents and maxGroupBytes bound what a lane sends at once. One call is always sent whole.
	maxGroupEvents = 5000
	maxGroupBytes  = 4 << 20
	// maxBufferedBytes bounds what all lanes hand to the client at once; what exceeds it waits.
	maxBufferedBytes = 64 << 20

	// defaultBatchBytes is the largest batch as long as the topic has not said how large they may be: Kafka's own default is 1,048,588.
	defaultBatchBytes = 1_000_000
	// minBatchBytes and maxBatchBytes are what the client can be set to.
	minBatchBytes = 512
	maxBatchBytes = 16 << 20

	// checkInterval is between two checks of the topic while all is well. They find what no failure tells of: more partitions, fewer
	// replicas in sync, a setting that was changed.
	checkInterval = 15 * time.Second
	// checkTimeout bounds one.
	checkTimeout = 5 * time.Second
	// minCheckGap is between two checks at least, however often publishing fails.
	minCheckGap = 200 * time.Millisecond
	// maxCheckBackoff is between two checks while the topic cannot be reached; it doubles up to that.
	maxCheckBackoff = 5 * time.Second

	// sameLogInterval is between two reasons in the log that weigh the same.
	sameLogInterval = time.Minute

	// hintTimeout bounds how long a message with hints is tried.
	hintTimeout = 3 * time.Second
	// hintRetention is how long the topic of hints keeps them. Nobody reads old ones.
	hintRetention = 10 * time.Minute
)
