// Package bench measures a server from outside, through the public API, and counts what must never happen: a slot that is
// oversold, a booking that was acknowledged and is gone, a reader whose picture is wrong.
//
// There are four loads. [Book] has many clients book as fast as they can. [Churn] has them fight for a few places, booking and
// cancelling. [Live] has many readers follow a calendar while it changes. [Large] stores many bookings and starts the server again
// on them. Each sets up venues of its own, with ids that begin with "bench-" and are new each time, and gives back a report. A
// report that holds something which must never happen comes with an error that is [ErrBroken].
//
//	server, err := bench.StartServer(ctx, bench.ServerOptions{Database: "postgres://vacancy@localhost/vacancy", Nodes: 2})
//	...
//	defer server.Close()
//	report, err := bench.Book(ctx, server.Target, bench.BookOptions{Clients: 64, Slots: 1, Duration: 10 * time.Second})
//
// The load shares the machine with the server, so it is made to cost little: prepared requests on connections of its own, and
// frames that are decoded once for all readers that get the same bytes.
//
// A server may have several nodes on one database. Clients are spread over them, and each node must show in the end what all of them
// have booked.
//
// The package imports package client and WebSockets, package meter for figures, and package reference for what it must know of a
// PostgreSQL server.
package bench
