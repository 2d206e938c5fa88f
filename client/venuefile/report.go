package venuefile

import (
	"cmp"
	"fmt"
	"strings"
)

// Action is what becomes of one part of a document.
type Action string

// The actions.
const (
	Created   Action = "created"
	Changed   Action = "changed"
	Unchanged Action = "unchanged"
	// Unlisted is what the server has and the file does not, and Archived what was so and is taken out of use.
	Unlisted Action = "unlisted"
	Archived Action = "archived"
)

// planned are the words for what is still to be done.
var planned = map[Action]string{Created: "create", Changed: "change", Archived: "archive"}

// Report tells what [Plan.Run] did or, if Planned, what it would do.
type Report struct {
	File    string
	Venue   string
	Planned bool
	// Unasked tells that the server was not asked whether it would refuse the changes: that takes a key.
	Unasked bool
	Items   []Item
}

// Item is one part of the document.
type Item struct {
	// Kind is "venue", "resource" or "service".
	Kind   string
	ID     string
	Action Action
	// Refused tells that the change cannot be made.
	Refused bool
	// Differences say what was changed.
	Differences []Difference
	// BookingsOutside describe the future bookings that stand, though it is not open any more during them.
	BookingsOutside []string
	// Warnings say why nothing can be booked of a service, though its settings are saved.
	Warnings []string
}

// Changes counts the parts that were created, changed or archived.
func (r Report) Changes() int {
	return r.count(func(item Item) bool { return item.Action != Unchanged && item.Action != Unlisted })
}

// Parts counts the parts of the venue, but for those that are unlisted.
func (r Report) Parts() int { return r.count(func(item Item) bool { return item.Action != Unlisted }) }

func (r Report) count(is func(Item) bool) (n int) {
	for _, item := range r.Items {
		if is(item) {
			n++
		}
	}
	return n
}

// String is the report as a person reads it, with a line for each part and for each setting that was changed.
func (r Report) String() string {
	var b strings.Builder
	b.WriteString(r.File)
	if r.Planned {
		b.WriteString(" (nothing is changed")
		if r.Unasked {
			b.WriteString("; without a key, the server was not asked what it would refuse")
		}
		b.WriteString(")")
	}
	b.WriteByte('\n')
	for _, item := range r.Items {
		fmt.Fprintf(&b, "  %-9s %s %s%s\n", r.verb(item), item.Kind, item.ID, item.hint())
		for _, d := range item.Differences {
			fmt.Fprintf(&b, "            %s: %s -> %s\n", d.Field, shown(d.Old), shown(d.New))
		}
		for _, line := range item.BookingsOutside {
			fmt.Fprintf(&b, "            outside the hours now: %s\n", line)
		}
		for _, line := range item.Warnings {
			fmt.Fprintf(&b, "            cannot be booked: %s\n", line)
		}
	}
	return b.String()
}

// verb says what was done to a part or, in a plan, what is to be done.
func (r Report) verb(item Item) string {
	switch {
	case item.Refused:
		return "refused"
	case r.Planned:
		return cmp.Or(planned[item.Action], string(item.Action))
	}
	return string(item.Action)
}

func (i Item) hint() string {
	switch {
	case i.Action == Unlisted:
		return " (not in the file; --prune archives it)"
	case i.Refused && i.Action == Archived:
		return " (not in the file, to be archived)"
	}
	return ""
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
