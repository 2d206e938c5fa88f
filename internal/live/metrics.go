package live

import "time"

// Metrics hears what the hub does. Its methods are called often and must be quick.
type Metrics interface {
	// Readers is told how many connections there are, whenever that changes.
	Readers(n int)
	// Published: the change of a window, that long after it was committed, is there for its readers. It merges that many changes.
	Published(age time.Duration, changes int)
	// Delivered: a frame was handed to one reader's connection.
	Delivered(event Event)
	// Update: that frame was a delta, the oldest change of which was committed so long before. What a reader missed while it was away is
	// left out.
	Update(age time.Duration)
	// Reset: a reader had to be told to begin anew.
	Reset(reason Reason)
	// LaterTerm: a reader came with a position of a later term of the database than the node could find.
	LaterTerm()
	// Panicked: a goroutine that served readers broke off.
	Panicked()
}

// noMetrics measures.
type noMetrics struct{}

func (noMetrics) Readers(int)                  {}
func (noMetrics) Published(time.Duration, int) {}
func (noMetrics) Delivered(Event)              {}
func (noMetrics) Update(time.Duration)         {}
func (noMetrics) Reset(Reason)                 {}
func (noMetrics) LaterTerm()                   {}
func (noMetrics) Panicked()                    {}

// Sizes is what a hub holds at a moment.
type Sizes struct {
	// Windows are queries, and DayStates the days that they look at, by weight.
	Windows, DayStates int
	// BacklogBytes wait for readers to take them.
	BacklogBytes int64
}

// Sizes tells what the hub holds.
func (h *Hub) Sizes() Sizes {
	h.mu.RLock()
	defer h.mu.RUnlock()
	return Sizes{Windows: len(h.index.windows), DayStates: h.index.days, BacklogBytes: h.backlog.Bytes()}
}

// StaleReaders counts the subscriptions whose readers see what may lag behind the store.
func (h *Hub) StaleReaders() (n int) {
	for _, v := range h.venues() {
		if !v.freshness().stale {
			n += int(v.awaiting.Load())
			continue
		}
		v.mu.Lock()
		for w := range v.watched {
			n += len(w.subs)
		}
		v.mu.Unlock()
	}
	return n
}
