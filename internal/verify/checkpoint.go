package verify

import (
	"context"
	"maps"
	"slices"

	"vacancy/internal/booking"
	"vacancy/internal/store"
)

// A venue of which old changes were deleted has a checkpoint: the settings at that revision. What the bookings were like then follows from
// what they are like now and from the changes since, taken back; of those that have not changed since, it is what is stored, which is
// compared with the last transition that the audit trail remembers of it.

// earlier is a booking that was made before the checkpoint and has changed since.
type earlier struct {
	first   booking.BookingTransition
	status  booking.Status // before the first transition that is left
	changes []claimsMoved
	// extensions counts those since the checkpoint.
	extensions int
}

type claimsMoved struct{ claimed, released []booking.Claim }

// audited is the last transition of a booking that the audit trail remembers.
type audited struct {
	revision  booking.Revision
	status    booking.Status
	start     int64
	partySize int
	// at is when it was, in Unix microseconds, and confirmed whether this transition or one before has confirmed the booking.
	at        int64
	confirmed bool
}

// begin takes the checkpoint as the beginning of the history. Without one, that is nothing.
func (v *venue) begin(ctx context.Context, s store.Snapshot) error {
	id := v.stored.Venue.ID
	checkpoint, err := s.Checkpoint(ctx, id)
	if err != nil {
		return unread("checkpoint", err)
	}
	at := checkpoint.Revision
	if at == 0 {
		return v.noAudit(ctx, s)
	}
	if at+store.RetainedChanges > v.stored.Revision {
		v.problem("changes up to %d were deleted, and it is at revision %d: the last %d must stay", at, v.stored.Revision, store.RetainedChanges)
	}
	v.revision = at
	v.catalogue.restore(checkpoint)
	if v.audit, err = v.readAudit(ctx, s, at); err != nil {
		return unread("audit trail", err)
	}
	v.wallTimes.hadBefore(v.catalogue.venue) // the last
	known, err := v.readEarlier(ctx, s)
	if err != nil {
		return unread("changes", err)
	}
	if err := s.Bookings(ctx, id, func(b booking.Booking) error { v.restoreBooking(b, at, known); return nil }); err != nil {
		return unread("bookings", err)
	}
	for _, of := range known { // those that are not stored any more
		if of != nil {
			v.restoreEarlier(of, booking.Booking{})
		}
	}
	v.compareAudited(known)
	return nil
}

// compareAudited tells of bookings that only the audit trail remembers, and that must still be stored.
func (v *venue) compareAudited(known map[booking.BookingID]*earlier) {
	var lost []booking.BookingID
	for id, last := range v.audit {
		_, changed := known[id]
		gone := &history{status: last.status, ended: last.at, confirmed: last.confirmed}
		if v.histories.find(id) == nil && !changed && !v.mayBeDeleted(gone) {
			lost = append(lost, id)
		}
	}
	for _, id := range slices.Sorted(slices.Values(lost)) {
		v.problem("booking %s: the audit trail tells of it, but it is not stored", name(id))
	}
}

// noAudit tells of an audit trail of changes that are said to be there.
func (v *venue) noAudit(ctx context.Context, s store.Snapshot) error {
	n := 0
	if err := s.Audit(ctx, v.stored.Venue.ID, func(booking.Change) error { n++; return nil }); err != nil {
		return unread("audit trail", err)
	}
	if n > 0 {
		v.problem("it has an audit trail of deleted changes, and no checkpoint")
	}
	return nil
}

// restore is the catalogue as it was at a checkpoint.
func (c *catalogue) restore(checkpoint store.Checkpoint) {
	for _, e := range checkpoint.Entries {
		switch {
		case e.Venue != nil:
			c.venue = e.Venue
		case e.Resource != nil:
			c.setResource(e)
		case e.Service != nil:
			c.setService(e)
		}
	}
	for id, most := range checkpoint.Most {
		c.most[id] = max(c.most[id], most)
	}
	maps.Copy(c.touched, checkpoint.Touched)
}

// readAudit reads the audit trail, which has no gaps and ends at the checkpoint, but may have lost its beginning with time.
func (v *venue) readAudit(
	ctx context.Context, s store.Snapshot, at booking.Revision,
) (last map[booking.BookingID]audited, err error) {
	last = make(map[booking.BookingID]audited)
	var before booking.Revision
	err = s.Audit(ctx, v.stored.Venue.ID, func(c booking.Change) error {
		if before > 0 && c.Revision != before+1 {
			v.problem("the audit trail goes from change %d to %d", before, c.Revision)
		}
		before = c.Revision
		for _, e := range c.Entries {
			if e.Venue != nil {
				v.wallTimes.hadBefore(e.Venue)
			}
			if b := e.Booking; b != nil {
				confirmed := b.Status == booking.Confirmed || last[b.ID].confirmed
				last[b.ID] = audited{
					c.Revision, canonical(b.Status), b.Start.UnixMicro(), b.PartySize, c.CommittedAt.UnixMicro(), confirmed,
				}
			}
		}
		return nil
	})
	if err == nil && before > 0 && before != at {
		v.problem("the audit trail ends with change %d, and the changes begin behind %d", before, at)
	}
	return last, err
}

