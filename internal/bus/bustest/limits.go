package bustest

import "time"

// How long the checks wait. They are for a loaded machine: a bus that keeps the contract takes a small part of each.
const (
	// confirmTimeout is how long a bus may take to confirm something while nothing is wrong, or to find its broker again after something was.
	confirmTimeout = time.Minute
	// mutantTimeout stands for it with a bus that must fail: it is long enough for what works.
	mutantTimeout = 3 * time.Second
	// attemptTimeout is how long one Publish has in a storm, and silentTimeout is how long it has where it must fail.
	attemptTimeout = 2 * time.Second
	silentTimeout  = 500 * time.Millisecond
	// promptly is within what a call must return that is told to end.
	promptly = 5 * time.Second
	// lateWindow is how long the suite looks for events that a bus sends by itself after it said that it could not. Buses that do so send
	// them as soon as they are connected again.
	lateWindow = 2 * time.Second
	// pollInterval is how often something is looked at that is waited for.
	pollInterval = 10 * time.Millisecond
	// stormInterval is between two batches of a venue in a storm, and retryInterval before a batch is sent again.
	stormInterval = 10 * time.Millisecond
	retryInterval = 50 * time.Millisecond
)

const (
	// stormVenues is how many venues publish in a storm.
	stormVenues = 6
	// mutantsTogether is how many mutants are tested at a time.
	mutantsTogether = 16
)
