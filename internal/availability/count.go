package availability

import (
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/schedule"
)

// CountStarts is how many starts the local dates from..to, both inclusive, have at most by the opening hours of the service's resources.
// It asks no ledger, so it costs little, however many there are.
func CountStarts(q Query, from, to booking.Date) int {
	begin, end := schedule.DateBounds(q.Zone, from, to)
	step := int(q.Service.Step / time.Minute)
	if step < 1 || !begin.Before(end) {
		return 0
	}
	type opening struct{ start, end int64 }
	counted := make(map[opening]struct{})
	isStart := make([]bool, int(end.Sub(begin)/time.Minute)+1)
	n := 0
	mark := func(minute int) {
		if minute >= 0 && minute < len(isStart) && !isStart[minute] {
			isStart[minute] = true
			n++
		}
	}
	for _, id := range q.members() {
		if q.Resource != "" && id != q.Resource {
			continue
		}
		for _, o := range schedule.Openings(q.Resources[id].Schedule, q.Zone, from.AddDays(-1), to) {
			if !o.EvenStarts() { // a clock change: one by one
				for start := range o.Starts(q.Service.Step) {
					mark(int(start.Sub(begin) / time.Minute))
				}
				continue
			}
			known := opening{o.Start.Unix(), o.End.Unix()}
			if _, ok := counted[known]; ok { // most members of a pool have the same hours
				continue
			}
			counted[known] = struct{}{}
			last := min(int(o.End.Sub(begin)/time.Minute), len(isStart))
			for minute := int(o.Start.Sub(begin) / time.Minute); minute < last; minute += step {
				mark(minute)
			}
		}
	}
	return n
}
