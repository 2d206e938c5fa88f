package wire

// compressionLevel is how hard deflate tries, 1 to 9. It is that of GET: a week of slots has 2 KB instead of 26.
const compressionLevel = 5

// The room that is set aside for the JSON of a frame, in bytes. One that needs more costs a copy.
const (
	// slotSize and daySize are about what a slot and a day take, and envelopeSize what is around them.
	slotSize     = 130
	daySize      = 60
	envelopeSize = 270
)
