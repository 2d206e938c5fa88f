package desk

import (
	"errors"
	"fmt"
	"runtime/debug"
	"sync/atomic"
	"time"
)

// A lane that panics, or that makes no progress although everything it waits for has a bound, cannot be helped from within: what it has
// begun may hold the store's only writer. The desk reports that it has failed, once, and whoever runs it ends the process.

var (
	errLanePanicked = errors.New("a transaction panicked")
	errLaneStuck    = fmt.Errorf("a transaction has made no progress for %s", stuckAfter)
)

// progress is how far a lane has come: it is counted on with each step, and working is set while there is something to do.
type progress struct {
	steps   atomic.Int64
	working atomic.Bool
}

func (p *progress) step() { p.steps.Add(1) }

// newLane is a lane that is watched, until it is forgotten.
func (d *Desk) newLane() *lane {
	l := &lane{Desk: d}
	d.lanesMu.Lock()
	defer d.lanesMu.Unlock()
	d.lanes[l] = struct{}{}
	return l
}

func (d *Desk) forgetLane(l *lane) {
	d.lanesMu.Lock()
	defer d.lanesMu.Unlock()
	delete(d.lanes, l)
}

// reportPanic reports what a lane panicked with, which ends by it.
func (d *Desk) reportPanic(fault any) {
	if d.config.Failed == nil {
		panic(fault) // nobody is told otherwise, and a lane that is gone must not be taken for a quiet one
	}
	d.fail(fmt.Errorf("%w: %v\n%s", errLanePanicked, fault, debug.Stack()))
}

// fail reports the first failure.
func (d *Desk) fail(reason error) {
	d.failing.Do(func() {
		if d.config.Failed != nil {
			d.config.Failed(reason)
		}
	})
}

// runWatchdog counts, for each lane, the intervals in a row without a step, until the lanes have ended. It counts and does not measure: a
// process that was stopped for an hour finds one such interval and not an hour.
func (d *Desk) runWatchdog() {
	ticker := time.NewTicker(watchdogInterval)
	defer ticker.Stop()
	type state struct {
		steps  int64
		silent time.Duration
	}
	seen := make(map[*lane]state)
	for {
		select {
		case <-d.ended:
			return
		case <-ticker.C:
		}
		for _, l := range d.watched() {
			now := state{steps: l.progress.steps.Load()}
			if before, ok := seen[l]; ok && before.steps == now.steps && l.progress.working.Load() {
				now.silent = before.silent + watchdogInterval
			}
			if now.silent >= stuckAfter {
				d.fail(errLaneStuck)
			}
			seen[l] = now
		}
		for l := range seen {
			if !d.isWatched(l) {
				delete(seen, l)
			}
		}
	}
}

func (d *Desk) watched() []*lane {
	d.lanesMu.Lock()
	defer d.lanesMu.Unlock()
	lanes := make([]*lane, 0, len(d.lanes))
	for l := range d.lanes {
		lanes = append(lanes, l)
	}
	return lanes
}

func (d *Desk) isWatched(l *lane) bool {
	d.lanesMu.Lock()
	defer d.lanesMu.Unlock()
	_, ok := d.lanes[l]
	return ok
}
