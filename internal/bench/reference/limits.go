package reference

import "time"

const (
	// drainTimeout is how long after the end of a load an answer may still come.
	drainTimeout = 30 * time.Second
	// closeTimeout is how long a connection may take to close.
	closeTimeout = 10 * time.Second
	// slotLength is that of the slots that are booked; nothing depends on it.
	slotLength = 30 * time.Minute
)
