package app

import "time"

// The numbers of the composition. Those of each room are in its own limits.go, and what an operator sets is in package config.
const (
	// quietDrainDelay is how long a server that is told to stop goes on answering, and asks for no further request on each connection, where
	// no load balancer asks readyz. Clients that were about to send one on a connection they kept would lose it otherwise.
	quietDrainDelay = 250 * time.Millisecond
	// readinessAskedLately is how long after readyz was asked it is taken for granted that a load balancer does so: longer than any of them
	// waits between two checks.
	readinessAskedLately = time.Minute
	// startRetry is the pause before a database that is away is tried again.
	startRetry = time.Second
	// startSilence is how long the ports answer nothing while the database is opened. Requests that come meanwhile wait, and are served
	// when it is open: a restart refuses nobody. A database that takes longer is waited for in the open.
	startSilence = time.Second
	// startLogInterval is how often a server says that it waits, and what for.
	startLogInterval = 5 * time.Second
	// localIdleConns and localIdleTimeout are those of the client that calls the server from its own process: for the demo's customers.
	localIdleConns   = 32
	localIdleTimeout = time.Minute
)
