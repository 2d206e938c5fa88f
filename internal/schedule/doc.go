// Package schedule turns a [booking.Schedule], which speaks of the clock on the wall, into instants, in any zone and across its
// clock changes. It is pure: no clock, no I/O, no goroutine. It imports booking and the standard library only.
//
//	hours := schedule.HoursOver(resource.Schedule, zone, from, to)
//	for _, start := range hours.Starts(step, from, to) {
//		if hours.Covers(start, start.Add(length)) { ... }
//	}
//
// The rules of local time:
//
//   - A period belongs to the date it starts on. "22:00-02:00" runs over midnight.
//   - An opening is the instant at which the clock shows it; if it shows it twice (a fold), the earlier one. A closing in a fold is
//     the later one. If the clock skips it (a gap), either is the end of the gap; a period that lies in a gap altogether is no
//     opening at all.
//   - A start is an instant of the opening at which the clock shows the opening's nominal time plus a whole number of steps: one
//     in a gap is skipped, one in a fold happens twice.
//   - Lengths are elapsed time. Openings that touch or overlap are one stretch of open time, over midnight too.
//
// Inside, instants are Unix seconds, and a "wall" is what a clock shows, as the Unix seconds of a UTC clock that shows the same.
package schedule
