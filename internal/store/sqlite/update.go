package sqlite

import (
	"context"
	"errors"
	"fmt"

	"vacancy/internal/booking"
	"vacancy/internal/store"
	"vacancy/internal/store/record"
)

// Update runs one transaction; see [store.Writer]. It calls decide once.
func (s *Store) Update(ctx context.Context, needs []store.Need, decide func([]store.Found) ([]store.Write, error)) error {
	for i := range needs {
		if i > 0 && needs[i-1].Venue >= needs[i].Venue {
			return errors.New("the needs of a transaction must be distinct and sorted by venue")
		}
	}
	if err := s.inPlace(); err != nil {
		return err
	}
	return s.writer.transact(ctx, func(ctx context.Context, c *connection) (commit bool, err error) {
		found, err := c.find(ctx, needs, s.now(), s.epoch)
		if err != nil {
			return false, fmt.Errorf("find what is true: %w", classify(err))
		}
		writes, err := decide(found)
		if err != nil {
			return false, err
		}
		if len(writes) != len(needs) {
			return false, fmt.Errorf("%d writes were decided for %d needs", len(writes), len(needs))
		}
		return c.write(ctx, needs, found, writes)
	})
}

// write writes what was decided, and tells whether there was anything.
func (c *connection) write(ctx context.Context, needs []store.Need, found []store.Found, writes []store.Write) (some bool, err error) {
	var rows newRows
	for i, w := range writes {
		if w.Change.Revision == 0 {
			continue
		}
		some = true
		if w.Change.Venue != needs[i].Venue || w.Change.Revision != found[i].Revision+1 {
			return false, rejected("change %d of venue %s, when venue %s was at %d",
				w.Change.Revision, w.Change.Venue, needs[i].Venue, found[i].Revision)
		}
		if err := c.writeChange(ctx, w.Change, found[i].Exists); err != nil {
			return false, fmt.Errorf("write change %d of venue %s: %w", w.Change.Revision, w.Change.Venue, classify(err))
		}
		if err := rows.add(w); err != nil {
			return false, err
		}
	}
	if err := c.writeRows(ctx, &rows, writes); err != nil {
		return false, fmt.Errorf("write bookings: %w", classify(err))
	}
	return some, nil
}

// raiseRevision fails to find a row if the revision is not the next.
const raiseRevision = `UPDATE venues SET revision = ?2 WHERE id = ?1 AND revision = ?2 - 1`

// writeChange raises the venue's revision, and writes the change and what it says of the catalogue.
func (c *connection) writeChange(ctx context.Context, change booking.Change, exists bool) error {
	created := false
	for _, e := range change.Entries {
		if err := c.putSettings(ctx, change.Venue, e); err != nil {
			return err
		}
		created = created || e.Venue != nil
	}
	if !exists && !created {
		return rejected("the venue does not exist")
	}
	if exists {
		n, err := c.exec(ctx, raiseRevision, string(change.Venue), int64(change.Revision))
		if err != nil {
			return err
		}
		if n != 1 {
			return rejected("its revision is not the next")
		}
	}
	if err := c.touch(ctx, change); err != nil {
		return err
	}
	return c.insertChange(ctx, change)
}

// touch marks the resources that the change altered, and the services that it edits or that may take such a resource.
const touch = `
	INSERT INTO touched (venue, kind, id, revision)
	SELECT ?1, 'resource', value, ?2 FROM json_each(?3)
	UNION ALL SELECT ?1, 'service', value, ?2 FROM json_each(?4)
	UNION ALL SELECT ?1, 'service', service, ?2 FROM pool_members
		WHERE venue = ?1 AND resource IN (SELECT value FROM json_each(?3))
	ON CONFLICT (venue, kind, id) DO UPDATE SET revision = excluded.revision`

func (c *connection) touch(ctx context.Context, change booking.Change) error {
	resources := change.Resources()
	var services []booking.ServiceID
	for _, e := range change.Entries {
		if e.Service != nil {
			services = append(services, e.Service.ID)
		}
	}
	if len(resources) == 0 && len(services) == 0 {
		return nil
	}
	_, err := c.exec(ctx, touch, string(change.Venue), int64(change.Revision), record.List(resources), record.List(services))
	return err
}
