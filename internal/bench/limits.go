package bench

import "time"

// The numbers of the loads. Those that are part of what is measured stand in package suite's plan.

// Times.
const (
	// startTimeout is how long a node may take from its start until it is ready: it may have a large database to open. It is asked each
	// readyPoll.
	startTimeout = time.Minute
	readyPoll    = 2 * time.Millisecond
	stopTimeout  = 20 * time.Second
	// dropTimeout is how long a PostgreSQL server may take to drop a schema.
	dropTimeout = time.Minute
	// setupTimeout bounds a request that prepares or audits a run: a page of a large database may take long.
	setupTimeout   = time.Minute
	metricsTimeout = 10 * time.Second

	// drainTimeout is how long after the end of a load an answer may still come.
	drainTimeout = 15 * time.Second
	// settleTimeout is how long readers may take to get the last change. They are looked at each settlePoll.
	settleTimeout = 15 * time.Second
	settlePoll    = 5 * time.Millisecond
	// fillTimeout bounds a filling.
	fillTimeout = time.Hour

	// minPause and maxPause bound how long a client leaves a server alone that is busy or not there.
	minPause = 50 * time.Millisecond
	maxPause = time.Second
	// maxHoldTime is how long a client of a churn holds a place at most. Without it, no two would be held at the same time.
	maxHoldTime = 5 * time.Millisecond
	// maxWatchPause is how long the watcher of a churn waits at most between two listings.
	maxWatchPause = 10 * time.Millisecond
)

// Sizes.
const (
	// setupConns is how many connections of a client that prepares or audits are kept.
	setupConns = 8
	// concurrentDials is how many readers connect at the same time.
	concurrentDials = 64
	// ratePerCaller is how many bookings a second one connection is asked for at most: it must be done with one before the next is due.
	ratePerCaller = 50
	// liveCapacity is never reached, so that every booking changes the calendar.
	liveCapacity = 1_000_000
	// recentFrames is how many different frames are remembered by their hash, so that what many readers get is decoded once. Beyond it the
	// table begins anew.
	recentFrames = 256

	// auditPage is how many bookings are read at a time, and auditDays the longest window of availability: as many as the server allows.
	auditPage = 200
	auditDays = 62

	// cancelEvery: one booking of so many is cancelled by a filling. sampleSize is how many of those it stored are remembered to be read.
	cancelEvery = 10
	sampleSize  = 4096
	// fillFailures is how many failed requests end a filling: the server has no room left, or worse.
	fillFailures = 10_000
	// largeDays are spread over by a large database, and monthDays asked for at a time.
	largeDays, monthDays = 360, 30
	// largeVenues keeps all their days within what a node keeps in memory.
	largeVenues = 50
	// listPage is how many bookings a page of the measured listings has.
	listPage = 50

	// maxReply bounds the body of an answer, in bytes: those of a load are small.
	maxReply = 1 << 20
	// tailBytes is how much of a node's output an error shows: its end.
	tailBytes = 4096
)
