package doctor

import "vacancy/internal/doctor/facts"

// sqliteLog: the write-ahead log (WAL) is copied into the file from time to time.
func sqliteLog(f *facts.Facts) []Finding {
	if f.SQLite == nil || f.SQLite.LogBytes < largeLog {
		return nil
	}
	return []Finding{found(Warning, linkSQLite, f.SQLite.Path, "its log has grown to %d MB: a program that reads the file keeps it from "+
		"being cut",
		f.SQLite.LogBytes>>20).todo("Look for such a program, as a backup or a shell of sqlite3 that was left open.")}
}
