package outbox

import (
	"time"

	"vacancy/internal/bus"
	"vacancy/internal/store"
)

// Leases.
const (
	// leaseDuration is how long a lease is valid without being renewed. With the interval and a scan, another node goes on within five
	// seconds of the death of the one that had it.
	leaseDuration = 3 * time.Second
	// leaseInterval is how often leases are renewed, in one statement for all: two renewals may fail before they run out.
	leaseInterval = time.Second
	// leaseTimeout bounds one renewal, so that the next is on time.
	leaseTimeout = 900 * time.Millisecond
	// leaseMargin is how much earlier than the store we take our leases for ended, for clocks that do not run alike.
	leaseMargin = 500 * time.Millisecond
)

// Finding what is to be sent.
const (
	// scanInterval is how often all venues are looked through for what was not heard of: a lost hint, a due time, another epoch.
	scanInterval = 10 * time.Second
	// scanPage is how many venues one statement of a scan lists, and reads the cursors of.
	scanPage = 1000
	// scanTimeout bounds one statement of a scan. It reads an index of all venues.
	scanTimeout = 5 * time.Second
	// maxVenues bounds the venues in memory, at about 400 bytes each. Venues beyond are found by the next scan that finds room.
	maxVenues = 20_000
	// evictionCandidates is how many venues are looked at for one that can leave the memory, when it is full.
	evictionCandidates = 32
)

// Sending.
const (
	// defaultWorkers is how many venues are worked on side by side. A worker waits for the bus most of the time: of one that confirms
	// within 20 ms, so many get 1,600 batches a second.
	defaultWorkers = 32
	// maxReaders is how many of them read from the store and make events at once, so that customers find free connections and processors.
	maxReaders = 4
	// maxChanges is how many changes a batch has at most. A venue that has more waits for its next turn, behind the others.
	maxChanges = store.MaxChanges
	// maxEntries bounds the entries of a batch's changes, so that its events fit into one publish, mostly. A single change may have more.
	maxEntries = 512
	// readTimeout bounds each reading for a batch.
	readTimeout = 5 * time.Second
	// publishTimeout bounds one publish, for a bus that neither confirms nor fails.
	publishTimeout = bus.PublishTimeout
	// unwantedInterval is how often a venue whose events nobody wants is looked at though nothing changes, so that somebody who begins to
	// want them is told of the days that open.
	unwantedInterval = 6 * time.Hour
	// maxProofs is how often a picture that is ahead of what is proven durable is proven anew: others go on writing meanwhile.
	maxProofs = 3
)

// Cursors.
const (
	// DefaultCursorInterval is the least time between two writings of cursors. What was sent within it is sent again after a crash.
	DefaultCursorInterval = 200 * time.Millisecond
	// cursorTimeout bounds one writing of cursors. It is shorter than a lease.
	cursorTimeout = 2 * time.Second
	// cursorPage is how many cursors one statement writes.
	cursorPage = 1000
)

// Stopping.
const (
	// drainTimeout is how long batches under way may take to end when the relay stops. What is not confirmed then is sent again by
	// whoever takes over.
	drainTimeout = 5 * time.Second
	// releaseTimeout bounds the last writing of cursors and the release of the leases.
	releaseTimeout = 2 * time.Second
)

// retryDelays are how long to wait after the n-th error in a row.
var (
	// venueDelays are those of one venue, for what is wrong with it alone.
	venueDelays = delays{first: 100 * time.Millisecond, most: 30 * time.Second}
	// busDelays are those of the bus. The most is what a venue waits, at worst, once the bus is back; a try a second is nothing to it.
	busDelays = delays{first: 100 * time.Millisecond, most: time.Second}
	// misconfiguredDelays are those of a bus that a person must mend.
	misconfiguredDelays = delays{first: 5 * time.Second, most: time.Minute}
	// storeDelays are those of what all venues need of the store: the registration of the bus, and the writing of cursors.
	storeDelays = delays{first: 200 * time.Millisecond, most: 5 * time.Second}
)

// minDueDelay is how long after now a due time is at least, so that a wrong one does not keep a worker busy.
const minDueDelay = time.Second

// problemLogInterval is how often a lasting problem is logged.
const problemLogInterval = time.Minute
