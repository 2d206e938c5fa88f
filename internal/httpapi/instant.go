package httpapi

import (
	"cmp"
	"errors"
	"regexp"
	"strings"
	"time"

	"vacancy/internal/clean"
)

// Instant is a time to the second, such as starts are, in any spelling of RFC 3339 and in what libraries write besides. It has none of
// the methods of [time.Time], whose own reading of JSON lets more pass.
type Instant time.Time

var errNoInstant = errors.New("must be a time to the second such as 2026-11-24T09:00:00+01:00")

// instantForm has the parts of a time: date; hour and minute; second, without which it is zero; the offset with its sign, hour and
// minute. T and Z may be small, and T a blank (RFC 3339, section 5.6). A fraction of zeros is none; others are refused: no start has
// any, and cutting them off would answer for another instant. The offset may be short (ISO 8601), and the name of a zone may follow,
// which decides nothing beside an offset (RFC 9557).
var instantForm = regexp.MustCompile(`^([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt ]([0-9]{2}:[0-9]{2})(?:(:[0-9]{2})(?:[.,]0+)?)?` +
	` ?(?:[Zz]|([+-])([01][0-9]|2[0-3])(?::?([0-5][0-9]))?)(?:\[[A-Za-z0-9=/_+-]+\])*$`)

// UnmarshalText reads an instant. Leap seconds are refused: Go's clock does not have them.
func (i *Instant) UnmarshalText(text []byte) error {
	parts := instantForm.FindStringSubmatch(strings.ReplaceAll(clean.Word(string(text)), "\u2212", "-")) // ISO 8601 prefers the minus
	if parts == nil {
		return errNoInstant
	}
	offset := cmp.Or(parts[4], "+") + cmp.Or(parts[5], "00") + ":" + cmp.Or(parts[6], "00")
	t, err := time.Parse(time.RFC3339, parts[1]+"T"+parts[2]+cmp.Or(parts[3], ":00")+offset)
	if err != nil {
		return errNoInstant
	}
	*i = Instant(t)
	return nil
}
