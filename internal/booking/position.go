package booking

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Position is how far a reader has seen a query: the highest revision that touches it, the last boundary of time that passed,
// and the epoch. Within an epoch both numbers only grow, on every node. Clients get it as an opaque text.
type Position struct {
	Epoch    Epoch
	Revision Revision
	// Boundary is a whole number of seconds, or zero.
	Boundary time.Time
}

// String is the text that clients keep: the epoch, the revision and the boundary in Unix seconds, base 36, joined by dots.
func (p Position) String() string {
	var boundary int64
	if !p.Boundary.IsZero() {
		boundary = p.Boundary.Unix()
	}
	return string(p.Epoch) + "." + strconv.FormatUint(uint64(p.Revision), 36) + "." + strconv.FormatInt(boundary, 36)
}

// ParsePosition reads what [Position.String] writes.
func ParsePosition(s string) (Position, error) {
	bad := fmt.Errorf("not a position of this server")
	parts := strings.Split(s, ".")
	if len(s) > 100 || len(parts) != 3 || !ValidID(parts[0]) {
		return Position{}, bad
	}
	revision, err1 := strconv.ParseUint(parts[1], 36, 63)
	boundary, err2 := strconv.ParseInt(parts[2], 36, 62)
	if err1 != nil || err2 != nil || boundary < 0 || boundary > 1<<40 {
		return Position{}, bad
	}
	p := Position{Epoch: Epoch(parts[0]), Revision: Revision(revision)}
	if boundary > 0 {
		p.Boundary = time.Unix(boundary, 0).UTC()
	}
	return p, nil
}

// Covers tells whether a reader at p has seen everything that a reader at q has. Positions of different epochs cover nothing of
// each other.
func (p Position) Covers(q Position) bool {
	return p.Epoch == q.Epoch && p.Revision >= q.Revision && !p.Boundary.Before(q.Boundary)
}
