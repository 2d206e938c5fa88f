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
