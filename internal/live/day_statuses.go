package live

import (
	"context"
	"time"

	"vacancy/internal/booking"
)

// DayStatuses are the statuses of all days of a query.
type DayStatuses struct {
	Query Query
	Zone  *time.Location
	// Position is how far all of it is at least, and Positions how far its parts are. They change when a status does.
	Position  booking.Position
	Positions []booking.Position
	Stale     bool
	AsOf      time.Time
	Days      []DayStatus
}

// DayStatus is the best status of a day's slots; closed if it has none.
type DayStatus struct {
	Date   booking.Date
	Status booking.SlotStatus
}

// DayStatuses answers a query for at most [MaxStatusDays] days with the statuses of the days alone. It asks for one window of days after
// the other, and keeps what it learns of a day for everybody who asks. The errors are those of [Hub.Snapshot].
func (h *Hub) DayStatuses(ctx context.Context, q Query, atLeast booking.Position) (*DayStatuses, error) {
	p, err := h.picture(ctx, q.Venue, atLeast)
	if err != nil {
		return nil, err
	}
	if _, err := q.check(p, h.config.View.Now(), statusBounds); err != nil {
		return nil, err
	}
	step := p.Services[q.Service].Step
	length := min(MaxQueryDays, MaxQueryStarts/int((24*time.Hour+step-1)/step))
	all := &DayStatuses{Query: q, Zone: p.Zone, Days: make([]DayStatus, 0, q.days())}
	for from := q.From; from.Compare(q.To) <= 0; from = from.AddDays(length) {
		part := q
		part.From = from
		if last := from.AddDays(length - 1); last.Compare(q.To) < 0 {
			part.To = last
		}
		f, err := h.Snapshot(ctx, part, atLeast)
		if err != nil {
			return nil, err
		}
		all.add(f)
	}
	return all, nil
}

// add takes in the days of a later window. The whole is as up to date as the window that is least so.
func (all *DayStatuses) add(f *Frame) {
	if len(all.Positions) == 0 || !f.Position.Covers(all.Position) {
		all.Position, all.AsOf = f.Position, f.Snapshot.AsOf
	}
	all.Positions = append(all.Positions, f.Position)
	all.Stale = all.Stale || f.Snapshot.Stale
	for day := range f.Snapshot.Days() {
		all.Days = append(all.Days, DayStatus{Date: day.Date, Status: day.Status})
	}
}
