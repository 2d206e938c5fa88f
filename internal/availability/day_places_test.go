package availability_test

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"vacancy/internal/availability"
	"vacancy/internal/booking"
	"vacancy/internal/ledger"
)

// room is how much of a day there is by the rules: the sums over its minutes that are starts, whoever chose what.
func (w *world) room(date booking.Date) availability.DayPlaces {
	var capacity, free, left int
	for i := range w.minutes {
		if booking.DateOf(w.instant(i)) != date {
			continue
		}
		j := w.judge(i, "")
		capacity += j.start.Capacity
		free += j.start.Remaining
		if j.err == nil {
			left += j.start.Remaining
		}
	}
	s := w.query.Service
	each := max(1, up(int((s.BufferBefore+s.Duration+s.BufferAfter)/time.Minute), int(s.Step/time.Minute)))
	return availability.DayPlaces{Capacity: up(capacity, each), Free: up(free, each), Left: up(left, each)}
}

// unitSeconds is what a claim takes by the rules: of the minutes from the first start of its resource that can be booked now to the end of
// the last, buffers included.
func (w *world) unitSeconds(date booking.Date, c booking.Claim) int64 {
	s := w.query.Service
	first, last := -1, -1
	for i := range w.minutes {
		if booking.DateOf(w.instant(i)) == date && w.judge(i, c.Resource).err == nil {
			if last = i; first < 0 {
				first = i
			}
		}
	}
	minutes := 0
	for i := w.minute(c.Start); first >= 0 && i < w.minute(c.End); i++ {
		if i >= first-int(s.BufferBefore/time.Minute) && i < last+int((s.Duration+s.BufferAfter)/time.Minute) {
			minutes++
		}
	}
	return int64(minutes) * int64(c.Units) * 60
}

func up(n, by int) int { return (n + by - 1) / by }

// checkRoom measures a day, and then adds and removes claims one by one. After each the room is what the rules say, and what measuring
// anew says.
func checkRoom(t *rapid.T, update func(*availability.MeasuredDay, booking.Claim)) error {
	w, date := drawWorld(t, nearby)
	date = date.AddDays(rapid.IntRange(-1, 1).Draw(t, "date"))
	all := w.claims
	present := make([]bool, len(all))
	ledgers := make(edits)
	w.query.Ledgers, w.claims = ledgers, nil
	for i, c := range all {
		if present[i] = rapid.Bool().Draw(t, "before"); present[i] {
			ledgers.change(c, (*ledger.Edit).Add)
		}
	}
	day := availability.MeasureDay(w.query, date)
	for i := -1; i < len(all); i++ {
		switch {
		case i < 0:
		case present[i]:
			ledgers.change(all[i], (*ledger.Edit).Remove)
		default:
			ledgers.change(all[i], (*ledger.Edit).Add)
		}
		if i >= 0 {
			present[i] = !present[i]
			update(day, all[i])
		}
		if got, want := day.DayPlaces(), availability.PlacesOn(w.query, date); got != want {
			return fmt.Errorf("after %d claims the room is %+v, and measured anew %+v", i+1, got, want)
		}
	}
	var claims []booking.Claim
	for i, c := range all {
		if present[i] {
			claims = append(claims, c)
		}
	}
	w = newWorld(w.query, date, nearby, claims)
	room, want := day.DayPlaces(), w.room(date)
	if room != want {
		return fmt.Errorf("now %v, %+v: the room is %+v, and by the rules %+v", w.query.Now, w.query.Service, room, want)
	}
	for _, c := range all {
		if got, want := day.UnitSeconds(c), w.unitSeconds(date, c); got != want {
			return fmt.Errorf("now %v, %+v: %+v takes %d unit seconds, and by the rules %d", w.query.Now, w.query.Service, c, got, want)
		}
	}
	if most := availability.MostPlaces(w.query.Service, w.query.Resources); most < room.Capacity {
		return fmt.Errorf("%+v has at most %d places, but %+v", w.query.Service, most, room)
	}
	return nil
}

// edits are ledgers that change, as those of a draft do.
type edits map[booking.ResourceID]*ledger.Edit

func (e edits) Taken(id booking.ResourceID, start, end time.Time) int {
	if edit, ok := e[id]; ok {
		return edit.Taken(start, end)
	}
	return 0
}

