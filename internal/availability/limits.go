package availability

import "time"

// Bounds and windows of this room.
const (
	// searchDays is how far the search for alternatives goes from the refused start, each way, in days of 24 hours.
	searchDays = 14
	// searchStarts is how many starts that search evaluates at most. Two weeks each way hold more only if a service starts every few
	// minutes.
	searchStarts = 4000
	// workloadWindow is how far before and after a start the work of the members of a pool is compared: a working day or a night,
	// wherever midnight falls.
	workloadWindow = 6 * time.Hour
	// minWorkloadInterval and maxWorkloadInterval bound the pieces in which it is compared, which are as long as a booking: so a comparison
	// reads 12 to 24 pieces of a ledger.
	minWorkloadInterval = 30 * time.Minute
	maxWorkloadInterval = time.Hour
	// longestDay is a local day on which the clock is put back.
	longestDay = 25 * time.Hour
)
