package desk

import (
	"context"
	"fmt"
	"slices"
	"sort"
	"strings"
	"time"

	"vacancy/internal/availability"
	"vacancy/internal/booking"
	"vacancy/internal/store"
	"vacancy/internal/view"
)

// What an edit of the catalogue does to the bookings ahead. A booking keeps what it claims, whatever is edited, so no place is given to two
// as long as what a service requires is what its bookings have claimed. Setting by setting:
//
//	venue: time_zone                       refused while there are bookings, unless the rules are the same: their wall times would move
//	venue: others                          harmless: no booking hangs on them
//	resource: capacity                     refused below what is taken; services that take more are named in the answer
//	resource: hours, exceptions            kept: no place is sold there any more; the bookings outside are named in the answer, and so are
//	                                       services that fit no opening: an owner closes for the season, and opens again
//	service: requires, any_of              refused to drop a resource on which a booking of the service sits: the place beside it is free
//	service: requires, units, per_person   refused to take more than before while there are bookings: they have claimed less than they
//	                                       are counted for from then on. Less is harmless: they have claimed more
//	service: duration, buffers, step       harmless: a booking ends when it was said to, with the buffers it has claimed
//	service: notice, horizon, party_size   harmless: rules for those who come
//	service: hold_minutes, limits          harmless: a hold has its own end, and limits are for those who come
//	archive of any of them                 refused while there are bookings; of a resource, also while a service requires it, which could
//	                                       not be booked any more, nor be saved as it is

// usesFor tells which future bookings an edit must know of, by the picture that it is decided on.
type usesFor func(p *view.Picture) []store.Use

func noUses(*view.Picture) []store.Use { return nil }

// usesForZone asks for all bookings if the venue's zone gets other rules. There may be many, and most edits do not.
func usesForZone(v booking.Venue) usesFor {
	return func(p *view.Picture) []store.Use {
		if p.Venue.Archived || p.Venue.TimeZone == "" || booking.SameZoneRules(p.Venue.TimeZone, v.TimeZone, time.Now()) {
			return nil
		}
		return []store.Use{{}}
	}
}

// usesForRequirements asks for the bookings that claim other than what the service is to require.
func usesForRequirements(s booking.Service) usesFor {
	return func(p *view.Picture) (uses []store.Use) {
		old, exists := p.Services[s.ID]
		if !exists || old.Archived {
			return nil
		}
		for i, next := range s.Requires {
			if i >= len(old.Requires) || requiresMore(old.Requires[i], next) {
				return []store.Use{{Service: s.ID}}
			}
			for _, id := range old.Requires[i].AnyOf {
				if !slices.Contains(next.AnyOf, id) {
					uses = append(uses, store.Use{Service: s.ID, Resource: id})
				}
			}
		}
		return uses
	}
}

// requiresMore tells whether a party of any size takes more than before. What it takes grows evenly with its size.
func requiresMore(old, next booking.Requirement) bool {
	return next.UnitsFor(1) > old.UnitsFor(1) || next.UnitsFor(booking.MaxPartySize) > old.UnitsFor(booking.MaxPartySize)
}

// errUsesMissing: the edit has turned out to concern other bookings than it asked for, since the picture was behind.
var errUsesMissing = fmt.Errorf("%w: the bookings that an edit concerns", errBehind)

// notInUse is nil if there are no bookings of these uses, and a [booking.InUse] that names them if there are.
func (d *draft) notInUse(uses []store.Use) error { return d.settingNotInUse("", uses) }

// settingNotInUse is notInUse for a setting that cannot change while there are such bookings.
func (d *draft) settingNotInUse(field string, uses []store.Use) error {
	var ids []booking.BookingID
	for _, use := range uses {
		isNew := d.change.Revision == 1 // all that there is of the venue is the draft's
		switch asked := isNew || slices.Contains(d.uses, use); {
		case !asked && d.edited: // by an edit that came together with this one
			return booking.ErrBusy
		case !asked:
			return errUsesMissing
		}
		for _, id := range d.bookingsOf(use) {
			if !slices.Contains(ids, id) {
				ids = append(ids, id)
			}
		}
	}
	return inUse(field, ids)
}

func inUse(field string, ids []booking.BookingID) error {
	if len(ids) == 0 {
		return nil
	}
	n := min(len(ids), booking.MaxInUse)
	return &booking.InUse{Field: field, Bookings: ids[:n], More: len(ids) > n}
}

