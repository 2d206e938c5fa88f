package store

import (
	"context"

	"vacancy/internal/booking"
)

// Inspector shows everything that the database holds, for whoever checks it against itself.
type Inspector interface {
	// Inspect calls visit with one committed state of the whole database, which stays as it is until visit returns, whatever is
	// written meanwhile; nobody waits for it. It returns what visit returns.
	Inspect(ctx context.Context, visit func(Snapshot) error) error
}

// Snapshot is one committed state of a database. Its methods hand over what is stored piece by piece, so that memory does not grow
// with the database, and end with the first error of the function they call. They are for one goroutine, and must not be called
// from a function that one of them calls.
type Snapshot interface {
	// Loaded lists every venue by id, archived ones included: its settings and catalogue, and the revision it is at, without claims and batch.
	Loaded(ctx context.Context, visit func(Loaded) error) error
	// Checkpoint is the one behind which a venue's changes begin.
	Checkpoint(ctx context.Context, venue booking.VenueID) (Checkpoint, error)
	// Audit is what is remembered of a venue's changes up to the checkpoint, by revision: without batch, and without what each step took.
	Audit(ctx context.Context, venue booking.VenueID, visit func(booking.Change) error) error
	// Changes are a venue's, by revision.
	Changes(ctx context.Context, venue booking.VenueID, visit func(booking.Change) error) error
	// Bookings are a venue's, by id, each with its claims.
	Bookings(ctx context.Context, venue booking.VenueID, visit func(booking.Booking) error) error
	// Active are the claims of a venue that take room, by booking and then in the booking's order: those that Load would read,
	// however long past.
	Active(ctx context.Context, venue booking.VenueID, visit func(booking.BookingID, booking.Claim) error) error
	// Answers are a venue's, by key, those past their lifetime included.
	Answers(ctx context.Context, venue booking.VenueID, visit func(booking.Answer) error) error
	// Orphans are the tables that have rows of a venue which has no row itself, by table, then venue. The other methods may not show
	// such rows, since Loaded does not list their venue.
	Orphans(ctx context.Context, visit func(venue booking.VenueID, table string) error) error
	// SingleRows are the tables that must have exactly one row, by name, each with how many it has.
	SingleRows(ctx context.Context, visit func(table string, rows int) error) error
}
