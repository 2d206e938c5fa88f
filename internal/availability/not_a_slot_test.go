package availability_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"vacancy/internal/availability"
	"vacancy/internal/booking"
)

// Each reason that no slot starts at a time, in the words that the caller reads.
func TestWhyNotASlot(t *testing.T) {
	t.Parallel()
	barbers := barbers(t)
	barbers.Service.Duration = time.Hour
	ben := barbers.Resources["ben"]
	ben.Schedule.Exceptions = []booking.Exception{{Date: booking.Date{Year: 2026, Month: time.November, Day: 26}, Closed: true}}
	barbers.Resources["ben"] = ben
	with := func(edit func(*availability.Query)) availability.Query {
		q := barbers
		edit(&q)
		return q
	}
	only := func(id booking.ResourceID) availability.Query {
		return with(func(q *availability.Query) { q.Resource = id })
	}
	hours := func(step time.Duration, periods ...string) availability.Query {
		return with(func(q *availability.Query) {
			q.Service.Step = step
			q.Service.Requires = []booking.Requirement{{AnyOf: []booking.ResourceID{"dora"}, Units: 1}}
			q.Resources = map[booking.ResourceID]booking.Resource{"dora": {ID: "dora", Capacity: 1, Schedule: daily(t, periods...)}}
		})
	}
	mixed := hours(30*time.Minute, "09:00-17:00")
	mixed.Service.Requires = []booking.Requirement{{AnyOf: []booking.ResourceID{"dora", "emil"}, Units: 1}}
	mixed.Resources["emil"] = booking.Resource{ID: "emil", Capacity: 1, Schedule: daily(t, "09:10-17:00")}
	for name, c := range map[string]struct {
		q      availability.Query
		start  string
		reason booking.NotASlotReason
		text   string
	}{
		"a slot":       {barbers, "2026-11-24T09:30:00+01:00", "", ""},
		"another zone": {barbers, "2026-11-24T08:30:00Z", "", ""},
		"off the grid": {
			barbers, "2026-11-24T09:10:00+01:00", booking.ReasonOffGrid,
			"starts are every 30 minutes from 09:00; the nearest are 2026-11-24T09:00:00+01:00 and 2026-11-24T09:30:00+01:00",
		},
		"off the grid, in another zone": {
			barbers, "2026-11-24T08:10:00Z", booking.ReasonOffGrid,
			"starts are every 30 minutes from 09:00; the nearest are 2026-11-24T09:00:00+01:00 and 2026-11-24T09:30:00+01:00",
		},
		"behind the last start of the grid": {
			hours(45*time.Minute, "09:00-11:00"), "2026-11-24T09:50:00+01:00", booking.ReasonOffGrid,
			"starts are every 45 minutes from 09:00; the nearest is 2026-11-24T09:45:00+01:00",
		},
		"a grid of minutes": {
			hours(time.Minute, "09:00-17:00"), "2026-11-24T09:00:30+01:00", booking.ReasonOffGrid,
			"starts are every minute from 09:00; the nearest are 2026-11-24T09:00:00+01:00 and 2026-11-24T09:01:00+01:00",
		},
		"a night's grid": {
			hours(time.Hour, "22:30-04:30"), "2026-11-25T01:00:00+01:00", booking.ReasonOffGrid,
			"starts are every 60 minutes from 22:30; the nearest are 2026-11-25T00:30:00+01:00 and 2026-11-25T01:30:00+01:00",
		},
		"two grids": {
			mixed, "2026-11-24T09:05:00+01:00", booking.ReasonOffGrid,
			"starts are every 30 minutes from 09:00; the nearest are 2026-11-24T09:00:00+01:00 and 2026-11-24T09:10:00+01:00",
		},
		"between two grids": {
			mixed, "2026-11-24T09:15:00+01:00", booking.ReasonOffGrid,
			"it is not one of the starts; the nearest are 2026-11-24T09:10:00+01:00 and 2026-11-24T09:30:00+01:00",
		},
		"past the closing": {
			barbers, "2026-11-24T14:30:00+01:00", booking.ReasonPastClosing,
			"a booking would end at 2026-11-24T15:30:00+01:00, after the closing at 2026-11-24T15:00:00+01:00; " +
				"the nearest is 2026-11-24T14:00:00+01:00",
		},
		"past the closing of the one that was chosen": {
			only("ben"), "2026-11-24T11:40:00+01:00", booking.ReasonPastClosing,
			"a booking would end at 2026-11-24T12:40:00+01:00, after the closing at 2026-11-24T12:00:00+01:00; " +
				"the nearest is 2026-11-24T11:00:00+01:00",
		},
		"longer than any opening": {
			hours(time.Minute, "09:00-09:45"), "2026-11-24T09:00:00+01:00", booking.ReasonPastClosing,
			"a booking would end at 2026-11-24T10:00:00+01:00, after the closing at 2026-11-24T09:45:00+01:00",
		},
		"before the opening": {
			barbers, "2026-11-24T08:30:00+01:00", booking.ReasonClosed,
			"nothing that the service needs is open then; the hours of 2026-11-24 are 09:00-12:00, 13:00-15:00",
		},
		"at lunch": {
			barbers, "2026-11-24T12:00:00+01:00", booking.ReasonClosed,
			"nothing that the service needs is open then; the hours of 2026-11-24 are 09:00-12:00, 13:00-15:00",
		},
		"at lunch of the one that was chosen": {
			only("ben"), "2026-11-24T13:00:00+01:00", booking.ReasonClosed,
			"nothing that the service needs is open then; the hours of 2026-11-24 are 09:00-12:00",
		},
		"a date that is closed": {
			only("ben"), "2026-11-26T09:00:00+01:00", booking.ReasonClosed,
			"nothing that the service needs is open then; no opening begins on 2026-11-26, which is an exception to the weekly hours",
		},
		"a time that the clock skips": {
			hours(time.Hour, "00:00-24:00"), "2026-03-29T02:30:00+01:00", booking.ReasonSkippedTime,
			"the clock skips 02:30 on 2026-03-29, and shows 03:30 at that instant; starts are every 60 minutes from 00:00; " +
				"the nearest are 2026-03-29T03:00:00+02:00 and 2026-03-29T04:00:00+02:00",
		},
		"a time that the clock skips, with the offset of later": {
			hours(time.Hour, "09:00-17:00"), "2026-03-29T02:30:00+02:00", booking.ReasonSkippedTime,
			"the clock skips 02:30 on 2026-03-29, and shows 01:30 at that instant; nothing that the service needs is open then; " +
				"the hours of 2026-03-29 are 09:00-17:00",
		},
		"a skipped time that is a slot": {hours(time.Hour, "00:00-24:00"), "2026-03-29T02:00:00+01:00", "", ""},
	} {
		start, err := time.Parse(time.RFC3339, c.start)
		if err != nil {
			t.Fatal(err)
		}
		why := availability.WhyNotASlot(c.q, start)
		if why == nil {
			if c.reason != "" {
				t.Errorf("%s: it is a slot, want %s", name, c.reason)
			}
			continue
		}
		want := "no slot starts at " + start.In(c.q.Zone).Format(time.RFC3339) + ": " + c.text
		if why.Reason != c.reason || why.Error() != want {
			t.Errorf("%s: %s, %s\nwant %s, %s", name, why.Reason, why, c.reason, want)
		}
	}
}

