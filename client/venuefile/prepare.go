package venuefile

import (
	"context"
	"errors"
	"slices"
	"strings"

	"vacancy/client"
	"vacancy/internal/booking"
)

// Prepare compares a document with what the server has, and asks the server about each change whether it would refuse it. Nothing is
// changed. What is refused, by [Document.Check] or by the server, is told with its place in the file, and with the bookings in the way.
// The plan is there in any case, and its report has what is known; only without an error is it one to run.
func Prepare(ctx context.Context, c *client.Client, d Document, options Options) (*Plan, error) {
	p := &Plan{client: c, document: d, options: options}
	if err := d.Check(); err != nil {
		return p, err
	}
	if err := p.compareWithServer(ctx); err != nil {
		p.tasks = nil
		err = p.explainCall(err)
		return p, err
	}
	err := p.ask(ctx)
	return p, err
}

// ask puts each change to the server, and gathers all refusals.
func (p *Plan) ask(ctx context.Context) error {
	var refusals []error
	for i := range p.tasks {
		t := &p.tasks[i]
		if t.write == nil || p.unasked {
			continue
		}
		outcome, err := t.write(ctx, t.condition, client.DryRun())
		p.note(ctx, &t.item, outcome)
		switch {
		case err == nil, p.expected(t, err):
		case p.options.DryRun && client.IsCode(err, client.CodeUnauthenticated):
			p.unasked = true
		case !answered(err), keyRefused(err): // nor would the next one be
			return errors.Join(append(refusals, p.explain(ctx, *t, err))...)
		default:
			t.item.Refused = true
			refusals = append(refusals, p.explain(ctx, *t, err))
		}
	}
	if p.unasked {
		refusals = append(refusals, p.checkReserved())
	}
	return errors.Join(refusals...)
}

// expected tells of refusals that there will not be in the run, since what they are about is edited before.
func (p *Plan) expected(t *task, err error) bool {
	switch {
	case p.tasks[0].item.Action == Created && t != &p.tasks[0]:
		return client.IsCode(err, client.CodeNotFound) // the venue, which is not there yet
	case t.item.Action == Archived:
		return onlyOfServices(err) // which are archived too, or require something else then
	}
	return t.requiresEdited && onlyOfResources(err)
}

// onlyOfResources tells whether a service is refused for nothing but what its resources are.
func onlyOfResources(err error) bool {
	problem, ok := errors.AsType[*client.Problem](err)
	return ok && problem.Code == client.CodeInvalid && len(problem.Errors) > 0 &&
		!slices.ContainsFunc(problem.Errors, func(e client.FieldError) bool {
			return !strings.HasPrefix(e.Field, "requires[") && !slices.Contains(fieldsJudgedByResources[:], e.Field)
		})
}

// fieldsJudgedByResources are the settings of a service, besides what it requires, that are judged by its resources.
var fieldsJudgedByResources = [...]string{"limited_below", "duration_minutes", "min_notice_minutes"}

// onlyOfServices tells whether a resource is refused to be archived for nothing but services that require it.
func onlyOfServices(err error) bool {
	problem, ok := errors.AsType[*client.Problem](err)
	return ok && problem.Code == client.CodeInUse && len(problem.Services) > 0 && len(problem.Bookings) == 0 && !problem.More
}

// checkReserved refuses a new venue whose id is reserved. The server does too, if it is asked; a venue that it has may have any id.
func (p *Plan) checkReserved() error {
	venue := &p.tasks[0].item
	if venue.Action != Created || !booking.VenueID(venue.ID).Reserved() {
		return nil
	}
	venue.Refused = true
	return &FileError{
		p.document.Name, p.document.line("venue.id"), "venue.id is reserved: a page or a part of the server may need it as its address",
	}
}

// answered tells whether an error is the server's answer.
func answered(err error) bool {
	_, ok := errors.AsType[*client.Problem](err)
	return ok
}

// keyRefused tells whether the server does not let the key do this.
func keyRefused(err error) bool {
	return client.IsCode(err, client.CodeForbidden) || client.IsCode(err, client.CodeUnauthenticated)
}
