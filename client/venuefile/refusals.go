package venuefile

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"vacancy/client"
)

// ErrKeyRefused: the server does not let the management key change its venues.
var ErrKeyRefused = errors.New("the server does not know this management key")

// explain adds the place in the file to what the server says is wrong with a part of it, and shows the bookings in the way.
func (p *Plan) explain(ctx context.Context, t task, err error) error {
	d := p.document
	problem, ok := errors.AsType[*client.Problem](err)
	switch {
	case ok && problem.Code == client.CodeInUse:
		lines := append([]string{p.inUseLine(t, problem)}, p.describe(ctx, problem.Bookings, problem.More)...)
		return &refusal{strings.Join(lines, "\n  "), err}
	case ok && len(problem.Errors) > 0 && t.field != "":
		var fileErrors []error
		for _, e := range problem.Errors {
			at := t.field + "." + e.Field
			fileErrors = append(fileErrors, &FileError{d.Name, d.line(at), at + " " + e.Message})
		}
		return errors.Join(fileErrors...)
	case ok && problem.Code == client.CodePreconditionFailed:
		return &refusal{fmt.Sprintf("%s: %s %s: somebody else has changed it meanwhile", d.Name, t.item.Kind, t.item.ID), err}
	case !ok || problem.Code == client.CodeOutcomeUnknown:
		return fmt.Errorf("%s: %s %s: %w", d.Name, t.item.Kind, t.item.ID, p.explainCall(err))
	}
	return p.explainCall(err)
}

// explainCall is for errors that are not about one part of the file.
func (p *Plan) explainCall(err error) error {
	switch {
	case keyRefused(err):
		return &refusal{ErrKeyRefused.Error(), errors.Join(ErrKeyRefused, err)}
	case answered(err):
		return fmt.Errorf("%s: %w", p.document.Name, err)
	}
	return err
}

// inUseLine says what cannot change: with the line of the setting, or of the part; none for what is not in the file.
func (p *Plan) inUseLine(t task, problem *client.Problem) string {
	what := fmt.Sprintf("%s %s", t.item.Kind, t.item.ID)
	d := p.document
	switch {
	case t.field == "":
		return fmt.Sprintf("%s: %s cannot be archived: %s", d.Name, what, problem.Detail)
	case len(problem.Errors) == 0:
		return (&FileError{d.Name, d.line(t.field), what + ": " + problem.Detail}).Error()
	}
	setting := problem.Errors[0]
	return (&FileError{d.Name, d.line(t.field + "." + setting.Field), what + ": " + setting.Field + " " + setting.Message}).Error()
}

// refusal is a problem of the server's in the words of the file.
type refusal struct {
	text string
	err  error
}

func (r *refusal) Error() string { return r.text }
func (r *refusal) Unwrap() error { return r.err }

// note adds what the server says of an edit to what is reported of the part.
func (p *Plan) note(ctx context.Context, item *Item, o outcome) {
	item.BookingsOutside = p.describe(ctx, o.bookingsOutside, o.more)
	for _, w := range o.warnings {
		kept := !p.options.Prune && find(p.document.Services, func(s client.Service) bool { return s.ID == w.Service }) == nil
		line := fmt.Sprintf("service %s: %s %s", w.Service, w.Field, w.Message)
		if kept && !slices.Contains(item.Warnings, line) { // those of the file are judged as they are in it
			item.Warnings = append(item.Warnings, line)
		}
	}
}

// describe says of each booking when it is and for whom, as far as the key may see it.
func (p *Plan) describe(ctx context.Context, ids []string, more bool) []string {
	lines := make([]string, 0, len(ids)+1)
	for _, id := range ids {
		line := id
		if b, err := p.client.Booking(ctx, p.document.Venue.ID, id); err == nil {
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
