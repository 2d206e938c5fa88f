package desk

import (
	"slices"

	"vacancy/internal/availability"
	"vacancy/internal/booking"
	"vacancy/internal/store"
	"vacancy/internal/view"
)

// How much of a service's local day is left, and how much of it is held: by whichever service, since several may share a chair.

// serviceDay is a service's local day in a draft.
type serviceDay struct {
	date booking.Date
	// holds are the claims of the holds that were found, of all services that share a resource with this one, once they are looked up.
	holds    []booking.Claim
	lookedUp bool
	// measured is nil before the day is measured. held is what the holds take of it, as [availability.MeasuredDay.UnitSeconds].
	measured *availability.MeasuredDay
	held     int64
}

// dayKey is a service's local day.
type dayKey struct {
	service booking.ServiceID
	date    booking.Date
}

// dayOf is a service's day. A batch looks at each of them once.
func (d *draft) dayOf(s booking.Service, date booking.Date) *serviceDay {
	key := dayKey{s.ID, date}
	day := d.days[key]
	if day == nil {
		if d.days == nil {
			d.days = make(map[dayKey]*serviceDay)
		}
		day = &serviceDay{date: date}
		d.days[key] = day
	}
	return day
}

// lookUpHolds has the holds that were found among the day's; errCountMissing if they were not asked for. Which these are is for the picture
// before any edit to say, as it was when they were asked for.
func (d *draft) lookUpHolds(s booking.Service, day *serviceDay) error {
	if day.lookedUp {
		return nil
	}
	from, to := availability.DayBounds(d.base.Zone, day.date)
	for _, r := range holdRanges(d.base, store.HoldRange{Service: s.ID, From: from, To: to}) {
		claims, asked := d.counts.holds[r]
		if !asked {
			return errCountMissing
		}
		day.holds = append(day.holds, claims...)
	}
	day.lookedUp = true
	if day.measured != nil {
		day.addHeld(day.holds)
	}
	return nil
}

func (day *serviceDay) addHeld(claims []booking.Claim) {
	for _, c := range claims {
		day.held += day.measured.UnitSeconds(c)
	}
}

// placesOn is how much of a service's day is left, this batch's claims included. A batch measures each day once: with a wide pool and a
// small step that takes thousands of looks into ledgers, and all of it is done under the venue's row.
func (d *draft) placesOn(s booking.Service, day *serviceDay) availability.DayPlaces {
	if day.measured == nil {
		day.measured = availability.MeasureDay(d.query(s, ""), day.date)
		day.addHeld(day.holds)
		day.addHeld(d.counts.holdChanges)
		d.measured = append(d.measured, day)
	}
	return day.measured.DayPlaces()
}

// countHeld takes into the measured days that the claims are held so many times more, or less.
func (d *draft) countHeld(claims []booking.Claim, n int) {
	for _, c := range claims {
		c.Units *= n
		d.counts.holdChanges = append(d.counts.holdChanges, c)
		for _, day := range d.measured {
			day.held += day.measured.UnitSeconds(c)
		}
	}
}

// updateMeasured takes claims into the measured days that the draft's ledgers have taken in.
func (d *draft) updateMeasured(claims []booking.Claim) {
	for _, day := range d.measured {
		for _, claim := range claims {
			day.measured.Update(claim)
		}
	}
}

// withHolds has, in place of each service's day, the ranges whose holds may take of it.
func withHolds(p *view.Picture, days []store.HoldRange) (all []store.HoldRange) {
	for _, day := range days {
		all = append(all, holdRanges(p, day)...)
	}
	return all
}

// holdRanges are the starts at which a booking may overlap one of the service that starts on the day: its own, and those of every service
// that may take a resource which it may take, whatever their lengths and buffers.
func holdRanges(p *view.Picture, day store.HoldRange) (ranges []store.HoldRange) {
	s := p.Services[day.Service]
	from, to := day.From.Add(-s.BufferBefore), day.To.Add(s.Duration+s.BufferAfter)
	resources := make(map[booking.ResourceID]bool)
	for _, need := range s.Requires {
		for _, id := range need.AnyOf {
			resources[id] = true
		}
	}
	for id, other := range p.Services {
		if id == day.Service || mayTake(other, resources) {
			ranges = append(ranges, store.HoldRange{
				Service: id, From: from.Add(-other.Duration - other.BufferAfter).UTC(), To: to.Add(other.BufferBefore).UTC(),
			})
		}
	}
	return ranges
}

// mayTake tells whether the service may take any of the resources.
func mayTake(s booking.Service, resources map[booking.ResourceID]bool) bool {
	return slices.ContainsFunc(s.Requires, func(need booking.Requirement) bool {
		return slices.ContainsFunc(need.AnyOf, func(id booking.ResourceID) bool { return resources[id] })
	})
}
