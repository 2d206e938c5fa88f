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
}

// nobody measures.
type nobody struct{}

func (nobody) Readers(int)                  {}
func (nobody) Published(time.Duration, int) {}
func (nobody) Delivered(Event)              {}
func (nobody) Reset(Reason)                 {}
