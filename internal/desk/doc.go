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
//
// # Glossary
//
//	Answer       what a caller gets; also the record of it under an idempotency key, for repeats         await_answer.go, idempotency.go
//	Batch        the commands of one venue that one transaction decides                                  batch.go
//	Command      one write request: book, confirm, cancel, put a service                                 command.go
//	Contended    somebody else holds the row of a venue for too long; nothing was done                   errors.go
//	Draft        the work of one batch before its commit: the picture with the decisions laid over it    draft.go
//	Fence        a change without entries that takes the revision a commit in doubt needs                settle_in_doubt.go
//	Halving      how one bad command, or one bad venue, is found among those of a transaction            lane.go, batch.go
//	In doubt     the answer to a COMMIT was lost: it may have happened                                   settle_in_doubt.go
//	Lane         a goroutine that runs transactions, one after the other                                 lane.go
//	Outcome      a booking after a command                                                               book.go
//	Picture      one immutable state of the view of a venue                                              package view
//	Queue        the commands that wait, by venue, in order of arrival                                   queue.go
//	Transition   a booking's way from one status to the next: confirm, extend, cancel, expire            transitions.go
//	Unavailable  the store cannot be reached; trying again at once is no use                             errors.go
//
// The call chain of a write is at the head of lane.go; what bounds each call in time, and how often it is retried, is in limits.go.
package desk
