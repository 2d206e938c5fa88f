package feed

import (
	"encoding/base64"
	"errors"
	"strconv"
	"strings"

	"vacancy/internal/booking"
)

// ErrCursor: a text is no cursor of a feed.
var ErrCursor = errors.New("not a cursor of this feed")

// Cursor is how far a reader has come. The zero value is of a reader who begins now. Its text is opaque to readers.
type Cursor struct {
	Epoch    booking.Epoch
	Revision booking.Revision
	// Batch is that of the change of Revision, by which a database that was put back is recognised; empty if it is not known.
	Batch string
	// Opened is up to which date days have opened; see events.DayOpened.
	Opened string
}

const separator = "\n"

// String is what [ParseCursor] reads.
func (c Cursor) String() string {
	parts := []string{string(c.Epoch), strconv.FormatUint(uint64(c.Revision), 36), c.Batch, c.Opened}
	return base64.RawURLEncoding.EncodeToString([]byte(strings.Join(parts, separator)))
}

// ParseCursor reads what [Cursor.String] writes. The error is [ErrCursor].
func ParseCursor(text string) (Cursor, error) {
	raw, err := base64.RawURLEncoding.DecodeString(text)
	parts := strings.Split(string(raw), separator)
	if err != nil || len(text) > maxCursor || len(parts) != 4 || !booking.ValidID(parts[0]) {
		return Cursor{}, ErrCursor
	}
	revision, err := strconv.ParseUint(parts[1], 36, 63)
	if err != nil {
		return Cursor{}, ErrCursor
	}
	return Cursor{Epoch: booking.Epoch(parts[0]), Revision: booking.Revision(revision), Batch: parts[2], Opened: parts[3]}, nil
}
