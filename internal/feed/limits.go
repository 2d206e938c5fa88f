package feed

import "time"

const (
	// DefaultPage is about how many events a page has, unless its reader says. An event of a booking has 700 bytes.
	DefaultPage = 100
	// maxChanges is how many changes one page reads. It is as many as the store always keeps of a venue.
	maxChanges = 256
	// maxProofs is how often a picture that is ahead of what is proven durable is proven anew: others go on writing meanwhile.
	maxProofs = 3
	// maxReads is how many pages a node reads at once. A page takes the database some milliseconds, and bookings want it too.
	maxReads = 8
	// turnTimeout is how long a reader waits for its turn to read a page: as many pages as maxVenueReaders take far less.
	turnTimeout = 3 * time.Second
	// maxVenueReaders is how many readers of a venue wait on a node: as many as one client may have. Each change is a page for each.
	maxVenueReaders = 100
	// readTimeout bounds the reading of a page.
	readTimeout = 5 * time.Second
	// conflationInterval is the shortest time between two readings for one reader that waits, so that a burst of bookings is one page.
	conflationInterval = 50 * time.Millisecond
	// clockTolerance is how long after a midnight the days that it opens are looked for: the node's clock may be a little ahead of the
	// store's.
	clockTolerance = 10 * time.Millisecond
	// maxCursor is the longest text of a cursor, in bytes.
	maxCursor = 400
)
