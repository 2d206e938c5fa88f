package postgres

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"vacancy/internal/booking"
	"vacancy/internal/store"
	"vacancy/internal/store/record"
)

// Each of these answers for all venues of a transaction at once, so that a transaction over a hundred venues sends as many
// statements as one over a single venue, and all of them are sent together.
var (
	// selectState reads each venue's revision, the clock, the batch of the change that the caller knows as the last, and the changes
	// that it has missed, unless there are too many. They are limited so that they are looked for by revision: the planner would go
	// through all of the venue's otherwise. The batch is asked for by itself so that the planner cannot join all changes.
	selectState = `
		SELECT need.venue, v.revision, v.needs, ` + openID + `, ` + hasStandbys + `, coalesce($3::timestamptz, statement_timestamp()),
			(SELECT k.batch FROM changes k WHERE k.venue = v.id AND k.revision = need.known),
			c.revision, c.batch, c.committed_at, c.entries
		FROM ` + unnest("venue text", "known bigint") + `
		LEFT JOIN venues v ON v.id = need.venue
		LEFT JOIN LATERAL (
			SELECT revision, batch, committed_at, entries FROM changes
			WHERE venue = v.id AND revision > need.known AND v.revision - need.known <= ` + maxChanges + `
			ORDER BY revision LIMIT ` + maxChanges + `
		) c ON true
		ORDER BY c.revision`

	// Only the due holds of the venues are looked at, however many others there are: nothing but a hold has an expiry. The
	// index is found by its collation.
	selectDue = `
		SELECT ` + bookingColumns + ` FROM bookings b` + joinClaims + `
		WHERE b.venue COLLATE "POSIX" = ANY ($1::text[]) AND b.expires_at <= coalesce($2::timestamptz, statement_timestamp())
		ORDER BY b.venue, b.expires_at, b.id, c.place`

	selectNeeded = `
		SELECT ` + bookingColumns + `
		FROM ` + unnest("venue text", "id text") + `
		JOIN bookings b ON b.venue = need.venue AND b.id = need.id` + joinClaims + `
		ORDER BY b.venue, b.id, c.place`

	selectAnswers = `
		SELECT ` + record.Answers.Names("a.") + `
		FROM ` + unnest("venue text", "key bytea") + `
		JOIN answers a ON a.venue = need.venue AND a.key = need.key`
)

// hasStandbys tells whether the server is told to wait for standbys at this moment. Each connection hears of a change at once.
const hasStandbys = `coalesce(current_setting('synchronous_standby_names', true), '') <> ''`

var maxChanges = strconv.Itoa(store.MaxChanges)

// finder gathers what is true of the venues of a transaction.
type finder struct {
	clock any
	needs []store.Need
	found []store.Found
	// at finds the place of a venue in both.
	at     map[booking.VenueID]int
	locked map[booking.VenueID]bool
	now    time.Time
	// standbys tells whether the server waits for standbys now, and database the id of its term; none of one that was closed.
	standbys bool
	database pgtype.Text
	batch    pgx.Batch
}

// find reads in one round trip. A pessimistic transaction takes the rows first; each statement behind sees what had been committed until
// then, and the clock is read after the wait. An optimistic one reads all from one snapshot.
func (t *transaction) find(ctx context.Context, c *session) ([]store.Found, error) {
	f := finder{clock: t.clock, needs: t.needs, found: make([]store.Found, len(t.needs)), at: make(map[booking.VenueID]int, len(t.needs))}
	for i, need := range t.needs {
		f.at[need.Venue] = i
	}
	if t.mode == Pessimistic {
		f.locked = make(map[booking.VenueID]bool, len(t.needs))
		f.batch.Queue(beginWriting)
		if len(t.needs) > 1 {
			f.batch.Queue(lockBriefly)
		}
		f.batch.Queue(lockVenues, t.venues()).Query(f.lock)
		f.queue()
	} else {
		f.batch.Queue(beginReading)
		f.queue()
		f.batch.Queue(`COMMIT`)
	}
	if err := c.conn.SendBatch(ctx, &f.batch).Close(); err != nil {
		return nil, err
	}
	t.standbys, t.database = f.standbys, f.database.String
	return f.found, f.finish(t.mode, c.epoch)
}

