package failover

import "time"

// State is what a host was found to be.
type State int

const (
	// Unreachable: no connection could be made, it was lost, or no answer came in time.
	Unreachable State = iota
	// AuthRefused: the server answers, and lets this user not in.
	AuthRefused
	// Unfit: the server does not keep what is committed, or is too old.
	Unfit
	// Standby: the server is in recovery.
	Standby
	// ReadOnly: it is no standby, and its sessions cannot write.
	ReadOnly
	// Writable: it can be written to.
	Writable
)

// readable tells whether the host has said what its database is.
func (s State) readable() bool { return s >= Standby }

// Observation is what was seen of one host.
type Observation struct {
	Host  string
	State State
	// Reason is why the host cannot be used, in words.
	Reason string
	// Identity is unknown if the database has no row that says it, as one without our tables. Place is the server's own.
	Identity Identity
	Place    Place
	// Beats are the heartbeats of nodes that the database has; Now is its clock, and Up how long its server has been running (0: unknown).
	Beats map[string]Beat
	Now   time.Time
	Up    time.Duration
	// Started is when the server was started, by its own clock: two names of one server have the same, two servers do not.
	Started time.Time
	// Synchronous tells whether the server waits for standbys when it commits.
	Synchronous bool
}

// Beat is the last heartbeat of a node.
type Beat struct {
	Count int64     `json:"count"`
	Seen  time.Time `json:"seen"`
}

// Memory is what a node knows of the database that it used last.
type Memory struct {
	Identity Identity
	Beats    map[string]Beat
	// Saved is when the node last knew this to be the database in charge, by its own clock.
	Saved time.Time
	// Later is an identity with which the history went on, that the node has seen and not adopted: it never goes back behind it. Unknown
	// if there is none.
	Later Identity
	// Forks are the identities by host of histories that exclude each other, or that of the node, until one of them is closed or a person
	// has decided.
	Forks map[string]Identity
}

// Action is what a node is to do.
type Action int

const (
	// GoOn: write to the host as before.
	GoOn Action = iota
	// Adopt: write to the host from now on.
	Adopt
	// Raise: begin a term on the host, then write to it.
	Raise
	// Found: give the host's database, which has no identity, one; then look again.
	Found
	// Wait: write nowhere for a moment; see probation.
	Wait
	// Refuse: write nowhere until a person has decided.
	Refuse
	// Demoted: hosts answer, and none can be written to.
	Demoted
	// Down: no host answers.
	Down
)

var actionNames = [...]string{"go on", "adopt", "raise", "found", "wait", "refuse", "demoted", "down"}

func (a Action) String() string { return actionNames[a] }

// Writes tells whether the node may write once the action is carried out.
func (a Action) Writes() bool { return a <= Raise }

// Decision is what follows from observations.
type Decision struct {
	Action Action
	// Host is where to write, or whose database is to be founded.
	Host string
	// Read is a host to read from while nothing may be written, empty if there is none.
	Read string
	// Close are hosts whose databases were left and can still be written to: they are to be closed.
	Close []string
	// Alerts are what a person must know, as long as decisions name them.
	Alerts []Alert
}

var stateNames = [...]string{"unreachable", "refuses this user", "cannot be used", "standby", "read-only", "can be written to"}

func (s State) String() string { return stateNames[s] }
