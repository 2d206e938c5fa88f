package venuefile

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"vacancy/client"
)

// Options change what [Apply] does.
type Options struct {
	// DryRun changes nothing, and reports what would be done.
	DryRun bool
	// Prune archives the resources and services that the server has and the file does not.
	Prune bool
}

// Apply makes the server's venue be what the document says: the venue first, then its resources, then its services. Everything is
// judged before anything is changed: by [Document.Check], and by the server, which is asked for each change whether it would refuse it.
// What it would refuse is told with its place in the file, and with the bookings in the way. Things that somebody else changes meanwhile
// are not overwritten: that is an error with [client.CodePreconditionFailed]. When Apply fails half way for such a reason, the report
// says what was done, and applying again does the rest.
func Apply(ctx context.Context, c *client.Client, d Document, options Options) (Report, error) {
	a := &applier{client: c, document: d, options: options, report: Report{File: d.Name, Venue: d.Venue.ID, DryRun: options.DryRun}}
	err := a.run(ctx)
	return a.report, err
}

type applier struct {
	client   *client.Client
	document Document
	options  Options
	report   Report
	tasks    []task
	// edited has the ids of resources that the run creates or changes before the services that require them.
	edited map[string]bool
}

// task is what one part of the venue needs.
type task struct {
	item Item
	// field is where the part stands in the file; "" if it does not.
	field string
	// write makes the change, and returns the bookings that it leaves outside of the opening hours; nil if there is nothing to change.
	write     func(ctx context.Context, options ...client.CallOption) (outside outsideHours, err error)
	condition client.CallOption
	// requiresEdited tells of a service that requires a resource which the run creates or changes before. What the server says of the
	// two together is not so then, and was judged by [Document.Check]; it tells of bookings in the way before that.
	requiresEdited bool
}

// outsideHours are bookings that an edit leaves outside of the opening hours, and whether there are others.
type outsideHours struct {
	bookings []string
	more     bool
}

func (a *applier) run(ctx context.Context) error {
	if err := a.document.Check(); err != nil {
		return err
	}
	if err := a.plan(ctx); err != nil {
		return err
	}
	if err := a.preflight(ctx); err != nil || a.options.DryRun {
		return err
	}
	a.report.Items = nil
	for _, t := range a.tasks {
		if t.write != nil {
			outside, err := t.write(ctx, t.condition)
			if err != nil {
				return a.explain(ctx, t, err)
			}
			t.item.BookingsOutside = a.describe(ctx, outside.bookings, outside.more)
		}
		a.report.Items = append(a.report.Items, t.item)
	}
	return nil
}

// plan compares the document with what the server has.
func (a *applier) plan(ctx context.Context) error {
	d, c := a.document, a.client
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
	a.tasks = append(a.tasks, newTask(part[client.Venue]{
		kind: "venue", field: "venue", want: d.Venue, old: current, id: d.Venue.ID, fields: venueFields,
		revision: func(v client.Venue) uint64 { return v.Revision }, save: c.PutVenue,
	}))
	a.edited = make(map[string]bool)
	for i, r := range d.Resources {
		t := newTask(part[client.Resource]{
			kind: "resource", field: fmt.Sprintf("resources[%d]", i), want: r, id: r.ID, fields: resourceFields,
			old:      find(resources, func(other client.Resource) bool { return other.ID == r.ID }),
			revision: func(r client.Resource) uint64 { return r.Revision }, save: within(c.PutResource, d.Venue.ID),
			outside: func(r client.Resource) outsideHours { return outsideHours{r.BookingsOutside, r.MoreBookingsOutside} },
		})
		a.edited[r.ID] = t.write != nil
		a.tasks = append(a.tasks, t)
	}
	for i, s := range d.Services {
		t := newTask(part[client.Service]{
			kind: "service", field: fmt.Sprintf("services[%d]", i), want: s, id: s.ID, fields: serviceFields,
			old:      find(services, func(other client.Service) bool { return other.ID == s.ID }),
			revision: func(s client.Service) uint64 { return s.Revision }, save: within(c.PutService, d.Venue.ID),
		})
		t.requiresEdited = slices.ContainsFunc(s.Requires, func(r client.Requirement) bool {
			return a.edited[r.Resource] || slices.ContainsFunc(r.AnyOf, func(id string) bool { return a.edited[id] })
		})
		a.tasks = append(a.tasks, t)
	}
	a.planUnlisted(resources, services)
	return nil
}

