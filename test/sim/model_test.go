package sim

import (
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/desk"
)

// model is what the venue must be, if every answer so far was right. It takes over what the rules leave free, ids and tokens and which
// of several equal members serves, from the answers.
type model struct {
	id     booking.VenueID
	exists bool
	venue
	revision booking.Revision
	// history is the venue at each revision.
	history []venue
	// tokens are those of the bookings, in their order.
	tokens  []string
	answers map[answerKey]answer
	// expired counts the holds that have run out.
	expired int
}

// answerKey is what makes two requests the same: who sent which key where.
type answerKey struct {
	actor      booking.Actor
	route, key string
}

type answer struct {
	request [32]byte
	outcome desk.Outcome
	at      time.Time
}

func newModel(id booking.VenueID, c *calendar) *model {
	return &model{id: id, venue: venue{calendar: c}, history: []venue{{calendar: c}}, answers: make(map[answerKey]answer)}
}

// answer is the living answer to a request.
func (m *model) answer(key answerKey, now time.Time) (answer, bool) {
	a, ok := m.answers[key]
	return a, ok && key.key != "" && !outlived(a, now)
}

// outlived tells whether an answer is past its lifetime.
func outlived(a answer, now time.Time) bool { return now.Sub(a.at) > booking.AnswerLifetime }

// sweep forgets the answers that are past their lifetime, and counts them.
func (m *model) sweep(now time.Time) int {
	before := len(m.answers)
	maps.DeleteFunc(m.answers, func(_ answerKey, a answer) bool { return outlived(a, now) })
	return before - len(m.answers)
}

// transaction is one transaction of the model: what is done by it has the next revision.
type transaction struct {
	*model
	now time.Time
	// wrote tells whether anything changed, and next is its revision.
	wrote bool
	next  booking.Revision
	// ended are the holds that it ended.
	ended map[booking.BookingID]bool
}

// begin starts a transaction, which first ends the holds that have run out.
func (m *model) begin(now time.Time) *transaction {
	tx := &transaction{model: m, now: now, next: m.revision + 1, ended: make(map[booking.BookingID]bool)}
	for i, b := range m.bookings {
		if b.Status == booking.Held && !now.Before(b.ExpiresAt) {
			b.Status, b.ExpiresAt = booking.Expired, time.Time{}
			tx.put(i, b)
			tx.expired++
			tx.ended[b.ID] = true
		}
	}
	return tx
}

// end raises the revision if anything was written.
func (tx *transaction) end() {
	if tx.wrote {
		tx.revision++
		tx.history = append(tx.history, tx.frozen())
	}
}

// position is the revision at which a reader sees what the transaction holds so far.
func (tx *transaction) position() booking.Revision {
	if tx.wrote {
		return tx.next
	}
	return tx.revision
}

// put replaces the i-th booking and returns what it is now.
func (tx *transaction) put(i int, b booking.Booking) booking.Booking {
	b.UpdatedAt, b.Revision, tx.wrote = tx.now, tx.next, true
	tx.bookings[i] = b
	return b
}

// add adds a booking.
func (tx *transaction) add(b booking.Booking, token string) booking.Booking {
	b.CreatedAt = tx.now
	tx.bookings, tx.tokens = append(tx.bookings, b), append(tx.tokens, token)
	return tx.put(len(tx.bookings)-1, b)
}

// find is the place of a booking.
func (m *model) find(id booking.BookingID) int {
	return slices.IndexFunc(m.bookings, func(b booking.Booking) bool { return b.ID == id })
}

// wish is what a booking would be, all but what the rules leave free, or why there can be none.
func (tx *transaction) wish(r desk.BookRequest) (booking.Booking, verdict, error) {
	s, err := tx.service(r.Service)
	if err == nil {
		err = tx.check(s, r.Resource, r.PartySize)
	}
	if err != nil {
		return booking.Booking{}, verdict{}, err
	}
	j := tx.judge(s, r.Resource, r.Start, tx.now)
	b := booking.Booking{
		Venue: r.Venue, Service: s.ID, Status: booking.Confirmed, Start: r.Start.UTC(), End: r.Start.Add(s.Duration).UTC(),
		WallStart: r.Start.In(tx.calendar.zone).Format("2006-01-02T15:04:05"), PartySize: r.PartySize, Customer: r.Customer,
		Claims: []booking.Claim{{
			Start: r.Start.Add(-s.BufferBefore).UTC(), End: r.Start.Add(s.Duration + s.BufferAfter).UTC(), Units: unitsFor(s, r.PartySize),
		}},
	}
	if r.Hold {
		b.Status, b.ExpiresAt = booking.Held, holdUntil(tx.now, s, b.Start)
	}
	return b, j, j.fits(r.PartySize)
}

