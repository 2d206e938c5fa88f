package desk

import (
	"context"
	"errors"
	"reflect"
	"time"

	"vacancy/internal/availability"
	"vacancy/internal/booking"
	"vacancy/internal/store"
	"vacancy/internal/view"
)

// Condition makes an edit depend on what is there: the zero Condition on nothing.
type Condition struct {
	// Match, if set, wants the thing to exist with one of these revisions.
	Match []booking.Revision
	// Any wants the thing to exist.
	Any bool
	// Absent wants it not to exist.
	Absent bool
	// DryRun decides the edit and does not make it: it is refused as it would be, and answered with what it would leave, but for the
	// revision.
	DryRun bool
}

func (c Condition) check(exists bool, revision booking.Revision) error {
	if c.Absent && exists || c.Any && !exists {
		return booking.ErrPrecondition
	}
	if len(c.Match) == 0 {
		return nil
	}
	for _, r := range c.Match {
		if exists && r == revision {
			return nil
		}
	}
	return booking.ErrPrecondition
}

// Saved is a part of the catalogue after an edit.
type Saved[T any] struct {
	Value T
	// Created tells that it was not there before; Changed that the edit altered anything.
	Created, Changed bool
	// Outside are bookings that lie outside of a resource's hours by the edit, by start, at most [booking.MaxInUse]. They keep their places.
	// MoreOutside tells that there are others besides, or may be.
	Outside     []booking.BookingID
	MoreOutside bool
	// Warnings name the services that the edit saves, or whose resource it saves, and of which nothing can be booked as things are.
	Warnings []Warning
	// Position is where a reader must be to see the edit.
	Position booking.Position
}

// PutVenue creates a venue or replaces its settings. Errors: [booking.Invalid], [booking.ErrPrecondition], and [booking.InUse] for
// a time zone with other rules while there are future bookings, whose wall times it would move.
func (d *Desk) PutVenue(ctx context.Context, a booking.Actor, v booking.Venue, c Condition) (Saved[booking.Venue], error) {
	if err := v.Validate(); err != nil {
		return Saved[booking.Venue]{}, err
	}
	return edit(ctx, d, a, v.ID, usesForZone(v), func(draft *draft) (saved Saved[booking.Venue], err error) {
		if !draft.exists && v.ID.Reserved() {
			return saved, booking.NewInvalid("id", "is reserved: a page or a part of the server may need it as its address")
		}
		old := draft.picture.Venue
		exists := draft.exists && !old.Archived
		if err := c.check(exists, old.Revision); err != nil {
			return saved, err
		}
		if exists {
			if err := draft.settingNotInUse("time_zone", usesForZone(v)(&draft.picture)); err != nil {
				return saved, err
			}
		}
		v.Revision = old.Revision
		if !c.DryRun && (!exists || !reflect.DeepEqual(old, v)) {
			v.Revision = draft.change.Revision
			draft.setVenue(v)
			draft.addEntry(booking.Entry{Kind: booking.VenuePut, Actor: a.Name(), Venue: &v})
		}
		return Saved[booking.Venue]{Value: v, Created: !exists && !c.DryRun, Changed: v.Revision != old.Revision, Position: draft.position()}, nil
	})
}

