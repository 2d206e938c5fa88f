package venuefile

// The bounds of a file.
const (
	// maxNodes is far more than a venue with all exceptions, services and resources that the server allows. Aliases of aliases can stand
	// for any number of nodes.
	maxNodes = 1_000_000
	// maxMerges is how deep mappings may be merged into one another; without a bound, one could be merged into itself.
	maxMerges = 10
	// maxMinutes is longer than any length of a service may be, and short enough to count in nanoseconds.
	maxMinutes = 1 << 27
)
