package clean

import (
	"regexp"
	"strings"

	"golang.org/x/text/width"
)

// Word is a value out of a list or of a fixed form, such as a time zone, a colour or an amount: what is invisible goes, blanks around
// it too, and full-width forms are ASCII.
func Word(s string) string {
	if isPlain(s) {
		return s
	}
	return trim(characters(width.Fold.String(withoutInvisible(s))))
}

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