// notRequired is nil if no service requires a resource, and a [booking.InUse] that names those that do.
func (d *draft) notRequired(id booking.ResourceID) error {
	var services []booking.ServiceID
	for _, s := range d.picture.Services {
		if !s.Archived && s.Uses(id) {
			services = append(services, s.ID)
		}
	}
	if len(services) == 0 {
		return nil
	}
	slices.Sort(services)
	return &booking.InUse{Services: services}
}

// listInUse names the bookings in the way. They are read after the refusal, which stands whatever the list says.
func (d *Desk) listInUse(ctx context.Context, field string, venue booking.VenueID, use store.Use) error {
	ids, err := d.config.Store.Uses(ctx, venue, use, booking.MaxInUse+1)
	if err != nil || len(ids) == 0 {
		return &booking.InUse{Field: field, More: true}
	}
	return inUse(field, ids)
}

// firstOverbooked is the first second from now on at which more than so many units of a resource are taken.
func (d *draft) firstOverbooked(id booking.ResourceID, units int) (time.Time, bool) {
	if d.Taken(id, d.now, d.now.Add(claimHorizon)) <= units {
		return time.Time{}, false
	}
	from := d.now.Truncate(time.Second)
	seconds := sort.Search(int(claimHorizon/time.Second), func(n int) bool {
		return d.Taken(id, from, from.Add(time.Duration(n+1)*time.Second)) > units
	})
	return from.Add(time.Duration(seconds) * time.Second), true
}

// overbooked refuses a capacity that is less than what is taken. The bookings in the way are found by its use.
type overbooked struct{ use store.Use }

func (*overbooked) Error() string { return "more is taken than that capacity" }

// Warning is why nothing can be booked of a service.
type Warning struct {
	Service booking.ServiceID
	booking.FieldError
}

// unworkable warns of those services of a picture of which nothing can be booked from today on. Settings of theirs that cannot work are
// refused when they are saved; but a resource may be edited before its services, or may have no hours for now.
func (d *Desk) unworkable(p view.Picture, which func(booking.Service) bool) (warnings []Warning) {
	if p.Zone == nil {
		return nil
	}
	today := booking.DateOf(d.config.View.Now().In(p.Zone))
	for _, s := range p.Services {
		if s.Archived || !which(s) {
			continue
		}
		for _, f := range availability.Unworkable(s, p.Resources, today) {
			warnings = append(warnings, Warning{s.ID, f})
		}
	}
	slices.SortStableFunc(warnings, func(a, b Warning) int { return strings.Compare(string(a.Service), string(b.Service)) })
	return warnings
}

// outsideHours are the bookings that lie within a resource's hours before an edit, and outside of them after it. The edit is done: what
// cannot be read is no failure of it.
func (d *Desk) outsideHours(
	ctx context.Context, zone *time.Location, before, after booking.Resource,
) (ids []booking.BookingID, more bool) {
	if before.ID == "" || zone == nil {
		return nil, false
	}
	now := d.config.View.Now()
	last := booking.DateOf(now.Add(claimHorizon).In(zone))
	from, to := availability.NewlyClosed(before.Schedule, after.Schedule, zone, now, last)
	filter := Filter{From: from, To: to, Statuses: []booking.Status{booking.Held, booking.Confirmed}, Limit: MaxPage}
	for range maxOutsidePages {
		if from.IsZero() {
			return ids, false
		}
		page, err := d.config.Store.Bookings(ctx, after.Venue, filter)
		if err != nil {
			d.config.Log.Warn("the bookings outside of new hours could not be listed", "venue", after.Venue, "resource", after.ID, "error", err)
			return ids, true
		}
		for _, b := range page {
			claims := slices.ContainsFunc(b.Claims, func(c booking.Claim) bool { return c.Resource == after.ID })
			switch {
			case !claims || !b.End.After(now) || availability.OpenThroughout(after.Schedule, zone, b.Start, b.End) ||
				!availability.OpenThroughout(before.Schedule, zone, b.Start, b.End):
			case len(ids) == booking.MaxInUse:
				return ids, true
			default:
				ids = append(ids, b.ID)
			}
		}
		if len(page) < filter.Limit {
			return ids, false
		}
		filter.AfterStart, filter.AfterID = page[len(page)-1].Start, page[len(page)-1].ID
	}
	return ids, true
}
