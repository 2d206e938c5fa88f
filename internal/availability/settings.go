package availability

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/schedule"
)

// CheckSettings is nil if a service, valid by itself, can work with the resources that it requires: they exist; one of each pool can
// take the smallest party, the service's length fits into an opening of such a one, and its notice leaves a start within the horizon; and
// a slot can be other than limited. The error is a [booking.Invalid] that names the service's fields. Resources that have no opening at
// all are taken as not open yet.
func CheckSettings(s booking.Service, resources map[booking.ResourceID]booking.Resource) error {
	var wrong booking.Invalid
	refuse := func(field, format string, args ...any) {
		wrong.Fields = append(wrong.Fields, booking.NewInvalid(field, format, args...).Fields...)
	}
	for i, requirement := range s.Requires {
		members := make([]booking.Resource, 0, len(requirement.AnyOf))
		for j, id := range requirement.AnyOf {
			if r, ok := resources[id]; ok && !r.Archived {
				members = append(members, r)
			} else {
				refuse(fmt.Sprintf("requires[%d].any_of[%d]", i, j), "there is no resource %q", id)
			}
		}
		if len(members) < len(requirement.AnyOf) {
			continue
		}
		rule := capacityRule{units: requirement.Units, perPerson: requirement.PerPerson, party: s.PartySize}
		largest, places := 0, 0
		for _, r := range members {
			largest = max(largest, r.Capacity)
			places += rule.remaining(r.Capacity)
		}
		members = largeEnough(members, requirement, s)
		if least := requirement.UnitsFor(s.PartySize.Min); least > largest {
			refuse(fmt.Sprintf("requires[%d].units", i), "takes %d of a resource that has %d at most, so nothing could ever be booked",
				least, largest)
		} else if s.LimitedBelow != nil && *s.LimitedBelow > places {
			refuse("limited_below", "is more than the %d that a slot has when nothing is booked, so every slot would be limited", places)
		}
		if longest, open := longestOpening(members); open && longest < s.Duration {
			refuse("duration_minutes", "fits no opening of its resources: the longest has %d", int(longest/time.Minute))
		} else if most, open := longestLead(s, members); open && s.MinNotice >= most {
			refuse("min_notice_minutes", "leaves no start: within the horizon of %d days none is ever more than %d away",
				s.HorizonDays, int(most/time.Minute))
		}
	}
	if len(wrong.Fields) > 0 {
		return &wrong
	}
	return nil
}

// Unworkable tells why nothing can be booked of a service from a date on, as its resources are; nil if something can when nothing is
// taken. It is for services that have been saved: their resources may have got other settings since, or have no hours for now.
func Unworkable(s booking.Service, resources map[booking.ResourceID]booking.Resource, from booking.Date) []booking.FieldError {
	upcoming := make(map[booking.ResourceID]booking.Resource)
	var wrong []booking.FieldError
	for i, requirement := range s.Requires {
		var members []booking.Resource
		for _, id := range requirement.AnyOf {
			if r, ok := resources[id]; ok {
				r.Schedule = withoutExceptionsBefore(r.Schedule, from)
				upcoming[id] = r
				members = append(members, r)
			}
		}
		members = largeEnough(members, requirement, s)
		if _, open := longestOpening(members); !open && len(members) > 0 {
			wrong = append(wrong, booking.NewInvalid(fmt.Sprintf("requires[%d]", i),
				"has no opening from %s on, so nothing can be booked until there is one", from).Fields...)
		}
	}
	if invalid, ok := errors.AsType[*booking.Invalid](CheckSettings(s, upcoming)); ok {
		wrong = append(wrong, invalid.Fields...)
	}
	return wrong
}

// withoutExceptionsBefore is the schedule without the exceptions before a date; one that begins the day before may run into it.
func withoutExceptionsBefore(s booking.Schedule, from booking.Date) booking.Schedule {
	return booking.Schedule{Weekly: s.Weekly, Exceptions: slices.DeleteFunc(slices.Clone(s.Exceptions), func(e booking.Exception) bool {
		return e.Date.DaysUntil(from) > 1
	})}
}

