package store

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"time"

	"vacancy/internal/booking"
)

// Errors that every store maps its own to. Anything else that a store returns is a fault of the operator's machine or of ours.
// A missing venue or booking is [booking.ErrNotFound].
var (
	// ErrUnavailable: the database cannot be reached or cannot write now. Nothing was committed. It is a [booking.ErrUnavailable],
	// so whoever knows no store understands it too.
	ErrUnavailable = fmt.Errorf("the database is unavailable: %w", booking.ErrUnavailable)
	// ErrInDoubt: the connection died during COMMIT, or the disk did. The transaction may have happened, may never happen, or may
	// happen yet: a database can still be working on what it was sent. The next Update of the venue that commits a change settles
	// it: the change of the revision that was expected names the batch then, or another and the transaction never happens.
	ErrInDoubt = errors.New("the outcome of the commit is unknown")
	// ErrRejected: the database refused one of the writes, for what the write holds. Nothing was committed.
	ErrRejected = errors.New("the database rejected a write")
	// ErrDamaged: a value in the database does not have the form that it was written in. See [Damaged].
	ErrDamaged = errors.New("a stored value cannot be read")
	// ErrContended: another transaction holds the row of a venue for too long. Nothing was committed; of several venues some are free
	// perhaps, and fewer at once may succeed.
	ErrContended = errors.New("another transaction holds the row of a venue")
)

// Store is all that a database gives to Vacancy. Instants are kept in microseconds, rounded down, and come back in UTC. Ids are
// ordered as bytes. Empty lists and maps may come back as nil.
type Store interface {
	Writer
	Reader
	Keys
	Inspector
	Webhooks
	Relay
	// Close ends every connection. Calls under way end or fail, and later ones fail with [ErrUnavailable]. It may be called again.
	Close() error
}

// Writer is the one way in which bookings and catalogues change. It is the desk's.
type Writer interface {
	// Update runs one transaction over the venues of needs, which must be distinct and sorted by venue. The store takes each venue's
	// row, in that order, reads what is needed, and calls decide with one Found for each need, in the same order; decide returns
	// one Write for each. The transaction holds all writes or none, and Update returns nil only when they are durable.
	//
	// decide may be called again from the start, on newer findings, when the store had to begin anew; only its last call counts.
	// It must not block. An error of decide ends the transaction, writes nothing, and is returned as it is; a panic writes nothing
	// either. If no Write has a change, nothing is committed and no revision is raised. So it is when ctx ends before the commit
	// begins; its error is returned then.
	//
	// What decide was told stays true until the commit, but for the time, which goes on: either the venue's row is held from before
	// it was read, or the commit fails if the venue's revision has moved since, and the store begins anew. If nothing is written,
	// what decide was told was true at one moment during the call. Venues that do not exist yet are serialised too: of two
	// transactions that create one, the second finds what the first wrote.
	//
	// A venue whose settings are of a level above the store's own is not written to: Update fails with [booking.ErrNeedsNewer] then, and
	// does not call decide. A change that raises the level which its venue needs fails with [booking.ErrNodesBehind] while another node
	// that is running has not announced that level.
	//
	// A database may show what is not yet where the operator wants it to be, such as on a standby. What is written rests on all that was
	// found, and is there when Update returns nil. If nothing is written, a Write with Prove has Update return nil only when what was
	// found is there too; where that cannot be proven in time, the error is [booking.ErrOutcomeUnknown].
	Update(ctx context.Context, needs []Need, decide func([]Found) ([]Write, error)) error

	// SweepAnswers deletes answers of any venue that are past their lifetime, at most limit of them, and returns how many it deleted.
	SweepAnswers(ctx context.Context, limit int) (int, error)

	// EraseTags erases the tags of bookings of any venue that are counted no more: the client tags of those that were made more than
	// [booking.ClientTagTTL] ago, and both tags of those that have ended, which a program that does not know them has left. It comes to at
	// most limit bookings, and returns to how many. It raises no revision.
	EraseTags(ctx context.Context, limit int) (int, error)

	// ClientSecret is what client tags are keyed with: random, of 128 bits or more, made when it is asked for first, and the same for
	// all who ask.
	ClientSecret(ctx context.Context) (string, error)

	// Trim deletes what is past its retention, at most limit of each kind, and returns how many it deleted: bookings that ended without
	// ever being confirmed, with their claims; changes, of some venues after the other, all but the last [RetainedChanges] of each; and what
	// is remembered of changes. What is remembered of a change is written in the transaction that deletes it, and so is the venue's
	// [Checkpoint]. No revision is raised. Whoever calls it often enough comes to all venues.
	//
	// Nothing is deleted on a schema that a newer program has migrated: what it adds to a change would be lost in what is remembered. Its
	// own nodes do it.
	Trim(ctx context.Context, retention Retention, limit int) (int, error)
}

