package live

import (
	"strconv"
	"time"

	"vacancy/internal/booking"
)

// Frames are encoded by hand: every member is a number, a time, or a word whose alphabet needs no escapes (ids, zones, statuses).
// A test reads them back with encoding/json.

const (
	// slotSize and daySize are how long the JSON of a slot and of a day is, about.
	slotSize = 130
	daySize  = 60

	// microseconds is the form of committed_at: by it the way of an update is measured.
	microseconds = "2006-01-02T15:04:05.000000Z"
	// milliseconds is the form of as_of.
	milliseconds = "2006-01-02T15:04:05.000Z"
)

// appendSnapshot appends everything that a state lists.
func (st *state) appendSnapshot(b []byte, position string, stale bool, asOf time.Time) []byte {
	b = append(append(b, `{"venue":"`...), st.query.Venue...)
	b = append(append(b, `","service":"`...), st.query.Service...)
	b = append(append(b, `","time_zone":"`...), st.zone.String()...)
	b = append(append(b, `","position":"`...), position...)
	b = asOf.UTC().AppendFormat(append(b, `","as_of":"`...), milliseconds)
	b = strconv.AppendBool(append(b, `","stale":`...), stale)
	b = append(b, `,"days":[`...)
	for i := range st.days {
		b = comma(b, i)
		b = st.appendDay(b, i)
		b = append(b, `,"slots":[`...)
		n := 0
		for j := range st.days[i].starts {
			if !st.days[i].starts[j].gone {
				b = st.appendSlot(comma(b, n), slotIndex{day: i, start: j})
				n++
			}
		}
		b = append(b, "]}"...)
	}
	return append(b, "]}"...)
}

// appendDelta appends the starts in places, and the days that they are of.
func (st *state) appendDelta(b []byte, position string, committed time.Time, places []slotIndex) []byte {
	b = append(append(b, `{"position":"`...), position...)
	b = committed.UTC().AppendFormat(append(b, `","committed_at":"`...), microseconds)
	b = append(b, `","slots":[`...)
	for i, at := range places {
		b = st.appendSlot(comma(b, i), at)
	}
	b = append(b, `],"days":[`...)
	last := -1
	for _, at := range places {
		if at.day == last {
			continue
		}
		if last >= 0 {
			b = append(b, ',')
		}
		b = append(st.appendDay(b, at.day), '}')
		last = at.day
	}
	return append(b, "]}"...)
}

// appendDay appends the beginning of a day's object, which is left open.
func (st *state) appendDay(b []byte, i int) []byte {
	b = append(append(b, `{"date":"`...), st.days[i].date.String()...)
	b = append(append(b, `","status":"`...), st.dayStatus(i)...)
	return append(b, '"')
}

func (st *state) appendSlot(b []byte, at slotIndex) []byte {
	slot := st.days[at.day].starts[at.start].slot(st.service, st.query.Party)
	b = slot.Start.In(st.zone).AppendFormat(append(b, `{"start":"`...), time.RFC3339)
	b = slot.End.In(st.zone).AppendFormat(append(b, `","end":"`...), time.RFC3339)
	b = strconv.AppendInt(append(b, `","remaining":`...), int64(slot.Remaining), 10)
	b = strconv.AppendInt(append(b, `,"capacity":`...), int64(slot.Capacity), 10)
	b = append(append(b, `,"status":"`...), slot.Status...)
	return append(b, `"}`...)
}

// dayStatus is the best status of a day's slots.
func (st *state) dayStatus(i int) booking.SlotStatus {
	best := booking.Closed
	for j := range st.days[i].starts {
		switch status := st.days[i].starts[j].slot(st.service, st.query.Party).Status; {
		case status == booking.Available:
			return booking.Available
		case status == booking.Limited, best == booking.Closed:
			best = status
		}
	}
	return best
}

func comma(b []byte, i int) []byte {
	if i > 0 {
		b = append(b, ',')
	}
	return b
}
