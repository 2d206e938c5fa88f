// Package live is the hub: it keeps the availability that somebody watches, tells every reader what changed, and answers GET from
// the same state. It knows nothing of HTTP; packages sse and ws carry its frames. It imports view, availability and booking.
//
//	hub := live.New(live.Config{View: v, Documents: documents, Log: log})
//	v.Listen(hub)
//	snapshot, err := hub.Snapshot(ctx, query, booking.Position{})     // GET
//	sub, err := hub.Subscribe(ctx, query, lastPosition, permits, waker) // a live reader
//	for frame := sub.Next(); frame != nil; frame = sub.Next() { ... } // after each Wake
//
// # Words
//
//   - Day state: what can be booked of a service on one local date, at one moment (day.go). Its cell keeps the newest one; the cells of
//     one service and one choice of resource are a calendar (calendar.go).
//   - Window: a query over day states; its state is what it shows at one moment (window.go).
//   - Bookable dates: those from yesterday to a day beyond the horizon. Every other date is closed, whatever is booked, and has no day
//     state (dates.go).
//   - Version: how far something has been seen, or when it last changed: revision and boundary (version.go). With its epoch it is a
//     position.
//   - Boundary: a moment at which time alone changes what can be booked.
//   - Frame: one message to a reader; delta: a frame with what changed; reset: one that says that the reader must begin anew.
//   - Conflation: merging of changes between two deltas. The conflation interval, like every number of this package that may be tuned,
//     stands in limits.go.
//   - Tombstone: a start that is gone, kept so that readers who have it are told.
//   - Worker: a goroutine that runs when it is triggered, and never twice at once (worker.go). Each venue and each connection has one.
//   - Backlog: the bytes that wait for slow readers ("slow consumers") to take them; its bound is the backpressure (write_deadline.go).
//   - Fan-out: one frame, encoded once, for all readers of a window who are at one position (frame.go).
//   - DayPermits: one client's part of the days that a node watches (day_permits.go).
//
// # State
//
// A day state ([day]) is what can be booked of a service, with any resource or a chosen one, on one local date. It does not depend
// on the size of the party, and every query that looks at the date shares it. A query is a [window] over day states. Both are
// values that never change: a new one takes the place of the old, so reading needs no lock.
//
// Day states are bounded, for the node and for each venue. When there is no room, day states that nobody watches go first, those that were
// asked for longest ago before others; then GET is computed without being kept (compute.go), and new live queries are refused. The way of
// a query, downwards: [Hub.Snapshot] or [Hub.Subscribe], acquire.go, query.go (the check), index.go, venue.go (refresh), window.go,
// frame.go.
//
// # Positions, and why no reader misses a change
//
// What a query lists is a function C(r, t) of the venue's revision and of time. Two kinds of events change it: revisions, and
// boundaries of time. A reader's position is a version (r, b) of an epoch. It is only ever given out with the content C(R, T) of a
// window whose days were all computed of one picture R and one time T, where r <= R and b <= T, and nothing in the window was
// touched after r up to R, nor by a boundary after b up to T. So whoever is at (r, b) holds C(r, b).
//
// Each start remembers the last revision that touched it (a superset of those that changed it: the claim may have overlapped
// without effect, or two changes may have cancelled each other) and the last boundary that made it come or go; one that vanished
// stays as a tombstone. A reader at (r, b) lacks exactly the starts with revision > r or boundary > b, on any node: both nodes
// compute the same C, and versions say when a start changed, not when a node noticed. Three things a day state cannot tell; it knows
// since when it can (its since), and a reader before that is told to begin anew (reset):
//
//   - what happened before the day state was built: since is the last revision that touched the service, and the last boundary;
//   - what an edit of the catalogue changed: the day states are built anew;
//   - what came and went again between two computations, if more than one boundary passed: since moves to the last of them.
//
// A reader ahead of the node, in revision or in time, or of another epoch, begins anew as well: it would go back in time otherwise.
// That is rare: the view catches up with the store first, and waits for the moments by which one node's time may be behind another's
// ([view.View.AtLeast]). A version (r, b) that a reader brings, and that the node has reached, becomes the window's own, whose content is
// right for it: so positions never fall, on whichever node and with whatever reset, but for a clock that was put back and for another
// epoch. Within one node a window's states follow each other, and so do the frames of its readers.
//
// Time is the store's, as the view knows it. It never goes back here by less than [clockStepTolerance]: it stands still until it has
// caught up. If it is put back further, nothing that was known is worth anything, and everybody begins anew.
//
// # The way of a change
//
// The view tells of a change (Changed). The hub puts it into the venue's change queue and triggers the venue's worker: it invalidates
// the day states whose starts the claims overlap, computes those that are watched, and wakes the readers of each window that shows
// something new. For the conflation interval the window then publishes nothing; what changes meanwhile is merged, because frames carry
// values and not events.
// Readers pull: there is no queue, a slow one costs its position, and all readers at one position get the same bytes.
//
// # Locks
//
// venue.mu guards the states of a venue, Hub.mu the index of what is in memory; they are taken in that order. queue.mu is
// taken last. Nobody is woken under any of them, and of the view nothing is called but its clock. Hub.freshnessMu is held
// while the view is asked how fresh it is, and taken with no other.
package live
