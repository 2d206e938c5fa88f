package httpapi

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"vacancy/internal/booking"
)

// query reads the parameters of an address, and gathers what is wrong with them.
type query struct {
	names  []string
	values []string
	wrong  []booking.FieldError
}

// query reads the request's parameters. Those that the route does not know are refused: a mistyped name is a question that was not
// asked.
func (c *requestContext) query(known ...string) (*query, error) {
	q := &query{names: known, values: make([]string, len(known))}
	seen := make([]bool, len(known))
	for rest := c.r.URL.RawQuery; rest != ""; {
		var pair string
		pair, rest, _ = strings.Cut(rest, "&")
		if pair == "" {
			continue
		}
		name, value, err := unescapePair(pair)
		if err != nil {
			return nil, malformed("query", "holds a broken percent sequence or a semicolon")
		}
		i := slices.Index(known, name)
		switch {
		case i < 0:
			q.refuse(name, "is not a parameter of this call")
		case seen[i]:
			q.refuse(name, "is given more than once")
		default:
			q.values[i], seen[i] = value, true
			if value == "" {
				q.refuse(name, "must not be empty")
			}
		}
	}
	return q, nil
}

// noQuery is for calls without parameters.
func (c *requestContext) noQuery() error {
	q, err := c.query()
	if err != nil {
		return err
	}
	return q.err()
}

func unescapePair(pair string) (name, value string, err error) {
	if strings.Contains(pair, ";") {
		return "", "", url.EscapeError(";")
	}
	name, value, _ = strings.Cut(pair, "=")
	if name, err = url.QueryUnescape(name); err != nil {
		return "", "", err
	}
	value, err = url.QueryUnescape(value)
	return name, value, err
}

func (q *query) refuse(name, message string) {
	if len(q.wrong) < maxFieldErrors {
		q.wrong = append(q.wrong, booking.FieldError{Field: printable(name), Message: message})
	}
}

func (q *query) err() error {
	if len(q.wrong) == 0 {
		return nil
	}
	return &booking.Invalid{Fields: q.wrong}
}

// text is a parameter's value, "" if it is not given.
func (q *query) text(name string) string { return q.values[slices.Index(q.names, name)] }

// date is a parameter that must be given.
func (q *query) date(name string) booking.Date {
	text := q.text(name)
	if text == "" {
		q.require(name)
		return booking.Date{}
	}
	return q.readDate(name, text)
}

// optionalDate is the second result false if the parameter is not given.
func (q *query) optionalDate(name string) (booking.Date, bool) {
	text := q.text(name)
	if text == "" {
		return booking.Date{}, false
	}
	return q.readDate(name, text), true
}

func (q *query) readDate(name, text string) booking.Date {
	date, err := booking.ParseDate(text)
	if err != nil {
		q.refuse(name, "must be a date such as 2026-11-24")
	}
	return date
}

// require notes that a parameter is missing, unless something is wrong with it already.
func (q *query) require(name string) {
	if !slices.ContainsFunc(q.wrong, func(f booking.FieldError) bool { return f.Field == name }) {
		q.refuse(name, "is required")
	}
}

// number is a parameter that is a whole number from least to most, or absent.
func (q *query) number(name string, absent, least, most int) int {
	text := q.text(name)
	if text == "" {
		return absent
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < least || n > most {
		q.refuse(name, "must be a whole number from "+strconv.Itoa(least)+" to "+strconv.Itoa(most))
	}
	return n
}

// flag is a parameter that is true or false; false, if it is not given.
func (q *query) flag(name string) bool {
	text := q.text(name)
	if text != "" && text != "true" && text != "false" {
		q.refuse(name, "must be true or false")
	}
	return text == "true"
}

// position is a parameter that is a position, or the zero one.
func (q *query) position(name string) booking.Position {
	text := q.text(name)
	if text == "" {
		return booking.Position{}
	}
	p, err := booking.ParsePosition(text)
	if err != nil {
		q.refuse(name, "is not a position of this server")
	}
	return p
}