// PutResource creates a resource or replaces its settings. Errors: [booking.Invalid], [booking.ErrPrecondition],
// [booking.ErrNotFound] for the venue, and [booking.InUse] for a capacity below what is taken in the future. Other hours keep the bookings
// that there are: they claim what they did, so nothing is sold twice, and those that lie outside now are named in the answer.
func (d *Desk) PutResource(ctx context.Context, a booking.Actor, r booking.Resource, c Condition) (Saved[booking.Resource], error) {
	if err := r.Validate(); err != nil {
		return Saved[booking.Resource]{}, err
	}
	var before booking.Resource // zero if it was not there
	var zone *time.Location
	var picture view.Picture
	saved, err := edit(ctx, d, a, r.Venue, noUses, func(draft *draft) (saved Saved[booking.Resource], err error) {
		if err := draft.requireActive(); err != nil {
			return saved, err
		}
		old, exists := draft.picture.Resources[r.ID]
		exists = exists && !old.Archived
		if err := c.check(exists, old.Revision); err != nil {
			return saved, err
		}
		if before, zone = (booking.Resource{}), draft.picture.Zone; exists {
			before = old
		}
		if at, over := draft.firstOverbooked(r.ID, r.Capacity); over {
			return saved, &overbooked{store.Use{Resource: r.ID, From: at, To: at.Add(time.Second)}}
		}
		r.Revision = old.Revision
		if picture = draft.picture; c.DryRun {
			picture.Resources = withEntry(picture.Resources, r.ID, r)
		}
		if !c.DryRun && (!exists || !reflect.DeepEqual(old, r)) {
			r.Revision = draft.change.Revision
			draft.setResource(r)
			picture = draft.picture
			draft.addEntry(booking.Entry{Kind: booking.ResourcePut, Actor: a.Name(), Resource: &r})
		}
		return Saved[booking.Resource]{
			Value: r, Created: !exists && !c.DryRun, Changed: r.Revision != old.Revision, Position: draft.position(),
		}, nil
	})
	if over, ok := errors.AsType[*overbooked](err); ok {
		return saved, d.listInUse(ctx, "capacity", r.Venue, over.use)
	}
	if err == nil {
		saved.Outside, saved.MoreOutside = d.outsideHours(ctx, zone, before, r)
		saved.Warnings = d.unworkable(picture, func(s booking.Service) bool { return s.Uses(r.ID) })
	}
	return saved, err
}

// PutService creates a service or replaces its settings. Errors: [booking.Invalid], also for resources that do not exist,
// [booking.ErrPrecondition], [booking.ErrNotFound] for the venue, and [booking.InUse] if it requires other than what its future bookings
// claim; see [usesForRequirements].
func (d *Desk) PutService(ctx context.Context, a booking.Actor, s booking.Service, c Condition) (Saved[booking.Service], error) {
	if err := s.Validate(); err != nil {
		return Saved[booking.Service]{}, err
	}
	var picture view.Picture
	saved, err := edit(ctx, d, a, s.Venue, usesForRequirements(s), func(draft *draft) (saved Saved[booking.Service], err error) {
		if err := draft.requireActive(); err != nil {
			return saved, err
		}
		old, exists := draft.picture.Services[s.ID]
		exists = exists && !old.Archived
		if err := c.check(exists, old.Revision); err != nil {
			return saved, err
		}
		settings := availability.CheckSettings(s, draft.picture.Resources)
		if settings != nil && !c.DryRun {
			return saved, settings
		}
		if exists {
			if err := draft.settingNotInUse("requires", usesForRequirements(s)(&draft.picture)); err != nil {
				return saved, err
			}
		}
		if settings != nil { // in a dry run told last: an edit before this one may create the resources, and moves no booking
			return saved, settings
		}
		s.Revision = old.Revision
		picture = draft.picture
		if !c.DryRun && (!exists || !reflect.DeepEqual(old, s)) {
			s.Revision = draft.change.Revision
			draft.setService(s)
			draft.addEntry(booking.Entry{Kind: booking.ServicePut, Actor: a.Name(), Service: &s})
		}
		return Saved[booking.Service]{
			Value: s, Created: !exists && !c.DryRun, Changed: s.Revision != old.Revision, Position: draft.position(),
		}, nil
	})
	if err == nil {
		picture.Services = map[booking.ServiceID]booking.Service{s.ID: s}
		saved.Warnings = d.unworkable(picture, func(booking.Service) bool { return true })
	}
	return saved, err
}

