package live

import (
	"time"

	"vacancy/internal/availability"
	"vacancy/internal/booking"
	"vacancy/internal/view"
)

// choice is what day states of a venue differ in, besides their date.
type choice struct {
	service  booking.ServiceID
	resource booking.ResourceID
}

// board holds the day states of one choice.
type board struct {
	choice choice
	// weight is what each of its days counts for against the hub's limit, as it was when the board was made.
	weight int
	// cells are guarded by Hub.mu; the rest by venue.mu.
	cells map[booking.Date]*cell

	// service is the newest definition, and open tells whether it can be booked.
	service booking.Service
	open    bool
	// catalogue is the last revision that edited the venue, the service or its resources; 0 until the board took a picture.
	catalogue booking.Revision
}

// cell is the place of one day state.
type cell struct {
	date booking.Date
	// windows look at the day; guarded by Hub.mu.
	windows []*window

	// day is nil until it is computed. It is out of date in the starts of dirty, if that is not empty, and when its next boundary
	// has passed.
	day   *day
	dirty span
	// committed is when the oldest change in dirty was.
	committed time.Time
}

// take brings the board to a picture whose catalogue may be another. It returns true if it is, so that the days must be built anew.
func (b *board) take(p *view.Picture) bool {
	service := p.Services[b.choice.service]
	last := max(service.Revision, p.Venue.Revision)
	for _, requirement := range service.Requires {
		for _, id := range requirement.AnyOf {
			last = max(last, p.Resources[id].Revision)
		}
	}
	edited := last != b.catalogue
	_, err := p.Service(b.choice.service)
	b.service, b.catalogue = service, last
	b.open = err == nil && (b.choice.resource == "" || service.Uses(b.choice.resource))
	return edited
}

// uses tells whether claims on the resource touch the board.
func (b *board) uses(id booking.ResourceID) bool {
	return b.service.Uses(id) && (b.choice.resource == "" || b.choice.resource == id)
}

// reach are the starts whose own claim may overlap the given one.
func (b *board) reach(c booking.Claim) span {
	return span{
		after:  c.Start.Add(-b.service.Duration - b.service.BufferAfter),
		before: c.End.Add(b.service.BufferBefore),
	}
}

// compute asks availability for the days of consecutive cells. A service that cannot be booked has nothing on any day.
func (b *board) compute(p *view.Picture, now time.Time, cells []*cell) {
	from, to := cells[0].date, cells[len(cells)-1].date
	touched := p.Touched(b.service)
	var computed []availability.Day
	if b.open {
		computed = availability.ForDays(availability.Query{
			Zone: p.Zone, Service: b.service, Resources: p.Resources, Ledgers: p.Ledgers, Now: now, Resource: b.choice.resource,
		}, from, to)
	} else {
		computed = make([]availability.Day, len(cells))
	}
	for i, c := range cells {
		computed[i].Date = c.date
		c.take(computed[i], touched)
	}
}

// take puts what was computed in the place of what was known.
func (c *cell) take(computed availability.Day, touched booking.Revision) {
	if old := c.day; old == nil {
		c.day = newDay(computed, touched)
	} else {
		c.day = old.advance(computed, touched, c.dirty)
		c.day.committed = c.committed
		if !computed.Boundary.Equal(old.boundary) {
			c.day.committed = earlier(c.committed, old.next)
		}
	}
	c.dirty, c.committed = span{}, time.Time{}
}

// wrong tells whether the day state must be computed before it is shown at now.
func (c *cell) wrong(now time.Time) bool { return c.day == nil || !c.dirty.empty() || c.day.due(now) }
