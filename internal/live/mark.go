package live

import (
	"time"

	"vacancy/internal/booking"
)

// mark is a position without its epoch: how far something has been seen, or when it last changed.
type mark struct {
	revision booking.Revision
	boundary int64 // Unix seconds; 0 is before any boundary
}

func markOf(p booking.Position) mark {
	return mark{revision: p.Revision, boundary: seconds(p.Boundary)}
}

// position is the mark as readers get it.
func (m mark) position(epoch booking.Epoch) booking.Position {
	p := booking.Position{Epoch: epoch, Revision: m.revision}
	if m.boundary != 0 {
		p.Boundary = time.Unix(m.boundary, 0).UTC()
	}
	return p
}

// after tells whether something that changed at m is news to whoever has seen n.
func (m mark) after(n mark) bool { return m.revision > n.revision || m.boundary > n.boundary }

// with is how far one has seen who has seen both.
func (m mark) with(n mark) mark {
	return mark{revision: max(m.revision, n.revision), boundary: max(m.boundary, n.boundary)}
}

func seconds(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.Unix()
}

// span is a stretch of time in which starts were touched; the zero span is none.
type span struct {
	after, before time.Time // both exclusive
}

// always touches every start.
var always = span{after: time.Unix(-1<<40, 0), before: time.Unix(1<<40, 0)}

func (s span) empty() bool { return s.before.IsZero() }

func (s span) holds(t time.Time) bool { return t.After(s.after) && t.Before(s.before) }

// join is the shortest span that holds both.
func (s span) join(o span) span {
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
