// Package desk holds the use cases: hold, confirm, book, extend, cancel, expire, the edits of the catalogue, and the reads of
// bookings. It is the only writer.
//
// Every write is a command. The commands of one venue that wait on this node make a batch, and each batch is decided in one store
// transaction under the venue's row, in order of arrival, on a draft that overlays the view's ledgers. One commit, one fsync and
// one lock pay for all of them, so a hot slot gets cheaper per booking as the crowd grows; a lone command never waits for company.
// The transaction decides: nobody is answered before the commit is durable and applied to the view.
//
// A command that the store rejects, or that panics, is found by halving the batch, and fails no other. A commit whose answer was
// lost is settled before anybody is answered and anything is retried: it happened, or a fence sees to it that it never will. Only
// where the store does not come back in time are callers told that the outcome is unknown.
//
//	d := desk.New(desk.Config{Store: s, View: v, ...})
//	d.Start()
//	defer d.Close()
//	made, err := d.Book(ctx, actor, desk.BookRequest{Venue: "barber", Service: "cut", Start: at, PartySize: 1, Hold: true})
package desk
