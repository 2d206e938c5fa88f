package view

import (
	"maps"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/ledger"
	"vacancy/internal/store"
)

// Picture is one venue at one revision. It never changes.
type Picture struct {
	Epoch    booking.Epoch
	Revision booking.Revision
	// Batch is that of the last change in the picture. Further changes may be put on it only where the change of Revision has it.
	Batch     string
	Venue     booking.Venue
	Zone      *time.Location
	Resources map[booking.ResourceID]booking.Resource
	Services  map[booking.ServiceID]booking.Service
	Ledgers   Ledgers

	// claimsSince is from when on the ledgers know what is taken.
	claimsSince time.Time
	// lineage is the same in all pictures of which it is known that each followed from the one before.
	lineage *lineage
}

// lineage is told from others by its address.
type lineage struct{ _ byte }

// Ledgers are the ledgers of a venue's resources.
type Ledgers map[booking.ResourceID]ResourceLedger

// ResourceLedger is the ledger of one resource, and the last revision that changed a claim on it.
type ResourceLedger struct {
	ledger.Ledger
	Touched booking.Revision
}

// Taken is the most units of the resource taken at any instant of [start, end).
func (l Ledgers) Taken(id booking.ResourceID, start, end time.Time) int {
	return l[id].Taken(start, end)
}

// Service is the service of that id, unless it is archived.
func (p *Picture) Service(id booking.ServiceID) (booking.Service, error) {
	s, ok := p.Services[id]
	if !ok || s.Archived || p.Venue.Closed() {
		return booking.Service{}, booking.ErrNotFound
	}
	return s, nil
}

// Position is the picture's own: its revision, and no boundary.
func (p *Picture) Position() booking.Position {
	return booking.Position{Epoch: p.Epoch, Revision: p.Revision}
}

// Touched is the last revision that may have changed what is available of a service: its settings, the venue's, or those of a
// resource that it requires and the claims on it.
func (p *Picture) Touched(s booking.Service) booking.Revision {
	last := max(s.Revision, p.Venue.Revision)
	for _, requirement := range s.Requires {
		for _, id := range requirement.AnyOf {
			last = max(last, p.Resources[id].Revision, p.Ledgers[id].Touched)
		}
	}
	return last
}

// Follows tells whether the picture is last or what came of it by changes. If not, it is of another history, or nobody knows.
func (p *Picture) Follows(last *Picture) bool {
	return p.lineage == last.lineage && p.Epoch == last.Epoch && p.Revision >= last.Revision
}

// Knows tells whether the ledgers have all that a booking which is made now could meet. They do not if the picture was loaded, or
// forgot the past, by a clock that was far ahead.
func (p *Picture) Knows(now time.Time) bool { return !p.claimsSince.After(now.Add(-booking.MaxBuffer)) }

// pictureOf builds a picture from what the store loaded: the claims that end after since, a midnight of UTC. Its ledgers know that
// they know nothing of what was before, so that a booking from then can still be taken out.
func pictureOf(l store.Loaded, since time.Time) (*Picture, error) {
	zone, err := booking.LoadZone(l.Venue.TimeZone)
	if err != nil {
		return nil, err
	}
	p := &Picture{
		Epoch: l.Epoch, Revision: l.Revision, Batch: l.Batch, Venue: l.Venue, Zone: zone,
		Resources:   make(map[booking.ResourceID]booking.Resource, len(l.Resources)),
		Services:    make(map[booking.ServiceID]booking.Service, len(l.Services)),
		claimsSince: since,
		lineage:     new(lineage),
	}
	for _, r := range l.Resources {
		p.Resources[r.ID] = r
	}
	for _, s := range l.Services {
		p.Services[s.ID] = s
	}
	p.Ledgers = make(Ledgers, len(l.Resources))
	for _, r := range l.Resources {
		p.Ledgers[r.ID] = ResourceLedger{Ledger: ledger.Ledger{}.Forget(since), Touched: l.Touched[r.ID]}
	}
	edits := make(edits, len(l.Resources))
	for _, claim := range l.Claims {
		if err := edits.edit(p.Ledgers, claim.Resource).Add(claim); err != nil {
			return nil, err
		}
	}
	for id, edit := range edits {
		p.Ledgers[id] = ResourceLedger{Ledger: edit.Ledger(), Touched: p.Ledgers[id].Touched}
	}
	return p, nil
}

// edits are the ledgers that are being changed.
type edits map[booking.ResourceID]*ledger.Edit

func (e edits) edit(from Ledgers, id booking.ResourceID) *ledger.Edit {
	edit, ok := e[id]
	if !ok {
		edit = from[id].Edit()
		e[id] = edit
	}
	return edit
}

// With is the picture after one more change, which must be of the next revision, and of the same history: see [Picture.Batch].
func (p *Picture) With(c booking.Change) (*Picture, error) {
	if c.Revision != p.Revision+1 {
		return nil, errGap
	}
	next := *p
	next.Revision, next.Batch = c.Revision, c.Batch
	edits := make(edits)
	for _, e := range c.Entries {
		if err := next.apply(e, edits); err != nil {
			return nil, err
		}
	}
	if len(edits) > 0 {
		next.Ledgers = maps.Clone(p.Ledgers)
		for id, edit := range edits {
			next.Ledgers[id] = ResourceLedger{Ledger: edit.Ledger(), Touched: c.Revision}
		}
	}
	return &next, nil
}

// apply takes one entry into a picture that is still being made. Maps of the picture it came from are replaced, never written.
func (p *Picture) apply(e booking.Entry, edits edits) error {
	switch {
	case e.Omits != 0:
		return errOmits
	case e.Booking != nil:
		for _, claim := range e.Booking.Released {
			if err := edits.edit(p.Ledgers, claim.Resource).Remove(claim); err != nil {
				return err
			}
		}
		for _, claim := range e.Booking.Claimed {
			if err := edits.edit(p.Ledgers, claim.Resource).Add(claim); err != nil {
				return err
			}
		}
	case e.Venue != nil:
		zone, err := booking.LoadZone(e.Venue.TimeZone)
		if err != nil {
			return err
		}
		p.Venue, p.Zone = *e.Venue, zone
	case e.Resource != nil:
		p.Resources = maps.Clone(p.Resources)
		p.Resources[e.Resource.ID] = *e.Resource
	case e.Service != nil:
		p.Services = maps.Clone(p.Services)
		p.Services[e.Service.ID] = *e.Service
	}
	return nil
}

// withoutClaimsBefore drops what was taken before an instant that no slot can reach any more.
func (p *Picture) withoutClaimsBefore(before time.Time) *Picture {
	next := *p
	if before.After(p.claimsSince) {
		next.claimsSince = before
	}
	next.Ledgers = make(Ledgers, len(p.Ledgers))
	for id, l := range p.Ledgers {
		next.Ledgers[id] = ResourceLedger{Ledger: l.Forget(before), Touched: l.Touched}
	}
	return &next
}

// removed is what is left of the venue in a history that does not have it: nothing that can be booked.
func (p *Picture) removed(epoch booking.Epoch) *Picture {
	venue := booking.Venue{ID: p.Venue.ID, Name: p.Venue.Name, TimeZone: p.Venue.TimeZone, Archived: true}
	return &Picture{Epoch: epoch, Venue: venue, Zone: p.Zone, lineage: new(lineage)}
}
