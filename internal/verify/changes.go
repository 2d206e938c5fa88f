package verify

import (
	"hash/maphash"

	"vacancy/internal/booking"
)

// change replays one change: its revision is the next, its batch made no other, and each entry is applied in its order. Whatever is
// wrong with it, what it says is taken as true from there on, so that one fault is told once.
func (v *venue) change(c booking.Change) {
	v.counts.Changes++
	if v.begins.IsZero() {
		v.begins = c.CommittedAt
	}
	if c.Venue != v.stored.Venue.ID {
		v.problem("change %d: it is of venue %s", c.Revision, name(c.Venue))
	}
	v.nextRevision(c.Revision)
	v.onlyOnce(c)
	for i, e := range c.Entries {
		v.entry(c, i, e)
	}
	for _, id := range c.Resources() {
		v.catalogue.touched[id] = c.Revision
	}
}

func (v *venue) nextRevision(r booking.Revision) {
	switch next := v.revision + 1; {
	case r < next:
		v.problem("change %d: it comes again, or after change %d", r, v.revision)
	case r == next+1:
		v.problem("change %d is missing", next)
	case r > next:
		v.problem("changes %d to %d are missing", next, r-1)
	}
	v.revision = max(v.revision, r)
}

// onlyOnce compares the batch with those before: a transaction whose outcome was in doubt must not have happened twice.
func (v *venue) onlyOnce(c booking.Change) {
	if c.Batch == "" {
		v.problem("change %d: it names no batch", c.Revision)
		return
	}
	// A hash of 64 bits keeps a million batches apart with all but certainty, in a third of the memory.
	key := maphash.String(v.seed, c.Batch)
	if before, ok := v.batches[key]; ok {
		v.problem("change %d: its batch is that of change %d, so one transaction happened twice", c.Revision, before)
		return
	}
	v.batches[key] = c.Revision
}

// endOfChanges compares the last revision with the venue's.
func (v *venue) endOfChanges() {
	switch at := v.stored.Revision; {
	case v.revision < at:
		v.problem("it is at revision %d, but its changes end with %d", at, v.revision)
	case v.revision > at:
		v.problem("it is at revision %d, but its changes go on to %d", at, v.revision)
	}
}

// subjects are the kinds of entries by what they are about. Steps of bookings are in their own table.
var subjects = map[booking.EntryKind]string{
	booking.VenuePut: "venue", booking.VenueArchived: "venue",
	booking.ResourcePut: "resource", booking.ResourceArchived: "resource",
	booking.ServicePut: "service", booking.ServiceArchived: "service",
}

func (v *venue) entry(c booking.Change, i int, e booking.Entry) {
	about, said := "", 0
	note := func(is bool, what string) {
		if is {
			about, said = what, said+1
		}
	}
	note(e.Booking != nil, "booking")
	note(e.Venue != nil, "venue")
	note(e.Resource != nil, "resource")
	note(e.Service != nil, "service")
	if said != 1 {
		v.problem("change %d: its entry %d is about %d things", c.Revision, i+1, said)
	}
	if about != "booking" && subjects[e.Kind] != about && said == 1 {
		v.problem("change %d: its entry %d is %q, and about a %s", c.Revision, i+1, e.Kind, about)
	}
	if e.Venue != nil {
		v.replayVenue(c, *e.Venue)
	}
	if e.Resource != nil {
		v.replayResource(c, e)
	}
	if e.Service != nil {
		v.replayService(c, e)
	}
	if e.Booking != nil {
		s := transition{venue: v, revision: c.Revision, at: c.CommittedAt, kind: e.Kind, BookingTransition: e.Booking}
		s.replay()
	}
}

func (v *venue) replayVenue(c booking.Change, settings booking.Venue) {
	v.checkSettings(c, "its settings", settings.ID, settings.Revision)
	v.catalogue.venue = &settings
}

func (v *venue) replayResource(c booking.Change, e booking.Entry) {
	r := v.catalogue.setResource(e)
	v.checkSettings(c, "resource "+name(r.ID), r.Venue, r.Revision)
	from := c.CommittedAt.Add(capacitySettleTime)
	if taken := v.replayed.of(r.ID).Taken(from, from.Add(maxClaimAhead)); taken > r.Capacity {
		v.problem("change %d: resource %s: its capacity becomes %d, while %d units are taken later", c.Revision, name(r.ID), r.Capacity, taken)
	}
}

func (v *venue) replayService(c booking.Change, e booking.Entry) {
	s := v.catalogue.setService(e)
	v.checkSettings(c, "service "+name(s.ID), s.Venue, s.Revision)
	for _, requirement := range s.Requires {
		for _, id := range requirement.AnyOf {
			if v.catalogue.resources[id] == nil {
				v.problem("change %d: service %s: it requires resource %s, which there is not", c.Revision, name(s.ID), name(id))
			}
		}
	}
}

// checkSettings checks what all settings in a change say of themselves.
func (v *venue) checkSettings(c booking.Change, what string, of booking.VenueID, revision booking.Revision) {
	if of != v.stored.Venue.ID {
		v.problem("change %d: %s: of venue %s", c.Revision, what, name(of))
	}
	if revision != c.Revision {
		v.problem("change %d: %s: of revision %d", c.Revision, what, revision)
	}
}
