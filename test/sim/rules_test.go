package sim

import (
	"cmp"
	"errors"
	"slices"
	"time"

	"vacancy/internal/booking"
)

// venue is everything of a venue that the rules look at, as it was at one revision. Maps are replaced, never written.
type venue struct {
	calendar  *calendar
	settings  booking.Venue
	resources map[booking.ResourceID]resource
	services  map[booking.ServiceID]booking.Service
	// bookings are in order of creation.
	bookings []booking.Booking
}

type resource struct {
	booking.Resource
	hours *hours
}

// frozen is a copy that later changes do not reach.
func (v venue) frozen() venue {
	v.bookings = slices.Clone(v.bookings)
	return v
}

// service is a service that can be booked.
func (v venue) service(id booking.ServiceID) (booking.Service, error) {
	s, ok := v.services[id]
	if !ok || s.Archived || v.settings.Archived {
		return s, booking.ErrNotFound
	}
	return s, nil
}

// members are those of a service's pool that can be booked.
func (v venue) members(s booking.Service) []booking.ResourceID {
	var ids []booking.ResourceID
	for _, id := range s.Requires[0].AnyOf {
		if r, ok := v.resources[id]; ok && !r.Archived {
			ids = append(ids, id)
		}
	}
	return ids
}

// check is the refusal of what is asked for before any slot is looked at.
func (v venue) check(s booking.Service, chosen booking.ResourceID, party int) error {
	if party < s.PartySize.Min || party > s.PartySize.Max || chosen != "" && !slices.Contains(v.members(s), chosen) {
		return &booking.Invalid{}
	}
	return nil
}

// taken is the most units of a resource that bookings take at any minute of [from, to), claim by claim.
func (v venue) taken(id booking.ResourceID, from, to time.Time) (most int) {
	var claims []booking.Claim
	for _, b := range v.bookings {
		for _, c := range b.Claims {
			if b.Status.Claims() && c.Resource == id && c.Start.Before(to) && from.Before(c.End) {
				claims = append(claims, c)
			}
		}
	}
	for _, c := range claims { // the most is taken when one of them begins, or at the beginning
		at := c.Start
		if at.Before(from) {
			at = from
		}
		units := 0
		for _, other := range claims {
			if !at.Before(other.Start) && at.Before(other.End) {
				units += other.Units
			}
		}
		most = max(most, units)
	}
	return most
}

// verdict is what the rules say of a start.
type verdict struct {
	err        error
	start, end time.Time
	// remaining and capacity are a slot's, largest the largest party that one booking can be for.
	remaining, capacity, largest int
	// free is what each member that has the start in its hours has free.
	free map[booking.ResourceID]int
}

// judge applies the rules to an instant, for the chosen member or, if that is "", for the pool.
func (v venue) judge(s booking.Service, chosen booking.ResourceID, at, now time.Time) verdict {
	j := verdict{start: at, end: at.Add(s.Duration), free: make(map[booking.ResourceID]int)}
	i, whole := v.calendar.minute(at)
	for _, id := range v.members(s) {
		r := v.resources[id]
		if !whole || !v.calendar.has(i) || chosen != "" && chosen != id || !r.hours.offers(i, s) {
			continue
		}
		free := r.Capacity - v.taken(id, at.Add(-s.BufferBefore), j.end.Add(s.BufferAfter))
		j.free[id] = free
		j.capacity += most(s, r.Capacity)
		j.remaining += most(s, free)
		for party := s.PartySize.Min; party <= s.PartySize.Max; party++ {
			if unitsFor(s, party) <= free {
				j.largest = max(j.largest, party)
			}
		}
	}
	switch {
	case len(j.free) == 0:
		j.err = booking.ErrNotASlot
	case !now.Before(at.Add(-s.MinNotice)):
		j.err = booking.ErrTooSoon
	case v.calendar.today(now).DaysUntil(v.calendar.date(i)) > s.HorizonDays:
		j.err = booking.ErrBeyondHorizon
	}
	return j
}

// unitsFor is what a party takes.
func unitsFor(s booking.Service, party int) int {
	if s.Requires[0].PerPerson {
		return s.Requires[0].Units * party
	}
	return s.Requires[0].Units
}

// most is the most that can be placed in free units, found by placing: bookings, or people in parties of every allowed size.
func most(s booking.Service, free int) (best int) {
	need, size := s.Requires[0], s.PartySize
	if !need.PerPerson {
		for (best+1)*need.Units <= free {
			best++
		}
		return best
	}
	if free < need.Units*size.Min {
		return 0
	}
	placed := make([]bool, free/need.Units+1) // the numbers of people that some parties make up
	placed[0] = true
	for people := 1; people < len(placed); people++ {
		for party := size.Min; party <= min(size.Max, people); party++ {
			if placed[people-party] {
				placed[people], best = true, people
			}
		}
	}
	return best
}

