package store_test

import (
	"reflect"
	"testing"

	"vacancy/internal/booking"
	"vacancy/internal/store"
)

// TestCheckpointOfOmittedSettings: the changes of a checkpoint were made by several versions. What an entry omits is in the checkpoint as
// it was before, whether that was in a checkpoint already or in the changes.
func TestCheckpointOfOmittedSettings(t *testing.T) {
	t.Parallel()
	limits := booking.Limits{HoldsPerClient: 3}
	put := func(revision booking.Revision, omits booking.Omitted, name string, order int, limits booking.Limits) booking.Change {
		return booking.Change{Revision: revision, Entries: []booking.Entry{
			{Resource: &booking.Resource{ID: "r", Name: name, Order: order, Revision: revision}, Omits: omits & booking.OmitsOrder},
			{Service: &booking.Service{ID: "s", Name: name, Order: order, Limits: limits, Revision: revision}, Omits: omits},
		}}
	}
	const omitsAll = booking.OmitsOrder | booking.OmitsLimits
	first := put(1, 0, "first", 7, limits)
	older := put(2, omitsAll, "older", 0, booking.Limits{})
	last := put(3, booking.OmitsLimits, "last", 2, booking.Limits{})
	var none store.Checkpoint
	for name, c := range map[string]struct {
		got  store.Checkpoint
		want booking.Change
	}{
		"in one step":        {none.Advance([]booking.Change{first, older}), put(2, 0, "older", 7, limits)},
		"from a checkpoint":  {none.Advance([]booking.Change{first}).Advance([]booking.Change{older}), put(2, 0, "older", 7, limits)},
		"some are stated":    {none.Advance([]booking.Change{first, older, last}), put(3, 0, "last", 2, limits)},
		"there was none yet": {none.Advance([]booking.Change{older}), put(2, 0, "older", 0, booking.Limits{})},
	} {
		if !reflect.DeepEqual(c.got.Entries, c.want.Entries) {
			t.Errorf("%s: got %+v", name, c.got.Entries)
		}
	}
	if older.Entries[1].Service.Order != 0 || older.Entries[1].Omits != omitsAll {
		t.Error("the change itself was altered")
	}
}
