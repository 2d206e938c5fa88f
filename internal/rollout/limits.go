package rollout

import "time"

// DefaultSteps are the shares of the traffic that green gets, in percent.
var DefaultSteps = []int{1, 10, 50, 100}

const (
	// pollInterval is how often the nodes are read during a step: Errors end it at once, not at its end.
	pollInterval = time.Second
	// callTimeout bounds a call to a node.
	callTimeout = 2 * time.Second
	// maxFigures bounds an answer of /metrics, in bytes: a node with all of its routes has some 200 KB.
	maxFigures = 8 << 20
	// toleratedErrors is how many errors of a kind say nothing yet.
	toleratedErrors = 1
	// unreadable is how many readings of a green node may fail in a row before that is a fault of its own.
	unreadable = 2
	// fewSamples is how many answers are needed before their slowest hundredth means anything.
	fewSamples = 100
	// slowerThanBlue is how much slower than blue green may be, once it is over the limit: both share a database and, often, machines.
	slowerThanBlue = 2
	// rollbackTimeout bounds the moving of traffic on the way back, and rollbackAttempts and rollbackBackoff are how often it is tried.
	rollbackTimeout  = time.Minute
	rollbackAttempts = 5
	rollbackBackoff  = time.Second
	// stopTimeout is how long blue is waited for when it is told to stop: longer than the default drain takes.
	stopTimeout = 2 * time.Minute
)
