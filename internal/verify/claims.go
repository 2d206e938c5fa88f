package verify

import (
	"fmt"
	"slices"

	"vacancy/internal/booking"
)

// moveClaims has the transition claim and release its claims, in its booking's history and in the ledgers.
func (s *transition) moveClaims(h *history, first bool) {
	histories := &s.venue.histories
	var has []claim
	if !first && h.status.Claims() {
		has = slices.Clone(histories.claimsOf(h))
	}
	for _, c := range s.Released {
		i := slices.Index(has, histories.compact(c))
		if i < 0 {
			s.problem("it frees %s, which it does not have", describe(c))
			continue
		}
		has = slices.Delete(has, i, i+1)
		s.venue.replayed.release(c)
	}
	for _, c := range s.Claimed {
		if slices.Contains(has, histories.compact(c)) {
			s.problem("it takes %s a second time", describe(c))
			continue
		}
		has = append(has, histories.compact(c))
		s.claim(c)
	}
	switch {
	case !s.Status.Claims() && len(has) > 0:
		s.problem("it is %s, and keeps %s", s.Status, count(len(has), "claim"))
	case s.Status.Claims() && len(s.Claimed)+len(s.Released) > 0:
		histories.setClaims(h, has)
	}
}

// claim adds a claim to the ledger of its resource, which must have room for it.
func (s *transition) claim(c booking.Claim) {
	taken, err := s.venue.replayed.claim(c)
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
