package schedule_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/schedule"
)

// changingZones changed, or will change, their clocks in 2024-2028: by an hour, half an hour or two; at midnight, in the small
// hours, in the evening; north and south; around Ramadan; once and for all.
var changingZones = []string{
	"Europe/Berlin", "Europe/London", "Europe/Dublin", "Europe/Athens", "Europe/Chisinau", "Atlantic/Azores",
	"America/New_York", "America/Chicago", "America/Los_Angeles", "America/St_Johns", "America/Havana", "America/Santiago",
	"America/Nuuk", "America/Scoresbysund", "Africa/Cairo", "Africa/Casablanca", "Asia/Beirut", "Asia/Jerusalem", "Asia/Gaza",
	"Asia/Almaty", "Australia/Sydney", "Australia/Lord_Howe", "Pacific/Auckland", "Pacific/Chatham", "Pacific/Easter",
	"Pacific/Norfolk", "Antarctica/Troll",
}

// Every half hour of every day with a clock change is right: open around the clock, the starts of the day are exactly the half hours
// that the clock shows, as often as it shows them, and all of the time is open.
func TestEveryHalfHourOfEveryDayWithAClockChange(t *testing.T) {
	t.Parallel()
	for _, name := range changingZones {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			zone := loadZone(t, name)
			changes := clockChanges(zone, time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2029, 1, 1, 0, 0, 0, 0, time.UTC))
			if len(changes) == 0 {
				t.Fatal("the clock never changes: choose another zone")
			}
			for _, change := range changes {
				// The instants just before and at a change show its wall time on both sides, which may be of two dates.
				checkHalfHours(t, zone, booking.DateOf(change))
				if before := booking.DateOf(change.Add(-time.Nanosecond)); before != booking.DateOf(change) {
					checkHalfHours(t, zone, before)
				}
			}
		})
	}
}

func checkHalfHours(t *testing.T, zone *time.Location, date booking.Date) {
	t.Helper()
	begin, end := schedule.DateBounds(zone, date, date)
	hours := schedule.HoursOver(alwaysOpen(), zone, begin, end)
	tl := newTimeline(zone, date, date, time.Minute)
	var want []time.Time
	for i, wall := range tl.walls {
		if booking.DateOf(tl.instant(i)) == date && wall%(30*60) == 0 {
			want = append(want, tl.instant(i))
		}
	}
	got := slices.DeleteFunc(hours.Starts(30*time.Minute, begin, end), func(s time.Time) bool { return booking.DateOf(s) != date })
	if !slices.EqualFunc(got, want, time.Time.Equal) {
		t.Errorf("%s %s: starts\n%v, want\n%v", zone, date, got, want)
	}
	if !hours.Covers(begin, end) {
		t.Errorf("%s %s: not all of the day is open", zone, date)
	}
	// The day has a half hour for each half hour that passes: 46 or 50 where an hour is skipped or repeated, 47 or 49 on Lord Howe.
	if passed := int(end.Sub(begin) / (30 * time.Minute)); len(got) != passed {
		t.Errorf("%s %s: %d starts in %d half hours", zone, date, len(got), passed)
	}
}

func alwaysOpen() booking.Schedule {
	var s booking.Schedule
	for day := range s.Weekly {
		s.Weekly[day] = []booking.Period{{Open: 0, Close: booking.MinutesPerDay}}
	}
	return s
}

