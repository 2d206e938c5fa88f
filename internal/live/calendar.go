package live

import (
	"time"

	"vacancy/internal/availability"
	"vacancy/internal/booking"
	"vacancy/internal/view"
)

// calendarKey is what day states of a venue differ in, besides their date: the service and the choice of a resource.
type calendarKey struct {
	service  booking.ServiceID
	resource booking.ResourceID
}

// calendar holds the day states of one service, with any resource or a chosen one.
type calendar struct {
	key calendarKey
	// weight is what each of its days counts for against the hub's limit, as it was when the calendar was made.
	weight int
	// cells are the dates that some window needs, and windows all that look at the calendar, those without a cell too. They are guarded
	// by Hub.mu; the rest by venue.mu.
	cells   map[booking.Date]*cell
	windows map[*window]struct{}

	// service is the newest definition, and bookable tells whether it can be booked.
	service  booking.Service
	bookable bool
	// catalogueRevision is the last revision that edited the venue, the service or its resources; 0 until setCatalogue was called.
	catalogueRevision booking.Revision
}

func newCalendar(key calendarKey, weight int) *calendar {
	return &calendar{key: key, weight: weight, cells: make(map[booking.Date]*cell), windows: make(map[*window]struct{})}
}

// cell is the place of one day state.
type cell struct {
	date booking.Date
	// windows look at the day; guarded by Hub.mu.
	windows []*window

	// day is nil until it is computed. It is out of date in the starts of dirty, if that is not empty, and when its next boundary
	// has passed.
	day   *day
	dirty interval
	// committed is when the oldest change in dirty was.
	committed time.Time
}

// setCatalogue brings the calendar to a picture whose catalogue may be another. It returns true if it is, so that the days
// must be built anew.
func (c *calendar) setCatalogue(p *view.Picture) bool {
	service := p.Services[c.key.service]
	last := max(service.Revision, p.Venue.Revision)
	for _, requirement := range service.Requires {
		for _, id := range requirement.AnyOf {
			last = max(last, p.Resources[id].Revision)
		}
	}
	edited := last != c.catalogueRevision
	_, err := p.Service(c.key.service)
	c.service, c.catalogueRevision = service, last
	c.bookable = err == nil && (c.key.resource == "" || service.Uses(c.key.resource))
	return edited
}

// uses tells whether claims on the resource touch the calendar.
func (c *calendar) uses(id booking.ResourceID) bool {
	return c.service.Uses(id) && (c.key.resource == "" || c.key.resource == id)
}

// affectedStarts are the starts whose own claim may overlap the given one.
func (c *calendar) affectedStarts(claim booking.Claim) interval {
	return interval{
		after:  claim.Start.Add(-c.service.Duration - c.service.BufferAfter),
		before: claim.End.Add(c.service.BufferBefore),
	}
}

// compute asks availability for the days of consecutive cells. A service that cannot be booked has nothing on any day.
func (c *calendar) compute(p *view.Picture, now time.Time, cells []*cell) {
	from, to := cells[0].date, cells[len(cells)-1].date
	touched := p.Touched(c.service)
	var computed []availability.Day
	if c.bookable {
		computed = availability.ForDays(availability.Query{
			Zone: p.Zone, Service: c.service, Resources: p.Resources, Ledgers: p.Ledgers, Now: now, Resource: c.key.resource,
		}, from, to)
	} else {
		computed = make([]availability.Day, len(cells))
	}
	for i, cell := range cells {
		computed[i].Date = cell.date
		if computed[i].Boundary.IsZero() {
			// The date has had no start yet under this catalogue, so no booking has touched any.
			cell.store(computed[i], c.catalogueRevision)
			continue
		}
		cell.store(computed[i], touched)
	}
}

// store puts what was computed in the place of what was known.
func (c *cell) store(computed availability.Day, touched booking.Revision) {
	if old := c.day; old == nil {
		c.day = newDay(computed, touched)
	} else {
		c.day = old.next(computed, touched, c.dirty)
		c.day.committed = c.committed
		if !computed.Boundary.Equal(old.boundary) {
			c.day.committed = earlier(c.committed, old.nextBoundary)
		}
	}
	c.dirty, c.committed = interval{}, time.Time{}
}

// current is the cell's day state; a date without a cell is closed.
func (c *cell) current() *day {
	if c == nil {
		return closedDay
	}
	return c.day
}

// outdated tells whether the day state must be computed before it is shown at now.
func (c *cell) outdated(now time.Time) bool {
	return c != nil && (c.day == nil || !c.dirty.empty() || c.day.due(now))
}
