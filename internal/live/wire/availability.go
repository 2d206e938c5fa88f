package wire

import (
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/live"
)

// Availability is what can be booked of a service in a range of days: the answer to GET, and the data of a snapshot.
type Availability struct {
	Venue    booking.VenueID   `json:"venue" example:"fade-house"`
	Service  booking.ServiceID `json:"service" example:"haircut"`
	TimeZone string            `json:"time_zone" example:"Europe/Berlin"`
	Position string            `json:"position" doc:"How far this is; for at_least, and for live queries. Opaque." example:"k3x9.1c.0"`
	ValuesAt ValuesAt          `json:"values_at" doc:"Of when the values are; for consumers of events, see docs/events.md."`
	AsOf     string            `json:"as_of" format:"date-time" doc:"The last moment at which this was known to be up to date." example:"2026-11-20T17:04:11.532Z"`
	Stale    bool              `json:"stale" doc:"The database cannot be reached: this may be outdated."`
	Days     []Day             `json:"days" nullable:"false" doc:"Every day of the span."`
}

// ValuesAt says of when values are: what has the higher term, then the higher revision, is newer.
type ValuesAt struct {
	Epoch    booking.Epoch    `json:"epoch" doc:"The history of the database that they are of. Opaque." example:"3-k2"`
	Term     int64            `json:"term" doc:"Orders epochs; 0 where that is not known." example:"3"`
	Revision booking.Revision `json:"revision" doc:"The venue's revision: nothing that is later has touched them." example:"41"`
}

// ValuesAtOf is a position's form, without its boundary.
func ValuesAtOf(p booking.Position) ValuesAt {
	return ValuesAt{Epoch: p.Epoch, Term: p.Epoch.Term(), Revision: p.Revision}
}

// Day is one day of the calendar.
type Day struct {
	Date   booking.Date       `json:"date" format:"date" example:"2026-11-24"`
	Status booking.SlotStatus `json:"status" enum:"available,limited,full,closed" doc:"The best of its slots; closed if it has none." example:"available"`
	Slots  []Slot             `json:"slots,omitempty" nullable:"false" doc:"Left out with detail=days."`
}

// Slot is one start that could be booked. Its times have the venue's offset.
type Slot struct {
	Start     string             `json:"start" format:"date-time" doc:"The slot's key." example:"2026-11-24T09:00:00+01:00"`
	End       string             `json:"end" format:"date-time" example:"2026-11-24T09:30:00+01:00"`
	Remaining int                `json:"remaining" doc:"The most that could still be placed: people if the service counts people, else bookings." example:"2"`
	Capacity  int                `json:"capacity" doc:"What remaining would be if nothing were taken." example:"3"`
	Status    booking.SlotStatus `json:"status" enum:"available,limited,full,closed" doc:"limited: less than half is left, or the last one of several; or less than the service's limited_below. full: a booking of the party's size does not fit." example:"available"`
}

// SlotOf is a slot's form.
func SlotOf(s booking.Slot) Slot {
	return Slot{
		Start: s.Start.Format(time.RFC3339), End: s.End.Format(time.RFC3339),
		Remaining: s.Remaining, Capacity: s.Capacity, Status: s.Status,
	}
}

// StatusesOf is the form of days without their slots.
func StatusesOf(found *live.DayStatuses) Availability {
	a := Availability{
		Venue: found.Query.Venue, Service: found.Query.Service, TimeZone: found.Zone.String(), Position: found.Position.String(),
		ValuesAt: ValuesAtOf(found.Position), AsOf: found.AsOf.UTC().Format(milliseconds), Stale: found.Stale, Days: make([]Day, len(found.Days)),
	}
	for i, day := range found.Days {
		a.Days[i] = Day{Date: day.Date, Status: day.Status}
	}
	return a
}
