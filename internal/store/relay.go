package store

import (
	"context"
	"hash/fnv"
	"time"

	"vacancy/internal/booking"
)

// Relay is what the relay of events keeps in the database, and reads from it: which node sends the events of which venues to a bus, and how
// far each venue's are sent. Nothing of it is in the way of a booking: no transaction of a venue reads or writes it.
//
// The changes are the outbox. Revisions of a venue have no gaps and are committed in order, so a cursor over them misses nothing; one over
// ids that are taken before the commit would.
type Relay interface {
	// RegisterBus notes that a bus is in use, and is called at every start. Of a bus that is new, the cursor of every venue that there is
	// is set to its revision, so that events begin now, and its DueAt to the store's clock, so that the relay looks at each venue once and
	// finds out when something of it is due. A venue that is made later has no cursor, and begins at its first change.
	RegisterBus(ctx context.Context, bus string) error

	// KeepLeases renews the leases of the holder, takes such as are free or have run out, and gives up what is more than its share of the
	// [Shards], by the store's clock and in one transaction. Holders that have called it lately share evenly. It returns the shards that
	// the holder has a lease of, for Duration from the moment of the call at least.
	KeepLeases(ctx context.Context, lease Lease) ([]Shard, error)
	// ReleaseLeases gives up all leases of the holder, so that others need not wait.
	ReleaseLeases(ctx context.Context, bus, holder string) error

	// Unsent lists venues by id after the given one, at most limit, archived ones too, of which something is to be sent to the bus: their
	// revision is beyond the cursor, the cursor is of another epoch, or its DueAt has come. A venue without a cursor has the zero one.
	Unsent(ctx context.Context, bus string, after booking.VenueID, limit int) ([]booking.VenueID, error)

	// Cursors reads those of the venues; one that has none is left out.
	Cursors(ctx context.Context, bus string, venues []booking.VenueID) (map[booking.VenueID]Cursor, error)

	// MoveCursors writes cursors, in one statement, of those venues whose shard the holder still has a lease of, and returns the venues
	// that were left out for want of it. It raises no revision.
	MoveCursors(ctx context.Context, bus, holder string, cursors []Cursor) (lost []booking.VenueID, err error)

	// DurableChanges reads changes as [Reader] does with Changes, with the epoch that they are of. All that it returns is where the
	// operator wants it to be, as after an Update; if that cannot be proven in time, the error is [ErrUnavailable]. If a change cannot be
	// decoded, the error is [ErrDamaged], and what is returned with it is valid: see [Durable].
	DurableChanges(ctx context.Context, venue booking.VenueID, after booking.Revision, limit int) (Durable, error)
}

// Durable are changes that are where the operator wants them to be.
type Durable struct {
	Epoch booking.Epoch
	// Changes are in order. With [ErrDamaged], they are those before the first that cannot be decoded, and Damaged is its revision.
	Changes []booking.Change
	Damaged booking.Revision
	// Revision is the venue's when they were read; 0 if there is no such venue.
	Revision booking.Revision
}

// Lease asks for leases.
type Lease struct {
	// Bus names the bus, and Holder the relay of one node: an id that no other ever has.
	Bus, Holder string
	// Duration is how long a lease is valid without being renewed.
	Duration time.Duration
}

// Cursor is how far the events of a venue are sent to a bus.
type Cursor struct {
	Venue booking.VenueID
	// Epoch is that of the database when the last of them were sent.
	Epoch    booking.Epoch
	Revision booking.Revision
	// Batch is that of the change of Revision, so that a database which was put back to an earlier state, and went on from there, is
	// recognised; see [Found]. Empty if it is not known.
	Batch string
	// DueAt is when there is something to send though nothing has changed, such as the next local midnight; zero is never.
	DueAt time.Time
	// Opened is up to which local date days have opened, with the zone that it is of, as the relay writes it; empty: nothing was sent.
	Opened string
	// Checked is the revision of the last checkpoint event; 0 if there was none.
	Checked booking.Revision
}

// Shard is a part of the venues, by the hash of their ids, whose events one node sends at a time.
type Shard uint8

// Shards is how many shards there are. It is in the database, and is never to be changed.
const Shards = 64

// ShardOf is the shard of a venue.
func ShardOf(venue booking.VenueID) Shard {
	h := fnv.New32a()
	_, _ = h.Write([]byte(venue)) // never fails
	return Shard(h.Sum32() % Shards)
}
