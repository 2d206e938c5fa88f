package live

// DayQuota is one client's part of the days that a node watches. The caller of [Hub.Subscribe] passes the share of whoever subscribes; the
// hub takes days from it for as long as the subscription is open. Implementations must be safe for concurrent use, quick, and must not
// call the hub.
type DayQuota interface {
	// Acquire takes that many days, all or none. The error says which limit is reached; it is returned from Subscribe as it is.
	Acquire(days int) error
	// Release gives back what an Acquire without an error took.
	Release(days int)
}

// Unlimited is a share without a limit.
type Unlimited struct{}

// Acquire implements [DayQuota].
func (Unlimited) Acquire(int) error { return nil }

// Release implements [DayQuota].
func (Unlimited) Release(int) {}
