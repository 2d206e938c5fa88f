// Package failover decides to which of the listed hosts a node may write. It is pure: it takes what was observed of the hosts and the time,
// and returns a decision. Who observes and who carries out is package store/postgres.
//
//	m := failover.New([]string{"a:5432", "b:5432"}, node, remembered)
//	d := m.Observe(now, observations)   // every second, and before a write after a lost connection
//	switch d.Action { case failover.Raise: ...; m.Adopt(d.Host, identity, now) }
//
// A database says in one row what it is: an [Identity], with the ids of all its terms. Two lists of which one begins the other are one
// history, and the longer one is where it went on. Two lists of which neither does are two histories, and no machine can say which is
// right.
//
// What cannot be decided here: a node that reaches only a database which was left, and was told nothing. See docs/failover.md.
package failover
