package events

import (
	"strings"
	"time"

	"vacancy/internal/availability"
	"vacancy/internal/booking"
	"vacancy/internal/bus"
	"vacancy/internal/schedule"
	"vacancy/internal/view"
)

// DayOpened makes the events of days that have come within a horizon since the last call: of each service and such a day, its slots. The
// second result is what the next call is to be given as since: the date up to which days have opened, with the zone that it is of. The
// events are to be sent after those of all changes in the picture. If since is empty, nothing is told: who begins now reads all days.
func DayOpened(p *view.Picture, since string, now time.Time) (events []bus.Event, opened string) {
	today := availability.Today(p.Zone, now)
	opened = today.String() + " " + p.Zone.String()
	date, zone, _ := strings.Cut(since, " ")
	from, err := booking.ParseDate(date)
	if err != nil || since == opened || p.Venue.ID.Hidden() {
		return nil, opened
	}
	if zone != p.Zone.String() {
		// The clock is another since. What was read after that was told, was read on a date that nobody knows: it is no earlier than two days
		// before, whichever zones they are.
		if today.Compare(from) < 0 {
			from = today
		}
		from = from.AddDays(-2)
	}
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
	return events, opened
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
