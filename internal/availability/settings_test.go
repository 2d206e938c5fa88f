package availability_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"vacancy/internal/availability"
	"vacancy/internal/booking"
)

func periodsOf(t *testing.T, texts ...string) (periods []booking.Period) {
	t.Helper()
	for _, text := range texts {
		p, err := booking.ParsePeriod(text)
		if err != nil {
			t.Fatal(err)
		}
		periods = append(periods, p)
	}
	return periods
}

func TestCheckSettings(t *testing.T) {
	t.Parallel()
	day := func(periods ...string) booking.Schedule {
		return booking.Schedule{Weekly: booking.WeeklyHours{time.Monday: periodsOf(t, periods...)}}
	}
	always := booking.Schedule{}
	for weekday := range always.Weekly {
		always.Weekly[weekday] = periodsOf(t, "00:00-24:00")
	}
	overnight := booking.Schedule{Weekly: booking.WeeklyHours{
		time.Friday: periodsOf(t, "22:00-24:00"), time.Saturday: periodsOf(t, "00:00-02:00"),
	}}
	seasonal := booking.Schedule{Exceptions: []booking.Exception{
		{Date: booking.Date{Year: 2027, Month: time.May, Day: 1}, Hours: periodsOf(t, "08:00-20:00")},
	}}
	minutes := func(n int) func(*booking.Service) {
		return func(s *booking.Service) { s.Duration = time.Duration(n) * time.Minute }
	}
	below := func(n int) func(*booking.Service) { return func(s *booking.Service) { s.LimitedBelow = &n } }
	for name, c := range map[string]struct {
		schedule booking.Schedule
		change   func(*booking.Service)
		field    string // "" if it can work
	}{
		"as long as the opening":        {day("09:00-12:00"), minutes(180), ""},
		"longer than the opening":       {day("09:00-12:00"), minutes(181), "duration_minutes"},
		"over two openings that touch":  {day("09:00-12:00", "12:00-17:00"), minutes(480), ""},
		"over lunch":                    {day("09:00-12:00", "13:00-17:00"), minutes(300), "duration_minutes"},
		"over midnight":                 {day("22:00-02:00"), minutes(240), ""},
		"over midnight in two periods":  {overnight, minutes(240), ""},
		"too long over midnight":        {overnight, minutes(241), "duration_minutes"},
		"two weeks where nobody closes": {always, minutes(14 * 24 * 60), ""},
		"on single dates":               {seasonal, minutes(720), ""},
		"longer than on any date":       {seasonal, minutes(721), "duration_minutes"},
		"where nothing is open yet":     {booking.Schedule{}, minutes(30), ""},
		"limited below the capacity":    {day("09:00-12:00"), below(8), ""},
		"limited above the capacity":    {day("09:00-12:00"), below(9), "limited_below"},
		"never limited":                 {day("09:00-12:00"), below(0), ""},
		"units of all":                  {day("09:00-12:00"), func(s *booking.Service) { s.Requires[0].Units = 4 }, ""},
		"more units than there are":     {day("09:00-12:00"), func(s *booking.Service) { s.Requires[0].Units = 5 }, "requires[0].units"},
		"an unknown resource": {
			day("09:00-12:00"), func(s *booking.Service) { s.Requires[0].AnyOf[1] = "zoe" },
			"requires[0].any_of[1]",
		},
		"an archived resource": {
			day("09:00-12:00"), func(s *booking.Service) { s.Requires[0].AnyOf[1] = "old" },
			"requires[0].any_of[1]",
		},
		"limited above, counted in parties": {
			day("09:00-12:00"), func(s *booking.Service) { s.Requires[0].Units, s.LimitedBelow = 2, new(5) },
			"limited_below",
		},
	} {
		s := booking.Service{
			Duration: 30 * time.Minute, Step: 30 * time.Minute, PartySize: booking.PartySize{Min: 1, Max: 1}, HorizonDays: 30,
			Requires: []booking.Requirement{{AnyOf: []booking.ResourceID{"mia", "jonas"}, Units: 1}},
		}
		c.change(&s)
		err := availability.CheckSettings(s, map[booking.ResourceID]booking.Resource{
			"mia": {ID: "mia", Capacity: 4, Schedule: c.schedule}, "jonas": {ID: "jonas", Capacity: 4, Schedule: c.schedule},
			"old": {ID: "old", Capacity: 4, Schedule: c.schedule, Archived: true},
		})
		field := ""
		if invalid, ok := errors.AsType[*booking.Invalid](err); ok {
			field = invalid.Fields[0].Field
		}
		if field != c.field {
			t.Errorf("%s: %v, want a complaint about %q", name, err, c.field)
		}
	}
}

