package events_test

import (
	"slices"
	"testing"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/bus"
	"vacancy/internal/events"
)

func TestDayOpened(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		since string
		// after is how long after Monday at eight it is.
		after time.Duration
		zone  string
		want  []string
		next  string
	}{
		"begins now":          {since: "", next: "2026-10-19 Europe/Berlin"},
		"nonsense":            {since: "soon", next: "2026-10-19 Europe/Berlin"},
		"the same day":        {since: "2026-10-19 Europe/Berlin", after: 15 * time.Hour, next: "2026-10-19 Europe/Berlin"},
		"the clock went back": {since: "2026-10-21 Europe/Berlin", next: "2026-10-19 Europe/Berlin"},
		"a midnight": {
			since: "2026-10-19 Europe/Berlin", after: 16 * time.Hour, next: "2026-10-20 Europe/Berlin",
			want: []string{"class 2026-10-22", "colour 2026-10-25", "cut 2026-10-23"},
		},
		"two midnights": {
			since: "2026-10-19 Europe/Berlin", after: 44 * time.Hour, next: "2026-10-21 Europe/Berlin",
			want: []string{
				"class 2026-10-22", "class 2026-10-23", "colour 2026-10-25", "colour 2026-10-26", "cut 2026-10-23", "cut 2026-10-24",
			},
		},
		"a long time": {
			since: "2026-01-01 Europe/Berlin", next: "2026-10-19 Europe/Berlin",
			want: []string{
				"class 2026-10-19", "class 2026-10-20", "class 2026-10-21", "colour 2026-10-19", "colour 2026-10-20", "colour 2026-10-21",
				"colour 2026-10-22", "colour 2026-10-23", "colour 2026-10-24", "cut 2026-10-19", "cut 2026-10-20", "cut 2026-10-21", "cut 2026-10-22",
			},
		},
		"the venue moved": {
			since: "2026-10-20 Pacific/Kiritimati", next: "2026-10-19 Europe/Berlin",
			want: []string{"class 2026-10-20", "class 2026-10-21", "colour 2026-10-23", "colour 2026-10-24", "cut 2026-10-21", "cut 2026-10-22"},
		},
	} {
		w := newWorld(t, "Europe/Berlin", monday)
		w.now = w.now.Add(test.after)
		told, next := events.DayOpened(w.picture, test.since, w.now)
		var got []string
		for _, e := range told {
			data := decode[events.Slots](t, e)
			got = append(got, e.Subject+" "+data.Date)
			if e.Name != bus.AvailabilityDayOpened || len(data.Slots) == 0 || data.Slots[0].Start[:10] != data.Date || e.Time.After(w.now) {
				t.Errorf("%s: %+v", name, e)
			}
		}
		if !slices.Equal(got, test.want) || next != test.next {
			t.Errorf("%s: %v and %q, want %v and %q", name, got, next, test.want, test.next)
		}
		again, _ := events.DayOpened(w.picture, test.since, w.now.Add(time.Second))
		for i, e := range again {
			if e.ID != told[i].ID {
				t.Errorf("%s: a second later the id is %s, and was %s", name, e.ID, told[i].ID)
			}
		}
	}
}

func TestNextDue(t *testing.T) {
	t.Parallel()
	utc := func(day, hour, minute int) time.Time { return time.Date(2026, 10, day, hour, minute, 0, 0, time.UTC) }
	for name, test := range map[string]struct {
		zone     string
		now, due time.Time
		checked  booking.Revision
		want     time.Time
	}{
		"nothing to check": {"Europe/Berlin", utc(19, 6, 0), time.Time{}, 1, utc(19, 22, 0)},
		"a change":         {"Europe/Berlin", utc(19, 6, 0), time.Time{}, 0, utc(19, 6, 5)},
		"another change":   {"Europe/Berlin", utc(19, 6, 1), utc(19, 6, 5), 0, utc(19, 6, 5)},
		"it is overdue":    {"Europe/Berlin", utc(19, 6, 6), utc(19, 6, 5), 0, utc(19, 6, 11)},
		"midnight is near": {"Europe/Berlin", utc(19, 21, 58), time.Time{}, 0, utc(19, 22, 0)},
		"midnight":         {"Europe/Berlin", utc(19, 22, 0), utc(19, 22, 0), 1, utc(20, 22, 0)},
		"the long day":     {"Europe/Berlin", utc(24, 22, 0), time.Time{}, 1, utc(25, 23, 0)},
		// The clock is put back from midnight to eleven. The horizon moves at midnight, which is after the hour that comes twice.
		"the clock goes back at midnight": {"Asia/Beirut", utc(24, 20, 30), time.Time{}, 1, utc(24, 22, 0)},
		"in the hour that comes again":    {"Asia/Beirut", utc(24, 21, 30), time.Time{}, 1, utc(24, 22, 0)},
	} {
		w := newWorld(t, test.zone, monday)
		if got := events.NextDue(w.picture, test.now, test.due, test.checked); !got.Equal(test.want) || !got.After(test.now) {
			t.Errorf("%s: %s, want %s", name, got.UTC(), test.want)
		}
	}
}
