package httpapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// The text of a body, below its meaning: what is one, and how to go through it.

// maxDepth is how deep the objects and lists of a body may be nested.
const maxDepth = 32

// legible tells whether the body is one JSON text. What follows relies on it.
func legible(data []byte) error {
	switch {
	case !utf8.Valid(data):
		return malformed("body", "must be UTF-8")
	case depth(data) > maxDepth:
		return malformed("body", "must not be nested deeper than "+strconv.Itoa(maxDepth))
	case json.Valid(data):
		return nil
	}
	var anything json.RawMessage
	message := "is not JSON"
	if syntax, ok := errors.AsType[*json.SyntaxError](json.Unmarshal(data, &anything)); ok {
		message = fmt.Sprintf("is not JSON: %s, at byte %d", syntax, syntax.Offset)
	}
	return malformed("body", message)
}

// depth is how deep a JSON text is nested, strings aside. For what is no JSON it is some number.
func depth(data []byte) int {
	deepest, now := 0, 0
	for i := 0; i < len(data); i++ {
		switch data[i] {
		case '"':
			i += stringLength(data[i:]) - 1
		case '{', '[':
			now++
			deepest = max(deepest, now)
		case '}', ']':
			now--
		}
	}
	return deepest
}

// stringLength is the length of the JSON string that data begins with, quotes included, or of what there is of it.
func stringLength(data []byte) int {
	for i := 1; i < len(data); i++ {
		switch data[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(data)
}

// member goes to the next name or value of an object or list, or behind its end.
func (d *decoder) member(end byte) bool {
	if d.data[d.at] != end {
		d.at++ // the opening bracket, or a comma
		d.space()
	}
	if d.data[d.at] == end {
		d.at++
		d.space()
		return false
	}
	return true
}

// name reads a field's name and goes to its value.
func (d *decoder) name() []byte {
	raw := d.data[d.at+1 : d.at+stringLength(d.data[d.at:])-1]
	if bytes.IndexByte(raw, '\\') >= 0 {
		name, _ := d.unquote()
		raw = []byte(name)
	} else {
		d.at += len(raw) + 2
	}
	d.space()
	d.at++ // the colon
	d.space()
	return raw
}

// unquote reads a string. The second result is false if an escape in it stands for no character.
func (d *decoder) unquote() (string, bool) {
	quoted := d.data[d.at : d.at+stringLength(d.data[d.at:])]
	d.at += len(quoted)
	d.space()
	raw := quoted[1 : len(quoted)-1]
	if bytes.IndexByte(raw, '\\') < 0 {
		return string(raw), true
	}
	var text string
	if err := json.Unmarshal(quoted, &text); err != nil {
		return "", false
	}
	// encoding/json puts U+FFFD in the place of half a surrogate pair. One that was sent as such is fine.
	replaced := strings.Count(text, "\uFFFD")
	sent := bytes.Count(raw, []byte("\uFFFD")) + bytes.Count(bytes.ToLower(raw), []byte(`\ufffd`))
	return text, replaced <= sent
}

// literal reads a number, true, false or null.
func (d *decoder) literal() string {
	end := bytes.IndexAny(d.data[d.at:], ",]} \t\r\n")
	if end < 0 {
		end = len(d.data) - d.at
	}
	literal := string(d.data[d.at : d.at+end])
	d.at += end
	d.space()
	return literal
}

// skip passes over the value at hand.
func (d *decoder) skip() {
	for open := 0; ; {
		switch d.data[d.at] {
		case '"':
			d.at += stringLength(d.data[d.at:])
		case '{', '[':
			open++
			d.at++
		case '}', ']':
			open--
			d.at++
		case ',', ':', ' ', '\t', '\r', '\n':
			d.at++
			continue
		default:
			d.literal()
		}
		if open == 0 {
			d.space()
			return
		}
	}
}

func (d *decoder) space() {
	for d.at < len(d.data) {
		switch d.data[d.at] {
		case ' ', '\t', '\r', '\n':
			d.at++
		default:
			return
		}
	}
}
