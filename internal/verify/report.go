package verify

import (
	"fmt"
	"strings"
	"unicode"

	"vacancy/internal/booking"
)

// Report is what a check found. It holds ids, times and numbers, and nothing of any customer.
type Report struct {
	Venues   int `json:"venues"`
	Changes  int `json:"changes"`
	Bookings int `json:"bookings"`
	// Claims are those that take room.
	Claims  int     `json:"claims"`
	Answers int     `json:"answers"`
	Seconds float64 `json:"seconds"`
	// Problems are what must not be, a sentence each, at most a hundred; MoreProblems counts the rest.
	Problems     []string `json:"problems"`
	MoreProblems int      `json:"more_problems"`
	// Warnings are what may be, and should not last.
	Warnings     []string `json:"warnings"`
	MoreWarnings int      `json:"more_warnings"`
}

func newReport() *Report { return &Report{Problems: []string{}, Warnings: []string{}} }

// Clean tells whether nothing is wrong. Warnings do not count.
func (r Report) Clean() bool { return len(r.Problems) == 0 }

// String is the report as a person reads it: the verdict last, where the terminal shows it.
func (r Report) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "read %s, %s, %s, %s that take room and %s in %.1f s\n", count(r.Venues, "venue"), count(r.Changes, "change"),
		count(r.Bookings, "booking"), count(r.Claims, "claim"), count(r.Answers, "answer"), r.Seconds)
	write := func(word string, sentences []string, more int) {
		for _, sentence := range sentences {
			fmt.Fprintf(&b, "%s: %s\n", word, sentence)
		}
		if more > 0 {
			fmt.Fprintf(&b, "... and %s more\n", count(more, word))
		}
	}
	write("warning", r.Warnings, r.MoreWarnings)
	write("problem", r.Problems, r.MoreProblems)
	if r.Clean() {
		b.WriteString("no problems: the history leads to exactly what is stored\n")
	} else {
		fmt.Fprintf(&b, "%s found\n", count(len(r.Problems)+r.MoreProblems, "problem"))
	}
	return b.String()
}

// problem adds a sentence.
func problem(r *Report, format string, args ...any) {
	list(&r.Problems, &r.MoreProblems, fmt.Sprintf(format, args...))
}

// count is "1 venue" or "2 venues".
func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// list adds a sentence while there is room for more.
func list(sentences *[]string, more *int, sentence string) {
	if len(*sentences) == maxListed {
		*more++
		return
	}
	*sentences = append(*sentences, sentence)
}

// plain is what a store says, as the report writes it: on one line, which is not too long, and without what moves a cursor. It may hold
// ids of a damaged database.
func plain(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return '?'
	}, fmt.Sprintf("%.*s", maxTextLength, text))
}

// name is an id as the report writes it. In a damaged database it may be anything, and terminals obey what they are shown.
func name[S ~string](id S) string {
	if booking.ValidID(string(id)) {
		return string(id)
	}
	return fmt.Sprintf("%.*q", maxIDLength, string(id))
}
