package storetest

import (
	"context"
	"errors"

	"vacancy/internal/booking"
	"vacancy/internal/store"
)

// optimistic makes a store that begins anew out of one that need not: it decides on what it looked at before, and then writes only if
// the revisions of the venues it minds have not moved. A store that minds all of them keeps the contract; see [mutant] for one that
// does not.
type optimistic struct {
	store.Store
	// minds tells whether a venue's revision is compared, given what was decided for it.
	minds func(store.Write) bool
	// restless stores have everything decided twice, and forget the first time.
	restless bool
}

var errMoved = errors.New("a revision has moved")

func (m *optimistic) Update(ctx context.Context, needs []store.Need, decide decide) error {
	for first := true; ; first = false {
		told, err := findOnly(ctx, m.Store, needs)
		if err != nil {
			return err
		}
		revisions := make([]booking.Revision, len(told))
		for i := range told {
			revisions[i] = told[i].Revision
		}
		writes, err := decide(told)
		if err != nil {
			return err
		}
		if first && m.restless {
			continue
		}
		err = m.Store.Update(ctx, needs, func(found []store.Found) ([]store.Write, error) {
			for i := range min(len(found), len(writes)) {
				if m.minds(writes[i]) && found[i].Revision != revisions[i] {
					return nil, errMoved
				}
			}
			return writes, nil
		})
		if !errors.Is(err, errMoved) {
			return err
		}
	}
}

// mindsAll compares every revision.
func mindsAll(store.Write) bool { return true }

// mindsWritten compares those that the write raises: of a venue that was only read, it goes on from what may have changed.
func mindsWritten(w store.Write) bool { return w.Change.Revision != 0 }
