package clean

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestLine(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"Ada Lovelace":               "Ada Lovelace",
		"  Ada \t  Lovelace\n":       "Ada Lovelace",
		"\ufeffAda":                  "Ada",
		"Ada\u00a0Lovelace":          "Ada Lovelace",
		"Ada\u2009Lovelace":          "Ada Lovelace",
		"Ada\u3000Lovelace":          "Ada Lovelace",
		"A\u202eda":                  "A\u202eda", // and is refused
		"\u202aAda\u202c":            "Ada",
		"\u2067עדה\u2069\u200f":      "עדה",
		"A\u200bda":                  "Ada",
		"A\u00adda":                  "Ada",
		"Zoe\u0301":                  "Zoé",
		"\u1100\u1161":               "가", // conjoining letters of Korean
		"Tisch １２":                   "Tisch 12",
		"Jean\u2011Luc":              "Jean-Luc",
		"Open 9\u201317":             "Open 9\u201317", // this dash is meant
		"\u3164":                     "",               // a letter that fills, and shows nothing
		"\u2800 \u2800":              "",
		"a\r\nb":                     "a\nb", // and is refused
		"می\u200cخواهم":              "می\u200cخواهم",
		"\u200cمی\u200c خواهم\u200d": "می خواهم",
		"می\u200c\u200bخواهم":        "می\u200cخواهم",
		"ක\u0dca\u200dරම":            "ක\u0dca\u200dරම",
		"क\u094d\u200dष":             "क\u094d\u200dष",
		"Auf\u200clage":              "Auflage",
		"👩\u200d🚀 tours":             "👩\u200d🚀 tours",
		"❤\ufe0f\u200d🔥":             "❤\ufe0f\u200d🔥",
		"👩🏽\u200d⚕\ufe0f":            "👩🏽\u200d⚕\ufe0f",
		"👩\u200d":                    "👩",
		"\u200d🚀":                    "🚀",
		"Ada\ufe0f":                  "Ada",
		"1\ufe0f\u20e3":              "1\ufe0f\u20e3",
		"1\ufe0f":                    "1",
		"辻\U000e0100 さん":             "辻\U000e0100 さん",
		"🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f": "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
		"🏴\U000e0067\U000e0062": "🏴",
		"Ada\U000e0041":         "Ada",
		"A\x1bda":               "A\x1bda", // and is refused
		"A\xffda":               "A\xffda",
	} {
		if got := Line(in); got != want {
			t.Errorf("Line(%+q) = %+q, want %+q", in, got, want)
		}
	}
}

func TestText(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"\r\nOne\r\n\ttwo\rthree\n\n": "One\n\ttwo\nthree",
		"a\u2028b\u2029c\u0085d\ve\f": "a\nb\nc\nd\ne",
		"  a  b  ":                    "a  b",
		"a\u00a0\u200bb":              "a b",
		"\ufeff":                      "",
	} {
		if got := Text(in); got != want {
			t.Errorf("Text(%+q) = %+q, want %+q", in, got, want)
		}
	}
}

func TestEmail(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		" Ada@EXAMPLE.com\u00a0":            "Ada@example.com",
		"ada\u200b@exam\u00adple.com\ufeff": "ada@example.com",
		"ada＠ｅxample．com":                   "ada@example.com",
		"ada@example。com":                   "ada@example.com",
		"ada @ example.com":                 "ada@example.com",
		"mailto:ada@example.com?subject=Hi": "ada@example.com",
		"MAILTO:<ada@example.com>":          "ada@example.com",
		"anna\u2011maria@my\u2013shop.de":   "anna-maria@my-shop.de",
		"zoe\u0301@mu\u0308nchen.de":        "zoé@münchen.de",
		"O\u2019Brien@example.com":          "O'Brien@example.com",
		"ada@MÜNCHEN.de":                    "ada@münchen.de",
		"データ@example.jp":                    "データ@example.jp",
		"Ada <ada@example.com>":             "Ada <ada@example.com>", // and is refused
		"a@b.example, c@d.example":          "a@b.example, c@d.example",
		"a@b.example\r\nBcc: c@d.example":   "a@b.example\nBcc: c@d.example",
		"":                                  "",
		"ada\xff@example.com":               "ada\xff@example.com",
		"می\u200cخواهم@example.com":         "میخواهم@example.com",
	} {
		if got := Email(in); got != want {
			t.Errorf("Email(%+q) = %+q, want %+q", in, got, want)
		}
	}
}

func TestPhone(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"\u202a+49 30 5550\u202c":             "+49 30 5550",
		"＋４９　３０（５５５０）":                        "+49 30(5550)",
		"٠١٢-٣٤٥":                             "012-345",
		"०१२३४५६७८९":                          "0123456789",
		"030\u20135550\u2011123\u2212\u20144": "030-5550-123--4",
		"03ー1234ｰ5678":                        "03-1234-5678",
		"tel:+1 212-555-0142":                 "+1 212-555-0142",
		"+1\u00a0212\u2009555 0142 ext. 7":    "+1 212 555 0142 x 7",
		"12 34 X5":                            "12 34 x5",
		"030 / 23125\t014\n":                  "030 / 23125 014",
		"Tel.: 030 5550":                      "030 5550",
		"tel 030 5550":                        "030 5550",
		"tel.tel: 030\u20445550":              "030/5550",
		"0·30·5550":                           "0.30.5550",
		"call me":                             "call me", // and is refused
	} {
		if got := Phone(in); got != want {
			t.Errorf("Phone(%+q) = %+q, want %+q", in, got, want)
		}
	}
}

