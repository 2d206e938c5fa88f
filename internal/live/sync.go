package live

import (
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/view"
)

// sync takes in what the view told, and a picture that somebody saw there meanwhile (nil: nobody did).
func (v *venue) sync(seen *view.Picture) {
	news := v.inbox.take(seen)
	v.notify(news)
	if news.turned {
		v.turn()
		v.picture = nil
	}
	p := news.picture
	if p == v.picture {
		return
	}
	if v.picture == nil {
		v.told = p.Revision
		v.picture = p
		v.edit(v.hub.config.View.Now())
		return
	}
	v.picture = p
	edited, committed := v.note(news.changes)
	if committed.IsZero() {
		committed = v.hub.config.View.Now()
	}
	if v.told < p.Revision {
		v.guess(committed)
		edited = true
	}
	if edited {
		v.edit(committed)
	}
}

// note marks the starts that the changes touched. It stops at a gap. It returns whether a change edited the catalogue, and when the
// first was committed.
func (v *venue) note(changes []booking.Change) (edited bool, committed time.Time) {
	v.hub.mu.RLock()
	defer v.hub.mu.RUnlock()
	for _, c := range changes {
		if c.Revision <= v.told {
			continue
		}
		if c.Revision != v.told+1 {
			return edited, committed
		}
		v.told = c.Revision
		committed = earlier(committed, c.CommittedAt)
		for _, e := range c.Entries {
			if e.Booking == nil {
				edited = true
				continue
			}
			v.touch(e.Booking.Takes, c.CommittedAt)
			v.touch(e.Booking.Frees, c.CommittedAt)
		}
	}
	return edited, committed
}

// touch marks the starts that claims overlap, on every board that uses the resource. Hub.mu is held.
func (v *venue) touch(claims []booking.Claim, committed time.Time) {
	for _, claim := range claims {
		for _, b := range v.boards {
			if !b.uses(claim.Resource) {
				continue
			}
			reach := b.reach(claim)
			// A day more at either end: the clock may be put back across midnight.
			last := booking.DateOf(reach.before.In(v.picture.Zone)).AddDays(1)
			for date := booking.DateOf(reach.after.In(v.picture.Zone)).AddDays(-1); date.Compare(last) <= 0; date = date.AddDays(1) {
				if c := b.cells[date]; c != nil && c.day != nil && c.day.overlaps(reach) {
					v.dirty(c, reach, committed)
				}
			}
		}
	}
}

// dirty marks a span of a day state as touched. Hub.mu is held.
func (v *venue) dirty(c *cell, touched span, committed time.Time) {
	c.dirty = c.dirty.join(touched)
	c.committed = earlier(c.committed, committed)
	for _, w := range c.windows {
		v.due(w, committed)
	}
}

// guess stands in for changes that are not known: it marks every start of the boards that they may have touched.
func (v *venue) guess(committed time.Time) {
	v.hub.mu.RLock()
	defer v.hub.mu.RUnlock()
	for _, b := range v.boards {
		if v.picture.Touched(b.service) <= v.told {
			continue
		}
		for _, c := range b.cells {
			if c.day != nil {
				v.dirty(c, always, committed)
			}
		}
	}
	v.told = v.picture.Revision
}

// edit brings every board to the picture's catalogue. The day states of those that it changes are built anew.
func (v *venue) edit(committed time.Time) {
	v.hub.mu.RLock()
	defer v.hub.mu.RUnlock()
	for _, b := range v.boards {
		if b.take(v.picture) {
			v.forget(b, committed)
		}
	}
}

// turn forgets everything: the venue's history is another one, or its clock was put back.
func (v *venue) turn() {
	v.history++
	if v.watchers.Load() > 0 { // else nobody is the worse, and the venue may only have been out of memory
		v.hub.config.Log.Warn("a venue's history or clock was put back; its readers begin anew", "venue", v.id)
	}
	v.hub.mu.RLock()
	defer v.hub.mu.RUnlock()
	for _, b := range v.boards {
		v.forget(b, v.hub.config.View.Now())
	}
}

// forget drops what is known of a board's days. Hub.mu is held.
func (v *venue) forget(b *board, committed time.Time) {
	for _, c := range b.cells {
		c.day, c.dirty, c.committed = nil, span{}, time.Time{}
		for _, w := range c.windows {
			v.due(w, committed)
		}
	}
}

// notify wakes those who follow a booking that the news may be about.
func (v *venue) notify(n news) {
	if len(v.follows) == 0 {
		return
	}
	if n.lost {
		for _, follows := range v.follows {
			v.call(follows)
		}
	}
	for _, c := range n.changes {
		for _, e := range c.Entries {
			if e.Booking != nil {
				v.call(v.follows[e.Booking.ID])
			}
		}
	}
}

func (v *venue) call(follows []*Follow) {
	for _, f := range follows {
		f.changed.Store(true)
		v.calls = append(v.calls, call{waker: f.waker})
	}
}
