package desk

import "context"

// sweep deletes what is past its time, some at a time so that nobody waits long for the writer.
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
