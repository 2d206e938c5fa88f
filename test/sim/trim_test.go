package sim

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/store"
	"vacancy/internal/verify"
)

// doTrim has a node delete what is past its retention, and compares what is left. Sometimes so much happens in the venue first that its
// oldest changes may go.
func (w *world) doTrim(c command) {
	n, name := w.node(c)
	if c.pick(0, 2) == 0 {
		w.note("%s: so much happens that the changes before it may go", name)
		w.outgrow(n)
	}
	retention := store.Retention{
		Holds:   one(c, 1, []time.Duration{store.MinHoldRetention, time.Hour, 48 * time.Hour}),
		Changes: one(c, 2, []time.Duration{time.Minute, time.Hour, 24 * time.Hour}),
		Audit:   one(c, 3, []time.Duration{400 * 24 * time.Hour, time.Hour, 36 * time.Hour}),
	}
	w.note("%s: delete what is past %+v", name, retention)
	now := w.clock.Now()
	w.everywhere(func() { w.forget(retention, now) })
	for idle := 0; idle < 3; { // it comes to all venues, page by page
		deleted, err := n.writer.Trim(w.ctx, retention, 1000)
		w.must("trim", err)
		if idle++; deleted > 0 {
			idle = 0
		}
	}
	w.everywhere(w.compareVenue)
	w.compareHistory()
}

// outgrow makes as many changes without entries as always stay: each is what a desk writes to settle a commit in doubt.
func (w *world) outgrow(n *node) {
	for range store.RetainedChanges {
		err := n.store.Update(w.ctx, []store.Need{{Venue: w.id}}, func(found []store.Found) ([]store.Write, error) {
			return []store.Write{{Change: booking.Change{
				Venue: w.id, Revision: found[0].Revision + 1, CommittedAt: found[0].Now, Batch: fmt.Sprintf("settled %d", found[0].Revision+1),
			}}}, nil
		})
		w.must("make a change", err)
		w.revision++
		w.history = append(w.history, w.history[len(w.history)-1])
	}
}

// forget is what the rules say of a retention: bookings go that ended unconfirmed so long ago, but not before their answers do, and the
// oldest changes whose time is over, but for the last ones. What is remembered of these goes in its own time.
func (w *world) forget(retention store.Retention, now time.Time) {
	for i, b := range slices.Backward(w.bookings) {
		unconfirmed := b.Status == booking.Expired || b.Status == booking.Cancelled && b.CancelledHold
		if unconfirmed && b.UpdatedAt.Before(now.Add(-max(retention.Holds, booking.AnswerLifetime))) {
			w.bookings, w.tokens = slices.Delete(w.bookings, i, i+1), slices.Delete(w.tokens, i, i+1)
			w.tally.count("bookings trimmed")
		}
	}
	changes, err := w.store.Changes(w.ctx, w.id, 0, 10_000)
	w.must("read the changes", err)
	for _, c := range changes {
		if c.Revision+store.RetainedChanges > w.revision || !c.CommittedAt.Before(now.Add(-retention.Changes)) {
			break
		}
		w.trimmed, w.audit = c.Revision, append(w.audit, c.CommittedAt)
		w.tally.count("changes trimmed")
	}
	for len(w.audit) > 0 && w.audit[0].Before(now.Add(-retention.Audit)) {
		w.audit = w.audit[1:]
		w.tally.count("audit trail trimmed")
	}
}

// compareHistory compares what is left of the histories of all venues, and replays it.
func (w *world) compareHistory() {
	w.must("inspect", w.store.Inspect(w.ctx, func(s store.Snapshot) error {
		var errs [venueCount]error
		for i, of := range w.sites {
			errs[i] = w.compareAudit(of, s)
		}
		return errors.Join(errs[:]...)
	}))
	report, err := verify.Verify(w.ctx, w.store, verify.Options{Now: w.clock.Now()})
	w.must("verify", err)
	if !report.Clean() {
		w.failf("the database is not in order: %s", report)
	}
}

// compareAudit compares the checkpoint and the audit trail of a venue.
func (w *world) compareAudit(of *site, s store.Snapshot) error {
	checkpoint, err := s.Checkpoint(w.ctx, of.id)
	if err != nil {
		return err
	}
	if checkpoint.Revision != of.trimmed {
		w.failf("the checkpoint of %s is at %d, want %d", of.id, checkpoint.Revision, of.trimmed)
	}
	var kept []booking.Revision
	if err := s.Audit(w.ctx, of.id, func(c booking.Change) error { kept = append(kept, c.Revision); return nil }); err != nil {
		return err
	}
	var want []booking.Revision
	for i := range of.audit {
		want = append(want, of.trimmed-booking.Revision(len(of.audit)-1-i))
	}
	if !slices.Equal(kept, want) {
		w.failf("the audit trail of %s has the changes %d, want %d", of.id, kept, want)
	}
	return nil
}
