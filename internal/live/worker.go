package live

import "sync"

// Worker is work that is asked for again and again: it runs in a goroutine of its own, never twice at once, and whoever asks while
// it runs has it run once more afterwards. Between runs there is no goroutine, so something that waits costs nothing.
//
// The zero value with Work set is ready for use.
type Worker struct {
	// Work is the work. Set it before the first Trigger.
	Work func()

	mu        sync.Mutex
	running   bool
	triggered bool
	stopped   bool
	ended     chan struct{} // made by a Stop that has to wait
}

// Trigger has the work run, in its goroutine. It does not wait.
func (w *Worker) Trigger() {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case w.stopped:
	case w.running:
		w.triggered = true
	default:
		w.running = true
		go w.loop()
	}
}

func (w *Worker) loop() {
	for {
		w.Work()
		if !w.next() {
			return
		}
	}
}

// next tells whether somebody asked meanwhile, and else ends the worker.
func (w *Worker) next() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.triggered && !w.stopped {
		w.triggered = false
		return true
	}
	w.running = false
	if w.ended != nil {
		close(w.ended)
		w.ended = nil
	}
	return false
}

// Stop waits until the run under way, if there is one, has ended. No other begins. It may be called more than once, but not by
// the worker itself.
func (w *Worker) Stop() {
	w.mu.Lock()
	w.stopped = true
	var ended chan struct{}
	if w.running {
		if w.ended == nil {
			w.ended = make(chan struct{})
		}
		ended = w.ended
	}
	w.mu.Unlock()
	if ended != nil {
		<-ended
	}
}
