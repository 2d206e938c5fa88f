package postgres

import (
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"vacancy/internal/booking"
	"vacancy/internal/store"
	"vacancy/internal/store/record"
)

// The writes of a transaction and its COMMIT are sent together, so nobody can look at a result in between: what must not be makes a
// statement fail, and what follows a failure is not carried out. Where no constraint is there to refuse it, a statement writes
// NULL where none may stand.
var (
	// raiseVenues compares and raises the venues' revisions and writes their changes. A venue that is not at the revision before
	// its change's is not raised, and the change's revision is NULL then. A venue that is new has it from its insertion.
	raiseVenues = `
		WITH need AS (SELECT ` + columns("", changeFields) + ` FROM ` + unnest(changeFields...) + `),
		raised AS (
			UPDATE venues v SET revision = n.revision FROM need n
			WHERE v.id = n.venue AND v.revision = n.revision - 1 AND NOT n.created RETURNING v.id
		)
		INSERT INTO changes (venue, revision, batch, committed_at, entries)
		SELECT n.venue, CASE WHEN n.created OR r.id IS NOT NULL THEN n.revision END, n.batch, n.committed_at, n.entries
		FROM need n LEFT JOIN raised r ON r.id = n.venue`

	// checkVenues is for those that the transaction looked at without changing them. Of one that has moved on it writes a change
	// without revision.
	checkVenues = `
		INSERT INTO changes (venue)
		SELECT need.venue FROM ` + unnest("venue text", "revision bigint") + ` LEFT JOIN venues v ON v.id = need.venue
		WHERE coalesce(v.revision, 0) <> need.revision`

	// touch marks the resources that changes altered.
	touch = `
		INSERT INTO touched (venue, resource, revision)
		SELECT venue, resource, revision FROM ` + unnest("venue text", "resource text", "revision bigint") + `
		ON CONFLICT (venue, resource) DO UPDATE SET revision = excluded.revision`

	insertBookings = insertInto("bookings", bookingFields)
	insertClaims   = insertInto("claims", claimFields)

	// updateBookings inserts the key alone of a booking that it does not find.
	updateBookings = `
		WITH need AS (SELECT ` + columns("", bookingFields) + ` FROM ` + unnest(bookingFields...) + `),
		changed AS (
			UPDATE bookings b SET status = n.status, start = n.start, "end" = n."end", wall_start = n.wall_start,
				party_size = n.party_size, expires_at = n.expires_at, extensions = n.extensions, customer_name = n.customer_name,
				customer_email = n.customer_email, customer_phone = n.customer_phone, customer_note = n.customer_note,
				token_hash = n.token_hash, updated_at = n.updated_at, revision = n.revision
			FROM need n WHERE b.venue = n.venue AND b.id = n.id RETURNING b.venue, b.id
		)
		INSERT INTO bookings (venue, id) SELECT venue, id FROM need EXCEPT SELECT venue, id FROM changed`

	// Most changes of bookings leave the claims as they are, or free them.
	updateClaims = `
		WITH need AS (SELECT ` + columns("", claimFields) + ` FROM ` + unnest(claimFields...) + `),
		changed AS (
			UPDATE claims c SET resource = n.resource, start = n.start, "end" = n."end", units = n.units, active = n.active
			FROM need n WHERE c.venue = n.venue AND c.booking = n.booking AND c.place = n.place
				AND (c.resource, c.start, c."end", c.units, c.active) IS DISTINCT FROM (n.resource, n.start, n."end", n.units, n.active)
		)
		INSERT INTO claims (` + columns("", claimFields) + `) SELECT ` + columns("need.", claimFields) + ` FROM need
		ON CONFLICT (venue, booking, place) DO NOTHING`

	// deleteClaims deletes those from a place on.
	deleteClaims = `
		DELETE FROM claims c USING ` + unnest("venue text", "booking text", "place int") + `
		WHERE c.venue = need.venue AND c.booking = need.booking AND c.place >= need.place`

	// Only an answer that is past its lifetime gives way to another of its key; the request of one that lives would become NULL.
	insertAnswers = insertInto("answers", answerFields) + fmt.Sprintf(`
		ON CONFLICT (venue, key) DO UPDATE SET
			request = CASE WHEN answers.created_at < excluded.created_at - interval '%d seconds' THEN excluded.request END,
			sealed = excluded.sealed, created_at = excluded.created_at, revision = excluded.revision`,
		booking.AnswerLifetime/time.Second)
)

