package livetest

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"vacancy/internal/live"
	"vacancy/internal/live/wire"
)

// Reader has what a client of the live protocol has: the days of its query, and its position.
type Reader struct {
	Position string
	Stale    bool
	// Seen counts the events that it took.
	Seen map[live.Event]int
	// Reasons are those of its resets.
	Reasons []live.Reason

	days map[string]*Day
}

// Day is one day of an answer.
type Day struct {
	Date   string `json:"date"`
	Status string `json:"status"`
	Slots  []Slot `json:"slots"`
}

// Slot is one slot of an answer.
type Slot struct {
	Start     string `json:"start"`
	End       string `json:"end"`
	Remaining int    `json:"remaining"`
	Capacity  int    `json:"capacity"`
	Status    string `json:"status"`
}

// message has the members of all events.
type message struct {
	Position    string      `json:"position"`
	CommittedAt string      `json:"committed_at"`
	Stale       bool        `json:"stale"`
	Days        []Day       `json:"days"`
	Slots       []Slot      `json:"slots"`
	Reason      live.Reason `json:"reason"`
}

// Apply reduces one event, as api/live.md says.
func (r *Reader) Apply(event live.Event, data []byte) error {
	var m message
	if err := json.Unmarshal(data, &m); err != nil {
		return fmt.Errorf("event %s: %w", event, err)
	}
	if r.Seen == nil {
		r.Seen = make(map[live.Event]int)
	}
	r.Seen[event]++
	switch event {
	case live.EventSnapshot:
		r.days = make(map[string]*Day)
		for _, d := range m.Days {
			r.days[d.Date] = &d
		}
		r.Position, r.Stale = m.Position, m.Stale
	case live.EventDelta:
		r.Position = m.Position
		return r.merge(m)
	case live.EventReset:
		r.Reasons = append(r.Reasons, m.Reason)
	case live.EventStale:
		r.Stale = true
	case live.EventFresh:
		r.Stale = false
	case live.EventBooking, live.EventEvents, live.EventGoodbye:
	}
	return nil
}

func (r *Reader) merge(m message) error {
	for _, slot := range m.Slots {
		day := r.days[slot.Start[:len("2026-11-24")]]
		if day == nil {
			return fmt.Errorf("a slot on a day that was not asked for: %s", slot.Start)
		}
		day.Slots = slices.DeleteFunc(day.Slots, func(s Slot) bool { return s.Start == slot.Start })
		if slot.Status != "closed" {
			day.Slots = append(day.Slots, slot)
		}
	}
	for _, d := range m.Days {
		r.days[d.Date].Status = d.Status
	}
	return nil
}

// Pull takes every frame that a subscription has.
func (r *Reader) Pull(s *live.Subscription) error {
	for f := s.Next(); f != nil; f = s.Next() {
		if err := r.Apply(f.Event, wire.JSON(f)); err != nil {
			return err
		}
	}
	return nil
}

// Days are what the reader shows, in order.
func (r *Reader) Days() []Day {
	days := make([]Day, 0, len(r.days))
	for _, d := range r.days {
		day := *d
		day.Slots = slices.Clone(d.Slots)
		// Instants in one zone differ in their text only where the clock is put back; the offset orders those, the larger first.
		slices.SortFunc(day.Slots, func(a, b Slot) int {
			const wall = len("2026-11-24T09:00:00")
			if c := strings.Compare(a.Start[:wall], b.Start[:wall]); c != 0 {
				return c
			}
			return strings.Compare(b.Start[wall:], a.Start[wall:])
		})
		if day.Slots == nil {
			day.Slots = []Slot{}
		}
		days = append(days, day)
	}
	slices.SortFunc(days, func(a, b Day) int { return strings.Compare(a.Date, b.Date) })
	return days
}

// DaysOf are the days of an answer to GET.
func DaysOf(body []byte) ([]Day, error) {
	var m message
	err := json.Unmarshal(body, &m)
	return m.Days, err
}
