package store_test

import (
	"reflect"
	"testing"

	"vacancy/internal/booking"
	"vacancy/internal/store"
)

// TestCheckpointOfOmittedSettings: the changes of a checkpoint were made by several versions. What the last entry omits, nobody knows from
// the changes; so the checkpoint omits it too, until an entry states it.
func TestCheckpointOfOmittedSettings(t *testing.T) {
	t.Parallel()
	limits := booking.Limits{HoldsPerClient: 3}
	put := func(revision booking.Revision, omits booking.Omitted, order int, limits booking.Limits) booking.Change {
		return booking.Change{Revision: revision, Entries: []booking.Entry{
			{Resource: &booking.Resource{ID: "r", Order: order, Revision: revision}, Omits: omits & booking.OmitsOrder},
			{Service: &booking.Service{ID: "s", Order: order, Limits: limits, Revision: revision}, Omits: omits},
		}}
	}
	first := put(1, 0, 7, limits)
	older := put(2, booking.OmitsOrder|booking.OmitsLimits, 0, booking.Limits{})
	some := put(3, booking.OmitsLimits, 2, booking.Limits{})
	last := put(4, 0, 2, booking.Limits{})
	var none store.Checkpoint
	for name, c := range map[string]struct {
		got  store.Checkpoint
		want booking.Change
	}{
		"in one step":        {none.Advance([]booking.Change{first, older}), older},
		"from a checkpoint":  {none.Advance([]booking.Change{first}).Advance([]booking.Change{older}), older},
		"some are stated":    {none.Advance([]booking.Change{first, older, some}), some},
		"all are stated":     {none.Advance([]booking.Change{first, older, some}).Advance([]booking.Change{last}), last},
		"there was none yet": {none.Advance([]booking.Change{older}), older},
	} {
		if !reflect.DeepEqual(c.got.Entries, c.want.Entries) {
			t.Errorf("%s: got %+v", name, c.got.Entries)
		}
	}
}
