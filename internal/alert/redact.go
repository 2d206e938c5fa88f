package alert

import (
	"regexp"
	"strings"
)

// userInfo is the part of a URL that may hold a password; assigned is a value that is named like a secret, as in a connection string.
var (
	userInfo = regexp.MustCompile(`://[^/\s@]*@`)
	assigned = regexp.MustCompile(`(?i)\b(password|passwd|pwd|secret|token|sslpassword|api_?key)\s*[=:]\s*("[^"]*"|'[^']*'|[^\s&,;]+)`)
)

// Redact leaves out of a text what looks like a secret: the user of a URL with the password, and values that are named like one. It is the
// second line of defence: whoever raises an alert leaves secrets out.
func Redact(text string) string {
	return assigned.ReplaceAllString(userInfo.ReplaceAllString(text, "://"), "$1=***")
}

// sentence is a text as it is shown: without secrets, on one line, of bounded length.
func sentence(text string) string {
	text = strings.Join(strings.Fields(Redact(text)), " ")
	if len(text) <= maxTextBytes {
		return text
	}
	return strings.ToValidUTF8(text[:maxTextBytes], "") + "..."
}
