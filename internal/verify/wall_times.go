package verify

import (
	"cmp"
	"slices"
	"time"

	"vacancy/internal/booking"
)

// A booking keeps what the venue's clock shows at its start, since that is what was promised. It follows from the start and from the zone
// that the venue had when the booking was made: a zone is changed for another only while no booking is ahead, or if both have the same
// rules.
//
// The rules of a zone may be changed by its government after a booking was made. Then all bookings that were made before differ from what
// the clock shows now, by the same time, and none that was made later does.

// wallTimes compares what the bookings of a venue promise with the clocks of its zones.
type wallTimes struct {
	zones     shared[string]
	locations []*time.Location // of zones; nil: this program does not know it
	// before are the numbers of the zones that the venue is known to have had up to the checkpoint. There may have been others in the past.
	before []int32
	// agreeing is when the first booking was made that agrees with the clock, in each period of a clock. Unix microseconds.
	agreeing map[clockPeriod]int64
	// differing are bookings that differ by a time by which the clock is changed.
	differing map[differingPeriod]*deviation
}

// clockPeriod is a time over which a zone's clock is not changed, by its first instant in Unix seconds.
type clockPeriod struct {
	zone  int32
	start int64
}

// differingPeriod is one with what the offset of a clock would have to be there, in seconds, for what was promised.
type differingPeriod struct {
	clockPeriod
	offset int64
}

type deviation struct {
	example booking.Booking
	count   int
	// latest is when the last of them was made, in Unix microseconds.
	latest int64
}

// beforeHistory is the number of the zone of bookings that were made before the checkpoint, and unknownZone of those of no venue.
const (
	beforeHistory int32 = -1
	unknownZone   int32 = -2
)

const wallTimeForm = "2006-01-02T15:04:05"

// zone is the number of a venue's zone.
func (w *wallTimes) zone(v *booking.Venue) int32 {
	if v == nil {
		return unknownZone
	}
	n := w.zones.number(v.TimeZone)
	if int(n) == len(w.locations) {
		zone, err := booking.LoadZone(v.TimeZone)
		if err != nil {
			zone = nil
		}
		w.locations = append(w.locations, zone)
	}
	return n
}

// hadBefore notes a zone that the venue had up to the checkpoint.
func (w *wallTimes) hadBefore(v *booking.Venue) {
	if n := w.zone(v); n >= 0 && !slices.Contains(w.before, n) {
		w.before = append(w.before, n)
	}
}

// check compares a booking that was made when the venue had a zone. ahead tells of one that was made before the checkpoint whether it
// starts later: the zone that the venue had by then, which is the last that is known, has the rules of its own.
func (w *wallTimes) check(b booking.Booking, zone int32, ahead bool, fault func(string, ...any)) {
	wall, err := time.Parse(wallTimeForm, b.WallStart)
	if err != nil || wall.Format(wallTimeForm) != b.WallStart {
		fault("its wall time is none")
		return
	}
	offset := wall.Unix() - b.Start.Unix()
	if zone != beforeHistory {
		w.compare(b, zone, offset, fault)
		return
	}
	for _, n := range w.before {
		if w.locations[n] == nil || offsetAt(w.locations[n], b.Start) == offset {
			return
		}
	}
	switch last := len(w.before) - 1; {
	case ahead && last >= 0:
		w.compare(b, w.before[last], offset, fault)
	case offset%60 != 0 || offset < minOffset || offset > maxOffset:
		fault("its wall time is %s, which no clock shows at its start, %s", b.WallStart, instant(b.Start))
	}
}

// compare compares with the clock of one zone.
func (w *wallTimes) compare(b booking.Booking, n int32, offset int64, fault func(string, ...any)) {
	if n < 0 || w.locations[n] == nil {
		return // settings that are missing are told of by themselves
	}
	zone := w.locations[n]
	period := clockPeriod{n, periodStart(zone, b.Start)}
	made := b.CreatedAt.UnixMicro()
	switch {
	case offsetAt(zone, b.Start) == offset:
		if w.agreeing == nil {
			w.agreeing = make(map[clockPeriod]int64)
		}
		if first, some := w.agreeing[period]; !some || made < first {
			w.agreeing[period] = made
		}
	case !hasOffset(zone, b.Start, offset):
		fault("its wall time is %s, and the clock of %s shows %s at its start", b.WallStart, zone, b.Start.In(zone).Format(wallTimeForm))
	default:
		if w.differing == nil {
			w.differing = make(map[differingPeriod]*deviation)
		}
		of := differingPeriod{period, offset}
		if w.differing[of] == nil {
			w.differing[of] = &deviation{example: booking.Booking{ID: b.ID, Start: b.Start, WallStart: b.WallStart}}
		}
		w.differing[of].count++
		w.differing[of].latest = max(w.differing[of].latest, made)
	}
}

// endOfWallTimes tells of the bookings that differ by a time by which the clock is changed: as a warning if they may come from other rules
// of the zone, and as a problem if one of them was made after one that agrees. A single one is taken for damage.
func (v *venue) endOfWallTimes() {
	w := &v.wallTimes
	periods := make([]differingPeriod, 0, len(w.differing))
	for of := range w.differing {
		periods = append(periods, of)
	}
	slices.SortFunc(periods, func(a, b differingPeriod) int {
		return cmp.Or(cmp.Compare(a.zone, b.zone), cmp.Compare(a.start, b.start), cmp.Compare(a.offset, b.offset))
	})
	for _, of := range periods {
		d, zone := w.differing[of], w.locations[of.zone]
		first, some := w.agreeing[of.clockPeriod]
		tell := v.problem
		if d.count > 1 && (!some || d.latest < first) {
			tell = v.warn
		}
		tell("booking %s: its wall time is %s, and the clock of %s shows %s at its start; %s of the time differ so, and if these are all that "+
			"were made before the rules of the zone were changed, this is why", name(d.example.ID), d.example.WallStart, zone,
			d.example.Start.In(zone).Format(wallTimeForm), count(d.count, "booking"))
	}
}

func offsetAt(zone *time.Location, t time.Time) int64 {
	_, offset := t.In(zone).Zone()
	return int64(offset)
}

// periodStart is since when the clock shows the offset that it has at t, in Unix seconds.
func periodStart(zone *time.Location, t time.Time) int64 {
	start, _ := t.In(zone).ZoneBounds()
	return start.Unix()
}

// hasOffset tells whether the zone's clock has an offset at some time around t.
func hasOffset(zone *time.Location, t time.Time, offset int64) bool {
	for at := t.Add(-rulesAround); at.Before(t.Add(rulesAround)); at = at.Add(rulesStep) {
		if offsetAt(zone, at) == offset {
			return true
		}
	}
	return false
}
