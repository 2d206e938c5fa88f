package telemetry

import "time"

// Database shows what the server knows of its database.
type Database struct {
	readable, writable, waited, term *reading
	fileBytes, walBytes, freeBytes   *reading
}

func newDatabase(d *definitions) Database {
	s := d.section("Database")
	return Database{
		readable: s.reading("vacancy_database_readable", "1 if the database answered the last check, which runs every second; else 0."),
		writable: s.reading("vacancy_database_writable", "1 if a booking would be likely to succeed, as readyz says it; else 0."),
		waited: s.reading("vacancy_database_wait_seconds",
			"How long a server that starts has waited for its database by now; 0 once it was there. Meanwhile nothing is served."),
		term: s.reading("vacancy_database_term",
			"How often another PostgreSQL database came to be in charge. It is the same on all nodes: see [failover](failover.md)."),
		fileBytes: s.reading("vacancy_sqlite_file_bytes", "Size of the SQLite file. It keeps its size when rows are deleted."),
		walBytes:  s.reading("vacancy_sqlite_wal_bytes", "Size of its write-ahead log."),
		freeBytes: s.reading("vacancy_sqlite_disk_free_bytes", "What is left on the disk that the SQLite file is on."),
	}
}

// Read has shown what the server knows of its database. It is what readyz answers from.
func (d Database) Read(readable, writable func() bool) {
	d.readable.from(func() float64 { return oneIf(readable()) })
	d.writable.from(func() float64 { return oneIf(writable()) })
}

// Waited has shown how long a server that starts has waited for its database.
func (d Database) Waited(waited func() time.Duration) {
	d.waited.from(func() float64 { return waited().Seconds() })
}

// Term has shown how often another database came to be in charge.
func (d Database) Term(term func() float64) { d.term.from(term) }

// SQLite has shown how much room the file takes, and how much is left for it.
func (d Database) SQLite(file, wal, free func() float64) {
	d.fileBytes.from(file)
	d.walBytes.from(wal)
	d.freeBytes.from(free)
}
