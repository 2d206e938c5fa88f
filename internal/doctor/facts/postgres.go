package facts

import (
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/failover"
)

// Postgres are the hosts of a PostgreSQL database.
type Postgres struct {
	// Hosts are those of the URL, in its order.
	Hosts []Host
	// Unverified: the connection to another machine may be to anybody, since no certificate is verified.
	Unverified bool
	// User is who the server is to the database.
	User string
	// StateFile is what a server remembers of its database over restarts.
	StateFile StateFile
	// HeartbeatInterval is how often each server writes its heartbeat: a lag cannot be seen more exactly. LiveFor is how long a server is
	// taken to run after its last one.
	HeartbeatInterval, LiveFor time.Duration
}

// StateFile is the file of --failover-state.
type StateFile struct {
	// Path is empty if there is to be none.
	Path   string
	Exists bool
	// ReadFault says why it cannot be read, and WriteFault why it cannot be replaced.
	ReadFault, WriteFault string
	Memory                failover.Memory
}

// Host is one host of the URL. Of one that did not answer only Observation is known.
type Host struct {
	// Observation is what the host says, whether a server would use it or not.
	failover.Observation
	// Unfit says why a server would not use it, though it answers.
	Unfit string
	// Skew is how far its clock is ahead of this machine's, to plus or minus SkewError.
	Skew, SkewError time.Duration

	Version string
	// Fsync, FullPageWrites, SynchronousCommit and SynchronousStandbyNames are the settings of that name, as a server's connection has them.
	Fsync, FullPageWrites, SynchronousCommit, SynchronousStandbyNames string
	// MaxConnections is how many the host accepts from such a user; 0 if that is not shown.
	MaxConnections int
	// Addresses are those by which others may know it, and its name.
	Addresses []string
	// Receiver is from where a standby gets what is written. It is nil if there is none.
	Receiver *Receiver
	// Followers are those that the host sends to what is written.
	Followers []Follower
	Slots     []Slot
	Nodes     []Node
}

// Receiver is how a standby follows its primary.
type Receiver struct {
	// Shown: the rest is known, which takes a right.
	Shown bool
	// Name is its application_name, by which synchronous_standby_names knows it.
	Name, Status string
	// SenderHost and SenderPort are what the standby connects to.
	SenderHost string
	SenderPort int
}

// Follower is a row of pg_stat_replication: a standby, or a program that reads the log.
type Follower struct {
	// Shown: the rest, but for Name, is known, which takes a right.
	Shown         bool
	Name, Address string
	// State is "streaming" of one that has caught up, and SyncState "sync", "quorum", "potential" or "async".
	State, SyncState string
	// Replays: it replays what it gets, as a standby does and a program that archives does not. Logical: it gets rows and not the log.
	Replays, Logical bool
}

// Slot is a replication slot that nobody reads from: the host keeps what is written until somebody does.
type Slot struct {
	Name     string
	Retained int64 // bytes
}

// Node is the row of a server's heartbeats.
type Node struct {
	ID    string
	Level booking.Level
	Seen  time.Time
}
