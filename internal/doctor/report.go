package doctor

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"vacancy/internal/doctor/facts"
)

// Report is what all checks have found, the worst first.
type Report struct {
	Findings []Finding `json:"findings"`
	// Problems, Warnings and Notes count the findings of these levels.
	Problems int `json:"problems"`
	Warnings int `json:"warnings"`
	Notes    int `json:"notes"`
	// Unseen are sentences that say what could not be looked at. The report says nothing of that.
	Unseen []string `json:"unseen"`
}

// Examine has the collectors add to what is known already, one after the other, and runs all checks on it.
func Examine(ctx context.Context, known facts.Facts, collectors ...facts.Collector) Report {
	unseen := []string{}
	for _, c := range collectors {
		if err := c.Collect(ctx, &known); err != nil {
			unseen = append(unseen, plain(err.Error()))
		}
	}
	r := Judge(&known)
	r.Unseen = unseen
	return r
}

// Judge runs all checks.
func Judge(known *facts.Facts) Report {
	r := Report{Findings: []Finding{}, Unseen: []string{}}
	for _, check := range Checks() {
		for _, f := range check.Run(known) {
			f.Check, f.Text = check.Name, plain(f.Text)
			add(&r, f)
		}
	}
	slices.SortStableFunc(r.Findings, func(a, b Finding) int { return cmp.Compare(b.Level.rank(), a.Level.rank()) })
	return r
}

func add(r *Report, f Finding) {
	r.Findings = append(r.Findings, f)
	switch f.Level {
	case Problem:
		r.Problems++
	case Warning:
		r.Warnings++
	case Note:
		r.Notes++
	default:
	}
}

// Clean tells whether nothing is wrong. Notes do not count.
func (r Report) Clean() bool { return r.Problems+r.Warnings == 0 }

// String is the report as a person reads it: the verdict last, where the terminal shows it.
func (r Report) String() string {
	var b strings.Builder
	for _, f := range r.Findings {
		fmt.Fprintf(&b, "%-8s %s: ", f.Level, f.Check)
		if f.Subject != "" {
			fmt.Fprintf(&b, "%s: ", f.Subject)
		}
		fmt.Fprintf(&b, "%s\n", f.Text)
		if f.Do != "" {
			fmt.Fprintf(&b, "         to do: %s\n", f.Do)
		}
		if f.Level != OK {
			fmt.Fprintf(&b, "         see %s\n", f.Link)
		}
	}
	for _, sentence := range r.Unseen {
		fmt.Fprintf(&b, "%-8s %s\n", "unseen", sentence)
	}
	fine := len(r.Findings) - r.Problems - r.Warnings - r.Notes
	fmt.Fprintf(&b, "%s, %s, %s, %d fine\n", count(r.Problems, "problem"), count(r.Warnings, "warning"), count(r.Notes, "note"), fine)
	return b.String()
}

// count is "1 problem" or "2 problems".
func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	if strings.HasSuffix(what, "s") {
		what += "e"
	}
	return fmt.Sprintf("%d %ss", n, what)
}
