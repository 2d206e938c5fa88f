package live

// DayPermits say how many of the days that a node watches one client may have, as a semaphore does. The caller of [Hub.Subscribe] passes
// those of whoever subscribes; the hub acquires days for as long as the subscription is open. Implementations must be safe for concurrent
// use, quick, and must not call the hub.
type DayPermits interface {
	// Acquire takes that many days, all or none. The error says which limit is reached; it is returned from Subscribe as it is.
	Acquire(days int) error
	// Release gives back what an Acquire without an error took.
	Release(days int)
}

// Unlimited are permits without a limit.
type Unlimited struct{}

// Acquire implements [DayPermits].
func (Unlimited) Acquire(int) error { return nil }

// Release implements [DayPermits].
func (Unlimited) Release(int) {}
