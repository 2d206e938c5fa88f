package outbox

import (
	"vacancy/internal/bus"
	"vacancy/internal/events"
)

// Numbers of the room that tests go by.
const (
	LeaseDuration = leaseDuration
	LeaseMargin   = leaseMargin
	ScanInterval  = scanInterval
	DrainTimeout  = drainTimeout
	MaxEntries    = maxEntries
)

// MakeEventsWith has the relay make events otherwise.
func (r *Relay) MakeEventsWith(f func(events.Input) ([]bus.Event, error)) { r.ofChanges = f }

// HoldAll has the relay note commits as if it had all leases, without running.
func (r *Relay) HoldAll() {
	r.unsent.open()
	r.leases.held.Store(^uint64(0))
}
