package availability_test

import (
	"errors"
	"testing"
	"time"

	"vacancy/internal/availability"
	"vacancy/internal/booking"
)

// fit is the member that a party gets at a time of the day, or why not.
func fit(t *testing.T, q availability.Query, start string, party int) (booking.ResourceID, error) {
	t.Helper()
	claims, err := availability.Fit(q, clock(t, start), party)
	if err != nil {
		return "", err
	}
	if len(claims) != 1 {
		t.Fatalf("claims %v", claims)
	}
	return claims[0].Resource, nil
}

// The order of judgement: what was asked is wrong, no such start, too soon, beyond the horizon, no room.
func TestWhyNot(t *testing.T) {
	t.Parallel()
	q := barbers(t)
	q.Resource = "anna"
	q.Service.MinNotice = time.Hour
	book(t, q, "anna", "10:00", "10:30", 1)
	book(t, q, "anna", "14:30", "15:00", 1)
	at := func(start string) time.Time { return clock(t, start) }
	for name, tt := range map[string]struct {
		start, now time.Time
		want       error
	}{
		"accepted":                     {at("10:30"), at("09:29"), nil},
		"before the opening":           {at("08:30"), at("08:00"), booking.ErrNotASlot},
		"off the steps":                {at("09:15"), at("08:00"), booking.ErrNotASlot},
		"between two seconds":          {at("09:30").Add(1), at("08:00"), booking.ErrNotASlot},
		"over the closing":             {at("15:00"), at("08:00"), booking.ErrNotASlot},
		"no slot, though past":         {at("09:15"), at("17:00"), booking.ErrNotASlot},
		"past":                         {at("09:30"), at("17:00"), booking.ErrTooSoon},
		"just inside the notice":       {at("10:30"), at("09:30"), booking.ErrTooSoon},
		"too soon, though taken":       {at("10:00"), at("17:00"), booking.ErrTooSoon},
		"the last day of the horizon":  {at("09:30"), at("23:59").AddDate(0, 0, -30), nil},
		"a minute before it":           {at("09:30"), at("23:59").AddDate(0, 0, -31), booking.ErrBeyondHorizon},
		"beyond, though taken":         {at("10:00"), at("12:00").AddDate(0, -2, 0), booking.ErrBeyondHorizon},
		"taken":                        {at("10:00"), at("08:00"), booking.ErrSlotUnavailable},
		"long ago":                     {time.Time{}, at("08:00"), booking.ErrNotASlot},
		"in the last year that can be": {time.Date(9999, 12, 31, 9, 0, 0, 0, time.UTC), at("08:00"), booking.ErrBeyondHorizon},
	} {
		q := q
		q.Now = tt.now
		if _, err := availability.Fit(q, tt.start, 1); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", name, err, tt.want)
		}
	}
}

func TestWhatIsAskedMustBeTheServices(t *testing.T) {
	t.Parallel()
	q := barbers(t)
	ben := q.Resources["ben"]
	ben.Archived = true
	q.Resources["ben"] = ben
	delete(q.Resources, "cem")
	q.Resources["dora"] = booking.Resource{ID: "dora", Capacity: 1, Schedule: daily(t, "09:00-12:00")}
	for _, tt := range []struct {
		resource booking.ResourceID
		party    int
		want     []string
	}{
		{"", 1, nil},
		{"anna", 1, nil},
		{"", 0, []string{"party_size"}},
		{"", 2, []string{"party_size"}},
		{"ben", 1, []string{"resource"}},                 // archived
		{"cem", 1, []string{"resource"}},                 // required, but unknown
		{"dora", 1, []string{"resource"}},                // not in the pool
		{"dora", -1, []string{"party_size", "resource"}}, // both are named
	} {
		q.Resource = tt.resource
		_, err := availability.Fit(q, clock(t, "03:03"), tt.party)
		var invalid *booking.Invalid
		if !errors.As(err, &invalid) {
			if tt.want != nil {
				t.Errorf("%q, %d: %v, want a complaint about %v", tt.resource, tt.party, err, tt.want)
			}
			continue
		}
		if len(invalid.Fields) != len(tt.want) {
			t.Errorf("%q, %d: %v, want a complaint about %v", tt.resource, tt.party, err, tt.want)
			continue
		}
		for i, f := range invalid.Fields {
			if f.Field != tt.want[i] {
				t.Errorf("%q, %d: %v, want a complaint about %v", tt.resource, tt.party, err, tt.want)
			}
		}
	}
}