// planUnlisted is for what the server has and the file does not. Services go before the resources that they require.
func (a *applier) planUnlisted(resources []client.Resource, services []client.Service) {
	d := a.document
	for _, s := range services {
		if find(d.Services, func(other client.Service) bool { return other.ID == s.ID }) == nil {
			a.unlisted("service", s.ID, s.Revision, a.client.DeleteService)
		}
	}
	for _, r := range resources {
		if find(d.Resources, func(other client.Resource) bool { return other.ID == r.ID }) == nil {
			a.unlisted("resource", r.ID, r.Revision, a.client.DeleteResource)
		}
	}
}

func (a *applier) unlisted(
	kind, id string, revision uint64, archive func(ctx context.Context, venue, id string, options ...client.CallOption) error,
) {
	t := task{item: Item{Kind: kind, ID: id, Action: Unlisted}}
	if a.options.Prune {
		t.item.Action, t.condition = Archived, client.IfMatch(revision)
		t.write = func(ctx context.Context, options ...client.CallOption) (outsideHours, error) {
			return outsideHours{}, archive(ctx, a.document.Venue.ID, id, options...)
		}
	}
	a.tasks = append(a.tasks, t)
}

// preflight asks the server which changes it would refuse, and tells all of them. In a dry run, the report has the whole plan.
func (a *applier) preflight(ctx context.Context) error {
	venueIsNew := a.tasks[0].item.Action == Created
	var refusals []error
	for _, t := range a.tasks {
		if t.write != nil && !a.report.Unasked {
			outside, err := t.write(ctx, t.condition, client.DryRun())
			t.item.BookingsOutside = a.describe(ctx, outside.bookings, outside.more)
			switch {
			case err == nil, venueIsNew && client.IsCode(err, client.CodeNotFound), t.requiresEdited && onlyOfResources(err):
			case a.options.DryRun && client.IsCode(err, client.CodeUnauthenticated):
				a.report.Unasked = true // a dry run goes without a key, as far as it can
			default:
				refusals = append(refusals, a.explain(ctx, t, err))
				if _, answered := errors.AsType[*client.Problem](err); !answered {
					return errors.Join(refusals...)
				}
			}
		}
		if a.options.DryRun {
			a.report.Items = append(a.report.Items, t.item)
		}
	}
	return errors.Join(refusals...)
}

// onlyOfResources tells whether a service is refused for nothing but what its resources are.
func onlyOfResources(err error) bool {
	problem, ok := errors.AsType[*client.Problem](err)
	return ok && problem.Code == client.CodeInvalid && len(problem.Errors) > 0 &&
		!slices.ContainsFunc(problem.Errors, func(e client.FieldError) bool {
			return !strings.HasPrefix(e.Field, "requires[") && e.Field != "limited_below" && e.Field != "duration_minutes"
		})
}

// part is one thing of the document: a venue, resource or service.
type part[T any] struct {
	kind, id, field string
	want            T
	old             *T // what the server has; nil for nothing
	fields          func(T) []field
	revision        func(T) uint64
	save            func(ctx context.Context, v T, options ...client.CallOption) (T, error)
	outside         func(T) outsideHours // nil if there never are any
}

// newTask is what a part needs to be up to date.
func newTask[T any](p part[T]) task {
	t := task{item: Item{Kind: p.kind, ID: p.id, Action: Created}, field: p.field, condition: client.IfAbsent()}
	if p.old != nil {
		t.item.Action, t.item.Differences = Changed, compare(p.fields(*p.old), p.fields(p.want))
		if len(t.item.Differences) == 0 {
			t.item.Action = Unchanged
			return t
		}
		t.condition = client.IfMatch(p.revision(*p.old))
	}
	t.write = func(ctx context.Context, options ...client.CallOption) (outsideHours, error) {
		saved, err := p.save(ctx, p.want, options...)
		if err != nil || p.outside == nil {
			return outsideHours{}, err
		}
		return p.outside(saved), nil
	}
	return t
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
	save func(ctx context.Context, venue string, v T, options ...client.CallOption) (T, error), venue string,
) func(ctx context.Context, v T, options ...client.CallOption) (T, error) {
	return func(ctx context.Context, v T, options ...client.CallOption) (T, error) {
		return save(ctx, venue, v, options...)
	}
}
