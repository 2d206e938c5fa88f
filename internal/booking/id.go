package booking

import (
	"crypto/rand"
	"encoding/base32"
	"encoding/binary"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Identifiers. Those of venues, resources and services are the operator's own words; see [ValidID] for their form.
type (
	VenueID    string
	ResourceID string
	ServiceID  string
	// BookingID is made by [NewBookingID]: sortable by time of creation, and not guessable.
	BookingID string
)

// Revision counts the changes of one venue: 1, 2, 3, ... without gaps, in the order of their commits. Zero stands before the
// first change.
type Revision uint64

// Epoch is the identity of a database's history. Positions of one epoch mean nothing in another.
type Epoch string

// Term is how often another database came to be in charge before the epoch; 0 where that is not known. It stands before the first hyphen,
// in base 36. A reader with a position of a higher term has seen a database that the node has not.
func (e Epoch) Term() int64 {
	text, _, ok := strings.Cut(string(e), "-")
	if !ok {
		return 0
	}
	term, err := strconv.ParseInt(text, 36, 64)
	if err != nil {
		return 0
	}
	return term
}

// LaterThan tells whether the epoch is of a later term of the database than one that is known. Where terms are not counted, none is.
func (e Epoch) LaterThan(known Epoch) bool { return known.Term() > 0 && e.Term() > known.Term() }

var idForm = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,63}$`)

// ValidID tells whether s has the form of an identifier: 1 to 64 of a-z, 0-9, '-' and '_', beginning with a letter or digit.
func ValidID(s string) bool { return idForm.MatchString(s) }

// idEncoding sorts like the bytes it encodes: its alphabet ascends, and it has no padding.
var idEncoding = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

// NewBookingID makes the id of a booking created at now: "bk_", 48 bits of milliseconds, 80 random bits.
func NewBookingID(now time.Time) BookingID {
	var raw [16]byte
	_, _ = rand.Read(raw[6:]) // never fails: crypto/rand ends the program instead
	ms := uint64(max(now.UnixMilli(), 0))
	binary.BigEndian.PutUint16(raw[0:2], uint16(ms>>32))
	binary.BigEndian.PutUint32(raw[2:6], uint32(ms))
	return BookingID("bk_" + idEncoding.EncodeToString(raw[:]))
}

// Code is the short form of a booking's id that people read to each other: eight of its random characters, "7KQ2-M9XD". It
// helps to find a booking at the counter; it identifies and authorises nothing.
func (id BookingID) Code() string {
	if len(id) < 8 {
		return strings.ToUpper(string(id))
	}
	tail := strings.ToUpper(string(id[len(id)-8:]))
	return tail[:4] + "-" + tail[4:]
}
