package events

import (
	"maps"
	"slices"
	"time"

	"vacancy/internal/availability"
	"vacancy/internal/booking"
	"vacancy/internal/bus"
	"vacancy/internal/view"
)

// touched gathers what changes may have altered of what is available.
type touched struct {
	picture *view.Picture
	// users are the services that can be booked, by each resource that they use.
	users map[booking.ResourceID][]booking.ServiceID
	// edited are the services that an edit of the catalogue concerns.
	edited map[booking.ServiceID]struct{}
	// starts are those that claims touch, of each service.
	starts map[booking.ServiceID][]interval
}

// interval is the time after one instant and before another.
type interval struct{ after, before time.Time }

func newTouched(p *view.Picture) *touched {
	return &touched{picture: p, edited: make(map[booking.ServiceID]struct{}), starts: make(map[booking.ServiceID][]interval)}
}

// edit notes an edit of the catalogue. One of the venue concerns all services; it may have moved the clock that they are read on.
func (t *touched) edit(e booking.Entry) {
	switch {
	case e.Service != nil:
		t.edited[e.Service.ID] = struct{}{}
	case e.Venue != nil:
		for id := range t.picture.Services {
			t.edited[id] = struct{}{}
		}
	case e.Resource != nil:
		for id, s := range t.picture.Services {
			if s.Uses(e.Resource.ID) { // one that has used it, and does so no more, was edited itself
				t.edited[id] = struct{}{}
			}
		}
	}
}

// claims notes the starts whose own claim may overlap one of the given, of each service that uses the resource.
func (t *touched) claims(claims []booking.Claim) {
	for _, c := range claims {
		for _, id := range t.usersOf(c.Resource) {
			s := t.picture.Services[id]
			at := interval{after: c.Start.Add(-s.Duration - s.BufferAfter), before: c.End.Add(s.BufferBefore)}
			if known := t.starts[id]; len(known) == 0 || known[len(known)-1] != at { // a crowd books the same start
				t.starts[id] = append(known, at)
			}
		}
	}
}

func (t *touched) usersOf(id booking.ResourceID) []booking.ServiceID {
	if t.users == nil {
		t.users = make(map[booking.ResourceID][]booking.ServiceID)
		for _, s := range bookable(t.picture) {
			for _, r := range s.Requires {
				for _, member := range r.AnyOf {
					t.users[member] = append(t.users[member], s.ID)
				}
			}
		}
	}
	return t.users[id]
}

// bookable are the services that can be booked, by id.
func bookable(p *view.Picture) []booking.Service {
	var services []booking.Service
	for _, id := range slices.Sorted(maps.Keys(p.Services)) {
		if s, err := p.Service(id); err == nil {
			services = append(services, s)
		}
	}
	return services
}

// events are those of what is available: of services that are to be read anew, and of the others the starts.
func (t *touched) events(in Input) []bus.Event {
	var events []bus.Event
	first := in.Changes[0]
	for id, intervals := range t.starts {
		t.starts[id] = union(intervals)
		if _, edited := t.edited[id]; !edited && t.tooMany(id, in.Now) {
			t.edited[id] = struct{}{}
		}
	}
	for _, id := range slices.Sorted(maps.Keys(t.edited)) {
		events = append(events, availabilityReset(t.picture, id, first))
	}
	for _, id := range slices.Sorted(maps.Keys(t.starts)) {
		if _, edited := t.edited[id]; !edited {
			events = append(events, t.changed(id, first, in.Now)...)
		}
	}
	return events
}

// tooMany tells whether a service has so many starts on the days concerned that they are not listed.
func (t *touched) tooMany(id booking.ServiceID, now time.Time) bool {
	n := 0
	q := query(t.picture, t.picture.Services[id], now)
	for _, days := range t.dates(id, now) {
		n += availability.CountStarts(q, days.from, days.to)
	}
	return n > maxChangedStarts
}

// changed are the events with the starts of a service that claims touch.
func (t *touched) changed(id booking.ServiceID, first booking.Change, now time.Time) []bus.Event {
	s := t.picture.Services[id]
	intervals := t.starts[id]
	list := newSlotList(t.picture, s)
	for _, days := range t.dates(id, now) {
		for _, day := range availability.ForDays(query(t.picture, s, now), days.from, days.to) {
			for _, start := range day.Starts {
				for len(intervals) > 0 && !start.Start.Before(intervals[0].before) {
					intervals = intervals[1:]
				}
				if len(intervals) > 0 && start.Start.After(intervals[0].after) {
					list.add(start)
				}
			}
		}
	}
	return list.events(bus.AvailabilityChanged, changedFrom(first), first.CommittedAt)
}

// dateRange are the dates from..to, both inclusive.
type dateRange struct{ from, to booking.Date }

// dates are those that can be booked now and may have starts that claims touch, ascending.
func (t *touched) dates(id booking.ServiceID, now time.Time) []dateRange {
	var ranges []dateRange
	bounds := bookableDates(t.picture, t.picture.Services[id], now)
	for _, at := range t.starts[id] {
		r := datesOf(at, t.picture.Zone)
		if bounds.from.Compare(r.from) > 0 {
			r.from = bounds.from
		}
		if bounds.to.Compare(r.to) < 0 {
			r.to = bounds.to
		}
		if r.from.Compare(r.to) > 0 {
			continue
		}
		if n := len(ranges); n > 0 && ranges[n-1].to.AddDays(1).Compare(r.from) >= 0 {
			if ranges[n-1].to.Compare(r.to) < 0 {
				ranges[n-1].to = r.to
			}
			continue
		}
		ranges = append(ranges, r)
	}
	return ranges
}

// datesOf are the dates that the clock shows in an interval. If it is changed during it, it may be put back across midnight, to a date that
// neither end shows.
func datesOf(at interval, zone *time.Location) dateRange {
	after, before := at.after.In(zone), at.before.In(zone)
	r := dateRange{from: booking.DateOf(after), to: booking.DateOf(before)}
	_, offset := after.Zone()
	if _, other := before.Zone(); other != offset {
		r.from, r.to = r.from.AddDays(-1), r.to.AddDays(1)
	}
	return r
}

// union is the intervals in order, merged where they meet.
func union(intervals []interval) []interval {
	slices.SortFunc(intervals, func(a, b interval) int { return a.after.Compare(b.after) })
	merged := intervals[:0]
	for _, at := range intervals {
		last := len(merged) - 1
		switch {
		case last < 0 || !at.after.Before(merged[last].before):
			merged = append(merged, at)
		case merged[last].before.Before(at.before):
			merged[last].before = at.before
		}
	}
	return merged
}
