package view

import (
	"time"

	"vacancy/internal/booking"
)

// claimRetention is how long claims stay in the ledgers after their end: longer than any buffer, so that no slot that can still be
// asked about misses one.
const claimRetention = booking.MaxBuffer + 24*time.Hour

// Periods and timeouts.
const (
	// checkInterval is the period of the freshness check. It is the longest time for which a change of another node can stay unseen if
	// its hint is lost.
	checkInterval = time.Second
	// checkTimeout is how long a check waits for the store, and then for the venues that are behind. A store that takes longer is
	// reported as stale.
	checkTimeout = 2 * time.Second
	// catchUpTimeout bounds the reading of one catch-up. Many callers wait for it, so no caller's deadline bounds it.
	catchUpTimeout = 5 * time.Second
	// readerTimeout is how long a reader waits for the store, if what it asks for is not in memory. It is far longer than a store that
	// works takes to load the largest venue, and shorter than people and proxies wait.
	readerTimeout = 2 * time.Second
	// staleTimeout is the same once a check has found that the store does not answer: long enough for one that is back, and so short that
	// nobody notices.
	staleTimeout = 100 * time.Millisecond
	// laterTermLogInterval is how often it is logged that a reader knows of a later term of the database. Anybody can say so.
	laterTermLogInterval = time.Minute
	// maxConcurrentCatchUps is how many venues a check brings up to date side by side. Few, so that requests find free connections.
	maxConcurrentCatchUps = 4
	// pruneInterval is how often claims beyond their retention are dropped from the ledgers.
	pruneInterval = time.Hour
)

// Tolerances of the clock.
const (
	// clockTolerance is how far a reader's position may be ahead of this node's time and be waited for. Nodes that ask one store for
	// the time differ by milliseconds; of a clock that was set forward, one node knows a moment before the other.
	clockTolerance = 2 * time.Second
	// clockJump is the smallest correction of the store's clock that is logged and told to the listener.
	clockJump = 100 * time.Millisecond
	// storeClockGranularity is how exactly stores tell the time: they round it down.
	storeClockGranularity = time.Microsecond
)

// Hints of other nodes' writes.
const (
	// hintWorkers is how many venues are brought up to date side by side. Each worker waits for the store most of the time.
	hintWorkers = 4
	// maxQueuedHints bounds the venues that wait for a worker. The periodic check finds what is dropped beyond it.
	maxQueuedHints = 4096
)
