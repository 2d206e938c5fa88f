package ledger_test

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"vacancy/internal/booking"
	"vacancy/internal/ledger"
)

// cells is the naive ledger: the units taken in each of a row of equal cells of time.
type cells struct {
	begin time.Time
	unit  time.Duration
	taken []int
	since time.Time // what is before is forgotten
}

func (c *cells) add(i, j, units int) {
	for ; i < j; i++ {
		c.taken[i] += units
	}
}

// extremes looks at the cells [i, j), those that are forgotten left out; a cell in which the ledger begins to know counts.
func (c *cells) extremes(i, j int) (least, most int) {
	least = math.MaxInt
	for ; i < j; i++ {
		if c.instant(i + 1).After(c.since) {
			least, most = min(least, c.taken[i]), max(most, c.taken[i])
		}
	}
	return least, most
}

func (c *cells) forget(before time.Time) {
	if midnight := before.UTC().Truncate(24 * time.Hour); midnight.After(c.since) {
		c.since = midnight
	}
}

func (c *cells) clone() cells {
	copied := *c
	copied.taken = slices.Clone(c.taken)
	return copied
}

func (c *cells) instant(i int) time.Time { return c.begin.Add(time.Duration(i) * c.unit) }

func (c *cells) claim(i, j, units int) booking.Claim {
	return booking.Claim{Start: c.instant(i), End: c.instant(j), Units: units}
}

// operation is one step of a history, on the cells [i, j).
type operation struct {
	kind  string
	i, j  int
	units int
}

// history is a row of cells and what happens to it.
type history struct {
	begin      time.Time
	unit       time.Duration
	operations []operation
}

const cellCount = 150

func drawHistory(t *rapid.T) history {
	h := history{
		// Around the change of a day, now and before 1970. The cells do not divide a day, except for hours.
		begin: time.Unix(rapid.SampledFrom([]int64{0, -86_400, 1_793_000_000, -3_000_000_000}).Draw(t, "begin"), 0).
			Add(time.Duration(rapid.IntRange(-500, 500).Draw(t, "offset")) * time.Second),
		unit: rapid.SampledFrom([]time.Duration{time.Second, 7 * time.Second, time.Minute, 59 * time.Minute, time.Hour, 13 * time.Hour}).
			Draw(t, "unit"),
	}
	kinds := []string{"add", "add", "add", "add", "remove", "remove", "remove what is not there", "freeze", "forget"}
	for range rapid.IntRange(1, 60).Draw(t, "operations") {
		i := rapid.IntRange(0, cellCount-1).Draw(t, "i")
		h.operations = append(h.operations, operation{
			kind: rapid.SampledFrom(kinds).Draw(t, "kind"),
			i:    i, j: rapid.IntRange(i+1, cellCount).Draw(t, "j"),
			units: rapid.IntRange(1, 5).Draw(t, "units"),
		})
	}
	return h
}

// mutation spoils the ledger between the steps of a history; the genuine one does nothing.
type mutation struct {
	afterFreeze func(*ledger.Edit)
	taken       func(e *ledger.Edit, start, end time.Time) int
}

var genuine = mutation{afterFreeze: func(*ledger.Edit) {}, taken: (*ledger.Edit).Taken}

// frozen is a ledger, and what it must go on saying.
type frozen struct {
	ledger ledger.Ledger
	model  cells
}

// replay runs the history on a ledger and on cells side by side, and says where they differ.
func (h history) replay(m mutation) error {
	edit := ledger.Ledger{}.Edit()
	model := cells{begin: h.begin, unit: h.unit, taken: make([]int, cellCount)}
	var added []operation
	var snapshots []frozen
	for n, op := range h.operations {
		var err, want error
		switch op.kind {
		case "add":
			err = edit.Add(model.claim(op.i, op.j, op.units))
			model.add(op.i, op.j, op.units)
			added = append(added, op)
		case "remove":
			if len(added) == 0 {
				continue
			}
			which := op.units * op.i % len(added)
			was := added[which]
			added = slices.Delete(added, which, which+1)
			err = edit.Remove(model.claim(was.i, was.j, was.units))
			model.add(was.i, was.j, -was.units)
		case "remove what is not there":
			if least, _ := model.extremes(op.i, op.j); least >= op.units {
				continue // it would take from other claims: that is for the caller to avoid
			}
			want = ledger.ErrNotTaken
			err = edit.Remove(model.claim(op.i, op.j, op.units))
		case "freeze":
			snapshots = append(snapshots, frozen{edit.Ledger(), model.clone()})
			m.afterFreeze(edit)
		case "forget":
			edit = edit.Ledger().Forget(model.instant(op.i)).Edit()
			model.forget(model.instant(op.i))
		}
		if !errors.Is(err, want) {
			return fmt.Errorf("step %d, %v: %w, want %w", n, op, err, want)
		}
		if err := model.differ(func(start, end time.Time) int { return m.taken(edit, start, end) }); err != nil {
			return fmt.Errorf("step %d, %v: %w", n, op, err)
		}
	}
	for n, s := range append(snapshots, frozen{edit.Ledger(), model}) {
		if err := errors.Join(s.ledger.Problem(), s.model.differ(s.ledger.Taken)); err != nil {
			return fmt.Errorf("ledger frozen as number %d: %w", n, err)
		}
	}
	return nil
}

// differ compares single cells, longer spans, and all there is.
func (c *cells) differ(taken func(start, end time.Time) int) error {
	for i := range c.taken {
		for _, j := range [2]int{i + 1, min(i+1+i%17, cellCount)} {
			if got, want := taken(c.instant(i), c.instant(j)), c.most(i, j); got != want {
				return fmt.Errorf("taken in cells %d to %d: %d, want %d", i, j, got, want)
			}
		}
	}
	if got, want := taken(c.instant(-1000), c.instant(cellCount+1000)), c.most(0, cellCount); got != want {
		return fmt.Errorf("taken at all: %d, want %d", got, want)
	}
	return nil
}

func (c *cells) most(i, j int) int {
	_, most := c.extremes(i, j)
	return most
}

// A ledger says what cells of time counted one by one say, through any history, and so does every ledger frozen on the way.
func TestLedgerIsWhatCountingSays(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		if err := drawHistory(t).replay(genuine); err != nil {
			t.Fatal(err)
		}
	})
}

// Negative controls: the same property fails for a ledger whose days an edit changes in place, and for one that takes the end of a
// span for a part of it.
func TestCountingCatchesMutants(t *testing.T) {
	t.Parallel()
	for name, mutant := range map[string]mutation{
		"a frozen ledger changes": {afterFreeze: (*ledger.Edit).Unshare, taken: (*ledger.Edit).Taken},
		"ends are included": {
			afterFreeze: genuine.afterFreeze,
			taken:       func(e *ledger.Edit, start, end time.Time) int { return e.Taken(start, end.Add(time.Second)) },
		},
		"only the beginning counts": {
			afterFreeze: genuine.afterFreeze,
			taken:       func(e *ledger.Edit, start, _ time.Time) int { return e.Taken(start, start.Add(time.Second)) },
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			histories := rapid.Custom(drawHistory)
			for seed := range 200 {
				if histories.Example(seed).replay(mutant) != nil {
					return
				}
			}
			t.Error("counting sees nothing wrong")
		})
	}
}

// Equal claims make equal ledgers, in whatever order they came and whatever came and went in between: nothing is left behind.
func TestNothingIsLeftBehind(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		h := drawHistory(t)
		model := cells{begin: h.begin, unit: h.unit, taken: make([]int, cellCount)}
		edit := ledger.Ledger{}.Edit()
		for _, op := range h.operations {
			if err := edit.Add(model.claim(op.i, op.j, op.units)); err != nil {
				t.Fatal(err)
			}
		}
		for _, op := range rapid.Permutation(h.operations).Draw(t, "order") {
			if err := edit.Remove(model.claim(op.i, op.j, op.units)); err != nil {
				t.Fatal(err)
			}
		}
		if days := edit.Ledger().Days(); days != 0 {
			t.Fatalf("%d days are left of an empty ledger", days)
		}
	})
}