// What clock changes mean, written out by hand. Periods are those of the date; starts are written with their offsets.
func TestLocalTimeByHand(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, zone, date, period string
		step                     time.Duration
		start, end               string // empty: no opening
		starts                   string
	}{
		{
			"an ordinary day", "Europe/Berlin", "2026-11-24", "09:00-12:00", time.Hour,
			"2026-11-24T09:00:00+01:00", "2026-11-24T12:00:00+01:00", "09:00+01 10:00+01 11:00+01",
		},
		{
			"the last step may end after the closing", "Europe/Berlin", "2026-11-24", "09:00-10:15", 30 * time.Minute,
			"2026-11-24T09:00:00+01:00", "2026-11-24T10:15:00+01:00", "09:00+01 09:30+01 10:00+01",
		},
		{
			"over midnight", "Europe/Berlin", "2026-11-24", "22:00-02:00", time.Hour,
			"2026-11-24T22:00:00+01:00", "2026-11-25T02:00:00+01:00", "22:00+01 23:00+01 00:00+01 01:00+01",
		},
		{
			"over a gap: an hour shorter", "Europe/Berlin", "2026-03-29", "01:00-05:00", 30 * time.Minute,
			"2026-03-29T01:00:00+01:00", "2026-03-29T05:00:00+02:00",
			"01:00+01 01:30+01 03:00+02 03:30+02 04:00+02 04:30+02",
		},
		{
			"opening in a gap: at its end, and steps still count from the nominal opening", "Europe/Berlin", "2026-03-29", "02:20-04:30",
			30 * time.Minute, "2026-03-29T03:00:00+02:00", "2026-03-29T04:30:00+02:00", "03:20+02 03:50+02 04:20+02",
		},
		{
			"closing in a gap: at its end", "Europe/Berlin", "2026-03-29", "01:00-02:30", 30 * time.Minute,
			"2026-03-29T01:00:00+01:00", "2026-03-29T03:00:00+02:00", "01:00+01 01:30+01",
		},
		{"all in a gap: not at all", "Europe/Berlin", "2026-03-29", "02:00-03:00", 30 * time.Minute, "", "", ""},
		{
			"over a fold: an hour longer, its starts twice", "Europe/Berlin", "2026-10-25", "01:00-04:00", 30 * time.Minute,
			"2026-10-25T01:00:00+02:00", "2026-10-25T04:00:00+01:00",
			"01:00+02 01:30+02 02:00+02 02:30+02 02:00+01 02:30+01 03:00+01 03:30+01",
		},
		{
			"opening in a fold: the earlier", "Europe/Berlin", "2026-10-25", "02:30-04:00", 30 * time.Minute,
			"2026-10-25T02:30:00+02:00", "2026-10-25T04:00:00+01:00", "02:30+02 02:30+01 03:00+01 03:30+01",
		},
		{
			"closing in a fold: the later, and what is open has starts", "Europe/Berlin", "2026-10-25", "01:00-02:30", 30 * time.Minute,
			"2026-10-25T01:00:00+02:00", "2026-10-25T02:30:00+01:00", "01:00+02 01:30+02 02:00+02 02:30+02 02:00+01",
		},
		{
			"a fold of half an hour", "Australia/Lord_Howe", "2026-04-05", "01:00-03:00", 30 * time.Minute,
			"2026-04-05T01:00:00+11:00", "2026-04-05T03:00:00+10:30", "01:00+11 01:30+11 01:30+1030 02:00+1030 02:30+1030",
		},
		{
			"a gap of half an hour", "Australia/Lord_Howe", "2026-10-04", "01:00-04:00", 30 * time.Minute,
			"2026-10-04T01:00:00+10:30", "2026-10-04T04:00:00+11:00", "01:00+1030 01:30+1030 02:30+11 03:00+11 03:30+11",
		},
		{
			"midnight is skipped", "America/Sao_Paulo", "2017-10-15", "00:00-03:00", time.Hour,
			"2017-10-15T01:00:00-02:00", "2017-10-15T03:00:00-02:00", "01:00-02 02:00-02",
		},
		{
			"the evening before it", "America/Sao_Paulo", "2017-10-14", "22:00-24:00", time.Hour,
			"2017-10-14T22:00:00-03:00", "2017-10-15T01:00:00-02:00", "22:00-03 23:00-03",
		},
		{
			"the last hour of a date is repeated", "Africa/Cairo", "2026-10-29", "22:00-24:00", time.Hour,
			"2026-10-29T22:00:00+03:00", "2026-10-30T00:00:00+02:00", "22:00+03 23:00+03 23:00+02",
		},
		{"a date that does not exist", "Pacific/Apia", "2011-12-30", "09:00-17:00", time.Hour, "", "", ""},
		{
			"from a date that does not exist", "Pacific/Apia", "2011-12-30", "22:00-02:00", time.Hour,
			"2011-12-31T00:00:00+14:00", "2011-12-31T02:00:00+14:00", "00:00+14 01:00+14",
		},
		{
			"into a date that does not exist", "Pacific/Apia", "2011-12-29", "22:00-02:00", time.Hour,
			"2011-12-29T22:00:00-10:00", "2011-12-31T00:00:00+14:00", "22:00-10 23:00-10",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			date, err := booking.ParseDate(tt.date)
			if err != nil {
				t.Fatal(err)
			}
			period, err := booking.ParsePeriod(tt.period)
			if err != nil {
				t.Fatal(err)
			}
			var s booking.Schedule
			s.Weekly[date.Weekday()] = []booking.Period{period}
			openings := schedule.Openings(s, loadZone(t, tt.zone), date, date)
			if tt.start == "" {
				if len(openings) != 0 {
					t.Fatalf("openings %v, want none", openings)
				}
				return
			}
			if len(openings) != 1 {
				t.Fatalf("openings %v, want one", openings)
			}
			o := openings[0]
			if start, end := o.Start.Format(time.RFC3339), o.End.Format(time.RFC3339); start != tt.start || end != tt.end {
				t.Errorf("open %s to %s, want %s to %s", start, end, tt.start, tt.end)
			}
			if got := written(slices.Collect(o.Starts(tt.step))); got != tt.starts {
				t.Errorf("starts %s, want %s", got, tt.starts)
			}
		})
	}
}