// ArchiveVenue takes a venue out of use. [booking.InUse] while it has future bookings.
func (d *Desk) ArchiveVenue(ctx context.Context, a booking.Actor, id booking.VenueID, c Condition) (booking.Position, error) {
	return archive(ctx, d, a, id, store.Use{}, func(draft *draft) error {
		v := draft.picture.Venue
		if err := c.check(true, v.Revision); err != nil || c.DryRun {
			return err
		}
		v.Archived, v.Revision = true, draft.change.Revision
		draft.setVenue(v)
		draft.addEntry(booking.Entry{Kind: booking.VenueArchived, Actor: a.Name(), Venue: &v})
		return nil
	})
}

// ArchiveResource takes a resource out of use. [booking.InUse] while future bookings claim it, or a service requires it.
func (d *Desk) ArchiveResource(
	ctx context.Context, a booking.Actor, venue booking.VenueID, id booking.ResourceID, c Condition,
) (booking.Position, error) {
	return archive(ctx, d, a, venue, store.Use{Resource: id}, func(draft *draft) error {
		r, ok := draft.picture.Resources[id]
		if !ok || r.Archived {
			return booking.ErrNotFound
		}
		if err := c.check(true, r.Revision); err != nil {
			return err
		}
		if err := draft.notRequired(id); err != nil || c.DryRun {
			return err
		}
		r.Archived, r.Revision = true, draft.change.Revision
		draft.setResource(r)
		draft.addEntry(booking.Entry{Kind: booking.ResourceArchived, Actor: a.Name(), Resource: &r})
		return nil
	})
}

// ArchiveService takes a service out of use. [booking.InUse] while it has future bookings.
func (d *Desk) ArchiveService(
	ctx context.Context, a booking.Actor, venue booking.VenueID, id booking.ServiceID, c Condition,
) (booking.Position, error) {
	return archive(ctx, d, a, venue, store.Use{Service: id}, func(draft *draft) error {
		s, err := draft.service(id)
		if err != nil {
			return err
		}
		if err := c.check(true, s.Revision); err != nil || c.DryRun {
			return err
		}
		s.Archived, s.Revision = true, draft.change.Revision
		draft.setService(s)
		draft.addEntry(booking.Entry{Kind: booking.ServiceArchived, Actor: a.Name(), Service: &s})
		return nil
	})
}

// edit runs a command of staff on the catalogue.
func edit[T any](
	ctx context.Context, d *Desk, a booking.Actor, venue booking.VenueID, uses usesFor, decide func(*draft) (T, error),
) (T, error) {
	var saved, none T
	if err := staffOnly(a); err != nil {
		return none, err
	}
	need := func(n *store.Need, p *view.Picture) {
		if p != nil {
			n.Uses = append(n.Uses, uses(p)...)
		}
	}
	err := d.execute(ctx, venue, need, func(draft *draft) (err error) {
		saved, err = decide(draft)
		return err
	})
	if err != nil {
		return none, err
	}
	return saved, nil
}

func archive(
	ctx context.Context, d *Desk, a booking.Actor, venue booking.VenueID, use store.Use, decide func(*draft) error,
) (booking.Position, error) {
	return edit(ctx, d, a, venue, func(*view.Picture) []store.Use { return []store.Use{use} }, func(draft *draft) (booking.Position, error) {
		if err := draft.requireActive(); err != nil {
			return booking.Position{}, err
		}
		if err := draft.notInUse([]store.Use{use}); err != nil {
			return booking.Position{}, err
		}
		err := decide(draft)
		return draft.position(), err
	})
}

// requireActive is nil if the venue exists and is not archived.
func (d *draft) requireActive() error {
	if !d.exists || d.picture.Venue.Closed() {
		return booking.ErrNotFound
	}
	return nil
}

// staffOnly is nil for staff.
func staffOnly(a booking.Actor) error {
	switch a.Kind {
	case booking.Staff:
		return nil
	case booking.Public:
		return booking.ErrUnauthenticated
	default:
		return booking.ErrForbidden
	}
}
