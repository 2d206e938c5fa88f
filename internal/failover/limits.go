package failover

import "time"

// Numbers that someone may want to tune, each with its unit and reason.
const (
	// maxStrikes failures in a row, with strikeTime at least between the first and the last, have a host given up. A server that restarts
	// for less is waited for. Hosts are probed every second, so three failures take two seconds, or three where each runs into its timeout.
	maxStrikes = 3
	strikeTime = 2 * time.Second
	// Probation is how long a database is not written to that has come back from an outage, while not all hosts can be seen: if another node
	// has gone to another host meanwhile, it finds this one within a second or two, and closes it.
	probation = 5 * time.Second
	// ObservationTTL is how long observations of all hosts allow to write. A node that has made none for so long was suspended: others can
	// have left its database after three failures, which take 2 s and more, so it is as one that has noticed an outage. Hosts are probed
	// every second, which takes another if one does not answer.
	ObservationTTL = 3 * time.Second
	// othersLive is how recently another node must have been seen by a database to be taken to use it: an interval of heartbeats and a bit.
	othersLive = 7 * time.Second
	// othersKnown is how long ago another node may have been seen last to be thought of. Its row is deleted then.
	othersKnown = 24 * time.Hour
	// freshMemory is the age up to which a file of what a node remembers stands for the node itself: a restart takes less. A node that was
	// down for longer may have missed a failover, and must see all hosts, as one without a file.
	freshMemory = time.Minute
	// failedOverFor is how long the alert of a failover stays active.
	failedOverFor = 10 * time.Minute
	// backupInterval is how often it is judged what each host is good for as a backup; unfitInterval, while one is good for nothing, so that
	// the end of it is told soon.
	backupInterval = time.Minute
	unfitInterval  = 5 * time.Second
	// unfitFor is how long a host must be unfit as a backup until that is an alert: standbys restart, and follow a new term, in less.
	unfitFor = 15 * time.Second
	// maxLag is how far a standby may be behind to be fit as a backup, by the heartbeats that it has.
	maxLag = 30 * time.Second
)
