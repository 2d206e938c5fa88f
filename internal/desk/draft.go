package desk

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"vacancy/internal/availability"
	"vacancy/internal/booking"
	"vacancy/internal/ledger"
	"vacancy/internal/store"
	"vacancy/internal/view"
)

// draft is one venue as it will be if the transaction commits: the picture under the lock, overlaid with what this batch has
// decided so far. It gathers the write.
type draft struct {
	now    time.Time
	exists bool
	// picture is never nil; for a venue that does not exist it is empty but for its epoch. The draft owns it and its maps.
	picture  view.Picture
	edits    map[booking.ResourceID]*ledger.Edit
	change   booking.Change
	bookings map[booking.BookingID]booking.Booking
	created  []booking.BookingID
	changed  []booking.BookingID
	answers  map[booking.AnswerKey]booking.Answer
	// newAnswers are the answers that this batch gave.
	newAnswers []booking.Answer
	// uses are what was asked of the future bookings, and usesFound the answers.
	uses      []store.Use
	usesFound [][]booking.BookingID
	// counts are the live bookings that the limits on places look at.
	counts counts
	// days are those that this batch has looked at, and measured those that it has measured, kept right as it takes and frees. An edit of
	// the catalogue drops both. base is the picture before any edit.
	days     map[dayKey]*serviceDay
	measured []*serviceDay
	// fitters are those of the starts that this batch books: a crowd books the same one. An edit of the catalogue drops them.
	fitters map[fitterKey]*availability.Fitter
	base    *view.Picture
	// missed are committed changes, of other nodes, that the view did not have.
	missed []booking.Change
	// toProve tells whether a command succeeded: if nothing is written, its answer rests on what was found, which must be durable then.
	toProve bool
	// edited: the batch has changed the catalogue.
	edited bool
	// fault is set when bookings and ledgers do not fit each other. Nothing of the draft may be committed then.
	fault error
}

// newDraft begins a draft on what was found, bringing the picture up to it. errBehind if the picture cannot be brought there: it is
// of another history, which its epoch or the batch of its last change tells, or changes are missing. There is room for what so many
// commands are likely to decide.
func newDraft(batch string, commands int, need store.Need, p *view.Picture, found store.Found) (*draft, error) {
	if p == nil {
		p = &view.Picture{Epoch: found.Epoch}
	}
	if p.Epoch != found.Epoch || p.Revision > found.Revision || p.Revision > 0 && p.Batch != found.Batch {
		return nil, errBehind
	}
	for _, c := range found.Changes {
		if p.Revision == 0 {
			break // not loaded: a picture cannot grow out of nothing
		}
		next, err := p.With(c)
		if err != nil {
			return nil, errBehind
		}
		p = next
	}
	if p.Revision != found.Revision || p.Revision > 0 && !p.Knows(found.Now) {
		return nil, errBehind
	}
	// The findings are the store's.
	bookings := make(map[booking.BookingID]booking.Booking, len(found.Bookings)+commands)
	maps.Copy(bookings, found.Bookings)
	answers := make(map[booking.AnswerKey]booking.Answer, len(found.Answers)+len(need.Answers))
	maps.Copy(answers, found.Answers)
	return &draft{
		now: found.Now, exists: found.Exists, picture: *p, edits: make(map[booking.ResourceID]*ledger.Edit),
		change: booking.Change{
			Venue: need.Venue, Revision: found.Revision + 1, Batch: batch, Entries: make([]booking.Entry, 0, commands),
		},
		bookings: bookings, created: make([]booking.BookingID, 0, commands),
		answers: answers, newAnswers: make([]booking.Answer, 0, len(need.Answers)),
		usesFound: found.Uses, uses: need.Uses, counts: newCounts(need, found, p), base: p, missed: found.Changes,
	}, nil
}

// Taken is the most units of the resource taken at any instant of [start, end), this batch's claims included. With it the draft
// is what availability asks.
func (d *draft) Taken(id booking.ResourceID, start, end time.Time) int {
	if edit, ok := d.edits[id]; ok {
		return edit.Taken(start, end)
	}
	return d.picture.Ledgers.Taken(id, start, end)
}

// query asks about a service as the draft stands.
func (d *draft) query(s booking.Service, resource booking.ResourceID) availability.Query {
	return availability.Query{
		Zone: d.picture.Zone, Service: s, Resources: d.picture.Resources, Ledgers: d, Now: d.now, Resource: resource,
	}
}

// fitterKey is what a fitter is for. The start is in UTC.
type fitterKey struct {
	service  booking.ServiceID
	resource booking.ResourceID
	start    time.Time
}

// fitter is that of a start.
func (d *draft) fitter(s booking.Service, resource booking.ResourceID, start time.Time) *availability.Fitter {
	key := fitterKey{s.ID, resource, start.UTC()}
	f, ok := d.fitters[key]
	if !ok {
		if d.fitters == nil {
			d.fitters = make(map[fitterKey]*availability.Fitter)
		}
		f = availability.NewFitter(d.query(s, resource), start)
		d.fitters[key] = f
	}
	return f
}

// service finds a service that can be booked.
func (d *draft) service(id booking.ServiceID) (booking.Service, error) {
	if !d.exists {
		return booking.Service{}, booking.ErrNotFound
	}
	return d.picture.Service(id)
}

