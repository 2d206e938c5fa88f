package sqlite

import (
	"encoding/json"
	"math"
	"time"
	"unicode/utf8"
)

// micros is how the database keeps an instant: Unix microseconds, rounded down.
func micros(t time.Time) int64 { return t.UnixMicro() }

// instant is what micros was made of, in UTC.
func instant(us int64) time.Time { return time.UnixMicro(us).UTC() }

// optional keeps a zero time as NULL.
func optional(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return micros(t)
}

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

// jsonList is a JSON list of strings, which statements read with json_each: a list of any length is one parameter.
func jsonList[S ~string](items []S) string {
	b := []byte{'['}
	for i, item := range items {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendString(b, string(item))
	}
	return string(append(b, ']'))
}

// bounds are those of [from, to), of which a zero time is none.
func bounds(from, to time.Time) (low, high int64) {
	low, high = math.MinInt64, math.MaxInt64
	if !from.IsZero() {
		low = micros(from)
	}
	if !to.IsZero() {
		high = micros(to)
	}
	return low, high
}
