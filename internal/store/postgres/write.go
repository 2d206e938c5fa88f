package postgres

import (
	"fmt"
	"strconv"
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
	// its change's is not raised, and the change's revision is NULL then. A venue that is new has it from its insertion. If the database
	// is not the one in charge, its last parameter, or was closed, the change has a revision and no batch.
	raiseVenues = `
		WITH need AS (SELECT created, ` + record.Changes.Names("") + ` FROM ` + unnest(raiseParameters...) + `),
		charge AS (SELECT count(*) = 1 AS is FROM identity WHERE one AND closed_by = '' AND id = $` + strconv.Itoa(len(raiseParameters)+1) + `),
		raised AS (
			UPDATE venues v SET revision = n.revision FROM need n
			WHERE v.id = n.venue AND v.revision = n.revision - 1 AND NOT n.created RETURNING v.id
		)
		INSERT INTO changes (venue, revision, batch, committed_at, entries)
		SELECT n.venue, CASE WHEN n.created OR r.id IS NOT NULL OR NOT charge.is THEN n.revision END,
			CASE WHEN charge.is THEN n.batch END, n.committed_at, n.entries
		FROM charge CROSS JOIN need n LEFT JOIN raised r ON r.id = n.venue`

	// A change travels with whether its venue is made by it.
	raiseParameters = append(parameters(record.Changes.Columns), "created boolean")

	// checkVenues is for those that the transaction looked at without changing them. Of one that has moved on it writes a change
	// without revision.
	checkVenues = `
		INSERT INTO changes (venue)
		SELECT need.venue FROM ` + unnest("venue text", "revision bigint") + `
		LEFT JOIN venues v ON v.id = need.venue WHERE coalesce(v.revision, 0) <> need.revision`

	raiseLevel = `UPDATE venues SET needs = $2 WHERE id = $1 AND needs < $2`

	// touch notes which resources changes altered.
	touch = `
		INSERT INTO touched (venue, resource, revision)
		SELECT venue, resource, revision
		FROM ` + unnest("venue text", "resource text", "revision bigint") + `
		ON CONFLICT (venue, resource) DO UPDATE SET revision = excluded.revision`

	insertBookings = insertRows(record.Bookings)
	insertClaims   = insertRows(record.Claims)

	// updateBookings inserts the key alone of a booking that it does not find. The program before deletes what was cancelled and never
	// confirmed, as far as it knows. It does not see what this one confirms: what this one has changed counts as confirmed.
	updateBookings = `
		WITH need AS (SELECT ` + record.Bookings.Names("") + ` FROM ` + unnestRows(record.Bookings) + `),
		changed AS (
			UPDATE bookings b SET ` + assignments("n.", record.Bookings.Changing()) + `, was_confirmed = true
			FROM need n WHERE b.venue = n.venue AND b.id = n.id RETURNING b.venue, b.id
		)
		INSERT INTO bookings (venue, id) SELECT venue, id FROM need EXCEPT SELECT venue, id FROM changed`

	// Most changes of bookings leave the claims as they are, or free them.
	updateClaims = `
		WITH need AS (SELECT ` + record.Claims.Names("") + ` FROM ` + unnestRows(record.Claims) + `),
		changed AS (
			UPDATE claims c SET ` + assignments("n.", record.Claims.Changing()) + `
			FROM need n WHERE c.venue = n.venue AND c.booking = n.booking AND c.place = n.place
				AND (` + record.Names("c.", record.Claims.Changing()) + `) IS DISTINCT FROM (` + record.Names("n.", record.Claims.Changing()) + `)
		)
		INSERT INTO claims (` + record.Claims.Names("") + `) SELECT ` + record.Claims.Names("need.") + ` FROM need
		ON CONFLICT (venue, booking, place) DO NOTHING`

	// deleteClaims deletes those from a place on.
	deleteClaims = `
		DELETE FROM claims c
		USING ` + unnest("venue text", "booking text", "place bigint") + `
		WHERE c.venue = need.venue AND c.booking = need.booking AND c.place >= need.place`

	// Only an answer that is past its lifetime gives way to another of its key; the request of one that lives would become NULL.
	insertAnswers = insertRows(record.Answers) + fmt.Sprintf(`
		ON CONFLICT (venue, key) DO UPDATE SET
			request = CASE WHEN answers.created_at < excluded.created_at - interval '%d seconds' THEN excluded.request END,
			sealed = excluded.sealed, created_at = excluded.created_at, revision = excluded.revision`,
		booking.AnswerLifetime/time.Second)
)

