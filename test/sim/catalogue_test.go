package sim

import (
	"fmt"
	"slices"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/desk"
)

// someCondition is a condition on something that has a revision.
func someCondition(c command, i int, revision booking.Revision) desk.Condition {
	switch c.pick(i, 12) {
	case 8:
		return desk.Condition{Match: []booking.Revision{revision}}
	case 9:
		return desk.Condition{Match: []booking.Revision{revision + 1}}
	case 10:
		return desk.Condition{Absent: true}
	case 11:
		return desk.Condition{Any: true}
	}
	return desk.Condition{}
}

// edited compares what an edit reports, and ends its transaction.
func edited[T any](
	w *world, what kind, tx *transaction, got desk.Saved[T], err error, want saved, refusal error, revision func(T) booking.Revision,
) {
	defer tx.end()
	w.log[len(w.log)-1] += "  ->  " + w.said(err)
	w.tally.count("%s: %s", what, outcome(err))
	w.answered(err, refusal)
	if err != nil {
		return
	}
	if got.Created != want.created || got.Changed != want.changed || revision(got.Value) != want.revision ||
		got.Position != (booking.Position{Epoch: got.Position.Epoch, Revision: tx.position()}) {
		w.failf("the edit reports created %v, changed %v, revision %d at %d, want %+v at %d", got.Created, got.Changed, revision(got.Value),
			got.Position.Revision, want, tx.position())
	}
}

func (w *world) putVenue(n *node, v booking.Venue, c desk.Condition) {
	w.note("put the venue in %s, name %q, if %+v", v.TimeZone, v.Name, c)
	got, err := n.PutVenue(w.ctx, staff, v, c)
	tx := w.begin(w.clock.Now())
	want, refusal := tx.putVenue(v, c, calendarOf(w, v.TimeZone, w.plan.base))
	edited(w, venuePut, tx, got, err, want, refusal, func(v booking.Venue) booking.Revision { return v.Revision })
}

func (w *world) putResource(n *node, r booking.Resource, c desk.Condition) {
	w.note("put resource %s, capacity %d, week %v, exceptions %v, if %+v", r.ID, r.Capacity, r.Schedule.Weekly, r.Schedule.Exceptions, c)
	r.Revision, r.Archived = 0, false
	got, err := n.PutResource(w.ctx, staff, r, c)
	tx := w.begin(w.clock.Now())
	want, refusal := tx.putResource(r, c)
	edited(w, resPut, tx, got, err, want, refusal, func(r booking.Resource) booking.Revision { return r.Revision })
}

func (w *world) putService(n *node, s booking.Service, c desk.Condition) {
	s.Revision, s.Archived = 0, false
	w.note("put service %s, if %+v", describeService(s), c)
	got, err := n.PutService(w.ctx, staff, s, c)
	tx := w.begin(w.clock.Now())
	want, refusal := tx.putService(s, c)
	edited(w, svcPut, tx, got, err, want, refusal, func(s booking.Service) booking.Revision { return s.Revision })
}

func (w *world) doPutVenue(c command) {
	v := w.settings
	v.Revision, v.Archived = 0, false
	switch c.pick(0, 3) {
	case 0:
		v.Name = one(c, 1, []string{"The House", "The Home", "Elsewhere"})
	case 1:
		v.TimeZone = one(c, 1, []string{w.planned.zone, "Europe/Berlin", "America/New_York"})
	}
	n, _ := w.node(c)
	w.putVenue(n, v, someCondition(c, 2, w.settings.Revision))
}

func (w *world) doPutResource(c command) {
	r := w.planned.resources[c.pick(0, len(w.planned.resources))]
	old, ok := w.resources[r.ID]
	if ok {
		r = old.Resource
	}
	switch c.pick(1, 6) {
	case 0, 1:
		r.Capacity = one(c, 2, []int{1, 2, 3, 5, 40})
	case 2:
		r.Schedule.Weekly = week(c.n[2], c.n[3])
	case 3:
		r.Schedule.Exceptions = slices.DeleteFunc(slices.Clone(r.Schedule.Exceptions), func(booking.Exception) bool { return true })
		today := w.calendar.today(w.clock.Now())
		r.Schedule.Exceptions = append(r.Schedule.Exceptions, exception(today.AddDays(c.pick(2, 5)-1), c.n[3]))
	case 4:
		r.Schedule.Exceptions = nil
	}
	n, _ := w.node(c)
	w.putResource(n, r, someCondition(c, 4, old.Revision))
}