// readEarlier finds the bookings that have changed since the checkpoint, by their first transition since: nil are those that begin with it.
func (v *venue) readEarlier(ctx context.Context, s store.Snapshot) (known map[booking.BookingID]*earlier, err error) {
	known = make(map[booking.BookingID]*earlier)
	err = s.Changes(ctx, v.stored.Venue.ID, func(c booking.Change) error {
		for _, e := range c.Entries {
			if e.Booking == nil {
				continue
			}
			of, seen := known[e.Booking.ID]
			rule := rules[e.Kind]
			switch {
			case !seen && rule.first && (len(rule.from) == 0 || len(e.Booking.Claimed) > 0):
				known[e.Booking.ID] = nil
				continue
			case !seen:
				of = &earlier{first: *e.Booking, status: booking.Held}
				if before, ok := v.audit[e.Booking.ID]; ok {
					of.status = before.status
				} else if len(rule.from) > 0 {
					of.status = rule.from[0]
				}
				known[e.Booking.ID] = of
			case of == nil:
				continue
			}
			if e.Kind == booking.BookingExtended {
				of.extensions++
			}
			if len(e.Booking.Claimed)+len(e.Booking.Released) > 0 {
				of.changes = append(of.changes, claimsMoved{e.Booking.Claimed, e.Booking.Released})
			}
		}
		return nil
	})
	return known, err
}

// restoreBooking begins the history of a booking that was made before the checkpoint.
func (v *venue) restoreBooking(b booking.Booking, at booking.Revision, known map[booking.BookingID]*earlier) {
	of, seen := known[b.ID]
	switch {
	case of != nil:
		v.restoreEarlier(of, b)
		known[b.ID] = nil
	case !seen && b.Revision <= at:
		h, begun := v.histories.of(b.ID)
		if !begun {
			return // it is stored twice, which is told later
		}
		h.revision, h.start, h.status, h.partySize = b.Revision, b.Start.UnixMicro(), canonical(b.Status), b.PartySize
		h.service, h.extensions, h.zone = v.histories.services.number(b.Service), int32(b.Extensions), beforeHistory
		v.restoreClaims(h, b.Claims)
		v.compareAudit(b)
	}
}

// compareAudit compares a booking that has not changed since the checkpoint with the last that is remembered of it.
func (v *venue) compareAudit(b booking.Booking) {
	last, ok := v.audit[b.ID]
	if !ok {
		return // it is older than the audit trail
	}
	if last.revision != b.Revision || last.status != b.Status || last.start != b.Start.UnixMicro() || last.partySize != b.PartySize {
		v.problem("booking %s: it is not what the audit trail says of it: change %d left it %q", name(b.ID), last.revision, last.status)
	}
}

// restoreEarlier begins the history of a booking that has changed since, as it was then.
func (v *venue) restoreEarlier(of *earlier, b booking.Booking) {
	h, begun := v.histories.of(of.first.ID)
	if !begun {
		return
	}
	h.start, h.status, h.partySize = of.first.Start.UnixMicro(), canonical(of.status), of.first.PartySize
	h.confirmed = v.audit[of.first.ID].confirmed
	h.service, h.extensions = v.histories.services.number(of.first.Service), int32(b.Extensions-of.extensions)
	h.zone = beforeHistory
	if b.ID == "" {
		h.extensions = 0
	}
	var has []booking.Claim
	if b.Status.Claims() {
		has = slices.Clone(b.Claims)
	}
	for _, moved := range slices.Backward(of.changes) {
		has = slices.DeleteFunc(has, func(c booking.Claim) bool { return slices.Contains(moved.claimed, c) })
		has = append(has, moved.released...)
	}
	v.restoreClaims(h, has)
}

// restoreClaims has the ledgers hold what a booking took before the checkpoint.
func (v *venue) restoreClaims(h *history, claims []booking.Claim) {
	kept := make([]claim, len(claims))
	for i, c := range claims {
		kept[i] = v.histories.compact(c)
		if h.status.Claims() {
			_, _ = v.replayed.claim(c) // one that cannot be is told of when the bookings are looked at
		}
	}
	v.histories.setClaims(h, kept)
}
