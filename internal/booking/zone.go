package booking

import (
	"fmt"
	"regexp"
	"time"
)

// zoneForm is how names of the database look. They begin with a capital: what a system keeps beside them does not, such as localtime,
// posixrules and right/... (which counts leap seconds). No part is empty or a dot, for a file would be found all the same.
var zoneForm = regexp.MustCompile(`^[A-Z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+)*$`)

// LoadZone is the zone of an IANA name such as "Europe/Berlin". It refuses "", "Local", and whatever is no name of the
// database, paths among it.
func LoadZone(name string) (*time.Location, error) {
	if name == "Local" || name == "Factory" || !zoneForm.MatchString(name) { // Factory is the database's word for "not set up"
		return nil, fmt.Errorf("%q is not an IANA time zone", name)
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return nil, fmt.Errorf("%q is not an IANA time zone", name)
	}
	return zone, nil
}

// SameZoneRules tells whether the clocks of two zones show the same, from some time before now until long after every booking that
// can be made now: of a zone and its new name (Asia/Calcutta, Asia/Kolkata), and of zones that agree by law (Europe/Berlin,
// Europe/Paris). No wall time of a booking changes if one takes the other's place. A name that is no zone is like no other.
func SameZoneRules(a, b string, now time.Time) bool {
	if a == b {
		return true
	}
	zoneA, errA := LoadZone(a)
	zoneB, errB := LoadZone(b)
	return errA == nil && errB == nil && sameClock(zoneA, zoneB, now.Add(-zoneRulesBefore), now.Add(zoneRulesAfter))
}

// sameClock compares the offsets of two zones at from, and after every change of either up to to.
func sameClock(a, b *time.Location, from, to time.Time) bool {
	for t := from; !t.After(to); {
		_, offsetA := t.In(a).Zone()
		_, offsetB := t.In(b).Zone()
		if offsetA != offsetB {
			return false
		}
		next := to.Add(1)
		for _, zone := range [2]*time.Location{a, b} {
			_, end := t.In(zone).ZoneBounds()
			if !end.IsZero() && !end.After(t) { // so package time says on the last day of a leap year, when no clock changes
				end = t.Add(24 * time.Hour)
			}
			if !end.IsZero() && end.Before(next) {
				next = end
			}
		}
		t = next
	}
	return true
}
