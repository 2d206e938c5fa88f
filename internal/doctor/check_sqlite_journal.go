package doctor

import "vacancy/internal/doctor/facts"

// sqliteJournal: the file is written to by a log, as a server sets it.
func sqliteJournal(f *facts.Facts) []Finding {
	s := f.SQLite
	if s == nil || s.JournalMode == "" {
		return nil
	}
	if s.JournalMode != "wal" {
		return []Finding{found(Note, linkSQLite, s.Path, "its journal mode is %s, which another program has set: the next start sets wal, or "+
			"refuses the file if that cannot be", s.JournalMode)}
	}
	return []Finding{found(OK, linkSQLite, s.Path, "its journal mode is wal, and a server flushes each commit to the disk (synchronous = "+
		"FULL)")}
}