// A start is refused for a reason exactly if it is no slot, the reason is what the rules say of the minutes, and the nearest starts are.
func TestTheReasonFollowsTheRules(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w, date := drawWorld(t, nearby)
		noon := w.minute(time.Date(date.Year, date.Month, date.Day, 12, 0, 0, 0, time.UTC))
		for range 50 {
			i := noon + rapid.IntRange(-36*60, 36*60).Draw(t, "minute")
			if err := w.differInReason(i, availability.WhyNotASlot(w.query, w.instant(i))); err != nil {
				t.Fatalf("%v, %+v: %v", w.instant(i), w.query.Service, err)
			}
		}
	})
}

// Negative control: the property fails for reasons and starts that are another's.
func TestTheRulesCatchAnotherReason(t *testing.T) {
	t.Parallel()
	for name, alter := range map[string]func(*booking.NotASlot){
		"another reason": func(why *booking.NotASlot) {
			why.Reason = map[booking.NotASlotReason]booking.NotASlotReason{
				booking.ReasonOffGrid: booking.ReasonClosed, booking.ReasonClosed: booking.ReasonPastClosing,
				booking.ReasonPastClosing: booking.ReasonOffGrid,
			}[why.Reason]
		},
		"no starts": func(why *booking.NotASlot) { why.Nearest = nil },
		"a start further away": func(why *booking.NotASlot) {
			if len(why.Nearest) > 1 {
				why.Nearest = why.Nearest[1:]
			}
		},
		"a start that is none": func(why *booking.NotASlot) {
			for i := range why.Nearest {
				why.Nearest[i] = why.Nearest[i].Add(-time.Minute)
			}
		},
	} {
		worlds := rapid.Custom(func(t *rapid.T) *world {
			w, _ := drawWorld(t, nearby)
			return w
		})
		caught := false
		for seed := 0; seed < 300 && !caught; seed++ {
			w := worlds.Example(seed)
			for i := w.minutes/2 - 720; i < w.minutes/2+720 && !caught; i += 25 {
				if why := availability.WhyNotASlot(w.query, w.instant(i)); why != nil {
					alter(why)
					caught = w.differInReason(i, why) != nil
				}
			}
		}
		if !caught {
			t.Errorf("%s: the rules see nothing wrong", name)
		}
	}
}

// differInReason says where the reason for the i-th minute differs from what the rules say of it.
func (w *world) differInReason(i int, why *booking.NotASlot) error {
	isSlot := func(i int) bool { return len(w.judge(i, w.query.Resource).free) > 0 }
	if isSlot(i) || why == nil {
		if isSlot(i) != (why == nil) {
			return fmt.Errorf("a slot: %v, but the reason is: %w", isSlot(i), why)
		}
		return nil
	}
	length, step := int(w.query.Service.Duration/time.Minute), int(w.query.Service.Step/time.Minute)
	want := booking.ReasonClosed
	for _, m := range w.members {
		switch {
		case w.query.Resource != "" && w.query.Resource != m.id || !m.open[i]:
		case !slices.Contains(m.open[i:i+length], false):
			want = booking.ReasonOffGrid
		case want == booking.ReasonClosed:
			want = booking.ReasonPastClosing
		}
	}
	if why.Reason != want || !strings.Contains(why.Error(), w.instant(i).Format(time.RFC3339)) {
		return fmt.Errorf("the reason is %s: %w; want %s", why.Reason, why, want)
	}
	before, after := -1, -1
	for _, at := range why.Nearest {
		n := w.minute(at)
		if !isSlot(n) || n == i {
			return fmt.Errorf("%v is no start", at)
		}
		if n < i {
			before = n
		} else {
			after = n
		}
	}
	if want != booking.ReasonOffGrid {
		return nil
	}
	for n := i - step; n <= i+step; n++ {
		if isSlot(n) && (n < i && before < n || n > i && (after < 0 || n < after)) {
			return fmt.Errorf("%v is nearer than %v", w.instant(n), why.Nearest)
		}
	}
	return nil
}
