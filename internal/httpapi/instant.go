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
// any, and cutting them off would answer for another instant. The signs between may be left out, and
// the offset may be short (ISO 8601). The name of a zone may follow, which decides nothing beside an offset (RFC 9557).
var instantForm = regexp.MustCompile(`^([0-9]{4})-?([0-9]{2})-?([0-9]{2})[Tt ]([0-9]{2}):?([0-9]{2})(?::?([0-9]{2})(?:[.,]0+)?)?` +
	` ?(?:[Zz]|UTC|GMT|([+-])([01][0-9]|2[0-3])(?::?([0-5][0-9]))?)(?:\[[A-Za-z0-9=/_+-]+\])*$`)

// UnmarshalText reads an instant. Leap seconds are refused: Go's clock does not have them.
func (i *Instant) UnmarshalText(text []byte) error {
	if !isUsualInstant(text) {
		s := strings.ReplaceAll(clean.Word(string(text)), "\u2212", "-") // ISO 8601 prefers the minus
		parts := instantForm.FindStringSubmatch(s)
		if parts == nil {
			return errNoInstant
		}
		date, clock := strings.Join(parts[1:4], "-"), parts[4]+":"+parts[5]+":"+cmp.Or(parts[6], "00")
		offset := cmp.Or(parts[7], "+") + cmp.Or(parts[8], "00") + ":" + cmp.Or(parts[9], "00")
		text = []byte(date + "T" + clock + offset)
	}
	var t time.Time
	if t.UnmarshalText(text) != nil {
		return errNoInstant
	}
	*i = Instant(t)
	return nil
}

// isUsualInstant tells whether s has the form that nearly all have, "2026-11-24T08:00:00Z" or "2026-11-24T09:00:00+01:00".
func isUsualInstant(s []byte) bool {
	const form = "dddd-dd-ddTdd:dd:dd"
	return len(s) > len(form) && matches(s[:len(form)], form) && isUsualOffset(string(s[len(form):]))
}

func isUsualOffset(s string) bool {
	return s == "Z" || (matches(s, "+dd:dd") || matches(s, "-dd:dd")) && s[1:3] < "24" && s[4:] < "60"
}

// matches tells whether s has digits where the form has d, and else the form's own signs.
func matches[S string | []byte](s S, form string) bool {
	if len(s) != len(form) {
		return false
	}
	for i := range len(form) {
		if digit := s[i] >= '0' && s[i] <= '9'; form[i] == 'd' && !digit || form[i] != 'd' && s[i] != form[i] {
			return false
		}
	}
	return true
}
