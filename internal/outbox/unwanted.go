package outbox

import (
	"context"
	"errors"
	"fmt"
	"math"

	"vacancy/internal/booking"
	"vacancy/internal/store"
)

// Venues whose events nobody wants are sent nothing: their cursors follow their revisions, and no event is made.

// skipUnwanted moves the cursor of a venue that nobody wants events of to its revision, and tells whether it did. The revision is read
// before it is asked, so whoever begins to want events meanwhile begins behind it.
func (r *Relay) skipUnwanted(ctx context.Context, v *venue, t *turn) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	if wanted, err := r.config.Wanted(ctx, v.id); wanted || err != nil {
		return false, err
	}
	at, err := r.config.Store.DurableChanges(ctx, v.id, math.MaxInt64, 1)
	if err != nil && !errors.Is(err, store.ErrDamaged) {
		return false, fmt.Errorf("read the revision: %w", err)
	}
	if v.cursor.Epoch.LaterThan(at.Epoch) {
		return false, errEarlierTerm
	}
	if wanted, err := r.config.Wanted(ctx, v.id); wanted || err != nil {
		return false, err
	}
	b := batch{cursor: v.cursor}
	b.cursor.Venue, b.cursor.Epoch, b.cursor.Revision, b.cursor.Batch = v.id, at.Epoch, at.Revision, ""
	b.cursor.Opened, b.cursor.DueAt = "", r.config.Now().Add(unwantedInterval)
	r.confirmed(v, &b)
	t.sent, t.known = at.Revision, at.Revision
	return true, nil
}

// Wanted tells whether anybody wants the events of a venue; see [Config].
type Wanted = func(ctx context.Context, venue booking.VenueID) (bool, error)
