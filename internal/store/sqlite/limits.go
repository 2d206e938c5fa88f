package sqlite

import (
	"runtime"
	"time"
)

// Numbers that someone may want to tune, each with its unit and reason.
const (
	// lockTimeout is how long Open waits for the lock file: a server that was killed holds it until the system has cleaned up after it,
	// and whatever starts it again may be quicker.
	lockTimeout = time.Second
	// lockRetry is how often the lock is tried meanwhile.
	lockRetry = 10 * time.Millisecond

	// quickCheckWait is how long a start waits for the file to be looked through: 100 MB are, from memory, in a quarter of a second.
	quickCheckWait = 500 * time.Millisecond
	// quickCheckTimeout bounds the whole look. Until it ends, the log beside the file cannot be begun anew.
	quickCheckTimeout = 10 * time.Minute

	// busyTimeout, in ms, is how long a connection waits for a lock of SQLite. Only a tool that someone runs on the file beside the
	// server can hold one: the server has a single writer.
	busyTimeout = 5000

	// Page caches, in KiB if negative, as the pragma has it. They grow only as far as they are used.
	writerCache = -64 * 1024
	readerCache = -8 * 1024

	// autoCheckpoint, in pages of 4 KiB, is when a COMMIT also copies the log into the database: two more flushes. The larger it
	// is, the fewer they are; but each takes longer, and so does recovery after a crash. Measured with batches of 64 bookings:
	// at 250 pages 52 us of CPU a booking, at 2000 44 to 47, at 8000 39 to 41; the slowest hundredth of the commits waited 10 to
	// 30 ms at 250, 15 to 18 at 2000, 21 at 8000.
	autoCheckpoint = 2000

	// journalSizeLimit, in bytes, is what the log is cut to after it had to grow.
	journalSizeLimit = 64 << 20

	// rowsPerInsert is how many rows one INSERT takes. Measured on a batch of 64 bookings with a claim each, with flushes off: a row
	// at a time 13.9 us of CPU a booking, 8 at a time 10.0, 16 at a time 9.5, 64 at a time 8.8; from a JSON text by json_each 23.
	rowsPerInsert = 16

	// tokenInterval is how old the token that tells a copy of the file becomes while bookings are made. Each new one flushes the lock
	// file; a copy taken and put back within the interval, around a crash, is not noticed.
	tokenInterval = time.Minute

	// rowsPerTrim is how many rows one transaction of [Store.Trim] deletes: a booking that comes meanwhile waits for some 10 ms.
	rowsPerTrim = 200

	// cursorsPerTransaction is how many cursors one transaction of [Store.MoveCursors] writes: a booking that comes meanwhile waits for
	// some 5 ms.
	cursorsPerTransaction = 500

	// venuesPerPage is how many venue rows an inspection has in memory at a time.
	venuesPerPage = 100
)

// maxReaders is how many read side by side. Reading is work for the processor; each reader has a cache of its own.
func maxReaders() int { return min(max(4, runtime.GOMAXPROCS(0)), 8) }
