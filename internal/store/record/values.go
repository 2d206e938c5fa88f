package record

import (
	"encoding/json"
	"time"
	"unicode/utf8"
)

// Micros is how a store keeps an instant: Unix microseconds, rounded down.
func Micros(t time.Time) int64 { return t.UnixMicro() }

// Instant is what [Micros] was made of, in UTC.
func Instant(us int64) time.Time { return time.UnixMicro(us).UTC() }

// appendString appends s as JSON. Nearly all strings here are ids, which need no escapes.
func appendString(b []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c == '"' || c == '\\' || c >= utf8.RuneSelf {
			quoted, _ := json.Marshal(s) //nolint:errchkjson // a string can always be written
			return append(b, quoted...)
		}
	}
	b = append(b, '"')
	b = append(b, s...)
	return append(b, '"')
}

// List is a JSON list of strings.
func List[S ~string](items []S) string {
	b := []byte{'['}
	for i, item := range items {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendString(b, string(item))
	}
	return string(append(b, ']'))
}
