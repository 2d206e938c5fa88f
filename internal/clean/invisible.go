package clean

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	graphemeJoiner      = '\u034f'
	zeroWidthNonJoiner  = '\u200c'
	zeroWidthJoiner     = '\u200d'
	combiningKeycap     = '\u20e3'
	rightToLeftOverride = '\u202e'
	blackFlag           = '\U0001f3f4' // begins the flags of regions, which tags spell
	endOfTags           = '\U000e007f'
)

// invisible tells whether a character leaves nothing on the page by itself. Format characters that are shown, such as the Arabic signs
// in front of a number and the controls that stack hieroglyphs, are none of them.
func invisible(r rune) bool {
	switch {
	case r == rightToLeftOverride: // nobody pastes one by chance: it is for the judge to refuse
		return false
	case r <= unicode.MaxASCII, unicode.Is(unicode.Prepended_Concatenation_Mark, r), r >= 0x13430 && r <= 0x1343f:
		return false
	}
	return unicode.In(r, unicode.Cf, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}

// withoutInvisible drops all that is invisible: no address and no number needs it.
func withoutInvisible(s string) string {
	if !utf8.ValidString(s) {
		return s
	}
	return strings.Map(func(r rune) rune {
		if invisible(r) {
			return -1
		}
		return r
	}, s)
}

// visible drops what is invisible, but for what the characters around it need.
func visible(s string) string {
	if strings.IndexFunc(s, invisible) < 0 {
		return s
	}
	in := []rune(s)
	out := make([]rune, 0, len(in))
	for i := 0; i < len(in); i++ {
		r := in[i]
		if !invisible(r) || needed(out, r, in[i+1:]) {
			out = append(out, r)
		}
		if r == blackFlag {
			tags := flagTags(in[i+1:])
			out = append(out, tags...)
			i += len(tags)
		}
	}
	return string(out)
}

// flagTags are the tags that spell the region of a flag, with the one that ends them: U+E0067 U+E0062 U+E0065 ... for "gbeng".
// Others, which could hide any text, are none.
func flagTags(after []rune) []rune {
	n := 0
	for n < len(after) && (after[n] >= 0xe0030 && after[n] <= 0xe0039 || after[n] >= 0xe0061 && after[n] <= 0xe007a) {
		n++
	}
	if n < 3 || n > 6 || n == len(after) || after[n] != endOfTags {
		return nil
	}
	return after[:n+1]
}

// needed tells whether an invisible character matters between what stands before it, cleaned, and what comes after it.
func needed(before []rune, r rune, after []rune) bool {
	switch {
	case r == zeroWidthJoiner && isEmoji(baseOf(before)) && isEmoji(firstOf(after)):
		return true
	case r == zeroWidthJoiner, r == zeroWidthNonJoiner:
		return unicode.In(baseOf(before), joining...) && unicode.In(firstOf(after), joining...)
	case unicode.Is(unicode.Variation_Selector, r):
		base := last(before)
		keycap := strings.ContainsRune("0123456789#*", base) && len(after) > 0 && after[0] == combiningKeycap
		return isEmoji(base) || unicode.In(base, varied...) || keycap
	}
	return false
}

// joining are the scripts in which a joiner, or its opposite, makes another letter: Persian, Urdu, and those of India and its
// neighbours.
var joining = []*unicode.RangeTable{
	unicode.Arabic, unicode.Syriac, unicode.Mongolian, unicode.Nko, unicode.Mandaic, unicode.Devanagari, unicode.Bengali,
	unicode.Gurmukhi, unicode.Gujarati, unicode.Oriya, unicode.Tamil, unicode.Telugu, unicode.Kannada, unicode.Malayalam,
	unicode.Sinhala, unicode.Khmer, unicode.Myanmar, unicode.Tibetan, unicode.Balinese, unicode.Javanese, unicode.Sundanese,
}

// varied are the scripts whose characters have variants, as Japanese names use them.
var varied = []*unicode.RangeTable{unicode.Han, unicode.Mongolian, unicode.Myanmar, unicode.Phags_Pa}

// isEmoji tells whether a character can be a part of an emoji: a symbol, and no sign of a currency or of reckoning in ASCII.
func isEmoji(r rune) bool {
	return r >= '\u2190' && unicode.IsSymbol(r) || r == '\u203c' || r == '\u2049'
}

// baseOf is the character that a joiner behind the text joins: marks that belong to no script of their own, and selectors, stand
// between.
func baseOf(before []rune) rune {
	for _, r := range slices.Backward(before) {
		if r == zeroWidthJoiner || r == zeroWidthNonJoiner || !unicode.In(r, unicode.Inherited) {
			return r
		}
	}
	return 0
}

// firstOf is the first visible character.
func firstOf(after []rune) rune {
	for _, r := range after {
		if !invisible(r) {
			return r
		}
	}
	return 0
}

func last(text []rune) rune {
	if len(text) == 0 {
		return 0
	}
	return text[len(text)-1]
}