// bookingsOf are the future bookings that a use asks for: those that the store found and this batch has not ended, and those that this
// batch has made. If this batch has ended all that the store found, and there may be more, they stand for those.
func (d *draft) bookingsOf(use store.Use) []booking.BookingID {
	var ids []booking.BookingID
	if i := slices.Index(d.uses, use); i >= 0 && i < len(d.usesFound) {
		ids = slices.DeleteFunc(slices.Clone(d.usesFound[i]), func(id booking.BookingID) bool {
			b, known := d.bookings[id]
			return known && !b.Status.Claims()
		})
		if len(ids) == 0 && len(d.usesFound[i]) > booking.MaxInUse {
			ids = d.usesFound[i]
		}
	}
	for _, id := range d.created {
		b := d.bookings[id]
		ofService := use.Service == "" || use.Service == b.Service
		onResource := use.Resource == "" || slices.ContainsFunc(b.Claims, func(c booking.Claim) bool { return c.Resource == use.Resource })
		if b.Status.Claims() && ofService && onResource {
			ids = append(ids, id)
		}
	}
	return ids
}

// create enters a new booking.
func (d *draft) create(a booking.Actor, kind booking.EntryKind, b booking.Booking, override bool) booking.Booking {
	b.CreatedAt = d.now
	b = d.enterBooking(a, kind, b, b.Claims, nil)
	d.change.Entries[len(d.change.Entries)-1].Booking.Override = override
	d.created = append(d.created, b.ID)
	return b
}

// transition enters the next state of a booking that existed before, with the claims it takes and frees by it.
func (d *draft) transition(a booking.Actor, kind booking.EntryKind, b booking.Booking, claimed, released []booking.Claim) booking.Booking {
	b = d.enterBooking(a, kind, b, claimed, released)
	if !slices.Contains(d.created, b.ID) && !slices.Contains(d.changed, b.ID) {
		d.changed = append(d.changed, b.ID)
	}
	return b
}

func (d *draft) enterBooking(
	a booking.Actor, kind booking.EntryKind, b booking.Booking, claimed, released []booking.Claim,
) booking.Booking {
	b.UpdatedAt, b.Revision = d.now, d.change.Revision
	b.CancelledHold = b.Status == booking.Cancelled && d.bookings[b.ID].Status == booking.Held
	for _, claim := range released {
		d.fault = errors.Join(d.fault, d.ledger(claim.Resource).Remove(claim))
	}
	for _, claim := range claimed {
		d.fault = errors.Join(d.fault, d.ledger(claim.Resource).Add(claim))
	}
	d.updateMeasured(released)
	d.updateMeasured(claimed)
	old, existed := d.bookings[b.ID]
	if existed {
		d.count(old, -1)
	}
	d.count(b, 1)
	d.bookings[b.ID] = b
	transition := &booking.BookingTransition{
		ID: b.ID, Service: b.Service, Status: b.Status, Start: b.Start, End: b.End, PartySize: b.PartySize, ExpiresAt: b.ExpiresAt,
		Previous: old.Revision, Claimed: claimed, Released: released,
	}
	if len(claimed) == 0 && len(released) == 0 {
		transition.Unchanged = b.Claims
	}
	d.addEntry(booking.Entry{Kind: kind, Actor: a.Name(), Booking: transition})
	return b
}

func (d *draft) ledger(id booking.ResourceID) *ledger.Edit {
	edit, ok := d.edits[id]
	if !ok {
		edit = d.picture.Ledgers[id].Edit()
		d.edits[id] = edit
	}
	return edit
}

func (d *draft) addEntry(e booking.Entry) { d.change.Entries = append(d.change.Entries, e) }

// hasWrites tells whether there is anything to commit: entries, or answers alone. A call that found done what it asked for is remembered
// like any other (I4): its repeat gets the same answer, also when what it found is undone meanwhile. Its answer is of a change
// without entries then.
func (d *draft) hasWrites() bool { return len(d.change.Entries) > 0 || len(d.newAnswers) > 0 }

// position is where a reader must be to see what the draft holds.
func (d *draft) position() booking.Position {
	p := booking.Position{Epoch: d.picture.Epoch, Revision: d.change.Revision}
	if len(d.change.Entries) == 0 {
		p.Revision--
	}
	return p
}

// write is what the store is to do, committed at now, or the fault that forbids it. What is written once more, because it is not known
// whether it was written, is the same: its time of commit too.
func (d *draft) write(now time.Time) (store.Write, error) {
	if d.fault != nil {
		return store.Write{}, fmt.Errorf("%w: venue %s: %w", store.ErrRejected, d.change.Venue, d.fault)
	}
	if !d.hasWrites() {
		return store.Write{Prove: d.toProve}, nil
	}
	if d.change.CommittedAt.IsZero() {
		d.change.CommittedAt = now.UTC().Truncate(time.Microsecond)
	}
	w := store.Write{Change: d.change, New: make([]booking.Booking, 0, len(d.created)), Answers: d.newAnswers}
	for _, id := range d.created {
		w.New = append(w.New, d.bookings[id])
	}
	for _, id := range d.changed {
		w.Changed = append(w.Changed, d.bookings[id])
	}
	return w, nil
}

// The draft's picture is its own, but the maps in it are the view's until they are replaced.

func (d *draft) setVenue(v booking.Venue) {
	d.picture.Venue = v
	d.catalogueEdited()
	if zone, err := booking.LoadZone(v.TimeZone); err == nil { // validated before
		d.picture.Zone = zone
	}
	d.exists = true
}

func (d *draft) setResource(r booking.Resource) {
	d.catalogueEdited()
	d.picture.Resources = withEntry(d.picture.Resources, r.ID, r)
}

func (d *draft) setService(s booking.Service) {
	d.catalogueEdited()
	d.picture.Services = withEntry(d.picture.Services, s.ID, s)
}

func (d *draft) catalogueEdited() { d.edited, d.days, d.measured, d.fitters = true, nil, nil, nil }

// withEntry is a copy of m with one entry set.
func withEntry[K comparable, V any](m map[K]V, k K, v V) map[K]V {
	next := make(map[K]V, len(m)+1)
	maps.Copy(next, m)
	next[k] = v
	return next
}
