package outbox

import (
	"container/heap"
	"time"
)

// timers is a heap of venues, by wakeAt.
type timers []*venue

// Len is the heap's.
func (a *timers) Len() int { return len(*a) }

// Less is the heap's.
func (a *timers) Less(i, j int) bool { return (*a)[i].wakeAt.Before((*a)[j].wakeAt) }

// Swap is the heap's.
func (a *timers) Swap(i, j int) {
	all := *a
	all[i], all[j] = all[j], all[i]
	all[i].index, all[j].index = i, j
}

// Push is the heap's.
func (a *timers) Push(x any) {
	v, _ := x.(*venue)
	v.index = len(*a)
	*a = append(*a, v)
}

// Pop is the heap's.
func (a *timers) Pop() any {
	last := len(*a) - 1
	v := (*a)[last]
	(*a)[last] = nil
	*a = (*a)[:last]
	v.index = -1
	return v
}

// arm has a venue wake at a time.
func (u *unsent) arm(v *venue, at, now time.Time) {
	v.wakeAt = at
	heap.Push(&u.timers, v)
	u.setTimer(now)
}

func (u *unsent) disarm(v *venue) {
	if v.index >= 0 {
		heap.Remove(&u.timers, v.index)
	}
}

// setTimer sets the timer to what is next: a venue that wakes, or a try of the bus that somebody waits for.
func (u *unsent) setTimer(now time.Time) {
	var next time.Time
	if len(u.timers) > 0 {
		next = u.timers[0].wakeAt
	}
	waiting := !u.fresh.empty() || !u.background.empty()
	if at := u.breaker.retryAt; waiting && u.breaker.tripped() && at.After(now) && (next.IsZero() || at.Before(next)) {
		next = at
	}
	switch {
	case next.IsZero() || u.closed:
	case u.timer == nil:
		u.timer = time.AfterFunc(next.Sub(now), u.onTimer)
	default:
		u.timer.Reset(next.Sub(now))
	}
}

// onTimer puts in line what has woken, and has a worker try the bus if it is time.
func (u *unsent) onTimer() {
	u.mu.Lock()
	defer u.mu.Unlock()
	now := time.Now()
	for len(u.timers) > 0 && !u.timers[0].wakeAt.After(now) {
		v := u.timers[0]
		u.disarm(v)
		u.enqueue(v, &u.background)
	}
	u.arrived.Signal()
	u.setTimer(now)
}
