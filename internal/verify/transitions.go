package verify

import (
	"fmt"
	"slices"
	"time"

	"vacancy/internal/booking"
)

// rule is what a kind of transition may do.
type rule struct {
	// first: a booking may begin with it.
	first bool
	// from are the statuses that it may follow, and to is the one it leads to.
	from []booking.Status
	to   booking.Status
}

// rules are the life of a booking.
var rules = map[booking.EntryKind]rule{
	booking.BookingHeld:      {first: true, to: booking.Held},
	booking.BookingConfirmed: {first: true, from: []booking.Status{booking.Held}, to: booking.Confirmed},
	booking.BookingExtended:  {from: []booking.Status{booking.Held}, to: booking.Held},
	booking.BookingExpired:   {from: []booking.Status{booking.Held}, to: booking.Expired},
	booking.BookingCancelled: {from: []booking.Status{booking.Held, booking.Confirmed}, to: booking.Cancelled},
}

// transition is a transition of a booking that is being replayed.
type transition struct {
	*booking.BookingTransition
	venue    *venue
	revision booking.Revision
	at       time.Time
	kind     booking.EntryKind
}

func (s *transition) problem(format string, args ...any) {
	s.venue.problem("change %d: booking %s: %s", s.revision, name(s.ID), fmt.Sprintf(format, args...))
}

// replay checks the transition against what came before, and applies it.
func (s *transition) replay() {
	h, first := s.venue.histories.of(s.ID)
	s.checkStatus(h, first)
	service := s.venue.histories.services.number(s.Service)
	switch {
	case first:
		h.zone = s.venue.wallTimes.zone(s.venue.catalogue.venue)
		s.checkBegin()
	case h.service != service:
		s.problem("its service becomes %s", name(s.Service))
	}
	s.moveClaims(h, first)
	if s.kind == booking.BookingExtended {
		h.extensions++
	}
	h.confirmed = h.confirmed || h.status == booking.Confirmed || s.Status == booking.Confirmed
	h.ended = s.at.UnixMicro()
	h.revision, h.start, h.status, h.partySize, h.service = s.revision, s.Start.UnixMicro(), canonical(s.Status), s.PartySize, service
}

func (s *transition) checkStatus(h *history, first bool) {
	rule, known := rules[s.kind]
	switch {
	case !known:
		s.problem("%q is no step of a booking", s.kind)
	case s.Status != rule.to:
		s.problem("%s leaves it %q", s.kind, s.Status)
	case first && !rule.first:
		s.problem("its history begins with %s", s.kind)
	case !first && !slices.Contains(rule.from, h.status):
		s.problem("%s comes when it is %q", s.kind, h.status)
	}
}

// checkBegin compares what a new booking takes with what its service requires at that revision: all of it.
func (s *transition) checkBegin() {
	c := &s.venue.catalogue
	service := c.services[s.Service]
	switch {
	case service == nil:
		s.problem("it is of service %s, which there is not", name(s.Service))
		return
	case service.Archived || c.venue != nil && c.venue.Closed():
		s.problem("it is made when its service is archived")
	}
	if len(s.Claimed) != len(service.Requires) {
		s.problem("it takes %d claims, and service %s requires %d", len(s.Claimed), name(s.Service), len(service.Requires))
	}
	for _, taken := range s.Claimed {
		fits := func(r booking.Requirement) bool {
			return slices.Contains(r.AnyOf, taken.Resource) && r.UnitsFor(s.PartySize) == taken.Units
		}
		if !slices.ContainsFunc(service.Requires, fits) {
			s.problem("it takes %s, which service %s does not require for a party of %d", describe(taken), name(s.Service), s.PartySize)
		}
	}
}

func instant(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }
