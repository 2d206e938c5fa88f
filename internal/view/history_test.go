package view_test

import (
	"context"
	"fmt"
	"testing"

	"vacancy/internal/booking"
	"vacancy/internal/store"
	"vacancy/internal/view"
)

// ways are all in which a view hears that the store has gone on. Each is given the last change.
var ways = map[string]func(ctx context.Context, v *view.View, last booking.Change) error{
	"a hint": func(ctx context.Context, v *view.View, last booking.Change) error {
		return v.Hint(ctx, "v", last.Revision)
	},
	"the check":         func(ctx context.Context, v *view.View, _ booking.Change) error { v.Check(ctx); return nil },
	"a change of later": func(ctx context.Context, v *view.View, last booking.Change) error { v.Apply(ctx, last); return nil },
	"a catching up": func(ctx context.Context, v *view.View, _ booking.Change) error {
		_, err := v.CatchUp(ctx, "v")
		return err
	},
	"a reader from elsewhere": func(ctx context.Context, v *view.View, last booking.Change) error {
		_, err := v.AtLeast(ctx, "v", revision(last.Revision))
		return err
	},
	"the desk": func(ctx context.Context, v *view.View, _ booking.Change) error {
		_, err := v.Reload(ctx, "v")
		return err
	},
}

// The database is put back to its beginning, and goes on without the view, in the same epoch or another: beyond what the view has,
// however far. However the view hears of it, nothing of the old history is left in its picture, and those who have seen that know.
func TestChangesOfAnotherHistory(t *testing.T) {
	t.Parallel()
	for name, hear := range ways {
		for _, epoch := range []booking.Epoch{"e1", "e2"} {
			for _, further := range []int{1, 2, store.MaxChanges + 1} {
				t.Run(fmt.Sprintf("%s, %s, %d", name, epoch, further), func(t *testing.T) {
					t.Parallel()
					if name == "a reader from elsewhere" && epoch != "e1" {
						return // see TestPositionOfAnotherEpoch
					}
					h := newHistory()
					v, _ := newView(h, 10)
					for range 3 {
						h.commit()
					}
					before := picture(t, v)
					last := h.restore(epoch, 3+further)
					if err := hear(t.Context(), v, last); err != nil {
						t.Fatal(err)
					}
					after := picture(t, v)
					if taken(before) != 3 || taken(after) != 0 || after.Epoch != epoch || after.Revision != last.Revision {
						t.Errorf("%d taken before, and %d after, at %d of %s", taken(before), taken(after), after.Revision, after.Epoch)
					}
					if after.Follows(before) || !after.Follows(after) {
						t.Error("the picture says that it follows the one of the old history")
					}
				})
			}
		}
	}
}

// The other history is exactly as long. The check, or whoever loads the venue, notices all the same.
func TestAnotherHistoryOfTheSameLength(t *testing.T) {
	t.Parallel()
	for name, hear := range ways {
		if name != "the check" && name != "the desk" && name != "a catching up" {
			continue // they tell of nothing that the view does not have
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHistory()
			v, _ := newView(h, 10)
			for range 3 {
				h.commit()
			}
			before := picture(t, v)
			if err := hear(t.Context(), v, h.restore("e1", 3)); err != nil {
				t.Fatal(err)
			}
			if after := picture(t, v); taken(after) != 0 || after.Revision != before.Revision || after.Follows(before) {
				t.Errorf("%d taken at %d", taken(after), after.Revision)
			}
		})
	}
}

// What was only gone on from is followed, also if it was too far to go step by step.
func TestSameHistoryIsFollowed(t *testing.T) {
	t.Parallel()
	for name, hear := range ways {
		for _, further := range []int{1, 2, store.MaxChanges + 1} {
			t.Run(fmt.Sprintf("%s, %d", name, further), func(t *testing.T) {
				t.Parallel()
				h := newHistory()
				v, _ := newView(h, 10)
				before := picture(t, v)
				var last booking.Change
				for range further {
					last = h.commit()
				}
				if err := hear(t.Context(), v, last); err != nil {
					t.Fatal(err)
				}
				if after := picture(t, v); taken(after) != further || !after.Follows(before) || before.Follows(after) {
					t.Errorf("%d taken at %d", taken(after), after.Revision)
				}
			})
		}
	}
}

// A commit is in doubt when the database is put back. What settles it takes its revision in the new history, which happens to be as
// long: it is the next change, but not of the picture.
func TestSettledInAnotherHistory(t *testing.T) {
	t.Parallel()
	h := newHistory()
	v, _ := newView(h, 10)
	for range 3 {
		h.commit()
	}
	picture(t, v)
	v.Apply(t.Context(), h.restore("e1", 4))
	if p := picture(t, v); taken(p) != 0 || p.Revision != 5 {
		t.Errorf("%d taken at %d", taken(p), p.Revision)
	}
}

// restore puts the history back to its beginning, from where it goes on with changes that take nothing, and returns the last.
func (h *history) restore(epoch booking.Epoch, changes int) (last booking.Change) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.epoch, h.changes = epoch, nil
	for range changes {
		last = h.add(nil)
	}
	return last
}
