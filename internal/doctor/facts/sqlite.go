package facts

// SQLite is a database file, and where it is.
type SQLite struct {
	Path string
	// Exists tells whether there is such a file, and Fault says why it cannot be used as a database.
	Exists bool
	Fault  string
	// LogWithoutFile: there is a write-ahead log and no file that it belongs to.
	LogWithoutFile bool
	// DamageNoted is what a check has found and noted beside the file; empty if there is no note.
	DamageNoted string
	// Names is how many hard links the file has; 0 if that is not known.
	Names uint64
	// Mode are the permission bits of the file.
	Mode uint32
	// DirectoryFault says why nothing can be written beside the file.
	DirectoryFault string
	// FileBytes and LogBytes are the sizes of the file and its log, 0 if that is not known, and FreeBytes what is left on its disk, -1 if
	// that is not known.
	FileBytes, LogBytes, FreeBytes int64
	// FileSystem is the name of the file system, as in "ext4"; empty if that is not known.
	FileSystem string
	// JournalMode is how the file is written to, as in "wal"; empty if that was not to be seen.
	JournalMode string
}
