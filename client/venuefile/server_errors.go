package venuefile

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"vacancy/client"
)

// explain adds the place in the file to what the server says is wrong with a part of it, and shows the bookings in the way.
func (a *applier) explain(ctx context.Context, t task, err error) error {
	d := a.document
	problem, ok := errors.AsType[*client.Problem](err)
	switch {
	case ok && len(problem.Bookings) > 0:
		title := strings.ToLower(problem.Title[:1]) + problem.Title[1:]
		lines := append([]string{fmt.Sprintf("%s %s: %s", t.item.Kind, t.item.ID, title)}, a.describe(ctx, problem.Bookings, problem.More)...)
		return &refusal{a.atLine(t, strings.Join(lines, "\n  ")), err}
	case ok && len(problem.Errors) > 0 && t.field != "":
		var fileErrors []error
		for _, e := range problem.Errors {
			at := t.field + "." + e.Field
			fileErrors = append(fileErrors, &FileError{d.Name, d.line(at), at + " " + e.Message})
		}
		return errors.Join(fileErrors...)
	case ok && problem.Code == client.CodePreconditionFailed:
		return fmt.Errorf("%s: %s %s: %w", d.Name, t.item.Kind, t.item.ID, err)
	}
	return fmt.Errorf("%s: %w", d.Name, err)
}

// refusal is a problem of the server's in the words of the file.
type refusal struct {
	text string
	err  error
}

func (r *refusal) Error() string { return r.text }
func (r *refusal) Unwrap() error { return r.err }

// atLine puts the file's name and line before a text: the line of the first setting that the edit changes or, if the part is not in the
// file, none.
func (a *applier) atLine(t task, text string) string {
	if t.field == "" {
		return a.document.Name + ": " + text
	}
	field := t.field
	if len(t.item.Differences) > 0 {
		field += "." + t.item.Differences[0].Field
	}
	return (&FileError{a.document.Name, a.document.line(field), text}).Error()
}

// describe says of each booking when it is and for whom, as far as the key may see it.
func (a *applier) describe(ctx context.Context, ids []string, more bool) []string {
	lines := make([]string, 0, len(ids)+1)
	for _, id := range ids {
		line := id
		if b, err := a.client.Booking(ctx, a.document.Venue.ID, id); err == nil {
			line = fmt.Sprintf("%s %s, %s, %s", id, b.Start.Format("Mon 2006-01-02 15:04"), b.Service, b.Status)
			if b.Customer.Name != "" {
				line += ", " + b.Customer.Name
			}
		}
		lines = append(lines, line)
	}
	if more {
		lines = append(lines, "and others")
	}
	return lines
}