// holdUntil is when a hold ends: after its time, but at its start at the latest.
func holdUntil(now time.Time, s booking.Service, start time.Time) time.Time {
	if until := now.Add(s.HoldFor); until.Before(start) {
		return until.UTC()
	}
	return start
}

// manage finds a booking that the actor may change, or says why not.
func (m *model) manage(a booking.Actor, id booking.BookingID) (int, error) {
	i := m.find(id)
	switch {
	case i < 0:
		return i, booking.ErrNotFound
	case a.Kind == booking.Staff, a.Kind == booking.TokenHolder && a.TokenHash == booking.HashToken(m.tokens[i]):
		return i, nil
	case a.Kind == booking.Public:
		return i, booking.ErrUnauthenticated
	}
	return i, booking.ErrForbidden
}

// step is a step of a booking: what it is afterwards, or why not.
func (tx *transaction) step(k kind, a booking.Actor, id booking.BookingID, c booking.Customer) (booking.Booking, error) {
	i, err := tx.manage(a, id)
	if err != nil {
		return booking.Booking{}, err
	}
	b := tx.bookings[i]
	switch k {
	case confirm:
		return tx.confirm(i, b, c)
	case extend:
		return tx.extend(i, b)
	default:
		return tx.cancel(i, b, a)
	}
}

func (tx *transaction) confirm(i int, b booking.Booking, c booking.Customer) (booking.Booking, error) {
	switch {
	case b.Status == booking.Expired:
		return b, booking.ErrHoldExpired
	case b.Status == booking.Confirmed && (c.IsZero() || c == b.Customer):
		return b, nil
	case b.Status != booking.Held:
		return b, booking.ErrWrongStatus
	}
	if !c.IsZero() {
		b.Customer = c
	}
	if b.Customer.Validate() != nil {
		return b, &booking.Invalid{}
	}
	b.Status, b.ExpiresAt = booking.Confirmed, time.Time{}
	return tx.put(i, b), nil
}

func (tx *transaction) extend(i int, b booking.Booking) (booking.Booking, error) {
	switch {
	case b.Status == booking.Expired:
		return b, booking.ErrHoldExpired
	case b.Status != booking.Held, b.Extensions == booking.MaxExtensions:
		return b, booking.ErrWrongStatus
	}
	b.Extensions++
	b.ExpiresAt = holdUntil(tx.now, tx.services[b.Service], b.Start)
	return tx.put(i, b), nil
}

func (tx *transaction) cancel(i int, b booking.Booking, a booking.Actor) (booking.Booking, error) {
	switch {
	case b.Status == booking.Cancelled:
		return b, nil
	case b.Status != booking.Held && b.Status != booking.Confirmed, a.Kind != booking.Staff && !tx.now.Before(b.Start):
		return b, booking.ErrWrongStatus
	}
	b.Status, b.ExpiresAt = booking.Cancelled, time.Time{}
	return tx.put(i, b), nil
}

// saved is what an edit must report.
type saved struct {
	created, changed bool
	revision         booking.Revision
}

// holds tells whether a condition holds of what is there.
func holds(c desk.Condition, exists bool, revision booking.Revision) bool {
	if c.Absent && exists || c.Any && !exists {
		return false
	}
	return len(c.Match) == 0 || exists && slices.Contains(c.Match, revision)
}

// save is what an edit does to settings that exist or not, with the revision that they had.
func (tx *transaction) save(exists, same bool, old booking.Revision) saved {
	if exists && same {
		return saved{revision: old}
	}
	tx.wrote = true
	return saved{created: !exists, changed: true, revision: tx.next}
}

// putVenue edits the venue. asked tells whether the future bookings were asked for, as the sender's picture demanded.
func (tx *transaction) putVenue(v booking.Venue, c desk.Condition, moved *calendar, asked bool) (saved, error) {
	old := tx.settings
	exists := tx.exists && !old.Archived
	if !holds(c, exists, old.Revision) {
		return saved{}, booking.ErrPrecondition
	}
	if exists && old.TimeZone != v.TimeZone {
		if !asked {
			return saved{}, booking.ErrPrecondition
		}
		if err := inUse(tx.future("", "")); err != nil {
			return saved{}, err
		}
	}
	v.Revision = old.Revision
	s := tx.save(exists, reflect.DeepEqual(old, v), old.Revision)
	v.Revision, tx.exists = s.revision, true
	if moved != tx.calendar {
		tx.move(moved)
	}
	tx.settings = v
	return s, nil
}

