// Package postgres keeps Vacancy in a PostgreSQL database, which several nodes share. It implements package store's contract and
// imports only that, the stored records, the decisions of failover and the domain.
//
//	s, err := postgres.Open(ctx, postgres.Config{URL: "postgres://vacancy@db.example/vacancy", Log: log})
//	...
//	defer s.Close()
//
// A transaction takes its venues' rows in one of two modes, see [LockingMode]; in either it is two round trips: one that reads, one that
// writes and commits. Nothing rests on exclusion constraints, advisory locks or LISTEN, so databases that speak PostgreSQL's protocol
// stay within reach: correctness needs a row lock or a unique key, and a commit that is durable when it returns.
//
// Of the hosts that the URL lists, connections go to the one that the monitor has found to be in charge; each looks when it is made
// whether it leads to that database, and learns the epoch there. After an error that means another server may be in charge, all are made
// anew, and the hosts are looked at before anything is written. Connections carry settings of their session, so whatever pools them on the
// way must keep a session on one.
//
// Up to half of the connections are reserved for transactions and for the small looks that every reader's picture rests on, so that
// neither waits for readers. A commit that waits for a standby is never cancelled from here; one whose wait somebody else ends is in doubt.
//
// The store's clock is the database's. NOTIFY wakes other nodes early; whoever misses it finds out by comparing revisions.
package postgres
