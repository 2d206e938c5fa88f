// Package ledger keeps the units taken of one resource over time. It is pure: no clock, no I/O, no goroutine. It imports booking and
// the standard library only.
//
// A [Ledger] is a value that never changes, so that any number of goroutines may read one without a lock. An [Edit] is what changes:
//
//	edit := l.Edit()
//	if edit.Taken(claim.Start, claim.End)+claim.Units <= resource.Capacity {
//		err = edit.Add(claim)
//	}
//	l = edit.Ledger()
//
// The ledger knows no capacity and no bookings. That nothing is added beyond the capacity, and nothing removed that was not added,
// is for its user to see to.
//
// Inside, the levels are kept by UTC day, each day a short sorted list that is replaced whole when it changes. An edit shares all
// the days that it does not touch with the ledger that it came from.
package ledger
