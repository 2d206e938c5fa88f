package sqlite

import (
	"context"
	"fmt"
	"slices"

	"vacancy/internal/booking"
	"vacancy/internal/store"
	"vacancy/internal/store/record"
)

var (
	insertChanges  = insertInto(record.Changes, "")
	insertBookings = insertInto(record.Bookings, "")

	insertClaims = insertInto(record.Claims, onConflictUpdate(record.Claims)+
		" WHERE ("+record.Names("", record.Claims.Changing())+") IS NOT ("+record.Names("excluded.", record.Claims.Changing())+")")

	insertAnswers = newInsertion("INSERT INTO answers (id, "+record.Answers.Names("")+")", 1+len(record.Answers.Columns), "")

	insertAnswerKeys = newInsertion(`INSERT INTO answer_keys (first, venue, keys, created_at)`, 4, "")

	// The program before deletes what was cancelled and never confirmed, as far as it knows. It does not see what this one confirms: what
	// this one has changed counts as confirmed.
	updateBooking   = updateIn(record.Bookings, "was_confirmed = 1")
	bookingChanging = record.Bookings.Changing()
)

const deleteClaims = `DELETE FROM claims WHERE venue = ?1 AND booking = ?2 AND place >= ?3`

// newRows are the values of the rows that a transaction inserts, of all its venues.
type newRows struct {
	changes, bookings, claims, answers, answerKeys []any
	// raised are the venues that existed, and altered what the changes of all altered.
	raised  []booking.VenueID
	altered []altered
}

func (r *newRows) add(w *store.Write) error {
	change, err := record.NewChangeRow(w.Change)
	if err != nil {
		return err
	}
	r.changes = appendRow(r.changes, record.Changes.Columns, change)
	r.altered = append(r.altered, alteredBy(w.Change)...)
	r.bookings = slices.Grow(r.bookings, len(w.New)*len(record.Bookings.Columns))
	r.claims = slices.Grow(r.claims, (len(w.New)+len(w.Changed))*len(record.Claims.Columns)) // most have one
	for i := range w.New {
		r.bookings = appendRow(r.bookings, record.Bookings.Columns, &w.New[i])
		r.addClaims(&w.New[i])
	}
	for i := range w.Changed {
		r.addClaims(&w.Changed[i])
	}
	return nil
}

func (r *newRows) addClaims(b *booking.Booking) {
	rows := record.ClaimRows(b)
	for i := range rows {
		r.claims = appendRow(r.claims, record.Claims.Columns, &rows[i])
	}
}

// writeRows writes the changes, bookings and answers of all venues: new rows of all together, in chunks.
func (c *connection) writeRows(ctx context.Context, r *newRows, writes []store.Write) error {
	if err := c.insert(ctx, insertChanges, r.changes); err != nil {
		return err
	}
	if err := c.insert(ctx, insertBookings, r.bookings); err != nil {
		return err
	}
	for _, w := range writes {
		if w.Change.Revision == 0 {
			continue
		}
		for i := range w.Changed {
			if err := c.updateBooking(ctx, &w.Changed[i]); err != nil {
				return fmt.Errorf("booking %s: %w", w.Changed[i].ID, err)
			}
		}
	}
	if err := c.insert(ctx, insertClaims, r.claims); err != nil {
		return err
	}
	if err := c.insert(ctx, insertAnswers, r.answers); err != nil {
		return err
	}
	return c.insert(ctx, insertAnswerKeys, r.answerKeys)
}

func (c *connection) updateBooking(ctx context.Context, b *booking.Booking) error {
	n, err := c.exec(ctx, updateBooking, updateArgs(record.Bookings, bookingChanging, b)...)
	if err != nil {
		return err
	}
	if n != 1 {
		return store.Rejected("it does not exist")
	}
	_, err = c.exec(ctx, deleteClaims, string(b.Venue), string(b.ID), len(b.Claims))
	return err
}

// raise raises the revision of each of the venues by one. That it is the next was checked in the same transaction.
const raise = `UPDATE venues SET revision = revision + 1 WHERE id IN (SELECT value FROM json_each(?1))`

// raiseLevel raises the level that a venue needs. There is one program on the file, so it need not ask others.
const raiseLevel = `UPDATE venues SET needs = ?2 WHERE id = ?1 AND needs < ?2`

func (c *connection) raise(ctx context.Context, venues []booking.VenueID) error {
	if len(venues) == 0 {
		return nil
	}
	n, err := c.exec(ctx, raise, record.List(venues))
	if err == nil && int(n) != len(venues) {
		err = fmt.Errorf("%d revisions of %d venues were raised", n, len(venues))
	}
	return err
}
