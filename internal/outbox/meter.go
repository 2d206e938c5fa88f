package outbox

import (
	"time"

	"vacancy/internal/bus"
)

// Meter counts what the relay does. Its methods are called often and must be quick.
type Meter interface {
	// Published: the bus has confirmed so many events of a name.
	Published(name bus.Name, n int)
	// Confirmed: a batch was confirmed that long after the oldest of its changes was committed.
	Confirmed(lag time.Duration)
	// Unrouted: so many events were accepted by the bus for nobody.
	Unrouted(n int)
	// Rejected: the bus will never accept an event of that name. A venue.gap was sent in its place.
	Rejected(name bus.Name)
	// LeftOut: so many changes were not told, but a venue.gap in their place.
	LeftOut(reason GapReason, changes int)
	// Reset: a venue.reset was sent.
	Reset()
	// Failed: something went wrong, and is tried again.
	Failed(kind FailureKind)
	// TakenOver: so many leases were taken that others had, or nobody.
	TakenOver(leases int)
	// Lost: so many leases were lost, or ran out.
	Lost(leases int)
}

// GapReason is why changes were left out.
type GapReason string

// The reasons of gaps.
const (
	// GapTrimmed: the changes are past their retention, and were deleted.
	GapTrimmed GapReason = "trimmed"
	// GapDamaged: the change cannot be decoded.
	GapDamaged GapReason = "damaged"
	// GapUnmakeable: no events could be made of the change.
	GapUnmakeable GapReason = "unmakeable"
	// GapRejected: the bus rejects an event.
	GapRejected GapReason = "rejected"
)

// FailureKind is what went wrong.
type FailureKind string

// The kinds of failures.
const (
	// FailedLeases: leases could not be renewed.
	FailedLeases FailureKind = "leases"
	// FailedScan: venues with something unsent could not be listed.
	FailedScan FailureKind = "scan"
	// FailedRead: the cursor or the changes of a venue could not be read.
	FailedRead FailureKind = "read"
	// FailedPicture: there is no picture of a venue that fits its changes.
	FailedPicture FailureKind = "picture"
	// FailedEvents: no events could be made.
	FailedEvents FailureKind = "events"
	// FailedPublish: the bus did not confirm.
	FailedPublish FailureKind = "publish"
	// FailedMisconfigured: the bus refuses until a person has mended it.
	FailedMisconfigured FailureKind = "misconfigured"
	// FailedCursors: cursors could not be written.
	FailedCursors FailureKind = "cursors"
)

// FailureKinds and GapReasons are all there are, for whoever counts them.
var (
	FailureKinds = []FailureKind{
		FailedLeases, FailedScan, FailedRead, FailedPicture, FailedEvents, FailedPublish, FailedMisconfigured, FailedCursors,
	}
	GapReasons = []GapReason{GapTrimmed, GapDamaged, GapUnmakeable, GapRejected}
)