func written(starts []time.Time) string {
	texts := make([]string, len(starts))
	for i, s := range starts {
		texts[i] = strings.TrimSuffix(s.Format("15:04-0700"), "00")
	}
	return strings.Join(texts, " ")
}

// Zones once had offsets of seconds, when each town kept the time of its own sun. Here the oracle watches every second, or as many
// as the offsets and the change are multiples of.
func TestOffsetsOfSeconds(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		zone, date string
		unit       time.Duration
	}{
		{"Europe/Berlin", "1893-04-01", 4 * time.Second},       // +0:53:28 to +1
		{"America/New_York", "1883-11-18", 2 * time.Second},    // -4:56:02 to -5
		{"Africa/Monrovia", "1972-01-07", 30 * time.Second},    // -0:44:30 to 0: the last of them
		{"Asia/Manila", "1844-12-31", 4 * time.Second},         // -15:56:08 to +8:03:52, and a date was skipped
		{"America/Juneau", "1867-10-19", time.Second},          // +15:02:19 to -8:57:41, and a date happened twice
		{"Pacific/Auckland", "1868-11-02", 4 * time.Second},    // +11:39:04 to +11:30
		{"Australia/Adelaide", "1895-02-01", 20 * time.Second}, // +9:14:20 to +9
	} {
		t.Run(tt.zone, func(t *testing.T) {
			t.Parallel()
			around, err := booking.ParseDate(tt.date)
			if err != nil {
				t.Fatal(err)
			}
			q := question{zone: loadZone(t, tt.zone), from: around, to: around, step: 30 * time.Minute}
			for day := range q.schedule.Weekly {
				q.schedule.Weekly[day] = []booking.Period{{Open: 0, Close: 11*60 + 59}, {Open: 15*60 + 5, Close: 25 * 60}}
			}
			if err := q.differ(newTimeline(q.zone, around, around, tt.unit), genuine); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestNoStartsWithoutAStep(t *testing.T) {
	t.Parallel()
	monday := booking.Date{Year: 2026, Month: time.June, Day: 1}
	for _, o := range schedule.Openings(alwaysOpen(), time.UTC, monday, monday) {
		if starts := slices.Collect(o.Starts(time.Millisecond)); len(starts) != 0 || o.IsStart(o.Start, 0) {
			t.Errorf("starts %v of a step below a second", starts)
		}
		if o.IsStart(o.Start.Add(time.Millisecond), time.Minute) {
			t.Error("a start between two seconds")
		}
	}
	if openings := schedule.Openings(alwaysOpen(), time.UTC, monday, monday.AddDays(-1)); len(openings) != 0 {
		t.Errorf("openings %v of no dates", openings)
	}
}