func TestClaimsHaveBuffers(t *testing.T) {
	t.Parallel()
	q := barbers(t)
	q.Service.BufferBefore, q.Service.BufferAfter = 20*time.Minute, 10*time.Minute
	claims, err := availability.Fit(q, clock(t, "09:00"), 1) // the buffer before lies outside the hours
	if err != nil {
		t.Fatal(err)
	}
	if c := claims[0]; !c.Start.Equal(clock(t, "08:40")) || !c.End.Equal(clock(t, "09:40")) || c.Units != 1 {
		t.Errorf("claim %+v", c)
	}
	for _, tt := range []struct {
		taken [2]string
		free  bool
	}{
		{[2]string{"08:00", "08:40"}, true},
		{[2]string{"08:00", "08:41"}, false},
		{[2]string{"09:40", "10:00"}, true},
		{[2]string{"09:39", "10:00"}, false},
	} {
		q.Ledgers = books{}
		q.Resource = "ben"
		book(t, q, "ben", tt.taken[0], tt.taken[1], 1)
		if _, err := fit(t, q, "09:00", 1); (err == nil) != tt.free {
			t.Errorf("beside %v: %v", tt.taken, err)
		}
	}
}

// Parties get the smallest table that is big enough, so that the big ones stay for big parties.
func TestTheTightestFitIsChosen(t *testing.T) {
	t.Parallel()
	q := barbers(t)
	q.Service.PartySize.Max = 8
	q.Service.Requires = []booking.Requirement{{AnyOf: []booking.ResourceID{"eight", "two", "four", "other"}, Units: 1, PerPerson: true}}
	for id, seats := range map[booking.ResourceID]int{"eight": 8, "two": 2, "four": 4, "other": 4} {
		q.Resources[id] = booking.Resource{ID: id, Capacity: seats, Schedule: daily(t, "18:00-23:00")}
	}
	for _, tt := range []struct {
		party int
		want  booking.ResourceID
	}{
		{1, "two"}, {2, "two"}, {3, "four"}, {4, "four"}, {5, "eight"}, {8, "eight"},
	} {
		if got, err := fit(t, q, "19:00", tt.party); got != tt.want || err != nil {
			t.Errorf("party of %d: %s, %v, want %s", tt.party, got, err, tt.want)
		}
	}
	book(t, q, "eight", "19:00", "19:30", 6) // two seats are left there, and four at the next
	book(t, q, "two", "19:00", "19:30", 2)
	if got, err := fit(t, q, "19:00", 2); got != "eight" || err != nil {
		t.Errorf("party of 2: %s, %v, want eight", got, err)
	}
	if _, err := fit(t, q, "19:00", 5); !errors.Is(err, booking.ErrSlotUnavailable) {
		t.Errorf("party of 5: %v", err) // enough seats, but not at one table
	}
}

// Among members that fit as tightly, the one with the least to do around that time serves; among those, the first in the pool.
func TestWorkSpreads(t *testing.T) {
	t.Parallel()
	q := barbers(t)
	served := map[booking.ResourceID]int{}
	for _, start := range []string{"09:00", "11:00", "10:00", "09:30", "10:30", "11:30"} {
		id, err := fit(t, q, start, 1)
		if err != nil {
			t.Fatal(err)
		}
		served[id]++
		end := clock(t, start).Add(30 * time.Minute).Format("15:04")
		book(t, q, id, start, end, 1)
	}
	for _, id := range q.Service.Requires[0].AnyOf {
		if served[id] != 2 {
			t.Errorf("%s served %d of 6, want 2 each: %v", id, served[id], served)
		}
	}
	q.Ledgers = books{}
	if id, err := fit(t, q, "09:00", 1); id != "anna" || err != nil {
		t.Errorf("%s, %v, want the first in the pool", id, err)
	}
}

// Work long before and long after does not count, work across midnight does.
func TestBusyIsMeasuredAroundTheStart(t *testing.T) {
	t.Parallel()
	q := barbers(t)
	pool := []booking.ResourceID{"ben", "cem"}
	q.Service.Requires[0].AnyOf = pool
	for _, id := range pool {
		q.Resources[id] = booking.Resource{ID: id, Capacity: 1, Schedule: daily(t, "20:00-04:00")}
	}
	book(t, q, "ben", "09:00", "18:00", 1) // another day's work, for the night
	book(t, q, "cem", "22:00", "22:30", 1)
	claims, err := availability.Fit(q, clock(t, "02:30").AddDate(0, 0, 1), 1)
	if err != nil || claims[0].Resource != "ben" {
		t.Errorf("%v, %v, want ben, who has nothing to do that night", claims, err)
	}
}
