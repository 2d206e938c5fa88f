package ledger

import (
	"math"
	"slices"
	"sort"
	"time"
)

// Ledger is the units taken of one resource over time. It never changes; copies share their parts. The zero value is empty.
type Ledger struct {
	days days
	// since is the midnight from which on the ledger knows what is taken; see Forget. The zero time is before everything.
	since time.Time
}

// Taken is the most units taken at any instant of [start, end), 0 if that is empty.
func (l Ledger) Taken(start, end time.Time) int {
	_, most := l.days.extremes(start.Unix(), ceil(end))
	return most
}

// Edit begins a change. The ledger that it came from stays as it is.
func (l Ledger) Edit() *Edit { return &Edit{days: l.days, since: l.since, shared: true} }

// Forget drops the UTC days that are over by then, to free their memory. Nothing counts as taken on them any more, and edits leave
// out the parts of claims that lie on them: a claim that runs from a forgotten day into a kept one can still be removed.
func (l Ledger) Forget(before time.Time) Ledger {
	before = before.UTC().Truncate(secondsPerDay * time.Second)
	if !before.After(l.since) {
		return l
	}
	kept := l.days[l.days.find(dayOf(before.Unix())):]
	return Ledger{days: slices.Clone(kept), since: before}
}

// days are those on which anything is taken, ascending.
type days []entry

type entry struct {
	number int // days since 1970-01-01
	*day
}

// find is the index of the first day that is not before the numbered one.
func (ds days) find(number int) int {
	return sort.Search(len(ds), func(i int) bool { return ds[i].number >= number })
}

// extremes are the lowest and the highest level during [from, to), in Unix seconds.
func (ds days) extremes(from, to int64) (least, most int) {
	if from >= to {
		return 0, 0
	}
	first, last := dayOf(from), dayOf(to-1)
	begin := ds.find(first)
	end := begin
	least = math.MaxInt
	for ; end < len(ds) && ds[end].number <= last; end++ {
		low, high := ds[end].extremes(within(ds[end].number, from, to))
		least, most = min(least, low), max(most, high)
	}
	if end-begin <= last-first {
		least = 0 // on a day that is not there, nothing is taken
	}
	return least, most
}

// dayOf is the number of the UTC day that holds an instant.
func dayOf(instant int64) int {
	number := instant / secondsPerDay
	if instant%secondsPerDay < 0 {
		number--
	}
	return int(number)
}

// within are the seconds of the numbered day that [from, to) has of it.
func within(number int, from, to int64) (begin, end int) {
	midnight := int64(number) * secondsPerDay
	return int(max(from-midnight, 0)), int(min(to-midnight, secondsPerDay))
}

// ceil is the first whole second at t or after it.
func ceil(t time.Time) int64 {
	if t.Nanosecond() > 0 {
		return t.Unix() + 1
	}
	return t.Unix()
}