func TestPeriod(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"09:00-17:00": "09:00-17:00", "9:00-17:00": "09:00-17:00", "9:00 \u2013 17:00": "09:00-17:00", "\u00a022:00\u221202:00": "22:00-02:00",
		"０９：００－１７：００": "09:00-17:00", "9-17": "9-17", "": "", "9:00\n-17:00": "9:00\n-17:00",
	} {
		if got := Period(in); got != want {
			t.Errorf("Period(%+q) = %+q, want %+q", in, got, want)
		}
	}
}

func TestDigitValues(t *testing.T) {
	t.Parallel()
	for _, zero := range []rune{'٠', '۰', '०', '০', '๐', '၀', '０', '𝟎', '𝟘', '𝟶'} {
		for n := range rune(10) {
			if got := digitValue(zero + n); got != n {
				t.Errorf("%c is %d, not %d", zero+n, n, got)
			}
		}
	}
}

// kinds are all that is cleaned.
var kinds = map[string]func(string) string{"line": Line, "text": Text, "email": Email, "phone": Phone, "period": Period, "word": Word}

// checkClean says what must be true of every cleaned text.
func checkClean(t interface {
	Errorf(format string, args ...any)
}, kind, in string,
) {
	once := kinds[kind](in)
	if twice := kinds[kind](once); twice != once {
		t.Errorf("%s %+q becomes %+q, and that %+q", kind, in, once, twice)
	}
	if utf8.ValidString(in) != utf8.ValidString(once) {
		t.Errorf("%s %+q hides what is not UTF-8: %+q", kind, in, once)
	}
	if !utf8.ValidString(once) {
		return
	}
	if once != trim(once) {
		t.Errorf("%s %+q has blanks around it: %+q", kind, in, once)
	}
	for _, r := range once {
		if r == '\r' || r == '\ufeff' || r == '\u200b' || unicode.Is(unicode.Bidi_Control, r) && r != rightToLeftOverride ||
			r != ' ' && unicode.Is(unicode.Zs, r) ||
			(kind == "email" || kind == "phone") && invisible(r) {
			t.Errorf("%s %+q holds %+q after cleaning: %+q", kind, in, r, once)
		}
	}
}

// troublesome are characters that have been found in what people paste.
var troublesome = []rune(" \t\r\n\v\u0085\u00a0\u00ad\u034f\u061c\u115f\u180b\u180e\u200b\u200c\u200d\u200e\u200f\u2010\u2011\u2013\u2014" +
	"\u2028\u2029\u202a\u202c\u202e\u202f\u2060\u2066\u2069\u2212\u2800\u3000\u3164" +
	"\ufe0f\ufeff\uff0d\uff20\uff21\uff10\uff70\uffa0\u0301\u0308" +
	"\u064b\u0650\u1100\u1161\u11a8aZé9۹@.<>-+:;?xXテم्कශ❤🏴👩🏽⚕\u20e3\U000e0067\U000e007f\U000e0100辻tel:mailto:")

func TestCleaningIsIdempotent(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		character := rapid.OneOf(rapid.SampledFrom(troublesome), rapid.Rune())
		in := rapid.StringOfN(character, 0, 12, -1).Draw(t, "text")
		for kind := range kinds {
			checkClean(t, kind, in)
		}
	})
}

// The library puts a grapheme joiner after 30 marks on one letter. Nobody has typed it, so nobody may be refused for it.
func TestManyMarksAreLeftAlone(t *testing.T) {
	t.Parallel()
	for _, n := range []int{29, 30, 31, 61, 200} {
		in := "e" + strings.Repeat("\u0323", n)
		for kind := range kinds {
			checkClean(t, kind, in)
			if got := kinds[kind](in); strings.ContainsRune(got, '\u034f') {
				t.Errorf("%s of %d marks: %+q", kind, n, got)
			}
		}
		if got, want := Line(in), "\u1eb9"+strings.Repeat("\u0323", n-1); got != want {
			t.Errorf("%d marks: %+q", n, got)
		}
	}
}

func FuzzClean(f *testing.F) {
	for _, seed := range []string{
		"", "Ada", "\ufeffAda\u00a0", "mailto:<a@b.de>", "tel:+49 30 \u2013 1", "می\u200cخواهم", "👩\u200d🚀", "\xff", string(troublesome),
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, in string) {
		for kind := range kinds {
			checkClean(t, kind, in)
		}
	})
}

func BenchmarkCustomer(b *testing.B) {
	for b.Loop() {
		_, _, _, _ = Line("Ada Lovelace"), Email("ada@example.com"), Phone("+44 20 5550 1815"), Text("By the window, please.")
	}
}
