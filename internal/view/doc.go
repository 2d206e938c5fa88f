// Package view is a node's in-memory picture of its venues: catalogue, ledgers and revision, rebuilt from the store at will. It
// answers reads and never decides a booking.
//
//	v := view.New(view.Config{Store: s, Now: time.Now, Log: log, MaxVenues: 10_000})
//	v.Listen(hub)
//	err := v.Sync(ctx)                            // before anything is read: what time is it?
//	go v.Run(ctx)                                 // checks every second
//	v.Apply(ctx, change)                          // the desk, after its commit
//	v.Hint(ctx, venue, revision)                  // another node has written
//	picture, err := v.AtLeast(ctx, venue, position)
//
// A [Picture] is immutable: whoever has one may compute on it for as long as it likes, without locks. The [View] replaces a
// venue's picture when a change is applied (by the desk, after its commit), when a gap shows that changes were missed, and when
// the periodic check finds the store ahead. It knows how fresh it is.
//
// # Many nodes
//
// Nodes know nothing of each other. A change of another node is heard of by a hint, which may be lost, or is found by the check. A
// reader who comes from a node that is further brings its position, and [View.AtLeast] has this one catch up. All who wait for a
// venue share one reading, which begins after they came.
//
// Expiry, notice and horizon are judged by one clock, the store's, which the view's [Clock] follows from check to check.
//
// A database may be put back to an earlier state and go on from there, in the same epoch or another. Every change names its batch, which
// no other change has. Whoever puts changes on a picture, here or at the desk, first compares the batch of the last change in it with
// that of the change of that revision in the store. The check compares them as well.
//
// A database that fails over may answer one connection from its old history and the next from its new one. Each picture is of one
// epoch, but until the pool has settled, two pictures may be of different ones; a check that finds a picture of another epoch than
// the store's loads it anew.
package view
