package outbox

import (
	"context"
	"errors"
	"fmt"

	"vacancy/internal/booking"
	"vacancy/internal/store"
)

// behind is what the store has behind a cursor.
type behind struct {
	store.Durable
	// at is the change of the cursor's own revision; nil if it was not read, or is not stored any more.
	at *booking.Change
}

// readBehind reads the changes behind a cursor, and with them the one at which it stands, if that can tell something.
func (r *Relay) readBehind(ctx context.Context, id booking.VenueID, cursor store.Cursor) (behind, error) {
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	after, limit := cursor.Revision, maxChanges
	if cursor.Revision > 0 {
		after, limit = after-1, limit+1
	}
	durable, err := r.config.Store.DurableChanges(ctx, id, after, limit)
	if errors.Is(err, store.ErrDamaged) && durable.Damaged == cursor.Revision { // it is sent already
		durable, err = r.config.Store.DurableChanges(ctx, id, cursor.Revision, maxChanges)
	}
	if err != nil && (!errors.Is(err, store.ErrDamaged) || durable.Damaged == 0) {
		return behind{}, fmt.Errorf("read the changes after %d: %w", cursor.Revision, err)
	}
	b := behind{Durable: durable}
	if len(b.Changes) > 0 && b.Changes[0].Revision == cursor.Revision {
		b.at = &b.Changes[0]
		b.Changes = b.Changes[1:]
	}
	return b, nil
}

// change is that of a revision, if it was read.
func (b *behind) change(revision booking.Revision) *booking.Change {
	if b.at != nil && b.at.Revision == revision {
		return b.at
	}
	if len(b.Changes) == 0 || revision < b.Changes[0].Revision {
		return nil
	}
	if i := int(revision - b.Changes[0].Revision); i < len(b.Changes) && b.Changes[i].Revision == revision {
		return &b.Changes[i]
	}
	return nil
}
