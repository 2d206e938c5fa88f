package clean

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
	"golang.org/x/text/width"
)

// Line is a text of one line, such as a name. Tabs, and blanks in a row, become one space. A line break within it stays.
func Line(s string) string {
	if isPlain(s) {
		return s
	}
	if s = characters(s); !utf8.ValidString(s) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	blank := true // nothing begins with a blank
	for _, r := range s {
		if r == '\t' {
			r = ' '
		}
		if r == ' ' && blank {
			continue
		}
		blank = r == ' '
		b.WriteRune(r)
	}
	return trim(b.String())
}

// isPlain tells whether s is clean as a line already, as most are: visible ASCII with single spaces inside.
func isPlain(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' || s[i] == ' ' && (i == 0 || i == len(s)-1 || s[i-1] == ' ') {
			return false
		}
	}
	return true
}

// Word is a value out of a list or of a fixed form, such as a time zone, a colour or an amount: what is invisible goes, blanks around
// it too, and full-width forms are ASCII.
func Word(s string) string {
	if isPlain(s) {
		return s
	}
	return trim(characters(width.Fold.String(withoutInvisible(s))))
}

// Text is a text of several lines, such as a note. Blanks and tabs inside stay as they are.
func Text(s string) string {
	if isPlain(s) {
		return s
	}
	return trim(characters(s))
}

// Email is an address. Its domain is in small letters; nothing else of it is changed that two mailboxes could differ in.
func Email(s string) string {
	plain := isPlain(s)
	if !plain {
		s = apostrophes.Replace(characters(hyphens(width.Fold.String(withoutInvisible(s)))))
	}
	s = bareAddress(s)
	at := strings.LastIndexByte(s, '@')
	if at < 0 || !utf8.ValidString(s) {
		return s
	}
	local, domain := trim(s[:at]), trim(s[at+1:])
	if !plain {
		domain = fullStops.Replace(domain)
	}
	if domain = strings.ToLower(domain); local != s[:at] || domain != s[at+1:] {
		s = local + "@" + domain
	}
	return composed(s)
}

// fullStops are those of Chinese and Japanese keyboards.
var fullStops = strings.NewReplacer("\u3002", ".", "\uff61", ".")

// apostrophes are those of keyboards that put typographic ones in their place: o’brien@example.com is o'brien@example.com.
var apostrophes = strings.NewReplacer("\u2018", "'", "\u2019", "'", "\u02bc", "'")

// bareAddress drops what surrounds an address where it was copied: the scheme of a link with its query, and angle brackets.
func bareAddress(s string) string {
	for {
		s = trim(s)
		if inner, ok := cutScheme(s, "mailto:"); ok {
			s, _, _ = strings.Cut(inner, "?")
		} else if len(s) > 2 && s[0] == '<' && s[len(s)-1] == '>' {
			s = s[1 : len(s)-1]
		} else {
			return s
		}
	}
}

// Phone is a number as people write it. Its digits, dashes and plus are those of ASCII; an extension is marked by x.
func Phone(s string) string {
	if !utf8.ValidString(s) {
		return s
	}
	if !isPlain(s) {
		s = Line(strings.Map(phoneCharacter, hyphens(width.Fold.String(withoutInvisible(s)))))
	}
	s = strings.ToLower(s)
	if strings.HasPrefix(s, "tel") {
		s = phoneLabel.ReplaceAllString(s, "")
	}
	if !strings.Contains(s, "ext") {
		return s
	}
	return extension.Replace(s)
}

// phoneLabel is what stands before a number where it was copied: the scheme of a link, or the word on a card.
var phoneLabel = regexp.MustCompile(`^(?:tel(?:[.:]+ ?| ))+`)

// extension has the longest words first: a replacer takes the first that fits.
var extension = strings.NewReplacer("extension", "x", "ext.", "x", "ext", "x")

func phoneCharacter(r rune) rune {
	switch {
	case r == '\u30fc' || r == '\uff70': // the long-vowel marks of Japanese, next to its minus on a keyboard
		return '-'
	case r == '\u2044' || r == '\u2215': // the strokes of fractions and of division
		return '/'
	case r == '\u00b7' || r == '\u2022' || r == '\u2219' || r == '\u22c5': // middle dots and bullets
		return '.'
	case r > unicode.MaxASCII && unicode.Is(unicode.Nd, r):
		return '0' + digitValue(r)
	}
	return r
}

// digitValue is the value of a decimal digit of any script. The ten of a script follow each other, zero first, and so do scripts with
// no gap between them (Unicode Standard, 4.6): counting back to the first of the row gives the value.
func digitValue(r rune) rune {
	first := r
	for unicode.Is(unicode.Nd, first-1) {
		first--
	}
	return (r - first) % 10
}

// cutScheme cuts the scheme of a link, in any case.
func cutScheme(s, scheme string) (string, bool) {
	if len(s) < len(scheme) || !strings.EqualFold(s[:len(scheme)], scheme) {
		return s, false
	}
	return s[len(scheme):], true
}

// hyphens writes every kind of dash, and the minus, as a hyphen: an address or a number means that by it.
func hyphens(s string) string {
	if !utf8.ValidString(s) {
		return s
	}
	return strings.Map(func(r rune) rune {
		if r > unicode.MaxASCII && (unicode.Is(unicode.Pd, r) || r == '\u2212') {
			return '-'
		}
		return r
	}, s)
}

// characters does what all kinds of fields need, but for blanks at the ends.
func characters(s string) string {
	if !utf8.ValidString(s) {
		return s
	}
	s = strings.Map(character, strings.ReplaceAll(s, "\r\n", "\n"))
	return composed(visible(composed(s)))
}

// composed is s in normal form C. The library's stream-safe form puts a grapheme joiner after 30 marks on one letter, which nobody has
// typed: it is dropped, as those that somebody did type are. To refuse so many marks is for the judge.
func composed(s string) string {
	s = norm.NFC.String(s)
	if strings.ContainsRune(s, graphemeJoiner) {
		s = strings.ReplaceAll(s, string(graphemeJoiner), "")
	}
	return s
}

// character is the one spelling of a single character.
func character(r rune) rune {
	switch {
	case r == '\r', r == '\v', r == '\f', r == '\u0085', r == '\u2028', r == '\u2029':
		return '\n'
	case r == '\u2800', unicode.Is(unicode.Zs, r): // braille without dots is a blank that looks like a letter
		return ' '
	case r >= '\uff10' && r <= '\uff19': // full-width digits
		return r - '\uff10' + '0'
	case r == '\u2010', r == '\u2011': // hyphens by name; other dashes may be meant
		return '-'
	}
	return r
}

func trim(s string) string { return strings.Trim(s, " \t\n") }