// writing is what a transaction writes, of all its venues.
type writing struct {
	changes changeRows
	// created and settings are statements of their own for each venue that is new, and for what changes say of the catalogue.
	created, settings pgx.Batch
	// unchanged are the venues that were only looked at.
	unchanged revisionRows
	touched   touchedRows

	bookings bookingRows
	claims   claimRows

	changed       bookingRows
	changedClaims claimRows
	claimsEnd     []int // how many each changed booking has

	answers answerRows
}

// newWriting gathers what was decided. What it finds wrong is rejected before anything is sent.
func newWriting(needs []store.Need, found []store.Found, writes []store.Write) (*writing, error) {
	w := &writing{}
	for i := range writes {
		change := writes[i].Change
		if change.Revision == 0 {
			w.unchanged.add(needs[i].Venue, found[i].Revision)
			continue
		}
		if change.Venue != needs[i].Venue || change.Revision != found[i].Revision+1 {
			return nil, rejected("change %d of venue %s, when venue %s was at %d",
				change.Revision, change.Venue, needs[i].Venue, found[i].Revision)
		}
		if err := w.addChange(change, found[i].Exists); err != nil {
			return nil, fmt.Errorf("change %d of venue %s: %w", change.Revision, change.Venue, err)
		}
		if err := w.addRows(&writes[i]); err != nil {
			return nil, err
		}
	}
	return w, nil
}

func (w *writing) empty() bool { return len(w.changes.venue) == 0 }

func (w *writing) addChange(change booking.Change, exists bool) error {
	statements := &w.created
	if exists {
		statements = &w.settings
	}
	if err := queueVenue(statements, change, exists); err != nil {
		return err
	}
	for _, id := range change.Resources() {
		w.touched.add(change, id)
	}
	for _, e := range change.Entries {
		var err error
		switch {
		case e.Resource != nil:
			err = queueResource(&w.settings, change.Venue, *e.Resource)
		case e.Service != nil:
			err = queueService(&w.settings, change.Venue, *e.Service)
		}
		if err != nil {
			return err
		}
	}
	entries, err := record.EncodeEntries(change.Entries)
	if err != nil {
		return fmt.Errorf("encode its entries: %w", err)
	}
	w.changes.add(change, exists, entries)
	return nil
}

func (w *writing) addRows(write *store.Write) error {
	for i := range write.New {
		b := &write.New[i]
		if b.Venue != write.Change.Venue {
			return rejected("booking %s of venue %s in a change of %s", b.ID, b.Venue, write.Change.Venue)
		}
		w.bookings.add(b)
		w.claims.add(b)
	}
	last := make(map[booking.BookingID]int, len(write.Changed))
	for i := range write.Changed {
		last[write.Changed[i].ID] = i
	}
	for i := range write.Changed {
		b := &write.Changed[i]
		if b.Venue != write.Change.Venue {
			return rejected("booking %s of venue %s in a change of %s", b.ID, b.Venue, write.Change.Venue)
		}
		if last[b.ID] != i {
			continue // it is changed once more, and one statement writes a row once
		}
		w.changed.add(b)
		w.changedClaims.add(b)
		w.claimsEnd = append(w.claimsEnd, len(b.Claims))
	}
	w.answers.add(write)
	return nil
}

// queue queues what there is to write. The venues come first: whoever else changes one waits, and a lost race ends the rest.
func (w *writing) queue(b *pgx.Batch) {
	b.QueuedQueries = append(b.QueuedQueries, w.created.QueuedQueries...)
	b.Queue(raiseVenues, w.changes.values()...)
	if u := &w.unchanged; len(u.venue) > 0 {
		b.Queue(checkVenues, u.venue, u.revision)
	}
	b.QueuedQueries = append(b.QueuedQueries, w.settings.QueuedQueries...)
	if t := &w.touched; len(t.venue) > 0 {
		b.Queue(touch, t.venue, t.resource, t.revision)
	}
	if len(w.bookings.id) > 0 {
		b.Queue(insertBookings, w.bookings.values()...)
	}
	if len(w.claims.booking) > 0 {
		b.Queue(insertClaims, w.claims.values()...)
	}
	if len(w.changed.id) > 0 {
		b.Queue(updateBookings, w.changed.values()...)
		b.Queue(deleteClaims, w.changed.venue, w.changed.id, w.claimsEnd)
	}
	if len(w.changedClaims.booking) > 0 {
		b.Queue(updateClaims, w.changedClaims.values()...)
	}
	if len(w.answers.venue) > 0 {
		b.Queue(insertAnswers, w.answers.values()...)
	}
}
