package desk

import (
	"context"
	"errors"
	"sync"
	"time"

	"vacancy/internal/availability"
	"vacancy/internal/booking"
	"vacancy/internal/view"
)

// refuse adds to a refusal where the customer can go instead. It runs on the caller's goroutine, after the batch: the crowd that
// comes too late must not hold up those who are still in time.
func (d *Desk) refuse(ctx context.Context, reason error, r BookRequest) error {
	p, err := d.config.View.Picture(ctx, r.Venue)
	if err != nil {
		return reason
	}
	refused := &booking.Refused{Reason: reason, Contact: p.Venue.Contact}
	service, err := p.Service(r.Service)
	switch {
	case err != nil:
	case !errors.Is(reason, booking.ErrNotASlot):
		refused.Alternatives = d.alternatives.get(p, service, r, d.config.View.Now())
	default:
		// Nothing to explain: the catalogue was changed meanwhile, and a slot starts then now.
		if why := availability.WhyNotASlot(queryOf(p, service, r, d.config.View.Now()), r.Start); why != nil {
			refused.Reason = why
		}
	}
	return refused
}

// queryOf asks for what a request wants, of a picture.
func queryOf(p *view.Picture, s booking.Service, r BookRequest, now time.Time) availability.Query {
	return availability.Query{Zone: p.Zone, Service: s, Resources: p.Resources, Ledgers: p.Ledgers, Now: now, Resource: r.Resource}
}

// alternativesCache remembers alternatives while the venue stays at its revision. When a slot has just sold out, thousands ask for
// it in vain, and all get the same answer.
type alternativesCache struct {
	mu      sync.Mutex
	entries map[alternativesKey]alternativesEntry
}

type alternativesKey struct {
	venue    booking.VenueID
	service  booking.ServiceID
	resource booking.ResourceID
	start    int64 // Unix seconds
	party    int
}

type alternativesEntry struct {
	position booking.Position
	at       time.Time
	slots    []booking.Alternative
}

func newAlternativesCache() *alternativesCache {
	return &alternativesCache{entries: make(map[alternativesKey]alternativesEntry)}
}

func (c *alternativesCache) get(p *view.Picture, s booking.Service, r BookRequest, now time.Time) []booking.Alternative {
	key := alternativesKey{p.Venue.ID, s.ID, r.Resource, r.Start.Unix(), r.PartySize}
	c.mu.Lock()
	defer c.mu.Unlock() // computing takes about a millisecond; whoever else asks wants the same answer
	entry, ok := c.entries[key]
	if ok && entry.position == p.Position() && now.Sub(entry.at).Abs() < alternativesTTL {
		return entry.slots
	}
	slots := availability.Alternatives(queryOf(p, s, r, now), r.Start, r.PartySize, maxAlternatives)
	if len(c.entries) >= maxCachedAlternatives {
		clear(c.entries)
	}
	c.entries[key] = alternativesEntry{position: p.Position(), at: now, slots: slots}
	return slots
}
