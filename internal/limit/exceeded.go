package limit

import (
	"fmt"
	"time"
)

// Exceeded says that a client is over a limit.
type Exceeded struct {
	// Limit is its name: "requests", "bookings", "failed_authentication", "key_lookups", "connections", "live_connections", "watched_days".
	Limit string
	// Quota is its size for one client. A count has no Every.
	Quota Quota
	// RetryAfter is how long it is until one more is allowed; 0 for a count, of which one is free as soon as something is closed.
	RetryAfter time.Duration
}

func (e *Exceeded) Error() string {
	if e.Quota.Every == 0 {
		return fmt.Sprintf("too many %s: one client may have %d", limitLabel(e.Limit), e.Quota.Burst)
	}
	return fmt.Sprintf("too many %s: one client may have %d at once, and one more each %s", limitLabel(e.Limit), e.Quota.Burst, e.Quota.Every)
}

func limitLabel(name string) string {
	switch name {
	case FailedAuthentication.String():
		return "wrong keys or tokens"
	case KeyLookups.String():
		return "look-ups of keys"
	case Bookings.String():
		return "bookings and holds"
	case LiveConnections.String():
		return "live connections"
	case WatchedDays.String():
		return "watched days"
	}
	return name
}

// String is the name of the limit in answers, metrics and logs.
func (r Rate) String() string {
	return [rates]string{"requests", "bookings", "failed_authentication", "key_lookups"}[r]
}

// String is the name of the limit in answers, metrics and logs.
func (c Count) String() string {
	return [counts]string{"connections", "live_connections", "watched_days"}[c]
}
