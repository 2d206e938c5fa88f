package desk

import "runtime"

// AwaitWaiting returns when so many commands wait in the queue.
func (d *Desk) AwaitWaiting(n int) {
	d.await(func() bool { return d.queue.total >= n })
}

// AwaitRefusing returns when the queue is closed.
func (d *Desk) AwaitRefusing() {
	d.await(func() bool { return d.queue.stopped })
}

func (d *Desk) await(reached func() bool) {
	for {
		d.queue.mu.Lock()
		ok := reached()
		d.queue.mu.Unlock()
		if ok {
			return
		}
		runtime.Gosched()
	}
}
