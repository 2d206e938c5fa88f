package venuefile

import (
	"fmt"
	"strings"
)

// Action is what became of one part of a document.
type Action string

// The actions.
const (
	Created   Action = "created"
	Changed   Action = "changed"
	Unchanged Action = "unchanged"
)

// Report tells what [Apply] did or, if DryRun, would do.
type Report struct {
	File   string
	Venue  string
	DryRun bool
	Items  []Item
}

// Item is one part of the document.
type Item struct {
	// Kind is "venue", "resource" or "service".
	Kind   string
	ID     string
	Action Action
	// Differences say what was changed.
	Differences []Difference
}

// Changes counts the parts that were created or changed.
func (r Report) Changes() int {
	n := 0
	for _, item := range r.Items {
		if item.Action != Unchanged {
			n++
		}
	}
	return n
}

// String is the report as a person reads it, with a line for each part and for each setting that was changed.
func (r Report) String() string {
	var b strings.Builder
	b.WriteString(r.File)
	if r.DryRun {
		b.WriteString(" (dry run: nothing is changed)")
	}
	b.WriteByte('\n')
	for _, item := range r.Items {
		fmt.Fprintf(&b, "  %-9s %s %s\n", item.Action, item.Kind, item.ID)
		for _, d := range item.Differences {
			fmt.Fprintf(&b, "            %s: %s -> %s\n", d.Field, shown(d.Old), shown(d.New))
		}
	}
	return b.String()
}

// shown is a value in one short line.
func shown(value string) string {
	if value == "" {
		return "(none)"
	}
	line := strings.Join(strings.Fields(value), " ")
	if runes := []rune(line); len(runes) > 80 {
		return string(runes[:79]) + "…"
	}
	return line
}
