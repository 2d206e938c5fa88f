package availability_test

import (
	"testing"
	"time"

	"vacancy/internal/availability"
	"vacancy/internal/booking"
)

var tuesday = booking.Date{Year: 2026, Month: time.November, Day: 24}

// startAt finds the start at a time of the day.
func startAt(t *testing.T, q availability.Query, text string) (availability.Start, bool) {
	t.Helper()
	for _, s := range availability.ForDay(q, tuesday).Starts {
		if s.Start.Equal(clock(t, text)) {
			return s, true
		}
	}
	return availability.Start{}, false
}

func TestRoomByHand(t *testing.T) {
	t.Parallel()
	const each, perPerson = false, true
	for name, tt := range map[string]struct {
		units                        int
		perPerson                    bool
		fewest, most                 int // people in a party
		capacity, taken              []int
		remaining, whenFree, largest int
	}{
		"a barber":                     {1, each, 1, 1, []int{1}, []int{0}, 1, 1, 1},
		"a barber, taken":              {1, each, 1, 1, []int{1}, []int{1}, 0, 1, 0},
		"three barbers, one taken":     {1, each, 1, 2, []int{1, 1, 1}, []int{0, 1, 0}, 2, 3, 2},
		"several units each":           {3, each, 1, 1, []int{8}, []int{1}, 2, 2, 1},
		"more taken than there is now": {1, each, 1, 1, []int{2, 1}, []int{5, 0}, 1, 3, 1},
		"never enough":                 {3, each, 1, 1, []int{2}, []int{0}, 0, 0, 0},
		"a class":                      {1, perPerson, 1, 4, []int{12}, []int{5}, 7, 12, 4},
		"a class, nearly full":         {1, perPerson, 1, 4, []int{12}, []int{9}, 3, 12, 3},
		"too few for any party":        {1, perPerson, 4, 6, []int{12}, []int{9}, 0, 12, 0},
		"parties that leave a rest":    {1, perPerson, 4, 5, []int{11}, []int{0}, 10, 10, 5},
		"rests do not add up":          {1, perPerson, 2, 4, []int{4, 4}, []int{3, 3}, 0, 8, 0},
		"several units a person":       {3, perPerson, 1, 9, []int{8}, []int{1}, 2, 2, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			q := barbers(t)
			q.Service.PartySize = booking.PartySize{Min: tt.fewest, Max: tt.most}
			need := booking.Requirement{Units: tt.units, PerPerson: tt.perPerson}
			for i, capacity := range tt.capacity {
				id := booking.ResourceID('a' + rune(i))
				need.AnyOf = append(need.AnyOf, id)
				q.Resources[id] = booking.Resource{ID: id, Capacity: capacity, Schedule: daily(t, "09:00-12:00")}
				if tt.taken[i] > 0 {
					book(t, q, id, "09:10", "09:15", tt.taken[i])
				}
			}
			q.Service.Requires = []booking.Requirement{need}
			got, found := startAt(t, q, "09:00")
			want := availability.Start{
				Start: clock(t, "09:00").In(q.Zone), End: clock(t, "09:30").In(q.Zone),
				Remaining: tt.remaining, Capacity: tt.whenFree, Largest: tt.largest,
			}
			if !found || got != want {
				t.Errorf("%+v, want %+v", got, want)
			}
		})
	}
}

// Each member has a grid of its own; capacity counts those for whom it is a start.
func TestMembersHaveTheirOwnHours(t *testing.T) {
	t.Parallel()
	q := barbers(t)
	q.Resources["cem"] = booking.Resource{ID: "cem", Capacity: 1, Schedule: daily(t, "09:15-10:20")}
	for text, capacity := range map[string]int{"09:00": 2, "09:15": 1, "09:30": 2, "09:45": 1, "10:15": 0, "13:00": 1, "12:00": 0} {
		if s, _ := startAt(t, q, text); s.Capacity != capacity {
			t.Errorf("%s: capacity %d, want %d", text, s.Capacity, capacity)
		}
	}
}

// A booking may run from one period into the next that touches it, and over midnight into the next date's.
func TestBookingsRunOverPeriodsThatTouch(t *testing.T) {
	t.Parallel()
	q := barbers(t)
	q.Service.Duration = 90 * time.Minute
	q.Resource = "ben"
	hours := daily(t, "00:00-01:00", "09:00-12:00", "12:00-14:00", "22:00-24:00")
	q.Resources["ben"] = booking.Resource{ID: "ben", Capacity: 1, Schedule: hours}
	for text, want := range map[string]bool{"11:30": true, "12:30": true, "13:00": false, "23:30": true, "00:00": false, "23:00": true} {
		if _, found := startAt(t, q, text); found != want {
			t.Errorf("%s is listed: %v, want %v", text, found, want)
		}
	}
}

