package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/store"
	"vacancy/internal/store/record"
)

// Each of these answers for all venues of a transaction at once, so that a transaction over a hundred venues runs as many
// statements as one over a single venue. Lists come in as JSON.
var (
	// The needs are pairs of venue and revision.
	selectState = `
		SELECT v.id, v.revision, v.needs,
			coalesce((SELECT c.batch FROM changes c WHERE c.venue = v.id AND c.revision = need.value ->> 1), '')
		FROM json_each(?1) need CROSS JOIN venues v ON v.id = need.value ->> 0`

	// Only holds that are due, of all venues, are looked at: there are few, since they are expired as they fall due.
	selectDue = `
		SELECT ` + bookingColumns + ` FROM bookings b INDEXED BY bookings_due` + joinClaims + `
		WHERE b.status = 'held' AND b.expires_at <= ?1 AND b.venue IN (SELECT value FROM json_each(?2))
		ORDER BY b.venue, b.expires_at, b.id, c.place`

	// The needs are pairs of venue and booking.
	selectNeeded = `
		SELECT ` + bookingColumns + `
		FROM json_each(?1) need
		CROSS JOIN bookings b ON b.venue = need.value ->> 0 AND b.id = need.value ->> 1` + joinClaims + `
		ORDER BY b.venue, b.id, c.place`
)

// finder gathers what is true of the venues of a transaction while it holds their rows.
type finder struct {
	*connection
	index *answerIndex
	needs []store.Need
	found []store.Found
	// at finds the place of a venue in both.
	at  map[booking.VenueID]int
	now time.Time
}

func (c *connection) find(
	ctx context.Context, index *answerIndex, needs []store.Need, now time.Time, epoch booking.Epoch,
) ([]store.Found, error) {
	f := finder{
		connection: c, index: index, needs: needs, found: make([]store.Found, len(needs)), at: make(map[booking.VenueID]int, len(needs)),
		now: now,
	}
	for i, need := range needs {
		f.at[need.Venue] = i
		f.found[i] = store.Found{Now: now, Epoch: epoch}
	}
	for _, read := range []func(context.Context) error{f.state, f.due, f.bookings, f.answers, f.changes, f.uses, f.counts} {
		if err := read(ctx); err != nil {
			return nil, err
		}
	}
	return f.found, nil
}

// state reads each venue's revision, and the batch of the change that the caller knows as the last.
func (f *finder) state(ctx context.Context) error {
	pairs := make([][2]any, len(f.needs))
	for i, need := range f.needs {
		pairs[i] = [2]any{need.Venue, min(need.Known, maxRevision)}
	}
	list, err := json.Marshal(pairs)
	if err != nil {
		return err
	}
	return f.each(ctx, func(rows *sql.Rows) error {
		var venue booking.VenueID
		var revision booking.Revision
		var needs booking.Level
		var batch string
		if err := rows.Scan(&venue, &revision, &needs, &batch); err != nil {
			return err
		}
		found := &f.found[f.at[venue]]
		found.Exists, found.Revision, found.Batch, found.Needs = true, revision, batch, needs
		return nil
	}, selectState, string(list))
}

func (f *finder) due(ctx context.Context) error {
	var venues []booking.VenueID
	for i, need := range f.needs {
		if f.found[i].Exists {
			venues = append(venues, need.Venue)
		}
	}
	if len(venues) == 0 {
		return nil
	}
	due, err := readBookings(ctx, f.connection, selectDue, record.Micros(f.now), record.List(venues))
	for _, b := range due {
		found := &f.found[f.at[b.Venue]]
		found.Due = append(found.Due, b)
	}
	return err
}

func (f *finder) bookings(ctx context.Context) error {
	var pairs [][2]string
	for i, need := range f.needs {
		if !f.found[i].Exists || len(need.Bookings) == 0 {
			continue
		}
		f.found[i].Bookings = make(map[booking.BookingID]booking.Booking, len(need.Bookings))
		for _, id := range need.Bookings {
			pairs = append(pairs, [2]string{string(need.Venue), string(id)})
		}
	}
	if len(pairs) == 0 {
		return nil
	}
	list, err := json.Marshal(pairs)
	if err != nil {
		return err
	}
	bookings, err := readBookings(ctx, f.connection, selectNeeded, string(list))
	for _, b := range bookings {
		f.found[f.at[b.Venue]].Bookings[b.ID] = b
	}
	return err
}

func (f *finder) answers(ctx context.Context) error {
	since := f.now.Add(-booking.AnswerLifetime)
	for i, need := range f.needs {
		if !f.found[i].Exists || len(need.Answers) == 0 {
			continue
		}
		answers := make(map[booking.AnswerKey]booking.Answer)
		for _, key := range need.Answers {
			a, ok, err := f.index.find(ctx, f.connection, need.Venue, key)
			if err != nil {
				return err
			}
			if ok && !a.CreatedAt.Before(since) {
				answers[key] = a
			}
		}
		f.found[i].Answers = answers
	}
	return nil
}

// changes are those that the caller has missed.
func (f *finder) changes(ctx context.Context) (err error) {
	for i, need := range f.needs {
		found := &f.found[i]
		if need.Known < found.Revision && found.Revision-need.Known <= store.MaxChanges {
			if found.Changes, err = readChanges(ctx, f.connection, need.Venue, need.Known, store.MaxChanges); err != nil {
				return err
			}
		}
	}
	return nil
}

func (f *finder) uses(ctx context.Context) error {
	for i, need := range f.needs {
		if !f.found[i].Exists {
			continue
		}
		for _, use := range need.Uses {
			ids, err := readUses(ctx, f.connection, need.Venue, use, f.now, booking.MaxInUse+1)
			if err != nil {
				return fmt.Errorf("uses in venue %s: %w", need.Venue, err)
			}
			f.found[i].Uses = append(f.found[i].Uses, ids)
		}
	}
	return nil
}
