package live

import (
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/view"
)

// applyQueued takes in what the view told, and a picture that somebody saw there meanwhile (nil: nobody did).
func (v *venue) applyQueued(seen *view.Picture) {
	news := v.queue.dequeue(seen)
	v.notifyFollows(news)
	v.notifyWatches(news)
	if news.historyChanged {
		v.invalidateHistory()
		v.picture = nil
	}
	p := news.picture
	if p == v.picture {
		return
	}
	if v.picture == nil {
		v.trackedRevision = p.Revision
		v.picture = p
		v.applyCatalogue(v.hub.config.View.Now())
		return
	}
	v.picture = p
	edited, committed := v.applyChanges(news.changes)
	if committed.IsZero() {
		committed = v.hub.config.View.Now()
	}
	if v.trackedRevision < p.Revision {
		v.invalidateUnknown(committed)
		edited = true
	}
	if edited {
		v.applyCatalogue(committed)
	}
}

// applyChanges invalidates the starts that the changes touched. It stops at a gap. It returns whether a change edited
// the catalogue, and when the first was committed.
func (v *venue) applyChanges(changes []booking.Change) (edited bool, committed time.Time) {
	v.hub.mu.RLock()
	defer v.hub.mu.RUnlock()
	for _, c := range changes {
		if c.Revision <= v.trackedRevision {
			continue
		}
		if c.Revision != v.trackedRevision+1 {
			return edited, committed
		}
		v.trackedRevision = c.Revision
		committed = earlier(committed, c.CommittedAt)
		for _, e := range c.Entries {
			if e.Booking == nil {
				edited = true
				continue
			}
			v.invalidateClaims(e.Booking.Claimed, c.CommittedAt)
			v.invalidateClaims(e.Booking.Released, c.CommittedAt)
		}
	}
	return edited, committed
}

// invalidateClaims invalidates the starts that claims overlap, on every calendar that uses the resource. Hub.mu is held.
func (v *venue) invalidateClaims(claims []booking.Claim, committed time.Time) {
	for _, claim := range claims {
		for _, b := range v.calendars {
			if !b.uses(claim.Resource) {
				continue
			}
			reach := b.affectedStarts(claim)
			// A day more at either end: the clock may be put back across midnight.
			last := booking.DateOf(reach.before.In(v.picture.Zone)).AddDays(1)
			for date := booking.DateOf(reach.after.In(v.picture.Zone)).AddDays(-1); date.Compare(last) <= 0; date = date.AddDays(1) {
				if c := b.cells[date]; c != nil && c.day != nil && c.day.overlaps(reach) {
					v.invalidate(c, reach, committed)
				}
			}
		}
	}
}

// invalidate marks the starts of a day state in an interval as out of date. Hub.mu is held.
func (v *venue) invalidate(c *cell, touched interval, committed time.Time) {
	c.dirty = c.dirty.join(touched)
	c.committed = earlier(c.committed, committed)
	for _, w := range c.windows {
		v.markOutdated(w, committed)
	}
}

// invalidateUnknown stands in for changes that are not known: it invalidates every start of the calendars that they may have touched.
func (v *venue) invalidateUnknown(committed time.Time) {
	v.hub.mu.RLock()
	defer v.hub.mu.RUnlock()
	for _, b := range v.calendars {
		if v.picture.Touched(b.service) <= v.trackedRevision {
			continue
		}
		for _, c := range b.cells {
			if c.day != nil {
				v.invalidate(c, allTime, committed)
			}
		}
	}
	v.trackedRevision = v.picture.Revision
}

// applyCatalogue brings every calendar to the picture's catalogue. The day states of those that it changes are built anew.
func (v *venue) applyCatalogue(committed time.Time) {
	v.hub.mu.RLock()
	defer v.hub.mu.RUnlock()
	for _, b := range v.calendars {
		if b.setCatalogue(v.picture) {
			v.dropDays(b, committed)
		}
	}
}

// invalidateHistory forgets everything: the venue's history is another one, or its clock was put back.
func (v *venue) invalidateHistory() {
	v.history++
	if v.watchers.Load() > 0 { // else nobody is the worse, and the venue may only have been out of memory
		v.hub.config.Log.Warn("a venue's history or clock was put back; its readers begin anew", "venue", v.id)
	}
	v.hub.mu.RLock()
	defer v.hub.mu.RUnlock()
	for _, b := range v.calendars {
		v.dropDays(b, v.hub.config.View.Now())
	}
}

// dropDays drops what is known of a calendar's days. Hub.mu is held.
func (v *venue) dropDays(b *calendar, committed time.Time) {
	for _, c := range b.cells {
		c.day, c.dirty, c.committed = nil, interval{}, time.Time{}
	}
	for w := range b.windows {
		v.markOutdated(w, committed)
	}
}

// notifyFollows wakes those who follow a booking that the queued changes may be about.
func (v *venue) notifyFollows(n queuedChanges) {
	if len(v.follows) == 0 {
		return
	}
	if n.lost {
		for _, follows := range v.follows {
			v.queueFollows(follows)
		}
	}
	for _, c := range n.changes {
		for _, e := range c.Entries {
			if e.Booking != nil {
				v.queueFollows(v.follows[e.Booking.ID])
			}
		}
	}
}

func (v *venue) queueFollows(follows []*Follow) {
	for _, f := range follows {
		f.changed.Store(true)
		v.queuedNotifications = append(v.queuedNotifications, notification{waker: f.waker})
	}
}