// largeEnough are the resources that can take the smallest party that the service takes.
func largeEnough(members []booking.Resource, requirement booking.Requirement, s booking.Service) []booking.Resource {
	return slices.DeleteFunc(slices.Clone(members), func(r booking.Resource) bool {
		return r.Archived || r.Capacity < requirement.UnitsFor(s.PartySize.Min)
	})
}

// longestLead is how long before a start it can first be booked, at most: at the first minute of a day, for the last start on the last day
// of the horizon. False if there is no start. The clock is one that is never changed.
func longestLead(s booking.Service, resources []booking.Resource) (lead time.Duration, open bool) {
	horizon := time.Duration(s.HorizonDays) * 24 * time.Hour
	if s.MinNotice < horizon { // any start that there is will do
		return 0, false
	}
	monday := booking.Date{Year: 2024, Month: time.January, Day: 1}
	for _, r := range resources {
		latest, some := latestStart(booking.Schedule{Weekly: r.Schedule.Weekly}, s, monday, monday.AddDays(7))
		for _, e := range r.Schedule.Exceptions {
			at, found := latestStart(exceptionsAround(r.Schedule, e.Date), s, e.Date.AddDays(-1), e.Date.AddDays(1))
			latest, some = max(latest, at), some || found
		}
		lead, open = max(lead, horizon+latest), open || some
	}
	return lead, open
}

// latestStart is the time of day of the latest start on any of the dates; false if there is none.
func latestStart(hoursOf booking.Schedule, s booking.Service, from, to booking.Date) (latest time.Duration, some bool) {
	begin, end := schedule.DateBounds(time.UTC, from, to)
	hours := schedule.HoursOver(hoursOf, time.UTC, begin, end.Add(s.Duration))
	for _, start := range hours.Starts(s.Step, begin, end) {
		if hours.Covers(start, start.Add(s.Duration)) {
			latest, some = max(latest, start.Sub(start.Truncate(24*time.Hour))), true
		}
	}
	return latest, some
}

// longestOpening is the longest time from an opening of one of the resources until it closes next; false if none of them ever opens.
// It goes through the weekly hours, and through those around each exception.
func longestOpening(resources []booking.Resource) (longest time.Duration, open bool) {
	for _, r := range resources {
		weekly := booking.Schedule{Weekly: r.Schedule.Weekly}
		monday := booking.Date{Year: 2024, Month: time.January, Day: 1}
		longest = max(longest, longestBetween(weekly, monday, monday.AddDays(weeklyDays)))
		for _, e := range r.Schedule.Exceptions {
			if len(e.Hours) > 0 && longest < booking.MaxDuration {
				longest = max(longest, longestBetween(exceptionsAround(r.Schedule, e.Date), e.Date.AddDays(-1), e.Date.AddDays(1)))
			}
		}
	}
	return longest, longest > 0
}

// weeklyDays are enough dates to see whether openings join into one that is as long as the longest booking, or never ends.
const weeklyDays = int(booking.MaxDuration/(24*time.Hour)) + 7

// exceptionsAround is the schedule with those exceptions only that stand next to a date.
func exceptionsAround(s booking.Schedule, date booking.Date) booking.Schedule {
	exceptions := slices.DeleteFunc(slices.Clone(s.Exceptions), func(e booking.Exception) bool {
		days := date.DaysUntil(e.Date)
		return days < -1 || days > 1
	})
	return booking.Schedule{Weekly: s.Weekly, Exceptions: exceptions}
}

// longestBetween is the longest time from an opening on one of the dates until it closes next, on a clock that is never changed.
func longestBetween(s booking.Schedule, from, to booking.Date) (longest time.Duration) {
	openings := schedule.Openings(s, time.UTC, from, to)
	intervals := schedule.MergeOpenings(openings)
	for _, o := range openings {
		for len(intervals) > 0 && !intervals[0].End.After(o.Start) {
			intervals = intervals[1:]
		}
		longest = max(longest, intervals[0].End.Sub(o.Start))
	}
	return longest
}