// fits is nil if the party can book the start.
func (j verdict) fits(party int) error {
	if j.err == nil && party > j.largest {
		return booking.ErrSlotUnavailable
	}
	return j.err
}

// tightest are the members that may serve the party: those with the least free among those with enough.
func (j verdict) tightest(units int) []booking.ResourceID {
	least := 0
	var ids []booking.ResourceID
	for id, free := range j.free {
		switch {
		case free < units || len(ids) > 0 && free > least:
		case len(ids) > 0 && free == least:
			ids = append(ids, id)
		default:
			least, ids = free, []booking.ResourceID{id}
		}
	}
	return ids
}

// slot is a start as a calendar shows it.
type slot struct {
	start, end          time.Time
	remaining, capacity int
	status              booking.SlotStatus
}

func (j verdict) slot(s booking.Service, party int) slot {
	status := booking.Available
	few := 2*j.remaining < j.capacity || j.remaining == 1 && j.capacity >= 2
	if s.LimitedBelow != nil {
		few = j.remaining < *s.LimitedBelow
	}
	switch {
	case j.remaining == 0 || party > j.largest:
		status = booking.Full
	case few:
		status = booking.Limited
	}
	return slot{j.start, j.end, j.remaining, j.capacity, status}
}

// starts are the instants of a date at which a service begins by somebody's hours.
func (v venue) starts(s booking.Service, chosen booking.ResourceID, date booking.Date) []time.Time {
	var all []*hours
	for _, id := range v.members(s) {
		if chosen == "" || chosen == id {
			all = append(all, v.resources[id].hours)
		}
	}
	var starts []time.Time
	for _, i := range v.calendar.minutesOf(date) {
		if v.calendar.has(i) && slices.ContainsFunc(all, func(h *hours) bool { return h.offers(i, s) }) {
			starts = append(starts, v.calendar.instant(i))
		}
	}
	return starts
}

// list is what a calendar shows of a date.
func (v venue) list(s booking.Service, chosen booking.ResourceID, party int, date booking.Date, now time.Time) []slot {
	var slots []slot
	for _, at := range v.starts(s, chosen, date) {
		if j := v.judge(s, chosen, at, now); j.err == nil {
			slots = append(slots, j.slot(s, party))
		}
	}
	return slots
}

// dayStatus is the best status of a day's slots.
func dayStatus(slots []slot) booking.SlotStatus {
	order := []booking.SlotStatus{booking.Closed, booking.Full, booking.Limited, booking.Available}
	best := booking.Closed
	for _, s := range slots {
		if slices.Index(order, s.status) > slices.Index(order, best) {
			best = s.status
		}
	}
	return best
}

// oversold finds a resource of which more is taken than there is, now or later. (A capacity may fall below what was taken before.)
func (v venue) oversold(now time.Time) (booking.ResourceID, bool) {
	for id, r := range v.resources {
		if v.taken(id, now, now.AddDate(1, 0, 0)) > r.Capacity {
			return id, true
		}
	}
	return "", false
}

// uses are the bookings with a claim that ends after now, by start and id, and of the resource and the service if these are given.
func (v venue) uses(service booking.ServiceID, id booking.ResourceID, now time.Time) []booking.Booking {
	return v.using(func(b booking.Booking, c booking.Claim) bool {
		return c.End.After(now) && (service == "" || b.Service == service) && (id == "" || c.Resource == id)
	})
}

func (v venue) using(wanted func(booking.Booking, booking.Claim) bool) []booking.Booking {
	var found []booking.Booking
	for _, b := range v.bookings {
		if b.Status.Claims() && slices.ContainsFunc(b.Claims, func(c booking.Claim) bool { return wanted(b, c) }) {
			found = append(found, b)
		}
	}
	slices.SortFunc(found, byStart)
	return found
}

func byStart(a, b booking.Booking) int {
	return cmp.Or(a.Start.Compare(b.Start), cmp.Compare(a.ID, b.ID))
}

// inUse refuses an edit for the bookings in its way.
func inUse(bookings []booking.Booking) error {
	if len(bookings) == 0 {
		return nil
	}
	refusal := &booking.InUse{More: len(bookings) > booking.MaxInUse}
	for _, b := range bookings[:min(len(bookings), booking.MaxInUse)] {
		refusal.Bookings = append(refusal.Bookings, b.ID)
	}
	return refusal
}

// sameError tells whether two errors mean the same.
func sameError(got, want error) bool {
	if got == nil || want == nil {
		return got == want //nolint:errorlint // one of them is nil
	}
	if _, ok := errors.AsType[*booking.Invalid](want); ok {
		_, ok = errors.AsType[*booking.Invalid](got)
		return ok
	}
	if w, ok := errors.AsType[*booking.InUse](want); ok {
		g, ok := errors.AsType[*booking.InUse](got)
		return ok && g.More == w.More && slices.Equal(g.Bookings, w.Bookings) && slices.Equal(g.Services, w.Services)
	}
	return errors.Is(got, want)
}
