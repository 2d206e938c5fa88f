package booking

import (
	"fmt"
	"net/mail"
	"strings"
	"unicode"
	"unicode/utf8"
)

// checker gathers field errors while a value is validated.
type checker struct {
	fields []FieldError
}

func (c *checker) require(ok bool, field, format string, args ...any) {
	if !ok {
		c.fields = append(c.fields, FieldError{Field: field, Message: fmt.Sprintf(format, args...)})
	}
}

// text checks a human text: valid UTF-8 without control characters (a line break is one, unless lines are allowed) and of a
// bounded length in characters.
func (c *checker) text(field, s string, minLen, maxLen int, lines bool) {
	if !utf8.ValidString(s) {
		c.require(false, field, "must be valid UTF-8")
		return
	}
	n := utf8.RuneCountInString(s)
	c.require(n >= minLen && n <= maxLen, field, "must have %d to %d characters", minLen, maxLen)
	c.require(minLen == 0 || n == 0 || strings.IndexFunc(s, visible) >= 0, field, "must not be blank")
	for _, r := range s {
		if r == '\n' && lines || r == '\t' && lines {
			continue
		}
		// Format characters such as bidirectional overrides can make one name look like another; joiners are part of some scripts.
		// Line and paragraph separators are line breaks by another name.
		if unicode.IsControl(r) || unicode.In(r, unicode.Zl, unicode.Zp) || r == '\ufeff' ||
			r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069' {
			c.require(false, field, "must not contain control characters")
			return
		}
	}
}

// visible tells whether a character leaves ink on the page.
func visible(r rune) bool { return unicode.In(r, unicode.L, unicode.N, unicode.P, unicode.S) }

func (c *checker) id(field, s string) {
	c.require(ValidID(s), field, "must have 1 to 64 of a-z, 0-9, '-' and '_', and begin with a letter or digit")
}

func (c *checker) err() error {
	if len(c.fields) == 0 {
		return nil
	}
	return &Invalid{Fields: c.fields}
}

// email accepts "" and one plain address of RFC 5322, without a display name.
func (c *checker) email(field, s string) {
	if s == "" {
		return
	}
	c.text(field, s, 1, MaxEmailLength, false)
	address, err := mail.ParseAddress(s)
	c.require(err == nil && address.Address == s, field, "must be an email address")
}

// phone accepts "" and digits with the usual signs between them. Numbers are written in many ways, and a person reads it.
func (c *checker) phone(field, s string) {
	if s == "" {
		return
	}
	digits := 0
	for _, r := range s {
		if r >= '0' && r <= '9' {
			digits++
		} else if !strings.ContainsRune(" +-/().#*x", r) {
			c.require(false, field, "must be a phone number")
			return
		}
	}
	c.require(digits >= 3 && len(s) <= MaxPhoneLength, field, "must be a phone number")
}
