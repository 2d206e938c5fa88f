package desk

import (
	"context"
	"time"
)

// runSweeps deletes what is past its retention, until the desk closes: idempotency answers, ended holds, old changes, tags. It is
// apart from the expiry of holds, which must not wait for it.
func (d *Desk) runSweeps() {
	sweeping, erasing := time.NewTicker(sweepInterval), time.NewTicker(eraseInterval)
	defer sweeping.Stop()
	defer erasing.Stop()
	for {
		select {
		case <-d.running.Done():
			return
		case <-sweeping.C:
			d.sweep("idempotency answers", d.config.Store.SweepAnswers)
			d.sweep("ended holds and old changes", func(ctx context.Context, limit int) (int, error) {
				return d.config.Store.Trim(ctx, d.config.Retention, limit)
			})
		case <-erasing.C:
			d.sweep("tags that are counted no more", d.config.Store.EraseTags)
		}
	}
}

// sweep deletes some at a time, so that nobody waits long for the writer.
func (d *Desk) sweep(what string, some func(context.Context, int) (int, error)) {
	for {
		n, err := some(d.running, sweepBatch)
		if err != nil && d.running.Err() == nil {
			d.config.Log.Warn("what is past its time could not be deleted; trying again later", "what", what, "error", err)
		}
		if err != nil || n < sweepBatch {
			return
		}
	}
}