func (e edits) change(c booking.Claim, change func(*ledger.Edit, booking.Claim) error) {
	if e[c.Resource] == nil {
		e[c.Resource] = ledger.Ledger{}.Edit()
	}
	if err := change(e[c.Resource], c); err != nil {
		panic(err)
	}
}

// What a booking takes of a day of its own service is its places, and of a day of another as many as it is long.
func TestPlacesOfClaims(t *testing.T) {
	t.Parallel()
	chair := booking.Resource{ID: "chair", Capacity: 4}
	for day := range chair.Schedule.Weekly {
		chair.Schedule.Weekly[day] = []booking.Period{{Open: 9 * 60, Close: 17 * 60}}
	}
	cut := booking.Service{
		Duration: 30 * time.Minute, Step: 30 * time.Minute, BufferAfter: 10 * time.Minute, HorizonDays: 30,
		PartySize: booking.PartySize{Min: 1, Max: 4},
		Requires:  []booking.Requirement{{AnyOf: []booking.ResourceID{"chair"}, Units: 2}},
	}
	people := cut
	people.Requires = []booking.Requirement{{AnyOf: []booking.ResourceID{"chair"}, Units: 1, PerPerson: true}}
	now := time.Date(2026, 11, 23, 5, 0, 0, 0, time.UTC)
	at := func(hour, minute int) time.Time { return time.Date(2026, 11, 23, hour, minute, 0, 0, time.UTC) }
	for name, c := range map[string]struct {
		service booking.Service
		claim   booking.Claim
		want    int
	}{
		"its own":           {cut, booking.Claim{Resource: "chair", Start: at(9, 0), End: at(9, 40), Units: 2}, 1},
		"the last":          {cut, booking.Claim{Resource: "chair", Start: at(16, 30), End: at(17, 10), Units: 2}, 1},
		"three people":      {people, booking.Claim{Resource: "chair", Start: at(9, 0), End: at(9, 40), Units: 3}, 3},
		"of two hours":      {cut, booking.Claim{Resource: "chair", Start: at(9, 0), End: at(11, 0), Units: 2}, 3},
		"of half the units": {cut, booking.Claim{Resource: "chair", Start: at(9, 0), End: at(10, 20), Units: 1}, 1},
		"a little":          {cut, booking.Claim{Resource: "chair", Start: at(9, 0), End: at(9, 1), Units: 1}, 1},
		"before it opens":   {cut, booking.Claim{Resource: "chair", Start: at(8, 0), End: at(9, 0), Units: 2}, 0},
		"of another":        {cut, booking.Claim{Resource: "basin", Start: at(9, 0), End: at(10, 0), Units: 2}, 0},
	} {
		day := availability.MeasureDay(availability.Query{
			Zone: time.UTC, Service: c.service, Resources: map[booking.ResourceID]booking.Resource{"chair": chair},
			Ledgers: make(edits), Now: now,
		}, booking.DateOf(now))
		if got := day.Places(day.UnitSeconds(c.claim)); got != c.want {
			t.Errorf("%s: %d places; want %d", name, got, c.want)
		}
	}
}

// The room of a day is what the rules say, and stays so when it is kept and brought up to date claim by claim.
func TestRoomFollowsTheRules(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		if err := checkRoom(t, (*availability.MeasuredDay).Update); err != nil {
			t.Fatal(err)
		}
	})
}

// Negative controls: a room that is not brought up to date, or only where a claim begins, is found to be wrong.
func TestRoomControls(t *testing.T) {
	t.Parallel()
	for name, update := range map[string]func(*availability.MeasuredDay, booking.Claim){
		"never": func(*availability.MeasuredDay, booking.Claim) {},
		"the first minute": func(d *availability.MeasuredDay, c booking.Claim) {
			c.End = c.Start.Add(time.Minute)
			d.Update(c)
		},
		"another resource": func(d *availability.MeasuredDay, c booking.Claim) {
			c.Resource = "m0"
			d.Update(c)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			caught := false
			for seed := range 400 {
				fails := rapid.Custom(func(t *rapid.T) bool { return checkRoom(t, update) != nil }).Example(seed)
				if caught = fails; caught {
					break
				}
			}
			if !caught {
				t.Error("it was not found, so the property proves nothing")
			}
		})
	}
}
