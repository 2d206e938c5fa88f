package view_test

import (
	"context"
	"testing"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/store"
	"vacancy/internal/view"
)

// damagedHistory is a history of which one change cannot be decoded.
type damagedHistory struct {
	*history
	damaged booking.Revision
}

func (h damagedHistory) Changes(
	ctx context.Context, id booking.VenueID, after booking.Revision, limit int,
) ([]booking.Change, error) {
	changes, err := h.history.Changes(ctx, id, after, limit)
	for _, c := range changes {
		if c.Revision == h.damaged {
			return nil, store.ErrDamaged
		}
	}
	return changes, err
}

// TestDamagedChange: a change that cannot be decoded is passed by: the venue is read anew, goes on from there, and is not stale for good.
func TestDamagedChange(t *testing.T) {
	t.Parallel()
	h := newHistory()
	v := view.New(view.Config{Store: damagedHistory{h, 3}, Now: time.Now, Log: discard, MaxVenues: 10})
	picture(t, v)
	for revision := booking.Revision(2); revision <= 5; revision++ {
		h.commit()
		v.Check(t.Context())
		if p := picture(t, v); p.Revision != revision {
			t.Errorf("the picture is at revision %d of %d", p.Revision, revision)
		}
		if stale, _ := v.Freshness("v"); stale {
			t.Errorf("stale at revision %d", revision)
		}
	}
}
