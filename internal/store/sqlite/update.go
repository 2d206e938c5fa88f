package sqlite

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/store"
)

// Update runs one transaction; see [store.Writer]. It calls decide once.
func (s *Store) Update(ctx context.Context, needs []store.Need, decide func([]store.Found) ([]store.Write, error)) error {
	if err := store.CheckNeeds(needs); err != nil {
		return err
	}
	if err := s.inPlace(); err != nil {
		return err
	}
	return s.writer.transact(ctx, func(ctx context.Context, c *connection) (commit bool, err error) {
		found, err := c.find(ctx, s.writer.answers, needs, s.now(), s.epoch)
		if err != nil {
			return false, fmt.Errorf("find what is true: %w", classify(err))
		}
		if err := store.CheckLevels(s.level, needs, found); err != nil {
			return false, err
		}
		writes, err := decide(found)
		if err != nil {
			return false, err
		}
		if err := store.CheckWrites(s.level, needs, found, writes); err != nil {
			return false, err
		}
		some, err := c.write(ctx, s.writer.answers, found, writes)
		if err == nil && some && time.Since(s.copyDetector.left) >= tokenInterval {
			err = s.copyDetector.renew(ctx, c)
		}
		return some, err
	})
}

// write writes what was decided, and tells whether there was anything. What each venue of many needs is written for all together.
func (c *connection) write(
	ctx context.Context, index *answerIndex, found []store.Found, writes []store.Write,
) (some bool, err error) {
	var rows newRows
	for i, w := range writes {
		if w.Change.Revision == 0 {
			continue
		}
		some = true
		if err := c.prepare(ctx, &rows, &w, found[i].Exists); err != nil {
			return false, fmt.Errorf("write change %d of venue %s: %w", w.Change.Revision, w.Change.Venue, classify(err))
		}
		if err := index.add(ctx, c, &rows, w.Change, w.Answers); err != nil {
			return false, err
		}
	}
	if !some {
		return false, nil
	}
	if err := c.raise(ctx, rows.raised); err != nil {
		return false, fmt.Errorf("raise revisions: %w", classify(err))
	}
	for i := range writes {
		if level, raised := store.RaisedLevel(found[i], writes[i]); raised {
			if _, err := c.exec(ctx, raiseLevel, string(writes[i].Change.Venue), int(level)); err != nil {
				return false, fmt.Errorf("raise the level that venue %s needs: %w", writes[i].Change.Venue, classify(err))
			}
		}
	}
	if err := c.touch(ctx, rows.altered); err != nil {
		return false, fmt.Errorf("note what was touched: %w", classify(err))
	}
	if err := c.writeRows(ctx, &rows, writes); err != nil {
		return false, fmt.Errorf("write bookings: %w", classify(err))
	}
	return true, nil
}

// prepare writes what a change says of the catalogue, and adds its rows to those of all venues.
func (c *connection) prepare(ctx context.Context, rows *newRows, w *store.Write, exists bool) error {
	for _, e := range w.Change.Entries {
		if err := c.writeSettings(ctx, w.Change.Venue, e); err != nil {
			return err
		}
	}
	if exists {
		rows.raised = append(rows.raised, w.Change.Venue)
	}
	return rows.add(w)
}

// touch marks the resources that changes altered. The list has a venue, a resource and a revision for each. WHERE is there for the
// parser, which takes ON for a join's otherwise.
const touch = `
	INSERT INTO touched (venue, resource, revision)
	SELECT value ->> 0, value ->> 1, value ->> 2 FROM json_each(?1) WHERE true
	ON CONFLICT (venue, resource) DO UPDATE SET revision = excluded.revision`

// altered is a resource that a change altered, as touch takes it.
type altered [3]any

func (c *connection) touch(ctx context.Context, all []altered) error {
	if len(all) == 0 {
		return nil
	}
	list, err := json.Marshal(all)
	if err == nil {
		_, err = c.exec(ctx, touch, string(list))
	}
	return err
}

func alteredBy(change booking.Change) (all []altered) {
	for _, id := range change.Resources() {
		all = append(all, altered{change.Venue, id, change.Revision})
	}
	return all
}
