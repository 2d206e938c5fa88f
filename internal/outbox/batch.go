package outbox

import (
	"context"
	"errors"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/bus"
	"vacancy/internal/events"
	"vacancy/internal/store"
	"vacancy/internal/view"
)

// batch is what is sent of a venue in one turn. The cursor moves once all of it is confirmed: what is available is told once for all of its
// changes, behind the last.
type batch struct {
	events []bus.Event
	// cursor is where the venue's stands then.
	cursor store.Cursor
	// changes is how many there are in it, the first and last of these revisions.
	changes     int
	first, last booking.Revision
	// oldest and newest are when the first and the last of the changes were committed; zero if there are none.
	oldest, newest time.Time
	// gaps are what is left out, and reset is set if another history begins.
	gaps  []gap
	reset *reset
	// known is the venue's revision in the store; more tells that there is something to send behind the batch.
	known booking.Revision
	more  bool
}

// gap are changes that are left out.
type gap struct {
	from, to booking.Revision
	reason   GapReason
}

// nextBatch reads what is behind a venue's cursor and makes events of it. There may be none.
func (r *Relay) nextBatch(ctx context.Context, v *venue) (batch, error) {
	behind, err := r.readBehind(ctx, v.id, v.cursor)
	if err != nil {
		return batch{}, failed(FailedRead, err)
	}
	if b, begins, err := r.otherHistory(v, &behind); begins || err != nil {
		return b, err
	}
	b := batch{cursor: v.cursor, known: behind.Revision}
	b.cursor.Venue, b.cursor.Epoch = v.id, behind.Epoch
	b.leaveOut(r, v, &behind)
	changes := limitChanges(behind.Changes)
	if len(changes) == 0 {
		switch {
		case len(b.gaps) > 0:
			b.more = b.cursor.Revision < behind.Revision
			return b, nil
		case behind.Revision == 0: // there is no such venue
			b.cursor = v.cursor
			b.cursor.DueAt = time.Time{}
			return b, nil
		}
		err := r.appendDue(ctx, v, &b, &behind)
		return b, err
	}
	if err := r.appendChanges(ctx, v, &b, &behind, changes); err != nil {
		return b, err
	}
	b.more = b.more || b.cursor.Revision < behind.Revision
	return b, nil
}

// leaveOut begins a batch with a gap, if the first change behind the cursor is not there or cannot be decoded.
func (b *batch) leaveOut(r *Relay, v *venue, behind *behind) {
	next := v.cursor.Revision + 1
	g := gap{from: next}
	switch {
	case len(behind.Changes) > 0 && behind.Changes[0].Revision > next:
		g.to, g.reason = behind.Changes[0].Revision-1, GapTrimmed
	case len(behind.Changes) == 0 && behind.Damaged >= next:
		g.to, g.reason = behind.Damaged, GapDamaged
	case len(behind.Changes) == 0 && behind.Revision >= next:
		g.to, g.reason = behind.Revision, GapTrimmed
	default:
		return
	}
	b.addGap(g, r.config.Now())
}

// addGap puts a gap into the batch, and the cursor behind it.
func (b *batch) addGap(g gap, now time.Time) {
	b.gaps = append(b.gaps, g)
	b.events = append(b.events, events.Gap(b.cursor.Venue, b.cursor.Epoch, g.from, g.to, now))
	b.cursor.Revision, b.cursor.Batch = g.to, ""
}

// limitChanges are the first of the changes, consecutive ones: at most so many, with at most so many entries, and at least one.
func limitChanges(changes []booking.Change) []booking.Change {
	entries := 0
	for i := range changes {
		entries += len(changes[i].Entries)
		if i > 0 && (i == maxChanges || entries > maxEntries || changes[i].Revision != changes[i-1].Revision+1) {
			return changes[:i]
		}
	}
	return changes
}

// appendChanges puts the events of changes into the batch, and what is due besides. If no events can be made of all changes, it is of the
// first of them, and of one change alone it is a gap.
func (r *Relay) appendChanges(ctx context.Context, v *venue, b *batch, behind *behind, changes []booking.Change) error {
	p, err := r.picture(ctx, v.id, behind, changes[len(changes)-1].Revision)
	if err != nil {
		return failed(FailedPicture, err)
	}
	now := r.config.Now()
	made, changes, err := r.makeEvents(behind.Epoch, changes, p, now)
	last := changes[len(changes)-1]
	switch {
	case errors.Is(err, events.ErrPicture):
		return failed(FailedPicture, err)
	case err != nil: // the venue goes on behind it
		r.logUnmakeable(v, last.Revision, err)
		b.addGap(gap{from: last.Revision, to: last.Revision, reason: GapUnmakeable}, now)
		return nil
	}
	b.events = append(b.events, made...)
	b.changes, b.first, b.last = len(changes), changes[0].Revision, last.Revision
	b.oldest, b.newest = changes[0].CommittedAt, last.CommittedAt
	b.cursor.Revision, b.cursor.Batch = last.Revision, last.Batch
	r.appendTimed(v, b, p, now)
	return nil
}

// appendDue makes a batch of what is due without a change, if the time has come.
func (r *Relay) appendDue(ctx context.Context, v *venue, b *batch, behind *behind) error {
	if !isDue(v.cursor, r.config.Now()) {
		return nil
	}
	p, err := r.picture(ctx, v.id, behind, v.cursor.Revision)
	if err != nil {
		return failed(FailedPicture, err)
	}
	r.appendTimed(v, b, p, r.config.Now())
	if p.Revision > v.cursor.Revision { // there is a change by now, which goes first
		b.more = true
	}
	return nil
}

// appendTimed puts in what time alone has made, once its time has come and all changes of the picture are sent, and sets the next time.
func (r *Relay) appendTimed(v *venue, b *batch, p *view.Picture, now time.Time) {
	due := isDue(b.cursor, now)
	if due && p.Revision != b.cursor.Revision {
		return // what was due stays so until all is sent
	}
	err := guarded(func() error {
		opened, date := events.DayOpened(p, b.cursor.Opened, now)
		if due {
			b.events = append(append(b.events, opened...), events.Checkpoint(p, now)...)
			b.cursor.Opened, b.cursor.Checked = date, p.Revision
		} else if b.cursor.Opened == "" {
			b.cursor.Opened = date
		}
		b.cursor.DueAt = events.NextDue(p, now, b.cursor.DueAt, b.cursor.Checked)
		return nil
	})
	switch {
	case err != nil: // the changes are sent all the same
		r.logUnmakeable(v, b.cursor.Revision, err)
		b.cursor.DueAt = now.Add(events.CheckpointInterval)
	case p.Venue.Closed() && b.cursor.Checked == p.Revision:
		b.cursor.DueAt = time.Time{} // no day opens any more
	}
}

// isDue tells whether something is to be sent that no change has made.
func isDue(c store.Cursor, now time.Time) bool { return !c.DueAt.IsZero() && !c.DueAt.After(now) }
