package live

import "sync"

// Errand is work that is asked for again and again: it runs in a goroutine of its own, never twice at once, and whoever asks while
// it runs has it run once more afterwards. Between errands there is no goroutine, so something that waits costs nothing.
//
// The zero value with Do set is ready for use.
type Errand struct {
	// Do is the work. Set it before the first Ask.
	Do func()

	mu      sync.Mutex
	running bool
	again   bool
	stopped bool
	ended   chan struct{} // made by a Stop that has to wait
}

// Ask has the work done soon. It does not wait.
func (e *Errand) Ask() {
	e.mu.Lock()
	defer e.mu.Unlock()
	switch {
	case e.stopped:
	case e.running:
		e.again = true
	default:
		e.running = true
		go e.run()
	}
}

func (e *Errand) run() {
	for {
		e.Do()
		if !e.more() {
			return
		}
	}
}

// more tells whether somebody asked meanwhile, and else ends the errand.
func (e *Errand) more() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.again && !e.stopped {
		e.again = false
		return true
	}
	e.running = false
	if e.ended != nil {
		close(e.ended)
		e.ended = nil
	}
	return false
}

// Stop waits until the errand under way, if there is one, has ended. No other begins. It may be called more than once, but not by
// the errand itself.
func (e *Errand) Stop() {
	e.mu.Lock()
	e.stopped = true
	var ended chan struct{}
	if e.running {
		if e.ended == nil {
			e.ended = make(chan struct{})
		}
		ended = e.ended
	}
	e.mu.Unlock()
	if ended != nil {
		<-ended
	}
}
