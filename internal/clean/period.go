package clean

import (
	"regexp"
	"strings"
)

// periodForm is a period as people write it: with a dash of any kind, blanks around it, and hours of one digit.
var periodForm = regexp.MustCompile(`^([0-9]{1,2}):([0-9]{2}) ?- ?([0-9]{1,2}):([0-9]{2})$`)

// Period is a period of opening: "9:00 – 17:00" becomes "09:00-17:00". What is none stays.
func Period(s string) string {
	s = hyphens(Word(s))
	parts := periodForm.FindStringSubmatch(Line(s))
	if parts == nil {
		return s
	}
	return twoDigits(parts[1]) + ":" + parts[2] + "-" + twoDigits(parts[3]) + ":" + parts[4]
}

func twoDigits(hour string) string { return strings.Repeat("0", 2-len(hour)) + hour }
