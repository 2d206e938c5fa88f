package client

import (
	"encoding/json"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// A state that gets any mixture of deltas, late, merged and repeated, and of snapshots, equals a fresh snapshot.
func TestStateEqualsAFreshSnapshot(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		m, state := newModel(), new(State)
		state.Snapshot(m.snapshot())
		t.Repeat(map[string]func(*rapid.T){
			"change": func(t *rapid.T) {
				m.set(rapid.IntRange(0, halfHours-1).Draw(t, "slot"), rapid.IntRange(-1, 9).Draw(t, "remaining"))
			},
			"delta": func(t *rapid.T) {
				d := catchUp(t, m, state)
				if again := state.Delta(wired(t, d)); len(again) != 0 {
					t.Fatalf("the same delta a second time changed %v", again)
				}
			},
			"snapshot": func(t *rapid.T) { state.Snapshot(wired(t, m.snapshot())) },
		})
		catchUp(t, m, state)
		fresh := m.snapshot()
		if !state.Matches(fresh) || state.Position() != fresh.Position {
			t.Fatalf("the state\n%+v\nis not the snapshot\n%+v", state.Availability(), fresh)
		}
	})
}

// What a delta or a snapshot says to have changed is what is different, no more and no less.
func TestStateTellsWhatChanged(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		m, state := newModel(), new(State)
		for range rapid.IntRange(0, 20).Draw(t, "slots") {
			m.set(rapid.IntRange(0, halfHours-1).Draw(t, "slot"), rapid.IntRange(-1, 9).Draw(t, "remaining"))
		}
		if first := state.Snapshot(m.snapshot()); first != nil {
			t.Fatalf("the first snapshot changed %v", first)
		}
		before := state.Clone()
		for range rapid.IntRange(0, 20).Draw(t, "changes") {
			m.set(rapid.IntRange(0, halfHours-1).Draw(t, "slot"), rapid.IntRange(-1, 9).Draw(t, "remaining"))
		}
		byDelta, bySnapshot := state, before.Clone()
		d, _ := m.since(state.Position())
		for name, changes := range map[string][]Slot{"delta": byDelta.Delta(d), "snapshot": bySnapshot.Snapshot(m.snapshot())} {
			patched := before.Clone()
			if got := patched.Delta(Delta{Slots: changes, Days: m.snapshot().Days}); len(got) != len(changes) {
				t.Fatalf("%s: %d of %d changes are none", name, len(changes)-len(got), len(changes))
			}
			if !patched.Matches(m.snapshot()) {
				t.Fatalf("%s: the changes %v are not all", name, changes)
			}
		}
	})
}

func TestStateOutsideItsWindow(t *testing.T) {
	t.Parallel()
	m, state := newModel(), new(State)
	m.set(3, 5)
	state.Snapshot(m.snapshot())
	elsewhere := Slot{Start: m.start(-1), End: m.start(0), Remaining: 1, Capacity: 1, Status: Available}
	if changed := state.Delta(Delta{Position: "9", Slots: []Slot{elsewhere}, Days: []Day{{Date: "2020-01-01"}}}); changed != nil {
		t.Errorf("a slot outside the window changed %v", changed)
	}
	if !state.Matches(m.snapshot()) || state.Position() != "9" {
		t.Errorf("the state is %+v", state.Availability())
	}
}

func TestStateFreshness(t *testing.T) {
	t.Parallel()
	state, since := new(State), time.Unix(1_800_000_000, 0)
	state.Freshness(true, since)
	if a := state.Availability(); !a.Stale || !a.AsOf.Equal(since) {
		t.Errorf("stale since %s: %+v", since, a)
	}
	state.Freshness(false, since.Add(time.Minute))
	if a := state.Availability(); a.Stale || !a.AsOf.Equal(since.Add(time.Minute)) {
		t.Errorf("fresh: %+v", a)
	}
}

// Negative control: Matches sees each kind of difference.
func TestStateDoesNotMatchWhatDiffers(t *testing.T) {
	t.Parallel()
	m, state := newModel(), new(State)
	m.set(3, 5)
	state.Snapshot(m.snapshot())
	for name, change := range map[string]func(a *Availability){
		"a day less":  func(a *Availability) { a.Days = a.Days[1:] },
		"a status":    func(a *Availability) { a.Days[1].Status = Full },
		"a slot less": func(a *Availability) { a.Days[0].Slots = nil },
		"a place":     func(a *Availability) { a.Days[0].Slots[0].Remaining-- },
		"an end":      func(a *Availability) { a.Days[0].Slots[0].End = m.start(9) },
	} {
		a := m.snapshot()
		change(&a)
		if state.Matches(a) {
			t.Errorf("%s makes no difference", name)
		}
	}
}

// catchUp gives the state what it has missed, and returns it.
func catchUp(t *rapid.T, m *model, state *State) Delta {
	d, known := m.since(state.Position())
	if !known {
		t.Fatalf("the model does not know its own position %q", state.Position())
	}
	state.Delta(wired(t, d))
	return d
}

// wired is v after a journey over the network.
func wired[T any](t *rapid.T, v T) T {
	var back T
	data, err := json.Marshal(v)
	if err == nil {
		err = json.Unmarshal(data, &back)
	}
	if err != nil {
		t.Fatal(err)
	}
	return back
}