func (w *world) doPutService(c command) {
	s := w.planned.services[c.pick(0, len(w.planned.services))]
	old, ok := w.services[s.ID]
	if ok {
		s = old
	}
	minutes := func(of ...int) time.Duration { return time.Duration(one(c, 2, of)) * time.Minute }
	s.Requires = []booking.Requirement{s.Requires[0]}
	switch c.pick(1, 9) {
	case 0:
		s.HoldFor = minutes(10, 1, 60)
	case 1:
		s.MinNotice = minutes(0, 30, 120, 24*60)
	case 2:
		s.HorizonDays = one(c, 2, []int{1, 2, 7, 14})
	case 3:
		s.Duration = minutes(30, 60, 20, 90)
	case 4:
		s.BufferAfter, s.BufferBefore = minutes(0, 15, 90), minutes(0, 10)
	case 5:
		s.PartySize = one(c, 2, []booking.PartySize{{Min: 1, Max: 1}, {Min: 1, Max: 4}, {Min: 2, Max: 2}})
	case 6:
		s.Requires[0].AnyOf = nil
		for i := range c.pick(2, len(w.planned.resources)) + 1 {
			s.Requires[0].AnyOf = append(s.Requires[0].AnyOf, w.planned.resources[(c.pick(3, 4)+i)%len(w.planned.resources)].ID)
		}
	case 7:
		s.Requires[0].Units, s.Requires[0].PerPerson = c.pick(2, 2)+1, c.pick(3, 2) == 0
	}
	n, _ := w.node(c)
	w.putService(n, s, someCondition(c, 4, old.Revision))
}

// doArchive takes something out of use. The venue itself goes rarely: little can happen then.
func (w *world) doArchive(c command) {
	n, _ := w.node(c)
	var service booking.ServiceID
	var id booking.ResourceID
	var err error
	var condition desk.Condition
	switch c.pick(0, 12) {
	case 11:
		condition = someCondition(c, 2, w.settings.Revision)
		w.note("archive the venue, if %+v", condition)
		_, err = n.ArchiveVenue(w.ctx, staff, w.id, condition)
	case 1, 2, 3, 4:
		id = w.planned.resources[c.pick(1, len(w.planned.resources))].ID
		condition = someCondition(c, 2, w.resources[id].Revision)
		w.note("archive resource %s, if %+v", id, condition)
		_, err = n.ArchiveResource(w.ctx, staff, w.id, id, condition)
	default:
		service = w.planned.services[c.pick(1, len(w.planned.services))].ID
		condition = someCondition(c, 2, w.services[service].Revision)
		w.note("archive service %s, if %+v", service, condition)
		_, err = n.ArchiveService(w.ctx, staff, w.id, service, condition)
	}
	tx := w.begin(w.clock.Now())
	defer tx.end()
	w.log[len(w.log)-1] += "  ->  " + w.said(err)
	w.tally.count("archive: %s", outcome(err))
	w.answered(err, tx.archive(service, id, condition))
}

// describeService is a service in words.
func describeService(s booking.Service) string {
	limit := "half"
	if s.LimitedBelow != nil {
		limit = fmt.Sprint(*s.LimitedBelow)
	}
	return fmt.Sprintf("%s of %v, step %v, buffers %v and %v, notice %v, horizon %d, party %v, hold %v, limited below %s, requires %+v",
		s.ID, s.Duration, s.Step, s.BufferBefore, s.BufferAfter, s.MinNotice, s.HorizonDays, s.PartySize, s.HoldFor, limit, s.Requires)
}
