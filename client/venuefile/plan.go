package venuefile

import (
	"context"
	"slices"
	"time"

	"vacancy/client"
)

// Plan is what has to be done on a server to make a venue be what a document says.
type Plan struct {
	client   *client.Client
	document Document
	options  Options
	tasks    []task
	// unasked tells that the server was not asked whether it would refuse the changes.
	unasked bool
	// edited has the ids of resources that the run creates or changes before the services that require them.
	edited map[string]bool
}

// task is what one part of the venue needs.
type task struct {
	item Item
	// field is where the part stands in the file; "" if it does not.
	field string
	// write makes the change, and returns what the server says of it; nil if there is nothing to change.
	write     func(ctx context.Context, options ...client.CallOption) (outcome, error)
	condition client.CallOption
	// requiresEdited tells of a service that requires a resource which the run creates or changes before. What the server says of the
	// two together is not so then, and was judged by [Document.Check]; it tells of bookings in the way before that.
	requiresEdited bool
}

// outcome is what the server says of an edit that it makes or would make.
type outcome struct {
	// bookingsOutside lie outside of the opening hours by it, and others besides if there are more.
	bookingsOutside []string
	more            bool
	// warnings are of services of which nothing can be booked then.
	warnings []client.Warning
}

// compareWithServer fills the plan with a task for each part.
func (p *Plan) compareWithServer(ctx context.Context) error {
	d, c := p.document, p.client
	current, err := present(c.Venue(ctx, d.Venue.ID))
	if err != nil {
		return err
	}
	var resources []client.Resource
	var services []client.Service
	if current != nil {
		if resources, services, err = p.parts(ctx); err != nil {
			return err
		}
	}
	venue := newTask(part[client.Venue]{
		kind: "venue", field: "venue", want: d.Venue, old: current, id: d.Venue.ID, fields: venueFields,
		revision: func(v client.Venue) uint64 { return v.Revision }, save: c.PutVenue,
	})
	p.tasks = append([]task{venue}, p.partTasks(resources, services)...)
	return nil
}

// parts are the resources and services that the server has.
func (p *Plan) parts(ctx context.Context) ([]client.Resource, []client.Service, error) {
	resources, err := p.client.Resources(ctx, p.document.Venue.ID)
	if err != nil {
		return nil, nil, err
	}
	services, err := p.client.Services(ctx, p.document.Venue.ID)
	return resources, services, err
}

// partTasks are those of the resources and services, compared with what the server has.
func (p *Plan) partTasks(resources []client.Resource, services []client.Service) (tasks []task) {
	d, c := p.document, p.client
	p.edited = make(map[string]bool)
	unworkable := d.unworkable(time.Now())
	for i, r := range d.Resources {
		t := newTask(part[client.Resource]{
			kind: "resource", field: resourceField(i), want: r, id: r.ID, fields: resourceFields,
			old:      find(resources, func(other client.Resource) bool { return other.ID == r.ID }),
			revision: func(r client.Resource) uint64 { return r.Revision }, save: within(c.PutResource, d.Venue.ID),
			outcome: func(r client.Resource) outcome {
				return outcome{bookingsOutside: r.BookingsOutside, more: r.MoreBookingsOutside, warnings: r.Warnings}
			},
		})
		p.edited[r.ID] = t.write != nil
		tasks = append(tasks, t)
	}
	for i, s := range d.Services {
		t := newTask(part[client.Service]{
			kind: "service", field: serviceField(i), want: s, id: s.ID, fields: serviceFields,
			old:      find(services, func(other client.Service) bool { return other.ID == s.ID }),
			revision: func(s client.Service) uint64 { return s.Revision }, save: within(c.PutService, d.Venue.ID),
		})
		t.item.Warnings = unworkable[s.ID]
		t.requiresEdited = slices.ContainsFunc(s.Requires, func(r client.Requirement) bool {
			return p.edited[r.Resource] || slices.ContainsFunc(r.AnyOf, func(id string) bool { return p.edited[id] })
		})
		tasks = append(tasks, t)
	}
	return append(tasks, p.unlistedTasks(resources, services)...)
}

// unlistedTasks are for what the server has and the file does not. Services go before the resources that they require.
func (p *Plan) unlistedTasks(resources []client.Resource, services []client.Service) (tasks []task) {
	d := p.document
	for _, s := range services {
		if find(d.Services, func(other client.Service) bool { return other.ID == s.ID }) == nil {
			tasks = append(tasks, p.unlisted("service", s.ID, s.Revision, p.client.DeleteService))
		}
	}
	for _, r := range resources {
		if find(d.Resources, func(other client.Resource) bool { return other.ID == r.ID }) == nil {
			tasks = append(tasks, p.unlisted("resource", r.ID, r.Revision, p.client.DeleteResource))
		}
	}
	return tasks
}

func (p *Plan) unlisted(
	kind, id string, revision uint64, archive func(ctx context.Context, venue, id string, options ...client.CallOption) error,
) task {
	t := task{item: Item{Kind: kind, ID: id, Action: Unlisted}}
	if p.options.Prune {
		t.item.Action, t.condition = Archived, client.IfMatch(revision)
		t.write = func(ctx context.Context, options ...client.CallOption) (outcome, error) {
			return outcome{}, archive(ctx, p.document.Venue.ID, id, options...)
		}
	}
	return t
}

// Report is the plan, as far as it was made.
func (p *Plan) Report() Report {
	items := make([]Item, len(p.tasks))
	for i, t := range p.tasks {
		items[i] = t.item
	}
	r := p.report(items)
	r.Planned = true
	return r
}

func (p *Plan) report(items []Item) Report {
	return Report{File: p.document.Name, Venue: p.document.Venue.ID, Unasked: p.unasked, Items: items}
}

// part is one thing of the document: a venue, resource or service.
type part[T any] struct {
	kind, id, field string
	want            T
	old             *T // what the server has; nil for nothing
	fields          func(T) []field
	revision        func(T) uint64
	save            func(ctx context.Context, v T, options ...client.CallOption) (T, error)
	outcome         func(T) outcome // nil if the server never says anything
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
	t.write = func(ctx context.Context, options ...client.CallOption) (outcome, error) {
		saved, err := p.save(ctx, p.want, options...)
		if err != nil || p.outcome == nil {
			return outcome{}, err
		}
		return p.outcome(saved), nil
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
