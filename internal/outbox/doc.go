// Package outbox is the relay: it carries the events of committed changes to a bus, at least once, and those of a venue in order.
//
//	r := outbox.New(outbox.Config{Store: s, Pictures: pictures, Bus: b, Name: "nats", Now: view.Now, Log: log, Meter: meter})
//	go r.Run(ctx)
//	r.Committed(venue, revision)   // after each commit of this node, and for each hint of another
//	status := r.Status()           // how far behind, and why
//
// The changes are the outbox: there is no other table of what is to be sent. A venue's cursor says how far its events are confirmed, and
// moves after the bus has confirmed a batch, never before; so a crash repeats events and skips none. Because revisions have no gaps and are
// committed in order, a cursor over them misses nothing. Only changes that are proven durable are read, and what is told of availability
// is from a picture that has nothing in it which is not.
//
// Nothing here is in the way of a booking: Committed notes a number in memory. Without a bus there is no relay, and nothing accumulates.
//
// # Words
//
//   - Shard: one of 64 parts of the venues, by the hash of their ids. One node sends the events of a shard's venues at a time.
//   - Lease: the right to that, in the database, for three seconds. It is renewed every second, all of a node's in one statement.
//   - Tenure: the time from taking a shard over to losing it. What is known of the shard's venues in memory holds for that long.
//   - Cursor: how far the events of a venue are confirmed. Those of all venues are written together, at most every 200 ms.
//   - Scan: the listing of all venues that have something unsent, page by page, every ten seconds and after a shard was taken over.
//   - Turn: what a worker does with a venue before others have theirs: one batch.
//   - Batch: at most 256 changes, and their events. What is available is told once for all of them, behind the last. The cursor moves
//     once all of it is confirmed.
//   - Breaker: the circuit breaker before the bus. Once it has tripped, one venue tries, and not all.
//   - Gap, reset: what consumers are told where changes are left out, and where another history of the database begins.
//
// # Files
//
// relay.go has Run and what ends it; leases.go the shards; venue.go, unsent.go, turn.go and timers.go the set of venues with something
// unsent, and breaker.go the bus; scan.go finds what nobody told of; worker.go is a turn; batch.go, behind.go, history.go, picture.go and
// make.go make a batch, send.go publishes it, cursors.go notes how far that is; status.go and meter.go tell of it. The numbers are in
// limits.go. Why a broker cannot fence, and why that is all right: docs/adr/0022-the-relay.md.
//
// The room imports store, bus, events, view and booking.
package outbox
