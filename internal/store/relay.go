package store

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"slices"
	"strings"
	"time"

	"vacancy/internal/booking"
)

// Relay is what the relay of events keeps in the database, and reads from it: which node sends the events of which venues to a bus, and how
// far each venue's are sent. Nothing of it is in the way of a booking: no transaction of a venue reads or writes it. It raises no revision.
//
// The changes are the outbox. Revisions of a venue have no gaps and are committed in order, so a cursor over them misses nothing; one over
// ids that are taken before the commit would. Hidden venues are the server's own: none of this is about them.
type Relay interface {
	// RegisterBus notes that a bus is in use, and is called at every start. If the bus is new, events begin now: each venue that there is
	// gets a cursor at its revision, whose DueAt is the store's clock, so that the relay looks at each venue once and finds out when
	// something of it is due. A venue that is made later has no cursor, and begins at its first change. Of several calls at once, one sets
	// the cursors, and none returns before they are set.
	RegisterBus(ctx context.Context, bus string) error
	// RegisterBusAt is RegisterBus for events that begin at a revision which the operator names: if the bus is new, each venue gets a
	// cursor at it, or at the venue's own if that is less. 0 begins with all changes that are still kept.
	RegisterBusAt(ctx context.Context, bus string, revision booking.Revision) error

	// KeepLeases renews the leases of the holder, and takes such as are free or have run out up to its share of the [Shards], by the store's
	// clock and in one transaction. Holders that have called it, and whose leases have not run out, share evenly: each is told of at most a
	// k-th of the shards, rounded up, if there are k. It returns the shards that the holder may send the events of, in order, for Duration
	// from the moment of the call at least. Nobody else has a lease of one of them meanwhile.
	//
	// What is more than its share is not returned. It is given up by the call that does not name it in Held: so the holder stops first, and
	// nobody else has it before. Until then, its cursors can be moved. A bus that is not registered is [booking.ErrNotFound].
	//
	// It notes that the bus is in use, once in [BusSeenInterval]: see [Retention]. Leases need not outlast the store where no other process
	// can have the database.
	KeepLeases(ctx context.Context, lease Lease) ([]Shard, error)
	// ReleaseLeases gives up all leases of the holder, so that others need not wait.
	ReleaseLeases(ctx context.Context, bus, holder string) error

	// Unsent lists venues by id after the given one, at most limit, archived ones too, of which something is to be sent to the bus: their
	// revision is beyond the cursor, the cursor is of another epoch, or its DueAt has come. A venue without a cursor has the zero one.
	Unsent(ctx context.Context, bus string, after booking.VenueID, limit int) ([]booking.VenueID, error)

	// Cursors reads those of the venues; one that has none is left out.
	Cursors(ctx context.Context, bus string, venues []booking.VenueID) (map[booking.VenueID]Cursor, error)

	// MoveCursors writes cursors, each of another venue, of those venues whose shard the holder still has a lease of, and returns the
	// others, which are lost to it, by id. A cursor does not go back: one of an earlier term, or of the same epoch and a lower revision than
	// the one that is there, is left as it is, and is not lost. One of another epoch replaces it. After a crash, cursors may be where they
	// were a moment before.
	MoveCursors(ctx context.Context, bus, holder string, cursors []Cursor) (lost []booking.VenueID, err error)

	// DurableChanges reads changes as [Reader] does with Changes, with the epoch that they are of. All that it returns is where the
	// operator wants it to be, as after an Update; if that cannot be proven in time, the error is [ErrUnavailable]. If the first of them
	// is not the one after the given revision, those between were deleted. If a change cannot be decoded, the error is [ErrDamaged], and
	// what is returned with it is valid: see [Durable].
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
	// Duration is how long all leases of the holder are valid without being renewed. It is more than zero.
	Duration time.Duration
	// Held are the shards that the holder is still at work on: those that it was told to have and has not stopped since.
	Held []Shard
}

// Check refuses what nobody can hold.
func (l Lease) Check() error {
	if l.Bus == "" || l.Holder == "" || l.Duration <= 0 {
		return fmt.Errorf("a lease must have a bus, a holder and a duration: %+v", l)
	}
	return nil
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

// SortCursors returns cursors by venue, and refuses two of one venue.
func SortCursors(cursors []Cursor) ([]Cursor, error) {
	sorted := slices.SortedFunc(slices.Values(cursors), func(a, b Cursor) int { return strings.Compare(string(a.Venue), string(b.Venue)) })
	for i := range sorted {
		if i > 0 && sorted[i].Venue == sorted[i-1].Venue {
			return nil, errors.New("two cursors of one venue cannot be moved at once")
		}
	}
	return sorted, nil
}

// MayFollow tells whether a cursor may take the place of the one that is there.
func (c Cursor) MayFollow(there Cursor) bool {
	if before, after := there.Epoch.Term(), c.Epoch.Term(); before != after {
		return after > before
	}
	return c.Epoch != there.Epoch || c.Revision >= there.Revision
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
