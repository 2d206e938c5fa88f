package doctor

import "vacancy/internal/doctor/facts"

// databaseEncryption: nobody on the way to the database can read or change what is said.
func databaseEncryption(f *facts.Facts) []Finding {
	if f.Postgres == nil || !f.Postgres.Unverified {
		return nil
	}
	return []Finding{found(Warning, linkPostgres, "", "the database is on another machine, and sslmode does not verify that it is the "+
		"right one: whoever is on the way can read and change everything").todo("Leave sslmode out of --database, or set sslmode=verify-full.")}
}