// Need is what a transaction must know of one venue.
type Need struct {
	Venue booking.VenueID
	// Known is the revision of the caller's picture. It may be beyond all that exist. Found.Batch tells whether the picture is of the
	// same history.
	Known booking.Revision
	// Bookings and Answers are looked up by their keys.
	Bookings []booking.BookingID
	Answers  []booking.AnswerKey
	// Uses asks which future bookings there are.
	Uses []Use
	// Clients are the beginnings of client tags, and Contacts contact tags, each once and none empty, of which the live bookings are
	// counted; Holds asks what the holds of tagged clients take.
	Clients, Contacts []string
	Holds             []HoldRange
	// EnoughBookings, if set, is how many live bookings of each of the Clients are enough: more need not be counted, so that what
	// a client has made without end is not read without end.
	EnoughBookings int
}

// EnoughBookings is how many bookings of each client are enough for all of the needs; 0 if all are to be counted.
func EnoughBookings(needs []Need) (enough int) {
	for _, need := range needs {
		if len(need.Clients) > 0 && need.EnoughBookings == 0 {
			return 0
		}
		enough = max(enough, need.EnoughBookings)
	}
	return enough
}

// HoldRange is the starts of a service in [From, To).
type HoldRange struct {
	Service  booking.ServiceID
	From, To time.Time
}

// Use asks which bookings take room in the future: those with an active claim that ends after the store's clock, but for holds that
// have run out. Service and Resource, if set, keep bookings of that service and claims on that resource; From and To, if set, claims
// that overlap [From, To).
type Use struct {
	Service  booking.ServiceID
	Resource booking.ResourceID
	From, To time.Time
}

// Found is what is true of one venue in the transaction.
type Found struct {
	// Exists is false for a venue that was never put; everything but Now and Epoch is zero then.
	Exists   bool
	Revision booking.Revision
	Epoch    booking.Epoch
	// Needs is the level that a program must have to write to the venue; it is at most the store's own.
	Needs booking.Level
	// Now is the store's clock, which judges expiry, notice and horizon. It is read in the transaction, after any wait for the row.
	Now time.Time
	// Batch is that of the change of revision Need.Known, "" if there is none: Known is 0, or beyond Revision. Two histories that
	// have the same batch at a revision are the same up to there. So changes may be put on a picture only if this is the batch of
	// the last change in it; a database that was put back to an earlier state, and went on from there, has another.
	Batch string
	// Changes are those after Need.Known in order; empty if there are more than [MaxChanges].
	Changes []booking.Change
	// Due are all holds whose ExpiresAt is not after Now, by expiry, then id.
	Due []booking.Booking
	// Bookings and Answers hold those of the need that exist. Answers past their lifetime, created more than
	// [booking.AnswerLifetime] before Now, do not.
	Bookings map[booking.BookingID]booking.Booking
	Answers  map[booking.AnswerKey]booking.Answer
	// Uses has the answer to each of the need's uses: at most [booking.MaxInUse]+1 ids each, by start, then id.
	Uses [][]booking.BookingID
	// Clients has, for each beginning of tags in the need, the counts of each service of which there are live bookings, in any order;
	// Contacts the number of live bookings of each tag. What has none may be left out. Holds has the answer to each of the need's
	// ranges: what the holds claim, those of one resource and time as one claim of all their units, in any order. A hold is live until
	// its expiry is committed.
	Clients  map[string][]Live
	Contacts map[string]int
	Holds    [][]booking.Claim
}

// Live counts the bookings of a service that a client made less than [booking.ClientTagTTL] ago: the holds, these with the confirmed, and
// the people for whom all are.
type Live struct {
	Service           booking.ServiceID
	Held, All, People int
}

// Write is what was decided for one venue. A Write whose Change has no revision writes nothing.
//
// Last defences, with [ErrRejected]: a change that is not the next of a venue that exists or is put by it; anything of another
// venue; a new booking whose id is taken, and a changed one that does not exist; a claim without units or length; a hold without
// expiry, and an expiry of anything else; an answer for a key that has a living one.
type Write struct {
	// Change has Revision = Found.Revision + 1; the store raises the venue's revision to it. Its entries hold the new settings of
	// venue, resources and services, which the store writes as they are, and say which claims each transition claims and releases. The
	// store remembers it as the last that touched each resource which it altered: those whose settings its entries hold, and those
	// on which they take or free claims. See [Loaded.Touched].
	//
	// CommittedAt is the desk's to set: its clock once all was decided.
	Change booking.Change
	// New are bookings to insert, and Changed bookings to replace: everything but venue, id, service and creation may differ. The
	// store keeps the claims of each, active while its status claims, and afterwards as the record of what it had.
	New     []booking.Booking
	Changed []booking.Booking
	// Answers are kept for repeats. The store sets their Revision to the change's.
	Answers []booking.Answer
	// Prove says that somebody will be told that what was found is done; see [Writer]. A Write with a change need not say so.
	Prove bool
}