// move reads all hours on another calendar.
func (tx *transaction) move(c *calendar) {
	tx.calendar, tx.resources = c, maps.Clone(tx.resources)
	for id, r := range tx.resources {
		r.hours = newHours(c, r.Schedule)
		tx.resources[id] = r
	}
}

func (tx *transaction) open() bool { return tx.exists && !tx.settings.Archived }

func (tx *transaction) putResource(r booking.Resource, c desk.Condition) (saved, error) {
	old, exists := tx.resources[r.ID]
	exists = exists && !old.Archived
	switch {
	case !tx.open():
		return saved{}, booking.ErrNotFound
	case !holds(c, exists, old.Revision):
		return saved{}, booking.ErrPrecondition
	}
	if err := inUse(tx.beyond(r.ID, r.Capacity)); err != nil {
		return saved{}, err
	}
	r.Revision = old.Revision
	s := tx.save(exists, reflect.DeepEqual(old.Resource, r), old.Revision)
	r.Revision = s.revision
	now := resource{Resource: r, hours: old.hours}
	if old.hours == nil || !reflect.DeepEqual(old.Schedule, r.Schedule) {
		now.hours = newHours(tx.calendar, r.Schedule)
	}
	tx.resources = with(tx.resources, r.ID, now)
	return s, nil
}

// beyond are the bookings that take more of a resource than so many units, at the first second from now on at which they do.
func (tx *transaction) beyond(id booking.ResourceID, units int) []booking.Booking {
	moments := []time.Time{tx.now}
	for _, b := range tx.bookings {
		for _, c := range b.Claims {
			if c.Start.After(tx.now) {
				moments = append(moments, c.Start)
			}
		}
	}
	slices.SortFunc(moments, time.Time.Compare)
	for _, at := range moments {
		if tx.taken(id, at, at.Add(time.Microsecond)) > units {
			return tx.using(func(_ booking.Booking, c booking.Claim) bool {
				return c.Resource == id && !at.Before(c.Start) && at.Before(c.End)
			})
		}
	}
	return nil
}

func (tx *transaction) putService(s booking.Service, c desk.Condition) (saved, error) {
	old, exists := tx.services[s.ID]
	exists = exists && !old.Archived
	switch {
	case !tx.open():
		return saved{}, booking.ErrNotFound
	case !holds(c, exists, old.Revision):
		return saved{}, booking.ErrPrecondition
	}
	largest := 0
	for _, id := range s.Requires[0].AnyOf {
		r, ok := tx.resources[id]
		if !ok || r.Archived {
			return saved{}, &booking.Invalid{}
		}
		largest = max(largest, r.Capacity)
	}
	if unitsFor(s, s.PartySize.Min) > largest {
		return saved{}, &booking.Invalid{}
	}
	s.Revision = old.Revision
	done := tx.save(exists, reflect.DeepEqual(old, s), old.Revision)
	s.Revision = done.revision
	tx.services = with(tx.services, s.ID, s)
	return done, nil
}

// archive takes something out of use: a resource or a service, or if neither is named the venue.
func (tx *transaction) archive(service booking.ServiceID, id booking.ResourceID, c desk.Condition) error {
	if !tx.open() {
		return booking.ErrNotFound
	}
	if err := inUse(tx.future(service, id)); err != nil {
		return err
	}
	s, r, v := tx.services[service], tx.resources[id], tx.settings
	of := map[bool]booking.Revision{service != "": s.Revision, id != "": r.Revision, service == "" && id == "": v.Revision}[true]
	switch {
	case service != "" && (s.ID == "" || s.Archived), id != "" && (r.ID == "" || r.Archived):
		return booking.ErrNotFound
	case !holds(c, true, of):
		return booking.ErrPrecondition
	}
	switch {
	case service != "":
		s.Archived, s.Revision = true, tx.next
		tx.services = with(tx.services, service, s)
	case id != "":
		r.Archived, r.Revision = true, tx.next
		tx.resources = with(tx.resources, id, r)
	default:
		v.Archived, v.Revision = true, tx.next
		tx.settings = v
	}
	tx.wrote = true
	return nil
}

// with is a copy of a map with one entry set.
func with[K comparable, V any](m map[K]V, k K, v V) map[K]V {
	next := maps.Clone(m)
	if next == nil {
		next = make(map[K]V)
	}
	next[k] = v
	return next
}

// sorted are the ids of a map, ascending.
func sorted[K ~string, V any](m map[K]V) []K {
	return slices.SortedFunc(maps.Keys(m), func(a, b K) int { return strings.Compare(string(a), string(b)) })
}
