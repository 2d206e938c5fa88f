package desk

import (
	"context"
	"errors"
	"time"
)

// The call chain of a write, each calling the next:
//
//	runLane             one goroutine: dequeues batches, one transaction after the other
//	commitBatches       halves what failed, and answers the callers
//	commitWithRetries   settles a commit in doubt, and publishes to the view     (transaction.go)
//	runTransaction      begins anew while the view is behind
//	tryTransaction      one transaction of the store
//	decideBatches       all commands of all its venues, on new drafts
//	decideCommand       one command

// lane is one goroutine that runs transactions.
type lane struct {
	*Desk
	progress progress
	// replaced: a commit of this lane was in doubt, and another goroutine has taken its place.
	replaced bool
}

// runLane works off batches until the queue is closed and empty, or the lane is replaced.
func (d *Desk) runLane() {
	l := d.newLane()
	defer d.forgetLane(l)
	defer func() {
		if fault := recover(); fault != nil {
			d.reportPanic(fault)
		}
	}()
	for !l.replaced {
		dequeued := d.queue.dequeue(d.config.VenuesPerTransaction)
		if dequeued == nil {
			return
		}
		l.progress.working.Store(true)
		if batches := startBatches(dequeued); len(batches) > 0 {
			_ = l.commitBatches(batches, time.Now().Add(batchTimeout)) // all are answered
		}
		d.queue.release(dequeued)
		l.progress.working.Store(false)
		l.progress.step()
	}
	d.settling.Add(-1)
}

// leave has another goroutine take the lane's place, so that other venues go on while this one settles what is in doubt, and decides
// its batches again if they did not happen. Their venues stay with it. It is a bounded help: where every commit is in doubt, the lanes
// wait for their own.
func (l *lane) leave() {
	if l.replaced {
		return
	}
	if l.settling.Add(1) > int64(l.config.Lanes*maxSettlingPerLane) {
		l.settling.Add(-1)
		return
	}
	l.replaced = true
	l.working.Go(l.runLane)
}

// commitBatches decides batches in one transaction, and answers every command, by the deadline. If something in them made the
// transaction fail, nothing of it was committed, and each half runs alone, the first one first: what is wrong is found by halving, so
// that one bad command among n costs about 2 log n transactions and not n, and all others are decided as if it were not there. The
// error is that of the last transaction.
func (l *lane) commitBatches(batches []*batch, deadline time.Time) error {
	err := l.commitWithRetries(batches, deadline)
	l.noteOutage(err)
	first, second := halve(batches, err, time.Until(deadline))
	if second == nil {
		answerBatches(batches, err)
		return err
	}
	firstDeadline := deadline
	if contended(err) { // what delays the first half must leave time for the second
		firstDeadline = time.Now().Add(time.Until(deadline) / 2)
	}
	if err := l.commitBatches(first, firstDeadline); unavailable(err) {
		answerBatches(second, notAttempted(err))
		return err
	}
	return l.commitBatches(second, deadline)
}

// noteOutage remembers when the store was last away for a write.
func (d *Desk) noteOutage(err error) {
	switch {
	case err == nil:
		d.outage.Store(0)
	case unavailable(err), errors.Is(err, context.DeadlineExceeded):
		d.outage.Store(time.Now().UnixNano())
	}
}
