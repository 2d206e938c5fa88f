package live

import "time"

// Sizes of the hub's state.
const (
	// MaxQueryDays is how many days a query may span. Two months and a bit: more than a calendar page ever shows.
	MaxQueryDays = 62
	// MaxStatusDays is how many days may be asked for by their status alone: a year, and the weeks around it.
	MaxStatusDays = 400

	// DefaultMaxDayStates is how many day states a node keeps. A common day state takes 2 to 4 KB, so a full hub takes 40 to 80 MB.
	DefaultMaxDayStates = 20_000
	// maxVenuePart is the part of a node's day states that one venue may have at most: a half. So a crowd, or an attacker, in one venue
	// leaves room for the others; and a node with one venue has 10,000 days: 60 days of 160 services and people.
	maxVenuePart = 2
	// DefaultMaxWindows is how many windows a node keeps. A window takes about 1 KB besides its days.
	DefaultMaxWindows = 20_000
	// DefaultMaxReaders is how many connections a node serves: 4 KB each when idle, and one file descriptor.
	DefaultMaxReaders = 15_000

	// MaxQueryStarts is how many starts a query may list: a week of a start a minute, or two months of one every seven minutes. 12,000 starts
	// are 1.5 MB of JSON and a quarter of a second of work.
	MaxQueryStarts = 12_000
	// maxStatusStarts is the same for a query of statuses alone, whose work is the same but whose answer is short.
	maxStatusStarts = 100_000

	// startsPerDay is how many starts a day state may have for its price of one. It is just above a start every quarter of an hour. A
	// service with more starts a day pays more (see weightOf), because the limit is there for memory.
	startsPerDay = 100

	// maxQueuedEntries is how many entries of changes wait in a venue's change queue: a few MB. Beyond it the changes are dropped, and
	// all day states of the venue are computed again when somebody asks. Nobody may be watching the venue for days.
	maxQueuedEntries = 4096
	// maxTransitions is how many transitions a state remembers: three seconds of them at the full rate. A reader further behind gets
	// a superset of what it lacks.
	maxTransitions = 64
	// maxDeltas is how many encoded deltas a state keeps. Most readers are at the same few positions.
	maxDeltas = 16
)

// Times of delivery.
const (
	// conflationInterval is the shortest time between two deltas of a window. Changes in between are merged. 50 ms is below what
	// people notice, and bounds the frames to 20 a second for each window, whatever the rate of changes.
	conflationInterval = 50 * time.Millisecond
	// snapshotTTL is how long an encoded snapshot is reused while its state does not change. Its as_of stays true, but gets older.
	snapshotTTL = time.Second
	// maxTimerWait is the longest wait of a venue's timer. The store's clock and the node's may run at different speeds.
	maxTimerWait = time.Minute
	// clockStepTolerance is how far the store's clock may be set back without effect: the hub's time stands still until the clock has
	// caught up. Beyond it all readers of a venue begin anew.
	clockStepTolerance = 10 * time.Second
	// panicRetryDelay is the wait before a venue's worker tries again after a panic.
	panicRetryDelay = time.Second
	// panicLogInterval is how often a panic is logged with its stack. All are counted by a metric.
	panicLogInterval = time.Minute
	// resumeTimeout is how long a reader who comes back with a position that this node has not reached waits for the store. Beyond it the
	// reader begins anew with what this node has: a snapshot costs less than a page that shows nothing.
	resumeTimeout = time.Second
	// laterTermTimeout is how long a reader waits that has seen a later term of the database than the node can find. A node that sees the
	// hosts finds the term within a second or two, and has its pictures a second later.
	laterTermTimeout = 5 * time.Second
	// followRetryDelay is the wait before a booking that could not be read is read again.
	followRetryDelay = time.Second
)

// How readers leave a server that stops.
const (
	// drainInterval is how often some readers are told goodbye while the server drains.
	drainInterval = 20 * time.Millisecond
	// minGoodbyesPerSecond is the slowest rate at which readers are told: so few that the server which takes them notices nothing (each costs
	// it a tenth of a millisecond), so that a server with a handful of readers stops at once.
	minGoodbyesPerSecond = 200
	// A reader who is told when its turn comes is asked to come back after minInTurnDelay to maxInTurnDelay: its load is spread already.
	minInTurnDelay, maxInTurnDelay = 250 * time.Millisecond, time.Second
	// Readers who are told all at once are asked to come back after minReconnectDelay to maxReconnectDelay, each at a moment of its own.
	minReconnectDelay, maxReconnectDelay = 500 * time.Millisecond, 5 * time.Second
)

// Bounds of what is computed without being kept, when no more day states may be.
const (
	// maxComputing is how many such answers are computed side by side. Each takes a core for as long as it lasts.
	maxComputing = 2
	// computeTimeout is how long a request waits for its turn before it is refused.
	computeTimeout = 2 * time.Second
)

// Deadlines of writing to a reader.
const (
	// WriteStallTimeout is how long a reader's connection may take no byte at all before it is closed.
	WriteStallTimeout = 10 * time.Second
	// FrameTimeout is how long a reader may take for one frame. The largest has 1.5 MB: 25 KB a second will do.
	FrameTimeout = time.Minute
	// slowAfter is how long a frame may take to write before its reader counts as slow.
	slowAfter = 5 * time.Second
	// DefaultMaxBacklog is how many bytes may wait for readers to take them before slow readers are given up: more than all readers of
	// a common node need, and little beside the memory of its days.
	DefaultMaxBacklog = 128 << 20
	// writeChunk is how many bytes are written under one deadline, so that a slow reader of a large frame makes progress that can be
	// seen.
	writeChunk = 16 << 10
)
