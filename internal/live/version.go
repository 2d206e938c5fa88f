package live

import (
	"time"

	"vacancy/internal/booking"
)

// version is a position without its epoch: how far something has been seen, or when it last changed.
type version struct {
	revision booking.Revision
	boundary int64 // Unix seconds; 0 is before any boundary
}

func versionOf(p booking.Position) version {
	return version{revision: p.Revision, boundary: seconds(p.Boundary)}
}

// position is the version as readers get it.
func (m version) position(epoch booking.Epoch) booking.Position {
	p := booking.Position{Epoch: epoch, Revision: m.revision}
	if m.boundary != 0 {
		p.Boundary = time.Unix(m.boundary, 0).UTC()
	}
	return p
}

// newerThan tells whether something that changed at m is news to whoever has seen n.
func (m version) newerThan(n version) bool { return m.revision > n.revision || m.boundary > n.boundary }

// merge is how far one has seen who has seen both.
func (m version) merge(n version) version {
	return version{revision: max(m.revision, n.revision), boundary: max(m.boundary, n.boundary)}
}

func seconds(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.Unix()
}

// interval is a stretch of time in which starts were touched; the zero interval is none.
type interval struct {
	after, before time.Time // both exclusive
}

// allTime touches every start.
var allTime = interval{after: time.Unix(-1<<40, 0), before: time.Unix(1<<40, 0)}

func (s interval) empty() bool { return s.before.IsZero() }

func (s interval) contains(t time.Time) bool { return t.After(s.after) && t.Before(s.before) }

// join is the shortest interval that holds both.
func (s interval) join(o interval) interval {
	switch {
	case s.empty():
		return o
	case o.empty():
		return s
	}
	if o.after.Before(s.after) {
		s.after = o.after
	}
	if o.before.After(s.before) {
		s.before = o.before
	}
	return s
}

// earlier is the earlier of two times; zero is no time at all.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}
