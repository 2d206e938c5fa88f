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
func (w *world) room(date booking.Date) availability.Room {
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
	return availability.Room{Capacity: up(capacity, each), Free: up(free, each), Left: up(left, each), Scarce: 2*free <= capacity}
}

func up(n, by int) int { return (n + by - 1) / by }

// checkRoom measures a day, and then adds and removes claims one by one. After each the room is what the rules say, and what measuring
// anew says.
func checkRoom(t *rapid.T, update func(*availability.DayRoom, booking.Claim)) error {
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
		if got, want := day.Room(), availability.RoomOn(w.query, date); got != want {
			return fmt.Errorf("after %d claims the room is %+v, and measured anew %+v", i+1, got, want)
		}
	}
	var claims []booking.Claim
	for i, c := range all {
		if present[i] {
			claims = append(claims, c)
		}
	}
	if got, want := day.Room(), newWorld(w.query, date, nearby, claims).room(date); got != want {
		return fmt.Errorf("now %v, %+v: the room is %+v, and by the rules %+v", w.query.Now, w.query.Service, got, want)
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

// The room of a day is what the rules say, and stays so when it is kept and brought up to date claim by claim.
func TestRoomFollowsTheRules(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		if err := checkRoom(t, (*availability.DayRoom).Update); err != nil {
			t.Fatal(err)
		}
	})
}

// Negative controls: a room that is not brought up to date, or only where a claim begins, is found to be wrong.
func TestRoomControls(t *testing.T) {
	t.Parallel()
	for name, update := range map[string]func(*availability.DayRoom, booking.Claim){
		"never": func(*availability.DayRoom, booking.Claim) {},
		"the first minute": func(d *availability.DayRoom, c booking.Claim) {
			c.End = c.Start.Add(time.Minute)
			d.Update(c)
		},
		"another resource": func(d *availability.DayRoom, c booking.Claim) {
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
