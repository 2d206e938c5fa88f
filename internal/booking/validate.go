package booking

import (
	"fmt"
	"net/mail"
	"regexp"
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
	marks := 0
	for _, r := range s {
		if inkOfASCII(r) || r == ' ' || r == '\n' && lines || r == '\t' && lines {
			marks = 0
			continue
		}
		if !unicode.Is(unicode.Mn, r) {
			marks = 0
		} else if marks++; marks > maxMarksOnLetter {
			c.require(false, field, "must not have more than %d marks on one letter", maxMarksOnLetter)
			return
		}
		// Line and paragraph separators are line breaks by another name.
		if unicode.IsControl(r) || unicode.In(r, unicode.Zl, unicode.Zp) {
			c.require(false, field, "must not contain control characters")
			return
		}
		// Direction marks can make one name look like another, and two names that look the same should be the same.
		if hidden(r) && !joins(r) {
			c.require(false, field, "must not contain the invisible character U+%04X", r)
			return
		}
	}
}

// visible tells whether a character leaves ink on the page.
func visible(r rune) bool {
	return inkOfASCII(r) || unicode.In(r, unicode.L, unicode.N, unicode.P, unicode.S) && !hidden(r) && r != brailleBlank
}

// inkOfASCII tells of the visible characters that need no look into a table: nearly all.
func inkOfASCII(r rune) bool { return r > ' ' && r <= '~' }

const brailleBlank = '\u2800'

// hidden tells whether a character shows nothing by itself. Some format characters, such as the Arabic signs in front of a number, do.
func hidden(r rune) bool {
	return r > unicode.MaxASCII && unicode.In(r, unicode.Cf, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector) &&
		!unicode.Is(unicode.Prepended_Concatenation_Mark, r) && (r < 0x13430 || r > 0x1343f) // hieroglyphs are stacked by these
}

// joins tells whether a hidden character is a part of some scripts, or of emoji: joiners, variation selectors and the tags of flags.
// Package clean drops those that nothing needs.
func joins(r rune) bool {
	return r == '\u200c' || r == '\u200d' || unicode.Is(unicode.Variation_Selector, r) || r >= 0xe0020 && r <= 0xe007f
}

func (c *checker) id(field, s string) {
	c.require(ValidID(s), field, "must have 1 to 64 of a-z, 0-9, '-' and '_', and begin with a letter or digit")
}

func (c *checker) order(n int) {
	c.require(n >= 0 && n <= MaxOrder, "order", "must be 0 to %d", MaxOrder)
}

func (c *checker) err() error {
	if len(c.fields) == 0 {
		return nil
	}
	return &Invalid{Fields: c.fields}
}

// email accepts "" and one plain address of RFC 5322, without a display name; letters of any script (RFC 6531), but nothing that is
// not seen.
func (c *checker) email(field, s string) {
	if s == "" {
		return
	}
	before := len(c.fields)
	if c.text(field, s, 1, MaxEmailLength, false); len(c.fields) > before {
		return
	}
	address, err := mail.ParseAddress(s)
	seen := strings.IndexFunc(s, func(r rune) bool { return unicode.IsSpace(r) || hidden(r) || r == utf8.RuneError }) < 0
	at := strings.LastIndexByte(s, '@')
	c.require(err == nil && address.Address == s && seen && utf8.RuneCountInString(s[:max(at, 0)]) <= maxLocalPart && validDomain(s[at+1:]),
		field, "must be an email address, such as ada@example.com")
}

// validDomain takes the full name of a host in any script, or the literal of an address (RFC 5321, section 4.1.3). A name without a dot
// is that of a machine nearby, and no top-level domain is a number: no customer can be reached there.
func validDomain(s string) bool {
	if literal, ok := strings.CutPrefix(s, "["); ok {
		return literalForm.MatchString(literal)
	}
	if top := s[strings.LastIndexByte(s, '.')+1:]; len(top) == len(s) || strings.IndexFunc(top, unicode.IsLetter) < 0 {
		return false
	}
	for label := range strings.SplitSeq(s, ".") {
		if label == "" || label[0] == '-' || label[len(label)-1] == '-' ||
			utf8.RuneCountInString(label) > maxLabel || strings.IndexFunc(label, notInLabel) >= 0 {
			return false
		}
	}
	return true
}

var literalForm = regexp.MustCompile(`^[0-9A-Za-z:.]+\]$`)

func notInLabel(r rune) bool {
	return r != '-' && !unicode.IsLetter(r) && !unicode.IsMark(r) && !unicode.IsNumber(r)
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
