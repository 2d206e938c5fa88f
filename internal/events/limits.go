package events

import "time"

const (
	// CheckpointInterval is how long after a change a checkpoint is due: how long a consumer may not know that it has lost something. A
	// checkpoint reads every day that can be booked, so it is not for each change.
	CheckpointInterval = 5 * time.Minute
	// checkpointMargin is how long after a checkpoint it can still be compared: slots that time ends before are not in its digests.
	checkpointMargin = 10 * time.Minute
	// maxCheckpointStarts bounds the starts of a service that a checkpoint has digests of; the days beyond are left out. They are a year
	// of quarters of an hour, day and night, and take about 50 ms.
	maxCheckpointStarts = 35_000

	// maxChangedStarts bounds the starts of the days that changes may have altered of one service. If there are more, the service is to be
	// read anew.
	maxChangedStarts = 10_000

	// maxSlotsSize bounds the slots of one event, and maxDigestsSize the digests, in bytes. With what is around them, an event stays below
	// bus.MaxEventSize.
	maxSlotsSize   = 250 << 10
	maxDigestsSize = 200 << 10

	// digestSize is how many bytes of a SHA-256 a digest has. It is no proof against malice: who could forge it holds the events already.
	digestSize = 8
)
