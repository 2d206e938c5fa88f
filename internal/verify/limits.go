package verify

import "time"

// The numbers of the room.
const (
	// capacitySettleTime is how long after a change its capacities must hold at the latest: what is over by then could be taken before
	// they were lowered. A day allows for clocks that differ.
	capacitySettleTime = 24 * time.Hour
	// maxClaimLength is more than any claim lasts, and maxClaimAhead is farther than any claim is ahead. They bound what a damaged row
	// can cost: a ledger holds every day of a claim.
	maxClaimLength = 1000 * 24 * time.Hour
	maxClaimAhead  = 10 * maxClaimLength
	// yearsOfLedger is more than a ledger can span on either side of the year 1.
	yearsOfLedger = 10_000
	// overdueAfter is how long after its expiry a hold is warned of that no server has expired. A running server does it in a second.
	overdueAfter = time.Minute
	// clockTolerance is how far in the future an answer may have been made: the clocks of a database that failed over may differ so much.
	clockTolerance = time.Minute

	// minOffset and maxOffset are the least and the most that a zone's clock has ever been off UTC, in seconds: Manila's a day behind, and
	// Metlakatla's in Russian times.
	minOffset = -16 * 60 * 60
	maxOffset = 16 * 60 * 60
	// rulesAround is how long before and after a start the offsets of its zone are looked for: a year has summer and winter time.
	// rulesStep is less than any of them lasts.
	rulesAround = 366 * 24 * time.Hour
	rulesStep   = 14 * 24 * time.Hour

	// maxListed bounds the problems, and the warnings, that a report lists. The rest is counted.
	maxListed = 100
	// maxLost bounds the bookings that a comparison lists one by one: whoever must be told of is among them.
	maxLost = 1000
	// maxTextLength and maxIDLength bound, in characters, what a damaged database can put into one sentence of the report.
	maxTextLength = 300
	maxIDLength   = 80
)
