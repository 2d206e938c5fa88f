package sim

import (
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	"vacancy/internal/availability"
	"vacancy/internal/booking"
	"vacancy/internal/desk"
)

// saved is what an edit must report.
type saved struct {
	created, changed bool
	revision         booking.Revision
}

// holds tells whether a condition holds of what is there.
func holds(c desk.Condition, exists bool, revision booking.Revision) bool {
	if c.Absent && exists || c.Any && !exists {
		return false
	}
	return len(c.Match) == 0 || exists && slices.Contains(c.Match, revision)
}

// save is what an edit does to settings that exist or not, with the revision that they had.
func (tx *transaction) save(exists, same bool, old booking.Revision) saved {
	if exists && same {
		return saved{revision: old}
	}
	tx.wrote = true
	return saved{created: !exists, changed: true, revision: tx.next}
}

// putVenue edits the venue.
func (tx *transaction) putVenue(v booking.Venue, c desk.Condition, moved *calendar) (saved, error) {
	old := tx.settings
	exists := tx.exists && !old.Archived
	if !holds(c, exists, old.Revision) {
		return saved{}, booking.ErrPrecondition
	}
	if exists && old.TimeZone != v.TimeZone {
		if err := inUse(tx.uses("", "", tx.now)); err != nil {
			return saved{}, err
		}
	}
	v.Revision = old.Revision
	s := tx.save(exists, reflect.DeepEqual(old, v), old.Revision)
	v.Revision, tx.exists = s.revision, true
	if moved != tx.calendar {
		tx.move(moved)
	}
	tx.settings = v
	return s, nil
}

// move reads all hours on another calendar.
func (tx *transaction) move(c *calendar) {
	tx.calendar, tx.resources = c, maps.Clone(tx.resources)
	for id, r := range tx.resources {
		r.hours = newHours(c, r.Schedule)
		tx.resources[id] = r
	}
}

func (tx *transaction) open() bool { return tx.exists && !tx.settings.Archived }

func (tx *transaction) putResource(r booking.Resource, c desk.Condition) (saved, error) {
	old, exists := tx.resources[r.ID]
	exists = exists && !old.Archived
	switch {
	case !tx.open():
		return saved{}, booking.ErrNotFound
	case !holds(c, exists, old.Revision):
		return saved{}, booking.ErrPrecondition
	}
	if err := inUse(tx.beyond(r.ID, r.Capacity)); err != nil {
		return saved{}, err
	}
	r.Revision = old.Revision
	s := tx.save(exists, reflect.DeepEqual(old.Resource, r), old.Revision)
	r.Revision = s.revision
	now := resource{Resource: r, hours: old.hours}
	if old.hours == nil || !reflect.DeepEqual(old.Schedule, r.Schedule) {
		now.hours = newHours(tx.calendar, r.Schedule)
	}
	tx.resources = with(tx.resources, r.ID, now)
	return s, nil
}

// beyond are the bookings that take more of a resource than so many units, at the first second from now on at which they do.
func (tx *transaction) beyond(id booking.ResourceID, units int) []booking.Booking {
	moments := []time.Time{tx.now}
	for _, b := range tx.bookings {
		for _, c := range b.Claims {
			if c.Start.After(tx.now) {
				moments = append(moments, c.Start)
			}
		}
	}
	slices.SortFunc(moments, time.Time.Compare)
	for _, at := range moments {
		if tx.taken(id, at, at.Add(time.Microsecond)) > units {
			return tx.using(func(_ booking.Booking, c booking.Claim) bool {
				return c.Resource == id && !at.Before(c.Start) && at.Before(c.End)
			})
		}
	}
	return nil
}

func (tx *transaction) putService(s booking.Service, c desk.Condition) (saved, error) {
	old, exists := tx.services[s.ID]
	exists = exists && !old.Archived
	switch {
	case s.Validate() != nil:
		return saved{}, &booking.Invalid{}
	case !tx.open():
		return saved{}, booking.ErrNotFound
	case !holds(c, exists, old.Revision):
		return saved{}, booking.ErrPrecondition
	case !tx.canWork(s):
		return saved{}, &booking.Invalid{}
	}
	if exists {
		if err := inUse(tx.resold(old, s)); err != nil {
			return saved{}, err
		}
	}
	s.Revision = old.Revision
	done := tx.save(exists, reflect.DeepEqual(old, s), old.Revision)
	s.Revision = done.revision
	tx.services = with(tx.services, s.ID, s)
	return done, nil
}

// canWork tells whether settings that are valid by themselves can work with the resources. What makes them is told apart by tests of their
// own; here it matters that they are all asked for.
func (tx *transaction) canWork(s booking.Service) bool {
	resources := make(map[booking.ResourceID]booking.Resource, len(tx.resources))
	for id, r := range tx.resources {
		resources[id] = r.Resource
	}
	return availability.CheckSettings(s, resources) == nil
}

// resold are the bookings of a service whose places it would sell again if it required something else: all if a party of any size takes
// more than before, else those of the members that go.
func (tx *transaction) resold(old, s booking.Service) (bookings []booking.Booking) {
	for _, party := range []int{1, 2, 100, booking.MaxPartySize} {
		if unitsFor(s, party) > unitsFor(old, party) {
			return tx.uses(s.ID, "", tx.now)
		}
	}
	for _, id := range old.Requires[0].AnyOf {
		if !slices.Contains(s.Requires[0].AnyOf, id) {
			bookings = append(bookings, tx.uses(s.ID, id, tx.now)...)
		}
	}
	return bookings
}

// archive takes something out of use: a resource or a service, or if neither is named the venue.
func (tx *transaction) archive(service booking.ServiceID, id booking.ResourceID, c desk.Condition) error {
	if !tx.open() {
		return booking.ErrNotFound
	}
	if err := inUse(tx.uses(service, id, tx.now)); err != nil {
		return err
	}
	s, r, v := tx.services[service], tx.resources[id], tx.settings
	of := map[bool]booking.Revision{service != "": s.Revision, id != "": r.Revision, service == "" && id == "": v.Revision}[true]
	switch {
	case service != "" && (s.ID == "" || s.Archived), id != "" && (r.ID == "" || r.Archived):
		return booking.ErrNotFound
	case !holds(c, true, of):
		return booking.ErrPrecondition
	}
	if requiring := tx.requiring(id); len(requiring) > 0 {
		return &booking.InUse{Services: requiring}
	}
	switch {
	case service != "":
		s.Archived, s.Revision = true, tx.next
		tx.services = with(tx.services, service, s)
	case id != "":
		r.Archived, r.Revision = true, tx.next
		tx.resources = with(tx.resources, id, r)
	default:
		v.Archived, v.Revision = true, tx.next
		tx.settings = v
	}
	tx.wrote = true
	return nil
}

// requiring are the services that could not be booked any more, or not as now, without a resource.
func (tx *transaction) requiring(id booking.ResourceID) (services []booking.ServiceID) {
	for _, service := range sorted(tx.services) {
		s := tx.services[service]
		for _, requirement := range s.Requires {
			if !s.Archived && slices.Contains(requirement.AnyOf, id) {
				services = append(services, service)
				break
			}
		}
	}
	return services
}

// with is a copy of a map with one entry set.
func with[K comparable, V any](m map[K]V, k K, v V) map[K]V {
	next := maps.Clone(m)
	if next == nil {
		next = make(map[K]V)
	}
	next[k] = v
	return next
}

// sorted are the ids of a map, ascending.
func sorted[K ~string, V any](m map[K]V) []K {
	return slices.SortedFunc(maps.Keys(m), func(a, b K) int { return strings.Compare(string(a), string(b)) })
}
