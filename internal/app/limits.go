package app

import "time"

// The numbers of the composition. Those of each room are in its own limits.go, and what an operator sets is in package config.
const (
	// drainDelay is how long a server that is told to stop goes on answering, and asks for no further request on each connection.
	// Clients that were about to send one on a connection they kept would lose it otherwise, and load balancers see readyz.
	drainDelay = 250 * time.Millisecond
	// localIdleConns and localIdleTimeout are those of the client that calls the server from its own process: for the demo's customers.
	localIdleConns   = 32
	localIdleTimeout = time.Minute
)
