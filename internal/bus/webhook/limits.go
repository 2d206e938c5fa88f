package webhook

import "time"

// The numbers of webhooks that someone may want to tune. How long the log is, is in package store.

// Bounds of what an operator sets.
const (
	// MaxEndpoints is how many endpoints a venue may have. Each event is sent to all of them.
	MaxEndpoints = 20
	// MaxURL is the longest address, in bytes: more than proxies take is of no use.
	MaxURL = 2048
	// SecretOverlap is how long a secret that was rotated is valid still: a day to give the new one to every receiver.
	SecretOverlap = 24 * time.Hour
	// secretBytes is how many random bytes a secret has. The Standard Webhooks ask for 24 to 64.
	secretBytes = 32
)

// Bounds of one attempt.
const (
	// attemptTimeout is for all of it: the name, the connection, TLS and the answer's header. A receiver that needs longer is to answer first
	// and work then.
	attemptTimeout = 5 * time.Second
	// bodyTimeout is how long the rest of an answer is waited for, so that its connection can be used again.
	bodyTimeout = time.Second
	// maxBody is how much of an answer is read, in bytes. Nothing is done with it.
	maxBody = 4 << 10
	// maxHeader bounds the header of an answer, in bytes.
	maxHeader = 16 << 10
)

// Bounds of connections.
const (
	// maxAttempts is how many attempts a node makes at once of those that were never tried, maxRetries of those that wait, and maxPerVenue of
	// a venue's: each holds a connection for 5 s at most.
	maxAttempts, maxRetries, maxPerVenue = 128, 32, 8
	// idlePerHost and maxIdle are how many connections stay open, for idleTimeout: the next event needs no handshake.
	idlePerHost, maxIdle = 2, 256
	idleTimeout          = 30 * time.Second
)

// Bounds of what waits.
const (
	// inlineTime is how long Publish begins attempts, and waits for a slot to do so, before the rest of a batch waits in the queue: a slow
	// endpoint slows its own venue by no more. With one attempt more, the rest of its answer and one write to the queue, it is less than
	// [bus.PublishTimeout].
	inlineTime = 2 * time.Second
	// slowAttempt is how long an attempt takes at least of an endpoint that is slow: for slowTime its events go to the queue, where they do
	// not hold up those who publish. An attempt from the queue that is quicker ends that.
	slowAttempt, slowTime = time.Second, time.Minute
	// enqueueInterval is between two writes of a venue's events that wait behind others: 20 writes a second, however many events there are.
	enqueueInterval = 50 * time.Millisecond
	// maxWaiting and maxWaitingBytes are what may wait for an endpoint: three days of 3,000 events each. An endpoint for which more waits is
	// disabled.
	maxWaiting      = 10_000
	maxWaitingBytes = 32 << 20
	// countInterval is how often what waits for an endpoint is counted: 10,000 take some milliseconds, in which bookings wait on SQLite. So
	// more may wait than the bound, by what comes in that time.
	countInterval = time.Second
	// retention is how long an event is tried again.
	retention = 72 * time.Hour
	// maxTimeouts is after how many attempts an event that is never answered in time is held to be what keeps the receiver, if others pass.
	maxTimeouts = 5
	// firstBackoff is between the first two attempts. An event's grows to 15 s, 45 s, 2 min, 7 min, 20 min, 1 h, 3 h, and is 6 h from then on.
	// That of an endpoint that fails, between attempts of anything, grows to 10 s, 20 s, and so on up to 10 min: it is shorter, so that
	// another event is tried if it is the event that fails.
	firstBackoff                              = 5 * time.Second
	maxEventBackoff, eventBackoffFactor       = 6 * time.Hour, 3
	maxEndpointBackoff, endpointBackoffFactor = 10 * time.Minute, 2
	// maxRetryAfter bounds what a receiver may ask for with Retry-After.
	maxRetryAfter = time.Hour
)

// Numbers of [Bus.Run].
const (
	// pollInterval is how often a node looks for what is due, and writes the log of what was delivered.
	pollInterval = time.Second
	// meterInterval is how often the backlog is counted.
	meterInterval = 15 * time.Second
	// lease is how long a node has an endpoint to itself without saying so again, and renewInterval how often it does.
	lease, renewInterval = time.Minute, 10 * time.Second
	// waitingPage is how many events are read of a queue at once, and written off at once.
	waitingPage = 20
	// drainTime is how long a node goes on with one endpoint before another has its turn.
	drainTime = time.Minute
	// busyPause is how long an endpoint is left alone whose venue has maxPerVenue others that are being tried: others are claimed meanwhile.
	busyPause = 5 * time.Second
	// maxLogged is how many deliveries wait to be written to the log. The oldest is left out if there are more: it is for people.
	maxLogged = 2000
	// settleTimeout is how long the database is waited for once the server stops, or a call has ended.
	settleTimeout = 5 * time.Second
)
