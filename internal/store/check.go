package store

import (
	"errors"
	"fmt"

	"vacancy/internal/booking"
)

// What every store checks in the same way, before it asks its database anything.

// Rejected is an [ErrRejected] of a write that contradicts what the database holds.
func Rejected(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrRejected, fmt.Sprintf(format, args...))
}

// CheckNeeds refuses needs that are not distinct and sorted by venue.
func CheckNeeds(needs []Need) error {
	for i := range needs {
		if i > 0 && needs[i-1].Venue >= needs[i].Venue {
			return errors.New("the needs of a transaction must be distinct and sorted by venue")
		}
	}
	return nil
}

// CheckLevels refuses venues that need a level above the program's own: it would book them without what it does not know.
func CheckLevels(level booking.Level, needs []Need, found []Found) error {
	for i := range found {
		if found[i].Needs > level {
			return tooNew(needs[i].Venue, found[i].Needs, level)
		}
	}
	return nil
}

func tooNew(venue booking.VenueID, needs, level booking.Level) error {
	return fmt.Errorf("%w: venue %s needs level %d, and this program has %d", booking.ErrNeedsNewer, venue, needs, level)
}

// RaisedLevel is the level that the venue needs after a write, if that is more than before.
func RaisedLevel(found Found, w Write) (booking.Level, bool) {
	level := w.Change.Level()
	return level, w.Change.Revision > 0 && level > max(found.Needs, 1)
}

// CheckWrites refuses what no database needs to be asked about: there is one write for each need; a change is the next of its venue,
// which exists or is put by it; bookings are of the change's venue.
func CheckWrites(level booking.Level, needs []Need, found []Found, writes []Write) error {
	if len(writes) != len(needs) {
		return fmt.Errorf("%d writes were decided for %d needs", len(writes), len(needs))
	}
	for i := range writes {
		if writes[i].Change.Revision == 0 {
			continue
		}
		if of := writes[i].Change.Level(); of > level {
			return tooNew(needs[i].Venue, of, level)
		}
		if err := checkWrite(needs[i].Venue, found[i], &writes[i]); err != nil {
			return fmt.Errorf("change %d of venue %s: %w", writes[i].Change.Revision, writes[i].Change.Venue, err)
		}
	}
	return nil
}

func checkWrite(venue booking.VenueID, found Found, w *Write) error {
	if w.Change.Venue != venue || w.Change.Revision != found.Revision+1 {
		return Rejected("venue %s was at %d", venue, found.Revision)
	}
	if !found.Exists && !w.Change.PutsVenue() {
		return Rejected("the venue does not exist")
	}
	for _, bookings := range [2][]booking.Booking{w.New, w.Changed} {
		for i := range bookings {
			if b := &bookings[i]; b.Venue != venue {
				return Rejected("booking %s of venue %s in a change of %s", b.ID, b.Venue, venue)
			}
		}
	}
	return nil
}

// CheckLimit refuses a listing without a limit.
func CheckLimit(limit int) error {
	if limit < 1 {
		return errors.New("the limit of a listing must be 1 or more")
	}
	return nil
}
