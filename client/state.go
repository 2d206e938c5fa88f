package client

import (
	"slices"
	"time"
)

// Delta is a change of availability as the live protocol sends it: absolute values, so that applying one twice does no harm.
type Delta struct {
	Position string `json:"position"`
	// CommittedAt is when the oldest change in the delta was committed, to the microsecond. Zero if only time passed.
	CommittedAt time.Time `json:"committed_at"`
	// Slots are whole. One with the status [Closed] is no more.
	Slots []Slot `json:"slots"`
	// Days have a status, and no slots.
	Days []Day `json:"days"`
}

// State is a window of availability, kept up to date by snapshots and deltas. After the deltas up to a position it equals what
// [Client.Availability] returns at that position. It is plain data: it does no I/O, and its caller keeps goroutines apart.
//
// The zero value is empty, and waits for a snapshot.
type State struct {
	now Availability
}

// Availability is the present state. The caller must not change it, and it is valid until the next snapshot or delta; use
// [State.Clone] to keep it.
func (s *State) Availability() Availability { return s.now }

// Position is how far the state has seen the venue's changes, or "".
func (s *State) Position() string { return s.now.Position }

// Clone returns a copy that stays as it is.
func (s *State) Clone() *State { return &State{now: cloned(s.now)} }

// Snapshot replaces the state. It returns the slots that differ from before, with those that are gone as [Closed]; nothing the
// first time. It keeps no part of a.
func (s *State) Snapshot(a Availability) []Slot {
	before := s.now
	s.now = cloned(a)
	if before.Days == nil {
		return nil
	}
	return differences(before.Days, s.now.Days)
}

// Delta applies a change. It returns the slots that differ from before. Days outside the window are passed over.
func (s *State) Delta(d Delta) []Slot {
	var changed []Slot
	for _, slot := range d.Slots {
		if day := s.dayOf(slot.Start); day != nil && day.setSlot(slot) {
			changed = append(changed, slot)
		}
	}
	for _, news := range d.Days {
		if day := s.day(news.Date); day != nil {
			day.Status = news.Status
		}
	}
	s.now.Position = d.Position
	return changed
}

// Freshness notes since when the server could not check the state (stale), or that it can again.
func (s *State) Freshness(stale bool, asOf time.Time) { s.now.Stale, s.now.AsOf = stale, asOf }

// Matches tells whether the state has the days and slots of a. Position and freshness are left aside.
func (s *State) Matches(a Availability) bool {
	return slices.EqualFunc(s.now.Days, a.Days, func(x, y Day) bool {
		return x.Date == y.Date && x.Status == y.Status && slices.EqualFunc(x.Slots, y.Slots, Slot.Equal)
	})
}

// dayOf is the day on whose date, at its own offset, a start lies.
func (s *State) dayOf(start time.Time) *Day {
	var buffer [len(time.DateOnly)]byte
	date := start.AppendFormat(buffer[:0], time.DateOnly)
	for i := range s.now.Days {
		if s.now.Days[i].Date == string(date) {
			return &s.now.Days[i]
		}
	}
	return nil
}

func (s *State) day(date string) *Day {
	for i := range s.now.Days {
		if s.now.Days[i].Date == date {
			return &s.now.Days[i]
		}
	}
	return nil
}

// setSlot inserts, replaces or removes a slot, and tells whether that made a difference.
func (d *Day) setSlot(slot Slot) bool {
	i, found := slices.BinarySearchFunc(d.Slots, slot.Start, func(s Slot, start time.Time) int { return s.Start.Compare(start) })
	switch {
	case slot.Status == Closed && !found, found && d.Slots[i].Equal(slot):
		return false
	case slot.Status == Closed:
		d.Slots = slices.Delete(d.Slots, i, i+1)
	case found:
		d.Slots[i] = slot
	default:
		d.Slots = slices.Insert(d.Slots, i, slot)
	}
	return true
}

// differences are the slots of after that are not the same in before, and those of before that are no more.
func differences(before, after []Day) []Slot {
	old := make(map[int64]Slot)
	for _, day := range before {
		for _, slot := range day.Slots {
			old[slot.Start.UnixNano()] = slot
		}
	}
	var changed []Slot
	for _, day := range after {
		for _, slot := range day.Slots {
			key := slot.Start.UnixNano()
			if was, ok := old[key]; !ok || !was.Equal(slot) {
				changed = append(changed, slot)
			}
			delete(old, key)
		}
	}
	for _, gone := range old {
		gone.Remaining, gone.Capacity, gone.Status = 0, 0, Closed
		changed = append(changed, gone)
	}
	slices.SortFunc(changed, func(a, b Slot) int { return a.Start.Compare(b.Start) })
	return changed
}

func cloned(a Availability) Availability {
	a.Days = slices.Clone(a.Days)
	for i := range a.Days {
		a.Days[i].Slots = slices.Clone(a.Days[i].Slots)
	}
	return a
}
