package rabbittest

import "time"

const (
	// MaxMessageSize is the largest message that brokers take, in bytes. As they are installed, 3.10 takes 128 MB and 4.0 takes 16 MB.
	MaxMessageSize = 1 << 20

	// memoryLimit is how much memory a node may use before its alarm, in bytes. It needs 130 MB for itself.
	memoryLimit = 512 << 20
	// journalSize is when a quorum queue's journal begins a new file, in bytes: as installed, 512 MB, which it keeps in memory too.
	journalSize = 16 << 20
	// startAttempts is how often a node is started whose ports another process has taken.
	startAttempts = 5
	// evaluateTimeout bounds one line that a node evaluates.
	evaluateTimeout = 30 * time.Second
)
