package ws

import "time"

// Periods and timeouts.
const (
	// pingInterval is the period of the pings.
	pingInterval = 15 * time.Second
	// idleTimeout is how long a client may be silent, pongs included: three pings.
	idleTimeout = 45 * time.Second
	// fetchTimeout bounds what a subscription may take to be opened, and a booking to be read.
	fetchTimeout = 5 * time.Second
	// eventsInterval is the shortest time between two readings of a venue's events for one subscription: what happens meanwhile is one page.
	eventsInterval = 50 * time.Millisecond
	// eventsRetryDelay is the wait before events that could not be read are read again.
	eventsRetryDelay = time.Second
)

// Bounds for one connection.
const (
	// maxSubscriptions is how many subscriptions it may have.
	maxSubscriptions = 16
	// maxReplies is how many answers may wait for a client that asks and does not read.
	maxReplies = 64
	// messageBurst is how many messages a client may send at once, and messagesPerSecond how many in the long run.
	messageBurst      = 100
	messagesPerSecond = 20
	// maxRefusals is how many messages of a client may be refused before it is disconnected.
	maxRefusals = 20
	// readBuffer is the size of the buffer for reading, in bytes. Most messages fit.
	readBuffer = 512
)

// Bounds for one message of a client, in bytes.
const (
	maxMessage = 16 << 10
	// maxID is for the id of a subscription, and maxToken for a token.
	maxID    = 64
	maxToken = 256
)

// Codes of close frames, from RFC 6455.
const (
	// goingAway: the server stops.
	goingAway = 1001
	// policyViolation: the client misbehaves.
	policyViolation = 1008
)

// addressSubscriptionID is the id of the subscription that the address of the upgrade asks for.
const addressSubscriptionID = "0"
