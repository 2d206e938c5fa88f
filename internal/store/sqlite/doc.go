// Package sqlite keeps Vacancy in one SQLite file, without cgo. It implements package store's contract and imports only that and
// the domain.
//
//	s, err := sqlite.Open(ctx, sqlite.Config{Path: "vacancy.db"})
//	...
//	defer s.Close()
//
// One connection writes, and several read-only ones read beside it, each on one committed state of the file (WAL mode). A
// transaction is durable when its COMMIT returns: synchronous=FULL flushes the log once for each. What else the database promises
// rests on there being one writer: a lock file beside the database keeps out a second server.
//
// The rows of a venue that change most are few and narrow, and bulky ones are only appended to, so that a commit of a batch
// flushes few pages.
package sqlite