// Settings that pass have a slot in some week where nothing is booked, and those whose length is refused have none in any.
func TestSettingsThatPassCanBeBooked(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var s booking.Schedule
		for day := range s.Weekly {
			for at := rapid.IntRange(0, 1500).Draw(t, "opens"); at < booking.MinutesPerDay; at += 100 {
				closes := min(at+rapid.IntRange(1, 200).Draw(t, "minutes"), booking.MinutesPerDay)
				s.Weekly[day] = append(s.Weekly[day], booking.Period{Open: at, Close: closes})
				at = closes
			}
		}
		service := booking.Service{
			Duration: time.Duration(rapid.IntRange(1, 400).Draw(t, "length")) * time.Minute,
			Step:     time.Duration(rapid.IntRange(1, 120).Draw(t, "step")) * time.Minute, HorizonDays: 30,
			PartySize: booking.PartySize{Min: 1, Max: 1}, Requires: []booking.Requirement{{AnyOf: []booking.ResourceID{"mia"}, Units: 1}},
		}
		resources := map[booking.ResourceID]booking.Resource{"mia": {ID: "mia", Capacity: 1, Schedule: s}}
		err := availability.CheckSettings(service, resources)
		now := time.Date(2026, time.March, 1, 0, 0, 0, 0, time.UTC)
		starts := 0
		from := booking.DateOf(now).AddDays(1)
		for _, day := range availability.ForDays(availability.Query{
			Zone: time.UTC, Service: service, Resources: resources, Ledgers: nothingTaken{}, Now: now,
		}, from, from.AddDays(8)) {
			starts += len(day.Starts)
		}
		opens := false
		for _, periods := range s.Weekly {
			opens = opens || len(periods) > 0
		}
		if opens && (err == nil) != (starts > 0) {
			t.Fatalf("%d starts, and %v", starts, err)
		}
	})
}

// A notice passes if at some midnight, when the last day of the horizon has just come in, there is a start; and no other.
func TestNoticeThatPassesLeavesAStart(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var hours booking.Schedule
		for day := range hours.Weekly {
			if rapid.Bool().Draw(t, "open") {
				opens := rapid.IntRange(0, booking.MinutesPerDay-60).Draw(t, "opens")
				hours.Weekly[day] = []booking.Period{{Open: opens, Close: opens + rapid.IntRange(60, 300).Draw(t, "minutes")}}
			}
		}
		horizon := rapid.IntRange(1, 3).Draw(t, "horizon")
		service := booking.Service{
			Duration: 60 * time.Minute, Step: time.Duration(rapid.IntRange(1, 120).Draw(t, "step")) * time.Minute, HorizonDays: horizon,
			MinNotice: time.Duration(rapid.IntRange(0, (horizon+1)*booking.MinutesPerDay-1).Draw(t, "notice")) * time.Minute,
			PartySize: booking.PartySize{Min: 1, Max: 1}, Requires: []booking.Requirement{{AnyOf: []booking.ResourceID{"mia"}, Units: 1}},
		}
		resources := map[booking.ResourceID]booking.Resource{"mia": {ID: "mia", Capacity: 1, Schedule: hours}}
		if !slices.ContainsFunc(hours.Weekly[:], func(p []booking.Period) bool { return len(p) > 0 }) {
			return
		}
		starts := 0
		for day := range 7 {
			now := time.Date(2026, time.March, 1+day, 0, 0, 0, 0, time.UTC)
			for _, d := range availability.ForDays(availability.Query{
				Zone: time.UTC, Service: service, Resources: resources, Ledgers: nothingTaken{}, Now: now,
			}, booking.DateOf(now), booking.DateOf(now).AddDays(horizon)) {
				starts += len(d.Starts)
			}
		}
		if err := availability.CheckSettings(service, resources); (err == nil) != (starts > 0) {
			t.Fatalf("%d starts, and %v", starts, err)
		}
	})
}

// What has been saved, and cannot work any more since its resources are others, is told why.
func TestUnworkable(t *testing.T) {
	t.Parallel()
	today := booking.Date{Year: 2026, Month: time.November, Day: 28}
	weekly := booking.Schedule{Weekly: booking.WeeklyHours{time.Monday: periodsOf(t, "09:00-17:00")}}
	on := func(date booking.Date, periods ...string) booking.Schedule {
		return booking.Schedule{Exceptions: []booking.Exception{{Date: date, Hours: periodsOf(t, periods...)}}}
	}
	who := func(capacity int, s booking.Schedule) booking.Resource {
		return booking.Resource{Capacity: capacity, Schedule: s}
	}
	never, gone := booking.Schedule{}, booking.Resource{Capacity: 3, Schedule: weekly, Archived: true}
	for name, c := range map[string]struct {
		mia, jonas booking.Resource
		field      string
	}{
		"as it was":                   {who(3, weekly), who(1, never), ""},
		"closed for the season":       {who(3, never), who(3, never), "requires[0]"},
		"open, but not who can":       {who(3, never), who(1, weekly), "requires[0]"},
		"open on a date to come":      {who(3, on(today, "09:00-10:00")), who(3, never), ""},
		"open on a date that is over": {who(3, on(today.AddDays(-2), "09:00-10:00")), who(3, never), "requires[0]"},
		"shorter than the service":    {who(3, on(today, "09:00-09:30")), who(3, never), "duration_minutes"},
		"long, but not who can":       {who(3, on(today, "09:00-09:30")), who(1, weekly), "duration_minutes"},
		"less capacity than it takes": {who(2, weekly), who(1, weekly), "requires[0].units"},
		"archived":                    {gone, who(1, never), "requires[0].any_of[0]"},
	} {
		s := booking.Service{
			Duration: time.Hour, Step: time.Hour, PartySize: booking.PartySize{Min: 1, Max: 1}, HorizonDays: 30,
			Requires: []booking.Requirement{{AnyOf: []booking.ResourceID{"mia", "jonas"}, Units: 3}},
		}
		field := ""
		if wrong := availability.Unworkable(s, map[booking.ResourceID]booking.Resource{"mia": c.mia, "jonas": c.jonas}, today); len(wrong) > 0 {
			field = wrong[0].Field
		}
		if field != c.field {
			t.Errorf("%s: a complaint about %q, want %q", name, field, c.field)
		}
	}
}

type nothingTaken struct{}

func (nothingTaken) Taken(booking.ResourceID, time.Time, time.Time) int { return 0 }
