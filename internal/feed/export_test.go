package feed

const (
	// MaxReads is how many pages are read at once.
	MaxReads = maxReads
	// MaxVenueReaders is how many readers a venue has.
	MaxVenueReaders = maxVenueReaders
)
