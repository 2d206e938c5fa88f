package app

import "time"

// The numbers of the composition. Those of each room are in its own limits.go, and what an operator sets is in package config.
const (
	// quietDrainDelay is how long a server that is told to stop goes on answering, and asks for no further request on each connection, where
	// no load balancer asks readyz. Clients that send one request after the other on a connection are told with the next answer to close it.
	// Without that they would lose the one that they send just when the connection is closed.
	quietDrainDelay = 500 * time.Millisecond
	// readinessPollWindow is how long after readyz was asked it is taken for granted that a load balancer does so: longer than any of them
	// waits between two checks.
	readinessPollWindow = time.Minute
	// startRetry is the pause before a database that is away is tried again.
	startRetry = time.Second
	// startGrace is how long the ports answer nothing while the database is opened. Requests that come meanwhile wait, and are served
	// when it is open: a restart refuses nobody. A database that takes longer is waited for in the open.
	startGrace = time.Second
	// startLogInterval is how often a server says that it waits, and what for.
	startLogInterval = 5 * time.Second
	// startAlertAfter is how long a server waits before it alerts people: longer than a database takes that is started at the same time.
	startAlertAfter = 10 * time.Second
	// outboxInterval is how often a server looks whether somebody has paused or resumed what goes to the outside.
	outboxInterval = 5 * time.Second
	// sqliteCursorInterval is the least time between two writings of the relays' cursors in a SQLite file: each is a flush of its own, for
	// which bookings wait.
	sqliteCursorInterval = time.Second
	// relayCheckInterval is how often a server looks whether events get through, for its alerts.
	relayCheckInterval = 5 * time.Second
	// busAlertAfter is how long a bus may fail before people are alerted: longer than a broker takes to start anew.
	busAlertAfter = time.Minute
	// webhookAlertFor is how long an alert of a webhook that was disabled stays, unless it is enabled again at the same server.
	webhookAlertFor = 24 * time.Hour
	// leftOutAlertFor is how long an alert of changes that were not told stays, so that somebody sees it.
	leftOutAlertFor = time.Hour
	// statusInterval is how often the supervisor is told how the server is, if that has changed, and that it works, unless its watchdog wants
	// to hear it more often.
	statusInterval = 5 * time.Second
	// startExtension is how much more time a server that waits for its database asks of its supervisor, each time it says so.
	startExtension = time.Minute
	// stopSlack is added to what a stop may take: committing what was accepted, and closing the database.
	stopSlack = 15 * time.Second
	// doctorTimeout is how long `vacancy doctor` takes at most, of which each host of a database has a part.
	doctorTimeout = 10 * time.Second
	// localIdleConns and localIdleTimeout are those of the client that calls the server from its own process: for the demo's customers.
	localIdleConns   = 32
	localIdleTimeout = time.Minute
)