// writing is what a transaction writes, of all its venues.
type writing struct {
	changes []*record.ChangeRow
	created []bool // whether the venue of a change is new
	// ofVenues and settings are statements of their own for each venue that is new, and for what changes say of the catalogue.
	ofVenues, settings pgx.Batch
	// unchanged are the venues that were only looked at, at their revisions.
	unchanged struct {
		venues    []string
		revisions []int64
	}
	touched struct {
		venues, resources []string
		revisions         []int64
	}

	// levels are those that venues need from now on.
	levels map[booking.VenueID]booking.Level

	bookings []*booking.Booking
	claims   []*record.ClaimRow

	changed       []*booking.Booking
	changedClaims []*record.ClaimRow

	answers []*record.AnswerRow
}

// newWriting gathers what was decided, which has been checked.
func newWriting(needs []store.Need, found []store.Found, writes []store.Write) (*writing, error) {
	w := &writing{levels: make(map[booking.VenueID]booking.Level)}
	for i := range writes {
		change := writes[i].Change
		if change.Revision == 0 {
			w.unchanged.venues = append(w.unchanged.venues, string(needs[i].Venue))
			w.unchanged.revisions = append(w.unchanged.revisions, int64(found[i].Revision))
			continue
		}
		if err := w.addChange(change, found[i].Exists); err != nil {
			return nil, fmt.Errorf("change %d of venue %s: %w", change.Revision, change.Venue, err)
		}
		w.addRows(&writes[i])
		if level, raised := store.RaisedLevel(found[i], writes[i]); raised {
			w.levels[change.Venue] = level
		}
	}
	return w, nil
}

func (w *writing) empty() bool { return len(w.changes) == 0 }

func (w *writing) addChange(change booking.Change, exists bool) error {
	if err := w.addSettings(change, exists); err != nil {
		return err
	}
	for _, id := range change.Resources() {
		w.touched.venues = append(w.touched.venues, string(change.Venue))
		w.touched.resources = append(w.touched.resources, string(id))
		w.touched.revisions = append(w.touched.revisions, int64(change.Revision))
	}
	row, err := record.NewChangeRow(change)
	if err != nil {
		return err
	}
	w.changes, w.created = append(w.changes, row), append(w.created, !exists)
	return nil
}

func (w *writing) addRows(write *store.Write) {
	for i := range write.New {
		b := &write.New[i]
		w.bookings = append(w.bookings, b)
		w.claims = appendClaims(w.claims, b)
	}
	last := make(map[booking.BookingID]int, len(write.Changed))
	for i := range write.Changed {
		last[write.Changed[i].ID] = i
	}
	for i := range write.Changed {
		b := &write.Changed[i]
		if last[b.ID] != i {
			continue // it is changed once more, and one statement writes a row once
		}
		w.changed = append(w.changed, b)
		w.changedClaims = appendClaims(w.changedClaims, b)
	}
	for _, a := range write.Answers {
		a.Revision = write.Change.Revision
		w.answers = append(w.answers, &record.AnswerRow{Venue: write.Change.Venue, Answer: a})
	}
}

func appendClaims(claims []*record.ClaimRow, b *booking.Booking) []*record.ClaimRow {
	rows := record.ClaimRows(b)
	for i := range rows {
		claims = append(claims, &rows[i])
	}
	return claims
}

// queue queues what there is to write. The venues come first: whoever else changes one waits, and a lost race ends the rest.
func (w *writing) queue(b *pgx.Batch, database string) {
	b.QueuedQueries = append(b.QueuedQueries, w.ofVenues.QueuedQueries...)
	b.Queue(raiseVenues, append(arrays(record.Changes, w.changes), w.created, database)...)
	if u := &w.unchanged; len(u.venues) > 0 {
		b.Queue(checkVenues, u.venues, u.revisions)
	}
	b.QueuedQueries = append(b.QueuedQueries, w.settings.QueuedQueries...)
	for venue, level := range w.levels {
		b.Queue(raiseLevel, string(venue), int(level))
	}
	if t := &w.touched; len(t.venues) > 0 {
		b.Queue(touch, t.venues, t.resources, t.revisions)
	}
	if len(w.bookings) > 0 {
		b.Queue(insertBookings, arrays(record.Bookings, w.bookings)...)
	}
	if len(w.claims) > 0 {
		b.Queue(insertClaims, arrays(record.Claims, w.claims)...)
	}
	if len(w.changed) > 0 {
		b.Queue(updateBookings, arrays(record.Bookings, w.changed)...)
		b.Queue(deleteClaims, w.claimEnds()...)
	}
	if len(w.changedClaims) > 0 {
		b.Queue(updateClaims, arrays(record.Claims, w.changedClaims)...)
	}
	if len(w.answers) > 0 {
		b.Queue(insertAnswers, arrays(record.Answers, w.answers)...)
	}
}

// claimEnds are the changed bookings, and how many claims each has.
func (w *writing) claimEnds() []any {
	venues, ids, ends := make([]string, len(w.changed)), make([]string, len(w.changed)), make([]int64, len(w.changed))
	for i, b := range w.changed {
		venues[i], ids[i], ends[i] = string(b.Venue), string(b.ID), int64(len(b.Claims))
	}
	return []any{venues, ids, ends}
}
