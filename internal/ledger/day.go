package ledger

import "sort"

const secondsPerDay = 24 * 60 * 60

// point says that from its second of the day on, until the next point, level units are taken.
type point struct {
	at, level int
}

// day holds the levels of one UTC day, and never changes once it is made. Points ascend, and each level differs from the one before;
// before the first point nothing is taken, and the last level lasts until the end of the day. So equal levels are equal points.
type day struct {
	points []point
}

// before is how many points are earlier than a second of the day.
func (d *day) before(second int) int {
	return sort.Search(len(d.points), func(i int) bool { return d.points[i].at >= second })
}

// levelAt is the level at a second of the day, given how many points are earlier.
func (d *day) levelAt(second, before int) int {
	switch {
	case before < len(d.points) && d.points[before].at == second:
		return d.points[before].level
	case before > 0:
		return d.points[before-1].level
	}
	return 0
}

// extremes are the lowest and the highest level during the seconds [from, to) of the day.
func (d *day) extremes(from, to int) (least, most int) {
	i := d.before(from)
	least = d.levelAt(from, i)
	most = least
	for ; i < len(d.points) && d.points[i].at < to; i++ {
		if d.points[i].at > from {
			least, most = min(least, d.points[i].level), max(most, d.points[i].level)
		}
	}
	return least, most
}

// raised is the day with units more taken during [from, to), or fewer if units is negative.
func (d *day) raised(from, to, units int) *day {
	begin, end := d.before(from), d.before(to)
	after := d.levelAt(to, end)
	next := &day{points: make([]point, 0, len(d.points)+2)}

	next.points = append(next.points, d.points[:begin]...)
	next.set(from, d.levelAt(from, begin)+units)
	for _, p := range d.points[begin:end] {
		next.set(p.at, p.level+units)
	}
	if to < secondsPerDay {
		next.set(to, after)
		for _, p := range d.points[end:] {
			next.set(p.at, p.level)
		}
	}
	return next
}

// set appends a point, unless the level is that already.
func (d *day) set(second, level int) {
	current := 0
	if n := len(d.points); n > 0 {
		current = d.points[n-1].level
	}
	if level != current {
		d.points = append(d.points, point{at: second, level: level})
	}
}
