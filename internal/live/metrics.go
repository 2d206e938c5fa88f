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
	// Reset: a reader had to be told to begin anew.
	Reset(reason Reason)
	// Panicked: a goroutine that served readers broke off.
	Panicked()
}

// noMetrics measures.
type noMetrics struct{}

func (noMetrics) Readers(int)                  {}
func (noMetrics) Published(time.Duration, int) {}
func (noMetrics) Delivered(Event)              {}
func (noMetrics) Reset(Reason)                 {}
func (noMetrics) Panicked()                    {}
