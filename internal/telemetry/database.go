package telemetry

import "time"

// Database shows what the server knows of its database.
type Database struct {
	readable, writable, waited, term *reading
	fileBytes, walBytes, freeBytes   *reading
	backups                          *readings
}

func newDatabase(d *definitions) Database {
	s := d.section("Database")
	host := Label{"host", "the host and port, as `--database` lists it"}
	return Database{
		readable: s.reading("vacancy_database_readable", "1 if the database answered the last check, which runs every second; else 0."),
		writable: s.reading("vacancy_database_writable", "1 if a booking would be likely to succeed, as readyz says it; else 0."),
		waited: s.reading("vacancy_database_wait_seconds",
			"How long a server that starts has waited for its database by now; 0 once it was there. Meanwhile nothing is served."),
		term: s.reading("vacancy_database_term",
			"How often another PostgreSQL database came to be in charge. It is the same on all nodes: see [failover](failover.md)."),
		backups: s.readings(
			Definition{
				Name: "vacancy_database_backup_fit",
				Help: "1 if another listed PostgreSQL host could take over, as judged once a minute; else 0.", Labels: []Label{host},
			},
			Definition{
				Name: "vacancy_database_backup_lag_seconds",
				Help: "How far another listed PostgreSQL host is behind, by the newest heartbeat that it has: one comes every five seconds. " +
					"A host that does not answer is not there.",
				Labels: []Label{host},
			}),
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

// Backup is what another host is good for if the one in charge is lost. Seen tells whether it answered: only then its lag is known.
type Backup struct {
	Host      string
	Fit, Seen bool
	Lag       time.Duration
}

// Backups has shown what the other hosts are good for.
func (d Database) Backups(backups func() []Backup) {
	d.backups.from(func(show show) {
		for _, b := range backups() {
			show("vacancy_database_backup_fit", oneIf(b.Fit), b.Host)
			if b.Seen {
				show("vacancy_database_backup_lag_seconds", b.Lag.Seconds(), b.Host)
			}
		}
	})
}

// SQLite has shown how much room the file takes, and how much is left for it.
func (d Database) SQLite(file, wal, free func() float64) {
	d.fileBytes.from(file)
	d.walBytes.from(wal)
	d.freeBytes.from(free)
}