// Starts are listed on the date that the clock shows, whichever date's period they belong to.
func TestStartsAreOfTheirOwnDate(t *testing.T) {
	t.Parallel()
	q := barbers(t)
	q.Resource = "ben"
	var s booking.Schedule
	s.Weekly[time.Monday] = []booking.Period{{Open: 22 * 60, Close: 26 * 60}}
	q.Resources["ben"] = booking.Resource{ID: "ben", Capacity: 1, Schedule: s}
	days := availability.ForDays(q, tuesday.AddDays(-1), tuesday)
	if len(days[0].Starts) != 4 || len(days[1].Starts) != 4 {
		t.Fatalf("%d and %d starts, want 4 and 4", len(days[0].Starts), len(days[1].Starts))
	}
	if first := days[1].Starts[0].Start; !first.Equal(clock(t, "00:00")) || first.Location() != q.Zone {
		t.Errorf("the first on Tuesday is at %v", first)
	}
}

func TestBoundariesByHand(t *testing.T) {
	t.Parallel()
	q := barbers(t)
	q.Resource = "ben" // 09:00 to 11:30
	q.Service.MinNotice = 2 * time.Hour
	for _, tt := range []struct{ now, boundary, next time.Time }{
		{clock(t, "12:00").AddDate(0, -2, 0), time.Time{}, clock(t, "00:00").AddDate(0, 0, -30)},
		{clock(t, "00:00").AddDate(0, 0, -30), clock(t, "00:00").AddDate(0, 0, -30), clock(t, "07:00")},
		{clock(t, "07:00").Add(-1), clock(t, "00:00").AddDate(0, 0, -30), clock(t, "07:00")},
		{clock(t, "07:00"), clock(t, "07:00"), clock(t, "07:30")},
		{clock(t, "09:10"), clock(t, "09:00"), clock(t, "09:30")},
		{clock(t, "12:00").AddDate(1, 0, 0), clock(t, "09:30"), time.Time{}},
	} {
		q.Now = tt.now
		day := availability.ForDay(q, tuesday)
		if !day.Boundary.Equal(tt.boundary) || !day.Next.Equal(tt.next) {
			t.Errorf("at %v: boundaries %v and %v, want %v and %v", tt.now, day.Boundary, day.Next, tt.boundary, tt.next)
		}
	}

	q.Resources["ben"] = booking.Resource{ID: "ben", Capacity: 1}
	if day := availability.ForDay(q, tuesday); !day.Boundary.IsZero() || !day.Next.IsZero() {
		t.Errorf("a closed day has boundaries: %+v", day)
	}
	q.Service.MinNotice = 40 * 24 * time.Hour // longer than the horizon: nothing can ever be booked
	if day := availability.ForDay(barbers(t), tuesday); len(day.Starts) == 0 {
		t.Error("the barbers are closed")
	}
	q.Resource = ""
	if day := availability.ForDay(q, tuesday); len(day.Starts) != 0 || !day.Boundary.IsZero() || !day.Next.IsZero() {
		t.Errorf("a day that cannot be booked has boundaries: %+v", day)
	}
}

func TestSlotStatus(t *testing.T) {
	t.Parallel()
	three, none := 3, 0
	for _, tt := range []struct {
		remaining, capacity, largest, party int
		limitedBelow                        *int
		want                                booking.SlotStatus
	}{
		{5, 10, 4, 1, nil, booking.Available}, // half is not less than half
		{4, 10, 4, 1, nil, booking.Limited},
		{0, 10, 0, 1, nil, booking.Full},
		{5, 10, 2, 3, nil, booking.Full}, // there is room, but not together
		{5, 10, 3, 3, nil, booking.Available},
		{3, 10, 3, 1, &three, booking.Available},
		{2, 3, 2, 1, &three, booking.Limited},
		{1, 10, 1, 1, &none, booking.Available}, // never limited
		{0, 10, 0, 1, &none, booking.Full},
		{1, 1, 1, 1, nil, booking.Available}, // the only one is not the last of several
		{1, 2, 1, 1, nil, booking.Limited},   // the last of two, though it is half
		{2, 2, 2, 1, nil, booking.Available},
		{2, 4, 2, 1, nil, booking.Available},
		{1, 3, 1, 1, nil, booking.Limited},
		{1, 2, 1, 1, &none, booking.Available}, // the operator's word comes first
	} {
		s := availability.Start{Remaining: tt.remaining, Capacity: tt.capacity, Largest: tt.largest}
		s.Start, s.End = clock(t, "09:00"), clock(t, "09:30")
		want := booking.Slot{Start: s.Start, End: s.End, Remaining: tt.remaining, Capacity: tt.capacity, Status: tt.want}
		if got := s.Slot(booking.Service{LimitedBelow: tt.limitedBelow}, tt.party); got != want {
			t.Errorf("%+v for a party of %d: %+v, want %+v", s, tt.party, got, want)
		}
	}
}

