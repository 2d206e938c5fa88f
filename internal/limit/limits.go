package limit

import "time"

// Rate names a limit on what is done over time.
type Rate uint8

// The rates.
const (
	// Requests are those of the API and of pages. Assets and health checks are free.
	Requests Rate = iota
	// Bookings are new bookings and holds that were made. Repeats of one and lost races are free, and so are confirm, extend, cancel.
	Bookings
	// FailedAuthentication is a wrong key or token.
	FailedAuthentication
	// KeyLookups are tokens that are looked for among the management keys although their address is over its requests.
	KeyLookups
	rates
)

// Count names a limit on what is held open at the same time.
type Count uint8

// The counts.
const (
	// Connections are those of a client that reaches the server directly, not through a proxy.
	Connections Count = iota
	// LiveConnections are event streams and WebSockets.
	LiveConnections
	// WatchedDays are the days of all live subscriptions.
	WatchedDays
	counts
)

// Quota is the size of a rate: so many at once, and one more after each interval.
type Quota struct {
	Burst int
	Every time.Duration
}

// addressQuotas are for one address, IPv4 or IPv6 /64. They must let a class of thirty and a carrier's NAT through.
var addressQuotas = [rates]Quota{
	// A page makes 11 requests when it opens: 90 people behind one address can open it within a second, and 9 more each second after.
	Requests: {Burst: 1000, Every: 10 * time.Millisecond}, // 100/s
	// A class of thirty books at once, twice. A shop that sells 7,200 places an hour to one address has other problems.
	Bookings: {Burst: 60, Every: 500 * time.Millisecond}, // 2/s
	// A person mistypes a few times. Tokens have 128 random bits, so this is about noise and load.
	FailedAuthentication: {Burst: 10, Every: 10 * time.Second},
	// A right key that this node has not seen yet must get through beside a flood from its address, which pays with one read of the
	// database each. Beside 1,000 wrong tokens a second, a program that tries once a second gets through within two minutes or so.
	KeyLookups: {Burst: 20, Every: 100 * time.Millisecond}, // 10/s
}

// keyQuotas are for one management key, wherever it is used from: a program of the venue's, which may import a year of bookings.
var keyQuotas = [rates]Quota{
	Requests:             {Burst: 10_000, Every: time.Millisecond}, // 1,000/s
	Bookings:             {Burst: 5_000, Every: 10 * time.Millisecond},
	FailedAuthentication: {Burst: 10, Every: 10 * time.Second},
	KeyLookups:           {Burst: 20, Every: 100 * time.Millisecond},
}

// maxConcurrent are the counts of one address.
var maxConcurrent = [counts]int{
	// A browser opens 6 over HTTP/1.1. Forty browsers behind one address fit.
	Connections: 256,
	// One for each open page. Beyond it a page polls, which costs requests.
	LiveConnections: 100,
	// 100 pages that watch 20 days each: a tenth of what a node keeps.
	WatchedDays: 2000,
}

// prefixes are the lengths at which an IPv6 address counts, and how many times the limits of one client each of them has. A household has
// a /64 or a /56, an office or a small provider a /48.
var prefixes = [...]struct{ bits, times int }{{64, 1}, {56, 4}, {48, 16}}

// AdminConnections is how many connections the operator's port may have. They are not among those of the node: the port must answer
// while the node is full. A scraper, a probe and a few people need less; they fit into the descriptors that are left for other things.
const AdminConnections = 32

const (
	// maxNodeConnections bounds the connections of a node where the system sets no limit, or an endless one: at 10 KB and more each, a
	// machine has not enough memory for more.
	maxNodeConnections = 1_000_000
	// reservedDescriptors are left for the database and files where a tenth is less: SQLite with its pool of readers takes some thirty.
	reservedDescriptors = 64
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
	// trafficPeriod is the time over which requests are counted to see whether one client makes more than half of them, and
	// trafficPeriods for how many of these in a row it must be so, or not so, before the operator is told: minutes, so that somebody who
	// loads one large page, or a night's only visitor, is no news.
	trafficPeriod  = time.Minute
	trafficPeriods = 3
	// manyRequests is how many requests of all clients in one period are worth a look: 50 a second, or 300 visitors who open a page.
	manyRequests = 3000
	// maxPeers bounds how many addresses without limits by client are remembered, and peerTTL for how long: those that still ask.
	maxPeers = 1000
	peerTTL  = 10 * time.Minute
	// refusedConnections bounds how many connections are told at the same time why they are closed, and refusalTime for how long each
	// may take. Others are closed without a word.
	refusedConnections = 16
	refusalTime        = time.Second
	// maxDrained is how much is read of what a refused connection sent, in bytes: the head of a request.
	maxDrained = 64 << 10
)
