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
