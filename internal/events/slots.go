package events

import (
	"encoding/json"
	"time"

	"vacancy/internal/availability"
	"vacancy/internal/booking"
	"vacancy/internal/bus"
	"vacancy/internal/live/wire"
	"vacancy/internal/view"
)

// Slots is the data of availability.changed and availability.day_opened: slots of a service as GET of its availability has them for a party
// of that size, and any resource.
type Slots struct {
	Service  booking.ServiceID `json:"service"`
	TimeZone string            `json:"time_zone"`
	// Date is the day that has opened; left out of availability.changed.
	Date string `json:"date,omitempty"`
	// PartySize is the smallest that the service takes.
	PartySize int      `json:"party_size"`
	ValuesAt  ValuesAt `json:"values_at"`
	Slots     []Slot   `json:"slots"`
}

// ValuesAt is as GET has it.
type ValuesAt = wire.ValuesAt

// Slot is one start, as GET has it.
type Slot struct {
	wire.Slot
	// ClosesAt is when time alone ends it: from then on it cannot be booked, and no event tells it.
	ClosesAt string `json:"closes_at"`
}

func valuesAt(p *view.Picture) ValuesAt {
	return wire.ValuesAtOf(p.Position())
}

// query asks for what is available of a service to whoever chooses no resource.
func query(p *view.Picture, s booking.Service, now time.Time) availability.Query {
	return availability.Query{Zone: p.Zone, Service: s, Resources: p.Resources, Ledgers: p.Ledgers, Now: now}
}

// bookableDates are the dates that can have starts of a service now. The first is yesterday, which the clock shows once more if it is put
// back across midnight.
func bookableDates(p *view.Picture, s booking.Service, now time.Time) dateRange {
	today := availability.Today(p.Zone, now)
	return dateRange{from: today.AddDays(-1), to: today.AddDays(s.HorizonDays)}
}

// slotList gathers slots of a service, in parts that are small enough for an event each.
type slotList struct {
	picture *view.Picture
	service booking.Service
	date    string
	parts   [][]byte
}

func newSlotList(p *view.Picture, s booking.Service) *slotList {
	return &slotList{picture: p, service: s}
}

func (l *slotList) add(start availability.Start) {
	last := len(l.parts) - 1
	if last < 0 || len(l.parts[last]) > maxSlotsSize {
		l.parts = append(l.parts, nil)
		last++
	}
	b := l.parts[last]
	if len(b) > 0 {
		b = append(b, ',')
	}
	b = wire.AppendSlot(b, start.Slot(l.service, l.service.PartySize.Min))
	b = append(b[:len(b)-1], `,"closes_at":"`...)
	b = availability.BookableUntil(l.service, start.Start).AppendFormat(b, time.RFC3339)
	l.parts[last] = append(b, `"}`...)
}

// events are one for each part.
func (l *slotList) events(name bus.Name, made string, at time.Time) []bus.Event {
	head := encode(Slots{
		Service: l.service.ID, TimeZone: l.picture.Zone.String(), Date: l.date, PartySize: l.service.PartySize.Min,
		ValuesAt: valuesAt(l.picture), Slots: []Slot{},
	})
	events := make([]bus.Event, len(l.parts))
	for i, part := range l.parts {
		data := make(json.RawMessage, 0, len(head)+len(part))
		data = append(append(data, head[:len(head)-len("]}")]...), part...)
		data = append(data, "]}"...)
		events[i] = venueEvent(l.picture, name, string(l.service.ID), at, data)
		events[i].Index = i
		events[i].ID = contentID(&events[i], made)
	}
	return events
}
