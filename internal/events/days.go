package events

import (
	"time"

	"vacancy/internal/availability"
	"vacancy/internal/booking"
	"vacancy/internal/bus"
	"vacancy/internal/schedule"
	"vacancy/internal/view"
)

// DayOpened makes the events of days that have come within a horizon since a local date, "2026-11-24" or empty: of each service and such a
// day, its slots. It returns them with the date to give the next time. They are to be sent after the events of all changes in the picture.
// Without a date nothing is told: who begins now reads all days.
func DayOpened(p *view.Picture, since string, now time.Time) ([]bus.Event, string) {
	today := availability.Today(p.Zone, now)
	from, err := booking.ParseDate(since)
	if err != nil || from.Compare(today) >= 0 || p.Venue.ID.Hidden() { // later: the venue's clock is another since
		return nil, today.String()
	}
	var events []bus.Event
	at := schedule.Midnight(p.Zone, today)
	for _, s := range bookable(p) {
		opened := dateRange{from: from.AddDays(s.HorizonDays + 1), to: today.AddDays(s.HorizonDays)}
		if opened.from.Compare(today) < 0 {
			opened.from = today
		}
		for _, day := range availability.ForDays(query(p, s, now), opened.from, opened.to) {
			list := newSlotList(p, s)
			list.date = day.Date.String()
			for _, start := range day.Starts {
				list.add(start)
			}
			events = append(events, list.events(bus.AvailabilityDayOpened, "", at)...)
		}
	}
	return events, today.String()
}

// NextDue is when there is something to send of a venue though nothing changes: days that open at the next local midnight, and a checkpoint
// a few minutes after a change. It is asked after each batch. due is what it said the last time, or zero, and checked the revision of the
// last checkpoint. When it has come, [DayOpened] and [Checkpoint] are to be sent.
func NextDue(p *view.Picture, now, due time.Time, checked booking.Revision) time.Time {
	midnight := schedule.Midnight(p.Zone, availability.Today(p.Zone, now).AddDays(1))
	if p.Revision == checked {
		return midnight
	}
	check := now.Add(CheckpointInterval)
	if due.After(now) && due.Before(check) { // it was promised before
		check = due
	}
	if check.Before(midnight) {
		return check
	}
	return midnight
}
