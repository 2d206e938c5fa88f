package booking

import "errors"

// Level is what a program must know to book a venue as its settings mean it. Programs of several levels may run on one database: a
// venue records the level that it needs, and a program below it reads the venue and does not write to it.
//
//	1  each service has one requirement
//	2  a service may have several requirements, of which all are claimed or none
type Level int

// CurrentLevel is that of this program. Raise it in the change that teaches the program the next level, and not before.
const CurrentLevel Level = 1

// ErrNeedsNewer: the venue's settings are of a level that this program does not know, so it must not write there. Another node can.
var ErrNeedsNewer = errors.New("the venue needs a newer version of this program")

// ErrNodesBehind: the edit would raise the level that the venue needs, and a node that is running does not know that level yet.
var ErrNodesBehind = errors.New("a node that is running does not know what the edit needs")

// Level is the lowest that books the service as it is meant.
func (s Service) Level() Level {
	if len(s.Requires) > 1 {
		return 2
	}
	return 1
}

// Level is the lowest that knows the settings which the change holds.
func (c Change) Level() Level {
	level := Level(1)
	for _, e := range c.Entries {
		if e.Service != nil && !e.Service.Archived {
			level = max(level, e.Service.Level())
		}
	}
	return level
}
