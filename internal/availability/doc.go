// Package availability decides what can be booked: the schedules of resources, what is taken of them, and the rules of a service go
// in; starts, claims and alternatives come out. It is pure: no clock, no I/O, no goroutine. It imports schedule and booking, and may
// import ledger; what is taken it asks through [Ledgers].
//
//	day := availability.ForDay(query, date)                       // what a calendar shows
//	claims, err := availability.Fit(query, start, party)          // what a booking would take
//	others := availability.Alternatives(query, start, party, 5)   // where to go when err says no
//
// One function, evaluate, judges a start, and listing, fitting and alternatives all ask it: a slot that is listed and not full is
// accepted by Fit for the same query, and nothing else is.
//
// The rules, for a start of a service:
//
//   - It is a start of a member of the pool if it is one in that member's own hours (the opening plus a whole number of steps), and
//     the member is open during all of [start, start+duration). Members that are archived or unknown do not count.
//   - It claims [start-buffer before, start+duration+buffer after) of the member, and the buffers may lie outside the hours.
//   - It can be booked as long as now < start - notice, once the start's local date is in the horizon.
//   - What is free of a member is its capacity less the most that is taken at any instant of the claim.
package availability
