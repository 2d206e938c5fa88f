package natsbus

import "time"

const (
	// connectTimeout is how long a server may take to accept a connection and greet, and setupTimeout to answer for its stream.
	connectTimeout = 3 * time.Second
	setupTimeout   = 5 * time.Second

	// firstRetry is before a connection is tried again, and twice as long each time up to lastRetry, or to misconfiguredRetry if the server
	// answers and refuses.
	firstRetry         = 100 * time.Millisecond
	lastRetry          = 5 * time.Second
	misconfiguredRetry = 15 * time.Second

	// logInterval is between two lines of the log that say the same.
	logInterval = time.Minute

	// pingInterval is between two pings of a connection; it is given up when maxPings have no answer. So a server that has vanished is
	// noticed within 15 s when nothing is published, and else after a batch has waited for suspectAfter and until its deadline with no
	// answer at all.
	pingInterval = 5 * time.Second
	maxPings     = 2
	suspectAfter = time.Second

	// writeTimeout is how long a connection may take none of what is sent before it is given up.
	writeTimeout = 5 * time.Second

	// hintSize bounds a message of hints, in bytes: small enough for any server.
	hintSize = 16 << 10

	// headerSlack is what a message's size is more than nats.go counts, at most, in bytes.
	headerSlack = 64
)

// The stream as it is declared, where the operator says nothing else.
const (
	defaultStream  = "VACANCY"
	defaultSubject = "vacancy"
	// defaultMaxAge is how long events are kept for consumers: a week, as the changes that they are made of.
	defaultMaxAge = 7 * 24 * time.Hour
	// defaultMaxBytes is how large the stream may grow, some millions of events. JetStream reserves as much.
	defaultMaxBytes = 1 << 30
	// duplicateWindow is how long JetStream remembers message ids: longer than a relay takes to try again, or to take over from another.
	duplicateWindow = 2 * time.Minute
)
