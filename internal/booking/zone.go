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