func (f *finder) queue() {
	venues, known := make([]string, len(f.needs)), make([]int64, len(f.needs))
	for i, need := range f.needs {
		venues[i], known[i] = string(need.Venue), int64(min(need.Known, maxRevision))
	}
	f.batch.Queue(selectState, venues, known, f.clock).Query(f.state)
	f.batch.Queue(selectDue, venues, f.clock).Query(f.due)
	f.queueBookings()
	f.queueAnswers()
	f.queueCounts()
	for i, need := range f.needs {
		for _, use := range need.Uses {
			f.batch.Queue(selectUses, usesArgs(need.Venue, use, f.clock, booking.MaxInUse+1)...).Query(func(rows pgx.Rows) error {
				ids, err := collectIDs[booking.BookingID](rows)
				f.found[i].Uses = append(f.found[i].Uses, ids)
				return err
			})
		}
	}
}

func (f *finder) queueBookings() {
	var venues, ids []string
	for i, need := range f.needs {
		if len(need.Bookings) > 0 {
			f.found[i].Bookings = make(map[booking.BookingID]booking.Booking, len(need.Bookings))
		}
		for _, id := range need.Bookings {
			venues, ids = append(venues, string(need.Venue)), append(ids, string(id))
		}
	}
	if len(ids) == 0 {
		return
	}
	f.batch.Queue(selectNeeded, venues, ids).Query(func(rows pgx.Rows) error {
		return eachBooking(rows, func(b booking.Booking) error {
			f.found[f.at[b.Venue]].Bookings[b.ID] = b
			return nil
		})
	})
}

func (f *finder) queueAnswers() {
	var venues []string
	var keys [][]byte
	for i, need := range f.needs {
		if len(need.Answers) > 0 {
			f.found[i].Answers = make(map[booking.AnswerKey]booking.Answer, len(need.Answers))
		}
		for _, key := range need.Answers {
			venues, keys = append(venues, string(need.Venue)), append(keys, key[:])
		}
	}
	if len(keys) > 0 {
		f.batch.Queue(selectAnswers, venues, keys).Query(f.answers)
	}
}

func (f *finder) lock(rows pgx.Rows) error {
	ids, err := collectIDs[booking.VenueID](rows)
	for _, id := range ids {
		f.locked[id] = true
	}
	return err
}

func (f *finder) state(rows pgx.Rows) error {
	for rows.Next() {
		var (
			venue              booking.VenueID
			revision, ofChange pgtype.Int8
			needs              pgtype.Int4
			known, batch       pgtype.Text
			committed          pgtype.Timestamptz
			entries            pgtype.DriverBytes
		)
		err := rows.Scan(&venue, &revision, &needs, &f.database, &f.standbys, &f.now, &known, &ofChange, &batch, &committed, &entries)
		if err != nil {
			return err
		}
		found := &f.found[f.at[venue]]
		found.Exists, found.Revision, found.Batch = revision.Valid, booking.Revision(revision.Int64), known.String
		found.Needs = booking.Level(needs.Int32)
		if !ofChange.Valid {
			continue
		}
		change := booking.Change{
			Venue: venue, Revision: booking.Revision(ofChange.Int64), Batch: batch.String, CommittedAt: committed.Time,
		}
		if change.Entries, err = record.DecodeEntries(entries, venue); err != nil {
			return fmt.Errorf("change %d of venue %s: %w", change.Revision, venue, err)
		}
		found.Changes = append(found.Changes, change)
	}
	return rows.Err()
}

// due comes after state. Its statement has a clock of its own, which is a little later: what became due in between is not due yet.
func (f *finder) due(rows pgx.Rows) error {
	return eachBooking(rows, func(b booking.Booking) error {
		if !b.ExpiresAt.After(f.now) {
			found := &f.found[f.at[b.Venue]]
			found.Due = append(found.Due, b)
		}
		return nil
	})
}

func (f *finder) answers(rows pgx.Rows) error {
	oldest := f.now.Add(-booking.AnswerLifetime)
	for rows.Next() {
		var row record.AnswerRow
		if err := scanRow(rows, record.Answers.Columns, &row); err != nil {
			return err
		}
		if !row.CreatedAt.Before(oldest) {
			f.found[f.at[row.Venue]].Answers[row.Key] = row.Answer
		}
	}
	return rows.Err()
}

// finish leaves nothing in the findings of venues that do not exist. One that was made between the attempt to lock it and the look
// at it is not locked: what was read of it may stem from several states.
func (f *finder) finish(mode LockingMode, epoch booking.Epoch) error {
	for i, need := range f.needs {
		found := &f.found[i]
		if !found.Exists {
			*found = store.Found{}
		} else if mode == Pessimistic && !f.locked[need.Venue] {
			return errMoved
		}
		found.Now, found.Epoch = f.now, epoch
	}
	return nil
}
