package desk

import (
	"time"

	"vacancy/internal/booking"
)

// Every number of the desk that somebody may want to tune, each with its unit and reason.
//
// # What bounds what
//
// A write waits in these places, from the outside in. Each bound is shorter than what is around it, so that the innermost one that
// can tell the truth answers. The lane is the exception: halving and then settling can take 13 s (batchTimeout and settleTimeout), longer
// than answerTimeout. Its caller then leaves first, with outcome_unknown, and the lane goes on with what it has begun; nobody waits for it.
// So a caller hears within 10 seconds, whatever hangs.
//
//	where                       bound                                  beyond it
//	caller                      answerTimeout 9.5 s                    503: unavailable if not begun, else outcome_unknown
//	  queue                     queueTimeout 5 s, [Config.MaxWaiting]  503 unavailable; 503 busy
//	  lane: commitBatches       batchTimeout 8 s                       503 unavailable; no halving any more
//	    commitWithRetries       maxInDoubtRetries 3                    503 unavailable
//	      runTransaction        transactionTimeout 5 s                 contended: halved, then 503 unavailable
//	                            maxCatchUps 5                          503 unavailable
//	        store: PostgreSQL   row lock 1 s (several venues), 3 s     contended; see store/postgres/connect.go
//	                            begun anew 100 times, 5 s              unavailable
//	                            writes and COMMIT 4 s                  in doubt
//	        store: SQLite       write lock: the transaction's timeout  unavailable; see store/sqlite/limits.go
//	      settle                settleTimeout 5 s                      503 outcome_unknown
//	        tryToSettle         settleFirst/LongestBackoff              asked again
//	  publish                   transactionTimeout 5 s                 the view catches up later
//
// Retries: a batch that fails is halved (about 2 log n transactions find the bad one among n commands). A transaction is begun anew when
// the view is behind (here), when it lost a race or a deadlock (in the store), and when its commit was in doubt and is known not to have
// happened (here). Nothing else is retried: the caller is answered and told when to come back.
const (
	// answerTimeout bounds how long a caller waits for the answer to a command, queue included. It leaves half a second of the ten
	// that a client is promised.
	answerTimeout = 9500 * time.Millisecond
	// readTimeout bounds how long a read of bookings or venues waits for the store. A page of 500 bookings takes some 10 ms.
	readTimeout = 2 * time.Second
	// queueTimeout bounds how long a command waits for its batch to begin. A commit (4 s) and a look (a second) of the batch before fit
	// in it.
	queueTimeout = 5 * time.Second
	// batchTimeout bounds how long a lane halves what it has taken. Settling comes on top.
	batchTimeout = 8 * time.Second
	// transactionTimeout bounds one transaction up to its commit, with catching up. A row lock (3 s) fits in it.
	transactionTimeout = 5 * time.Second
	// maxCatchUps bounds how often a transaction is begun anew because the view was behind.
	maxCatchUps = 5
	// maxInDoubtRetries bounds how often batches are decided again because a commit in doubt turned out never to happen.
	maxInDoubtRetries = 3

	// settleTimeout bounds how long a commit in doubt is asked about. With the commit's own 4 s it stays below answerTimeout.
	settleTimeout = 5 * time.Second
	// The store is asked again after settleFirstBackoff, and then twice as long each time, up to settleMaxBackoff.
	settleFirstBackoff = 10 * time.Millisecond
	settleMaxBackoff   = time.Second
	// maxSettlingPerLane is how many goroutines may be settling, for each lane, while others run in their place. Each settles with a
	// connection of the store's.
	maxSettlingPerLane = 4

	// stuckAfter is how long a lane may make no step before it counts as stuck. The longest step has a bound of some 11 s (a transaction, its
	// commit and what tidies up), so a lane that takes five times as long waits for something that does not come: a disk that does not
	// answer, or a fault of ours. watchdogInterval is how often that is looked at.
	stuckAfter       = time.Minute
	watchdogInterval = time.Second
	// maxBatchCommands bounds the commands that one transaction decides for one venue, and with it how long the first of them waits
	// for its commit.
	maxBatchCommands = 512

	// outageTTL is how long after a failed write the desk says that it cannot write, if none has succeeded since. Then somebody must
	// try again, or it would never be found out.
	outageTTL = 10 * time.Second

	// Where little is left, all anonymous holds on what a service's day has together have 1/holdShareOfLeft of what is left.
	holdShareOfLeft = 4
	// One client has 1/clientShareOfDay of what a scarce day has, if that is more than the service's limit: many customers of a large
	// event share a carrier's address.
	clientShareOfDay = 4
	// Where the service sets no limit, one client, or one network, has 1/clientShareOfCalendar of all that the service has up to its
	// horizon, if that is less than the default: a small shop has as many places in a month as a large one on a day. But it has
	// leastPlacesPerClient: a class of thirty.
	clientShareOfCalendar = 4
	leastPlacesPerClient  = 30
	// networkTagLength is how many characters of a client's tag stand for one of its networks: 48 bits, so that two of ten thousand
	// networks that book in a venue within a day are taken for one once in five million days.
	networkTagLength = 8

	// expiryVenues is how many venues with due holds are looked up at once.
	expiryVenues = 100
	// expiryPollInterval is how long the expirer sleeps at most. New holds, of this node or another, are found then.
	expiryPollInterval = time.Second
	// expiryNoticeInterval is how often the log says that holds cannot be expired, while that goes on: in an outage each try fails.
	expiryNoticeInterval = time.Minute
	// expiryTimeout bounds how long the expirer waits for venues, so that one which is contended delays no other for longer.
	expiryTimeout = 2 * time.Second
	// A venue whose holds could not be expired is passed over for expiryBackoff; at most maxBackingOff venues are.
	expiryBackoff = 5 * time.Second
	maxBackingOff = 1000

	// sweepInterval and sweepBatch pace the deletion of old answers: some at a time, so that nobody waits long for the writer.
	sweepInterval = time.Minute
	sweepBatch    = 1000
	// eraseInterval is how often tags are erased that are counted no more. To find them reads the index of all tags.
	eraseInterval = 10 * time.Minute

	// claimHorizon is beyond every claim: horizon, length and buffer all fit in it.
	claimHorizon = (booking.MaxHorizonDays+2)*24*time.Hour + booking.MaxDuration + booking.MaxBuffer
	// maxOutsidePages bounds how many pages of bookings are looked through for those outside of new hours: 5,000 bookings.
	maxOutsidePages = 10

	// maxAlternatives is how many other slots a refusal offers.
	maxAlternatives = 5
	// alternativesTTL is how long an answer for an unchanged venue is good: time takes slots away too.
	alternativesTTL = time.Second
	// maxCachedAlternatives bounds the cache, in entries.
	maxCachedAlternatives = 1024

	// MaxPage is the most that one page of a listing holds.
	MaxPage = 500
	// maxIdempotencyKey bounds an idempotency key, in bytes.
	maxIdempotencyKey = 255
)

// clientNetworks are the networks by which an IPv6 client is counted in a venue's inventory, the widest first, and how many times the
// limits of one client each has. A household has a /64 or a /56, an office or a small provider a /48; a carrier gives each phone a /64.
// Requests and connections are counted with 1, 4 and 16 times the limits (see limit.prefixes), since they harm nobody for longer than they
// last. Places stay taken: 16 times 60 places are more than a shop has in two months. What many real customers of one network
// need on a large event's day is its share of the day.
var clientNetworks = [...]struct{ bits, times int }{{48, 4}, {56, 2}, {64, 1}}
