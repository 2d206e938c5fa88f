package store

import (
	"time"

	"vacancy/internal/booking"
)

// MaxChanges is how many changes are handed out at once. Whoever is further behind loads the venue anew.
const MaxChanges = 256

// HiddenRetention is what is kept of a venue of the server's own, whatever the operator keeps of others: what its probe left in the last
// minutes, and besides the last [RetainedChanges] changes. No audit trail is kept of it.
var HiddenRetention = Retention{Holds: 10 * time.Minute, Changes: 10 * time.Minute}

// RetainedChanges is how many changes of each venue always stay: a history is recognised by them, and nodes catch up from them.
const RetainedChanges = MaxChanges

// DefaultRetention is what a server keeps, but for changes: their retention is a setting, --changes-retention, whose default is the same
// (package config). It keeps ended holds for as long as their answers and a day more, changes for longer than any node is away, and the
// audit trail for more than a year, which is how far back somebody asks who cancelled what. What a bus was not sent stays for a week, which
// is time to mend a broker, and bounds what accumulates.
var DefaultRetention = Retention{
	Holds: 48 * time.Hour, Changes: 7 * 24 * time.Hour, Unsent: 7 * 24 * time.Hour, Audit: 400 * 24 * time.Hour,
}

// BusSeenInterval is how often it is noted that a bus is in use: often enough for [BusEnabledFor], and no write for each renewal of leases.
const BusSeenInterval = time.Minute

// BusEnabledFor is how long a bus counts as enabled after it was last seen in use: what it was not sent is kept for it. It outlasts a
// night without the broker's settings, and a bus that was taken out of the settings holds nothing back after a day.
const BusEnabledFor = 24 * time.Hour

// HolderRetention is how long it is remembered that somebody had leases who is gone. Nothing needs it; somebody who looks at a crash may.
const HolderRetention = time.Hour

// MinHoldRetention is the least time that ended holds stay: as long as their answers do. Who misses one before is told of damage.
const MinHoldRetention = booking.AnswerLifetime

const (
	// RetainedDeliveries is how many deliveries that have ended the log of a webhook keeps.
	RetainedDeliveries = 100
	// MaxLoggedBody is the longest body, in bytes, that the log keeps of a delivery that has ended, so that it can be made again: 100 of
	// them are 1.6 MB an endpoint. Most events have less than 1 KB.
	MaxLoggedBody = 16 << 10
)
