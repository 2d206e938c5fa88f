package limit

import "time"

// AdminConnections is how many connections the operator's port may have. They are not among those of the node: the port must answer
// while the node is full. A scraper, a probe and a few people need less; they fit into the descriptors that are left for other things.
const AdminConnections = 32

const (
	// maxNodeConnections bounds the connections of a node where the system sets no limit, or an endless one: at 10 KB and more each, a
	// machine has not enough memory for more.
	maxNodeConnections = 1_000_000
	// freeDescriptorsShare is the part of the descriptors that is left for the database and files, one in so many; reservedDescriptors
	// are left where that is less: SQLite with its pool of readers takes some thirty. Where there are fewer than twice as many, one in
	// scarceDescriptorsShare is left.
	freeDescriptorsShare   = 10
	reservedDescriptors    = 64
	scarceDescriptorsShare = 2
	// maxClients bounds the table: at some 150 bytes each, 15 MB.
	maxClients = 100_000
	// overflowTimes is how many times the limits of one client those have together that the full table has no room for.
	overflowTimes = 16
	// maxRepeats bounds how many ids of repeatable calls are remembered, and repeatTTL for how long. Answers are lost for seconds, not
	// for hours; whoever repeats later is counted again.
	maxRepeats = 100_000
	repeatTTL  = time.Hour
	// shards is into how many parts the table is divided: enough that two cores seldom meet.
	shards = 64
	// samples is how many entries are looked at to find one that can go.
	samples = 8
	// maxHops bounds how many addresses of an X-Forwarded-For are read, from the right.
	maxHops = 32
	// logEvery is the shortest time between two log lines about the same limit.
	logEvery = 30 * time.Second
	// noticeEvery is the shortest time between two lines about the same proxy's fault: it lasts until somebody changes a configuration.
	noticeEvery = time.Hour
	// dominantPeriod is the time over which requests are counted to see whether one client makes more than half of them, and
	// dominantPeriods for how many of these in a row it must be so, or not so, before the operator is told: minutes, so that somebody who
	// loads one large page, or a night's only visitor, is no news.
	dominantPeriod  = time.Minute
	dominantPeriods = 3
	// manyRequests is how many requests of all clients in one period are worth a look: 50 a second, or 300 visitors who open a page.
	manyRequests = 3000
	// maxPeers bounds how many addresses without limits by client are remembered, and peerTTL for how long: those that still ask.
	maxPeers = 1000
	peerTTL  = 10 * time.Minute
	// refusedConnections bounds how many connections are told at the same time why they are closed, and refusalTime for how long each
	// may take. Others are closed without an answer.
	refusedConnections = 16
	refusalTime        = time.Second
	// maxDrained is how much is read of what a refused connection sent, in bytes: the head of a request.
	maxDrained = 64 << 10
)