// Reader is for everyone who looks. Each call sees one committed state of the database, and never what is not committed. Load and
// Booking return [booking.ErrNotFound]; of a venue that does not exist, the others return nothing.
type Reader interface {
	// Load reads a whole venue in one snapshot: its catalogue by id, archived members included, and the active claims that end
	// after since, in no order.
	Load(ctx context.Context, venue booking.VenueID, since time.Time) (Loaded, error)
	// Revisions reads the last change of each of the venues; one that does not exist is left out. It is cheap: it runs every second.
	Revisions(ctx context.Context, venues []booking.VenueID) (Revisions, error)
	// Changes reads the changes of a venue after a revision, in order, at most limit. Whoever puts them on a picture reads the
	// picture's own last change with them, and compares its batch; see [Found].
	Changes(ctx context.Context, venue booking.VenueID, after booking.Revision, limit int) ([]booking.Change, error)
	// Venues lists the venues that are not archived by id, after the given one, at most limit.
	Venues(ctx context.Context, after booking.VenueID, limit int) ([]booking.Venue, error)
	// Booking reads one booking. What it returns is where the operator wants it to be, as after an Update; if that cannot be proven in
	// time, the error is [ErrUnavailable].
	Booking(ctx context.Context, venue booking.VenueID, id booking.BookingID) (booking.Booking, error)
	// Bookings lists bookings of a venue by start, then id.
	Bookings(ctx context.Context, venue booking.VenueID, filter Filter) ([]booking.Booking, error)
	// Uses answers a [Use] outside any transaction: at most limit ids, by start, then id.
	Uses(ctx context.Context, venue booking.VenueID, use Use, limit int) ([]booking.BookingID, error)
	// Due lists venues that have due holds, at most limit, the longest overdue first, and the expiry of the next hold that is not
	// due yet (zero: there is none).
	Due(ctx context.Context, limit int) (venues []booking.VenueID, next time.Time, err error)
	// Now is the store's clock.
	Now(ctx context.Context) (time.Time, error)
}

// Loaded is one consistent picture of a venue.
type Loaded struct {
	Epoch    booking.Epoch
	Revision booking.Revision
	// Batch is that of the change of Revision. A [Snapshot] leaves it out.
	Batch     string
	Venue     booking.Venue
	Resources []booking.Resource
	Services  []booking.Service
	Claims    []booking.Claim
	// Touched is the last revision that changed each resource or a claim on it: see [booking.Change.Resources].
	Touched map[booking.ResourceID]booking.Revision
}

// Revisions are the last changes of venues, in the epoch of the database, and the store's clock when they were read.
type Revisions struct {
	Epoch booking.Epoch
	Now   time.Time
	Of    map[booking.VenueID]Last
}

// Last names a venue's last change.
type Last struct {
	Revision booking.Revision
	Batch    string
}

// Filter chooses bookings of a venue.
type Filter struct {
	// From and To keep bookings that overlap [From, To), which have no buffers: those that start before To and end after From. Zero is
	// unbounded.
	From, To time.Time
	// Statuses keeps bookings of these; empty keeps all.
	Statuses []booking.Status
	// AfterStart and AfterID continue a listing behind the booking it ended with, which need not exist any more.
	AfterStart time.Time
	AfterID    booking.BookingID
	// Limit is the most that is returned; 1 or more, or the listing fails.
	Limit int
}

// EarliestStart is the earliest start that a booking which ends after From can have; zero if From is. It is where a store begins to
// look.
func (f Filter) EarliestStart() time.Time {
	if f.From.IsZero() {
		return time.Time{}
	}
	return f.From.Add(-booking.MaxDuration)
}

// Keys holds the management keys. Only hashes are stored.
type Keys interface {
	// PutKey stores a key; one of the same name is replaced. A key that another name has is rejected.
	PutKey(ctx context.Context, key Key) error
	// Key finds a key by its hash; [booking.ErrNotFound] if there is none.
	Key(ctx context.Context, hash [sha256.Size]byte) (Key, error)
	// HasKeys tells whether any key is stored.
	HasKeys(ctx context.Context) (bool, error)
}

// Key is a management key.
type Key struct {
	// Name is how the audit trail calls the key's holder.
	Name      string
	Hash      [sha256.Size]byte
	CreatedAt time.Time
}
