package venuefile

import (
	"context"

	"vacancy/client"
)

// Options change what [Prepare] plans and [Plan.Run] does.
type Options struct {
	// DryRun goes without a key, as far as it can: what only the server knows is then not found.
	DryRun bool
	// Prune archives the resources and services that the server has and the file does not.
	Prune bool
}

// Apply makes the server's venue be what the document says: [Prepare], and [Plan.Run] unless it is a dry run. With several documents,
// prepare all of them before the first is run.
func Apply(ctx context.Context, c *client.Client, d Document, options Options) (Report, error) {
	plan, err := Prepare(ctx, c, d, options)
	if err != nil || options.DryRun {
		return plan.Report(), err
	}
	return plan.Run(ctx)
}

// Run makes the changes: the venue first, then its resources, then its services. Things that somebody else has changed since they were
// compared are not overwritten: that is an error with [client.CodePreconditionFailed]. When Run fails half way, for such a reason or
// because the server is lost, the report has what was done, and applying the document again does the rest.
func (p *Plan) Run(ctx context.Context) (Report, error) {
	done := p.report(nil)
	for i := 0; i < len(p.tasks); i++ { //nolint:intrange // the first task may replace those after it
		t := p.tasks[i]
		if t.write != nil {
			outcome, err := t.write(ctx, t.condition)
			if err != nil {
				return done, p.explain(ctx, t, err)
			}
			p.note(ctx, &t.item, outcome)
		}
		done.Items = append(done.Items, t.item)
		if i == 0 && t.item.Action == Created {
			if err := p.replan(ctx, t); err != nil {
				return done, p.explain(ctx, t, err)
			}
		}
	}
	return done, nil
}

// replan compares the parts of a venue that did not exist before its own turn: one that was archived has come back with what it had.
func (p *Plan) replan(ctx context.Context, venue task) error {
	resources, services, err := p.parts(ctx)
	if err != nil {
		return err
	}
	p.tasks = append([]task{venue}, p.partTasks(resources, services)...)
	return nil
}