func TestDayStatus(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		slots []booking.SlotStatus
		want  booking.SlotStatus
	}{
		{nil, booking.Closed},
		{[]booking.SlotStatus{booking.Closed}, booking.Closed},
		{[]booking.SlotStatus{booking.Full, booking.Closed}, booking.Full},
		{[]booking.SlotStatus{booking.Full, booking.Limited, booking.Full}, booking.Limited},
		{[]booking.SlotStatus{booking.Limited, booking.Full, booking.Available}, booking.Available},
	} {
		var slots []booking.Slot
		for _, status := range tt.slots {
			slots = append(slots, booking.Slot{Status: status})
		}
		if got := availability.DayStatus(slots); got != tt.want {
			t.Errorf("%v: %s, want %s", tt.slots, got, tt.want)
		}
	}
}

// Every half hour of a day with a clock change, as a customer sees it: 02:00 and 02:30 come twice in Berlin's October, and not at all
// in its March. Each is a slot of its own, that can be booked by itself.
func TestClockChangesAsListed(t *testing.T) {
	t.Parallel()
	q := barbers(t)
	q.Resource = "ben"
	q.Service.HorizonDays = 700
	q.Now = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	q.Resources["ben"] = booking.Resource{ID: "ben", Capacity: 1, Schedule: daily(t, "00:00-24:00")}
	for date, count := range map[booking.Date]int{
		{Year: 2026, Month: 3, Day: 29}: 46, {Year: 2026, Month: 10, Day: 25}: 50, {Year: 2026, Month: 10, Day: 26}: 48,
	} {
		starts := availability.ForDay(q, date).Starts
		if len(starts) != count {
			t.Errorf("%s: %d starts, want %d", date, len(starts), count)
		}
		for _, s := range starts {
			if s.End.Sub(s.Start) != 30*time.Minute {
				t.Errorf("%v to %v", s.Start, s.End)
			}
		}
	}
	first := time.Date(2026, 10, 25, 0, 0, 0, 0, time.UTC) // 02:00 CEST
	take(q, booking.Claim{Resource: "ben", Start: first, End: first.Add(30 * time.Minute), Units: 1})
	if _, err := availability.Fit(q, first, 1); err == nil {
		t.Error("the first 02:00 is taken")
	}
	if _, err := availability.Fit(q, first.Add(time.Hour), 1); err != nil {
		t.Errorf("the second 02:00 is free: %v", err)
	}
}

// Once a date has come, it has come: when the clock is put back across midnight, what could be booked stays bookable.
func TestTheHorizonDoesNotGoBack(t *testing.T) {
	t.Parallel()
	zone, err := booking.LoadZone("America/St_Johns")
	if err != nil {
		t.Fatal(err)
	}
	q := barbers(t)
	q.Zone = zone
	q.Service.HorizonDays = 1
	midnight := time.Date(2006, 10, 29, 2, 30, 0, 0, time.UTC) // a minute later it is 23:01 again
	for _, tt := range []struct {
		now  time.Time
		want bool
	}{
		{midnight.Add(-1), false},
		{midnight, true},
		{midnight.Add(10 * time.Minute), true},
		{midnight.Add(2 * time.Hour), true},
	} {
		q.Now = tt.now
		day := availability.ForDay(q, booking.Date{Year: 2006, Month: 10, Day: 30})
		if bookable := len(day.Starts) > 0; bookable != tt.want || day.Boundary.Equal(midnight) != tt.want {
			t.Errorf("at %v: bookable %v since %v, want %v", tt.now.In(zone), bookable, day.Boundary, tt.want)
		}
	}
}

func TestAServiceThatRequiresNothingHasNoStarts(t *testing.T) {
	t.Parallel()
	q := barbers(t)
	q.Service.Requires = nil
	if day := availability.ForDay(q, tuesday); len(day.Starts) != 0 {
		t.Errorf("%d starts", len(day.Starts))
	}
}

func TestNoDays(t *testing.T) {
	t.Parallel()
	if days := availability.ForDays(barbers(t), tuesday, tuesday.AddDays(-1)); len(days) != 0 {
		t.Errorf("%d days", len(days))
	}
}
