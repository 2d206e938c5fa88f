package httpapi

import "time"

// The numbers of the API that someone may want to tune. What one client may do is in package limit; what a booking, a venue or a
// service may hold is in package booking.

// Bounds of a request.
const (
	// maxURLBytes bounds the path and the query together. The longest address of the API has some 700 bytes.
	maxURLBytes = 8 << 10
	// maxBodyBytes bounds a body. A resource with 1,000 exceptions, the largest thing that is sent, has 60 KB.
	maxBodyBytes = 64 << 10
	// maxBodyDepth is how deep the objects and lists of a body may be nested. The deepest that means anything has 4 levels.
	maxBodyDepth = 32
	// maxRequestID is the longest X-Request-Id of a caller's that goes into our log, in bytes.
	maxRequestID = 64
	// maxTraceparent is the longest traceparent header that is read, in bytes. Version 00 has 55; later ones may be longer.
	maxTraceparent = 256
	// maxIdempotencyKey is the longest Idempotency-Key, in bytes: a UUID has 36, and the desk stores a hash.
	maxIdempotencyKey = 255
	// minAnonymousKey is the shortest Idempotency-Key of a caller without a token, in bytes. Whoever sends the same key and the same
	// request gets the same booking, so a key must not be one that another may come upon: 16 random hexadecimal digits have 64 bits.
	minAnonymousKey = 16
	// usualFingerprint is how long what a request asks is usually, in bytes: all of it but long notes, so that to hash it allocates nothing.
	usualFingerprint = 512
	// maxMinutes is longer than any length of a service may be, and short enough to count in nanoseconds.
	maxMinutes = 1 << 27
)

// Bounds of an answer.
const (
	// maxFieldErrors is how many wrong fields one problem lists.
	maxFieldErrors = 20
	// maxEchoBytes bounds how much of what somebody sent is repeated to them.
	maxEchoBytes = 100
	// maxBookingsPage is the longest page of bookings, and defaultBookingsPage the usual one: 200 bookings are 100 KB of JSON.
	maxBookingsPage, defaultBookingsPage = 200, 100
	// maxEventsPage is about the longest page of events. An event of a booking has 700 bytes.
	maxEventsPage = 1000
	// maxEventsWait is for how many seconds a call waits for events, at most. Proxies cut what is silent for a minute.
	maxEventsWait = 55
	// maxVenuesPage is the longest page of venues, and the usual one.
	maxVenuesPage = 200
	// maxPooledBuffer is the largest buffer that is used again, in bytes: one large answer must not stay in memory for ever.
	maxPooledBuffer = 64 << 10
	// minCompressed is the smallest body that is compressed, in bytes: one that fits into a packet arrives as fast without.
	minCompressed = 1400
	// gzipLevel is how hard gzip tries, 1 to 9. At this level a week of slots has 2 KB instead of 26, for a quarter of a millisecond at most.
	gzipLevel = 5
	// firstDays is how many days of availability a venue's page carries: the week that it shows first.
	firstDays = 7
	// maxEarlyError is longer than any answer that net/http gives by itself, in bytes: what is longer is not looked at.
	maxEarlyError = 512
	// placesRetryAfter is after how many seconds to try again where places are limited: holds end, and days go on, in minutes.
	placesRetryAfter = 60
	// concurrencyRetryAfter is after how many seconds to try again who holds too much open: connections, streams, watched days.
	concurrencyRetryAfter = 10
	// hostNoticeEvery is the shortest time between two log lines about a page whose Origin is not the Host that arrives, in seconds.
	hostNoticeEvery = 3600
	// maxRightKeys is how many management keys are recognised without asking the database: more than an installation has.
	maxRightKeys = 1024
	// maxAllowedOrigins is how many pairs of a venue and a page's origin are recognised without asking for the venue.
	maxAllowedOrigins = 4096
	// tooOldNoticeEvery is the shortest time between two log lines about venues that need a newer version, in seconds.
	tooOldNoticeEvery = 60
	// eventsWriteTimeout is how long an answer that has waited for events may take to be written.
	eventsWriteTimeout = 30 * time.Second
	// pingSeconds is how often a stream of events says that it lives, in seconds.
	pingSeconds = 15
	// reconnectMillis is after how many milliseconds a reader of a stream that has ended comes back.
	reconnectMillis = 2000
	// preflightMaxAge is for how many seconds a browser remembers the answer of a preflight.
	preflightMaxAge = "600"
)
