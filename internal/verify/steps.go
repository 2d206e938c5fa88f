package verify

import (
	"fmt"
	"slices"
	"time"

	"vacancy/internal/booking"
)

// rule is what a kind of step may do.
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

// step is a step of a booking that is being replayed.
type step struct {
	*booking.BookingStep
	venue    *venue
	revision booking.Revision
	at       time.Time
	kind     booking.EntryKind
}

func (s *step) problem(format string, args ...any) {
	s.venue.problem("change %d: booking %s: %s", s.revision, name(s.ID), fmt.Sprintf(format, args...))
}

// replay checks the step against what came before, and applies it.
func (s *step) replay() {
	h, first := s.venue.histories.of(s.ID)
	s.checkStatus(h, first)
	service := s.venue.histories.services.number(s.Service)
	switch {
	case first:
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

func (s *step) checkStatus(h *history, first bool) {
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
func (s *step) checkBegin() {
	c := &s.venue.catalogue
	service := c.services[s.Service]
	switch {
	case service == nil:
		s.problem("it is of service %s, which there is not", name(s.Service))
		return
	case service.Archived || c.venue != nil && c.venue.Archived:
		s.problem("it is made when its service is archived")
	}
	if len(s.Takes) != len(service.Requires) {
		s.problem("it takes %d claims, and service %s requires %d", len(s.Takes), name(s.Service), len(service.Requires))
	}
	for _, taken := range s.Takes {
		fits := func(r booking.Requirement) bool {
			return slices.Contains(r.AnyOf, taken.Resource) && r.UnitsFor(s.PartySize) == taken.Units
		}
		if !slices.ContainsFunc(service.Requires, fits) {
			s.problem("it takes %s, which service %s does not require for a party of %d", describe(taken), name(s.Service), s.PartySize)
		}
	}
}

// moveClaims has the step take and free its claims, in its booking's history and in the ledgers.
func (s *step) moveClaims(h *history, first bool) {
	kept := &s.venue.histories
	var has []claim
	if !first && h.status.Claims() {
		has = slices.Clone(kept.claimsOf(h))
	}
	for _, c := range s.Frees {
		i := slices.Index(has, kept.compact(c))
		if i < 0 {
			s.problem("it frees %s, which it does not have", describe(c))
			continue
		}
		has = slices.Delete(has, i, i+1)
		s.venue.taken.free(c)
	}
	for _, c := range s.Takes {
		if slices.Contains(has, kept.compact(c)) {
			s.problem("it takes %s a second time", describe(c))
			continue
		}
		has = append(has, kept.compact(c))
		s.take(c)
	}
	switch {
	case !s.Status.Claims() && len(has) > 0:
		s.problem("it is %s, and keeps %s", s.Status, count(len(has), "claim"))
	case s.Status.Claims() && len(s.Takes)+len(s.Frees) > 0:
		kept.setClaims(h, has)
	}
}

// take adds a claim to the ledger of its resource, which must have room for it.
func (s *step) take(c booking.Claim) {
	taken, err := s.venue.taken.take(c)
	if err != nil {
		s.problem("it takes %s: %v", describe(c), err)
		return
	}
	switch r := s.venue.catalogue.resources[c.Resource]; {
	case r == nil:
		s.problem("it takes %s, which there is not", describe(c))
	case r.Archived:
		s.problem("it takes %s, which is archived", describe(c))
	case taken > r.Capacity:
		s.problem("it takes %s: with it %d units are taken of %d", describe(c), taken, r.Capacity)
	}
}

// describe is a claim in words.
func describe(c booking.Claim) string {
	return fmt.Sprintf("%s of %s from %s to %s", count(c.Units, "unit"), name(c.Resource), instant(c.Start), instant(c.End))
}

func instant(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }
