package postgres

import "time"

// Numbers that someone may want to tune, each with its unit and reason. What bounds a single statement is in [settings].
const (
	// connectTimeout bounds making a connection, unless the URL says otherwise. Callers wait for it.
	connectTimeout = time.Second
	// pingTimeout bounds the check of a connection that was idle for a second or more, before it is used.
	pingTimeout = 2 * time.Second
	// A connection that lives for long is replaced, so that nodes move along when servers or their settings change.
	connectionLife, connectionJitter = 30 * time.Minute, 5 * time.Minute
	// resetPause is how long the pools are not reset again, so that a storm of errors resets them once.
	resetPause = time.Second

	// defaultConnections is the size of both pools together, if the operator says nothing. A transaction keeps one for two round trips.
	defaultConnections = 16
	// maxReserved bounds the connections that readers cannot take: as many as transactions, notifications and checks use at once.
	maxReserved = 8
	// maxWaiting bounds the callers that wait for a connection of one pool. Whoever comes then would wait for long.
	maxWaiting = 1000

	// maxAttempts bounds how often a transaction begins anew. Of those that race for a venue one wins each time, so with a handful
	// of nodes nobody loses so often. retryTimeout bounds how long it goes on beginning anew.
	maxAttempts  = 100
	retryTimeout = 5 * time.Second
	// commitTimeout bounds the writes and the commit, which go on when the caller leaves: a commit that is given up half-way helps
	// nobody, but its callers wait. What becomes of it is asked then. rollbackTimeout bounds what tidies up.
	commitTimeout   = 4 * time.Second
	rollbackTimeout = 2 * time.Second

	// lockFirstFor is how long a venue's row is locked first after a race over it was lost. Whoever locks sees no races, so the
	// optimistic mode is tried again then: under lasting contention that costs each node one lost race in so long.
	lockFirstFor = 5 * time.Second
	// maxContested bounds the venues that are remembered as contested. One that is forgotten costs a lost race.
	maxContested = 1024

	// notifyInterval is the least time between two notifications, each of which takes a lock of the whole database.
	notifyInterval = 20 * time.Millisecond
	// notifyTimeout bounds sending one.
	notifyTimeout = 5 * time.Second
	// maxPending bounds the venues that others are to be told of. A venue that is left out is found by the comparison of revisions.
	maxPending = 4096
	// maxPayload is the bytes that a notification has room for; PostgreSQL takes 8000.
	maxPayload = 7900
	// listenBackoff is how long a node waits before it tries again to listen; listenCheck how long it listens before it makes sure
	// that it is still heard.
	listenBackoff = time.Second
	listenCheck   = 30 * time.Second

	// heartbeatInterval is how often a node says that it lives. liveFor is how long it is taken to live after it last did: three
	// heartbeats and a bit, so that one which is slow does not count as gone.
	heartbeatInterval = 5 * time.Second
	liveFor           = 17 * time.Second
	// failingInterval is the same while heartbeats fail: readyz says by them whether bookings can be made.
	failingInterval = time.Second
	// nodeRetention is how long the row of a node stays that has crashed. Nothing asks for it after liveFor; somebody who
	// looks at yesterday's crash may.
	nodeRetention = 24 * time.Hour
	// proofTries bounds the commits that are tried for one proof: one whose wait for a standby somebody has ended proves nothing.
	proofTries = 3
	// maxProven bounds the venues of which it is remembered up to which revision they are proven. One that is forgotten costs a commit.
	maxProven = 10_000

	// askInterval is how often all hosts are asked what they are, and askTimeout how long each may take to answer. With three failures
	// in a row, a host is given up within 3 s.
	askInterval = time.Second
	askTimeout  = time.Second
	// seekInterval is how often readers with a position of a later term have the hosts asked out of turn: once more than it is done anyway,
	// whatever strangers make up.
	seekInterval = time.Second
	// askLife is how long a connection is asked on before another is made: a name may lead elsewhere meanwhile.
	askLife = 10 * time.Second
	// raiseTimeout bounds beginning a term on a host that was promoted, which waits for its standbys as each commit does.
	raiseTimeout = 4 * time.Second
	// closeTimeout bounds closing a database that is left, with the wait for what is under way there; closePoll is how often that is asked.
	closeTimeout = 2 * time.Second
	closePoll    = 20 * time.Millisecond
	// maxFoundings bounds how often it is tried to give a new database its identity, before the next look.
	maxFoundings = 3
	// memoryInterval is how often the file of what a node remembers is written anew while nothing else has changed.
	memoryInterval = 5 * time.Second
	// commandTimeout is how long `vacancy failover` waits for each host.
	commandTimeout = 5 * time.Second
	// factTimeout is how long `vacancy doctor` waits for each host. All are asked at once.
	factTimeout = 3 * time.Second

	// rowsPerTrim is how many rows one statement of [Store.Trim] deletes.
	rowsPerTrim = 500

	// schemaTimeout bounds finding out whether the schema is up to date: a host that froze meanwhile must not hold up the watch over others.
	schemaTimeout = 4 * time.Second
	// migrationPoll is how often a node that starts asks whether another has finished migrating the schema.
	migrationPoll = 100 * time.Millisecond

	// venuesPerPage is how many venues' rows an inspection reads before it reads their catalogues.
	venuesPerPage = 100
)
