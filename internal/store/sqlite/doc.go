// Package sqlite keeps Vacancy in one SQLite file, without cgo. It implements package store's contract and imports only that, the JSON
// of stored records, and the domain.
//
//	s, err := sqlite.Open(ctx, sqlite.Config{Path: "vacancy.db"})
//	...
//	defer s.Close()
//
// One connection writes, and several read-only ones read beside it, each on one committed state of the file (WAL mode). A
// transaction is durable when its COMMIT returns: synchronous=FULL flushes the log once for each. What else the database promises
// rests on there being one writer: a lock file beside the database keeps out a second server. Tokens in both tell a copy that was put
// back, which gets another epoch: see [Store.Copied]. Who removes the lock file of a stopped server says that it is a copy.
//
// What a commit costs is the pages that it writes. So the rows of a venue that change most are few and narrow, bulky ones are only
// appended to, and keys are made such that what is written together stands together. The keys of answers are random, and in memory.
//
// [OpenReadOnly] looks at a file without being its server, also while one runs.
package sqlite
