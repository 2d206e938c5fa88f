package rabbitbus

import "time"

const (
	// appID is the application that RabbitMQ's tools show with each message.
	appID = "vacancy"
	// defaultExchange is the topic exchange that events go to.
	defaultExchange = "vacancy"
	// hintsSuffix makes the name of the exchange for hints from that of the one for events.
	hintsSuffix = ".hints"

	// defaultChannels is how many batches are under way at once. RabbitMQ confirms a batch of a quorum queue in 5 to 20 ms, and a batch
	// holds what has waited meanwhile: more channels make no more events per second.
	defaultChannels = 16
	// defaultQueueLimit is how many messages the queue that we declare holds before it refuses more. At 1 kB each that is 1 GB of disk.
	defaultQueueLimit = 1_000_000

	// defaultHeartbeat is negotiated with RabbitMQ. A peer that is silent for one and a half times as long is gone: 6 s.
	defaultHeartbeat = 4 * time.Second
	// writeTimeout bounds one write to the connection, which waits when RabbitMQ reads nothing: blocked, or gone.
	writeTimeout = 5 * time.Second
	// dialTimeout bounds the making of the TCP connection, with its TLS.
	dialTimeout = 5 * time.Second
	// setUpTimeout bounds the login and the declaration of exchange and queue.
	setUpTimeout = 10 * time.Second
	// closeTimeout is how long RabbitMQ may take to say goodbye.
	closeTimeout = time.Second
	// channelTimeout is how long RabbitMQ may take to close a channel that was given up.
	channelTimeout = 5 * time.Second
	// stopTimeout is how long a write under way may take once its caller has gone; then the connection is given up, so that nothing of the
	// batch is written later.
	stopTimeout = 250 * time.Millisecond

	// Between attempts to connect: when a connection is lost on which something was confirmed, the first attempt is at once, and the
	// interval then doubles from minBackoff to maxBackoff. What a person must mend is tried every misconfiguredBackoff. Each interval is up
	// to a quarter shorter, so that nodes do not all come at the same time.
	minBackoff           = 100 * time.Millisecond
	maxBackoff           = 5 * time.Second
	misconfiguredBackoff = 30 * time.Second

	// logInterval is how often the log repeats a condition that has not changed.
	logInterval = time.Minute
	// certificateNotice is how long before its end a certificate is told of at each connection.
	certificateNotice = 14 * 24 * time.Hour

	// returnsBuffer is how many returned messages wait for whoever counts them.
	returnsBuffer = 16

	// maxShortString is AMQP's bound of a routing key and of each property, in bytes.
	maxShortString = 255

	// hintsInterval is between two messages of hints; what comes meanwhile is merged.
	hintsInterval = 10 * time.Millisecond
	// hintsPerMessage is how many venues one message is about: some 60 kB.
	hintsPerMessage = 1_000
	// hintsQueueLimit is how many messages wait for a node that does not read; the oldest are dropped.
	hintsQueueLimit = 1_000
	// hintsExpiration is how long a message waits, in milliseconds; nodes look for themselves meanwhile.
	hintsExpiration = "10000"
	// hintsRetry is how long hints are left alone after an error of their own: no permission, no exchange.
	hintsRetry = 10 * time.Second
)
