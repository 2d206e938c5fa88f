package venuefile

import (
	"context"
	"fmt"

	"vacancy/client"
)

// Apply makes the server's venue be what the document says: the venue first, then its resources, then its services. With dryRun it
// changes nothing, and reports what it would do. Things that somebody else changes meanwhile are not overwritten: that is an error
// with [client.CodePreconditionFailed]. When Apply fails half way, the report says what was done, and applying again does the rest.
func Apply(ctx context.Context, c *client.Client, d Document, dryRun bool) (Report, error) {
	a := &applier{client: c, document: d, report: Report{File: d.Name, Venue: d.Venue.ID, DryRun: dryRun}}
	err := a.run(ctx)
	return a.report, err
}

type applier struct {
	client   *client.Client
	document Document
	report   Report
}

func (a *applier) run(ctx context.Context) error {
	d, c := a.document, a.client
	if err := d.Check(); err != nil {
		return err
	}
	current, err := present(c.Venue(ctx, d.Venue.ID))
	if err != nil {
		return err
	}
	var resources []client.Resource
	var services []client.Service
	if current != nil {
		if resources, err = c.Resources(ctx, d.Venue.ID); err != nil {
			return err
		}
		if services, err = c.Services(ctx, d.Venue.ID); err != nil {
			return err
		}
	}
	if err := applyPart(ctx, a, part[client.Venue]{
		kind: "venue", field: "venue", want: d.Venue, old: current, id: d.Venue.ID, fields: venueFields,
		revision: func(v client.Venue) uint64 { return v.Revision }, put: c.PutVenue,
	}); err != nil {
		return err
	}
	for i, r := range d.Resources {
		if err := applyPart(ctx, a, part[client.Resource]{
			kind: "resource", field: fmt.Sprintf("resources[%d]", i), want: r, id: r.ID, fields: resourceFields,
			old:      find(resources, func(other client.Resource) bool { return other.ID == r.ID }),
			revision: func(r client.Resource) uint64 { return r.Revision }, put: within(c.PutResource, d.Venue.ID),
		}); err != nil {
			return err
		}
	}
	for i, s := range d.Services {
		if err := applyPart(ctx, a, part[client.Service]{
			kind: "service", field: fmt.Sprintf("services[%d]", i), want: s, id: s.ID, fields: serviceFields,
			old:      find(services, func(other client.Service) bool { return other.ID == s.ID }),
			revision: func(s client.Service) uint64 { return s.Revision }, put: within(c.PutService, d.Venue.ID),
		}); err != nil {
			return err
		}
	}
	return nil
}

// part is one thing of the document: a venue, resource or service.
type part[T any] struct {
	kind, id, field string
	want            T
	old             *T // what the server has; nil for nothing
	fields          func(T) []field
	revision        func(T) uint64
	put             func(ctx context.Context, v T, options ...client.CallOption) (T, error)
}

// applyPart brings one part up to date, and notes what that took.
func applyPart[T any](ctx context.Context, a *applier, p part[T]) error {
	item := Item{Kind: p.kind, ID: p.id, Action: Created}
	condition := client.IfAbsent()
	if p.old != nil {
		item.Action, item.Differences = Changed, compare(p.fields(*p.old), p.fields(p.want))
		if len(item.Differences) == 0 {
			item.Action = Unchanged
		}
		condition = client.IfMatch(p.revision(*p.old))
	}
	if item.Action != Unchanged && !a.report.DryRun {
		if _, err := p.put(ctx, p.want, condition); err != nil {
			return a.document.explain(p.field, err)
		}
	}
	a.report.Items = append(a.report.Items, item)
	return nil
}

// present turns a thing that is not there into nil.
func present[T any](v T, err error) (*T, error) {
	if client.IsCode(err, client.CodeNotFound) {
		return nil, nil
	}
	return &v, err
}

func find[T any](list []T, is func(T) bool) *T {
	for i := range list {
		if is(list[i]) {
			return &list[i]
		}
	}
	return nil
}

// within fixes the venue of a PUT.
func within[T any](
	put func(ctx context.Context, venue string, v T, options ...client.CallOption) (T, error), venue string,
) func(ctx context.Context, v T, options ...client.CallOption) (T, error) {
	return func(ctx context.Context, v T, options ...client.CallOption) (T, error) {
		return put(ctx, venue, v, options...)
	}
}
