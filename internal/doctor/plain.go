package doctor

import (
	"strings"
	"unicode"
)

// plain is a text on one line and without what moves a cursor: names and reasons come from other machines.
func plain(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return ' '
	}, text)
}
