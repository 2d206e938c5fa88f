package verify

import (
	"cmp"
	"slices"

	"vacancy/internal/booking"
)

// histories are what the transitions of each booking have led to. There may be millions, so they are kept small: strings that many
// share are kept once, and all claims in one list.
type histories struct {
	index     map[booking.BookingID]int32
	list      []history
	claims    []claim
	services  shared[booking.ServiceID]
	resources shared[booking.ResourceID]
}

// history is one booking's.
type history struct {
	revision   booking.Revision
	start      int64 // Unix microseconds
	status     booking.Status
	partySize  int
	service    int32
	extensions int32
	// zone is that of the venue when the booking was made; see [wallTimes].
	zone int32
	// firstClaim and numClaims find the claims that it has, or had at the end.
	firstClaim, numClaims int32
	// ended is when it ended, in Unix microseconds, and confirmed whether it was ever confirmed, as far as the changes tell.
	ended     int64
	confirmed bool
	// stored and active note what has been seen of it in the other tables.
	stored, active bool
}

// claim is a [booking.Claim] in half the memory.
type claim struct {
	start, end int64 // Unix microseconds
	units      int
	resource   int32
}

func newHistories() histories { return histories{index: make(map[booking.BookingID]int32)} }

// of finds the history of a booking, or begins it. What it returns is good until the next is begun.
func (h *histories) of(id booking.BookingID) (found *history, begun bool) {
	i, known := h.index[id]
	if !known {
		i = int32(len(h.list))
		h.index[id] = i
		h.list = append(h.list, history{})
	}
	return &h.list[i], !known
}

// find is nil if the booking has no history.
func (h *histories) find(id booking.BookingID) *history {
	if i, known := h.index[id]; known {
		return &h.list[i]
	}
	return nil
}

// claimsOf are those that the booking has, or had at the end. They are not to be changed.
func (h *histories) claimsOf(b *history) []claim {
	return h.claims[b.firstClaim : b.firstClaim+b.numClaims : b.firstClaim+b.numClaims]
}

// setClaims replaces them. The list only grows: few bookings ever change their claims.
func (h *histories) setClaims(b *history, claims []claim) {
	b.firstClaim, b.numClaims = int32(len(h.claims)), int32(len(claims))
	h.claims = append(h.claims, claims...)
}

// compact is a claim as it is kept.
func (h *histories) compact(c booking.Claim) claim {
	return claim{start: c.Start.UnixMicro(), end: c.End.UnixMicro(), units: c.Units, resource: h.resources.number(c.Resource)}
}

// sameClaims tells whether both are the same claims, in whatever order.
func (h *histories) sameClaims(compacted []claim, claims []booking.Claim) bool {
	if len(compacted) != len(claims) {
		return false
	}
	if len(compacted) == 1 { // nearly always
		return compacted[0] == h.compact(claims[0])
	}
	others := make([]claim, len(claims))
	for i, c := range claims {
		others[i] = h.compact(c)
	}
	compacted = slices.Clone(compacted)
	slices.SortFunc(compacted, claim.compare)
	slices.SortFunc(others, claim.compare)
	return slices.Equal(compacted, others)
}

func (c claim) compare(d claim) int {
	return cmp.Or(cmp.Compare(c.start, d.start), cmp.Compare(c.end, d.end), cmp.Compare(c.resource, d.resource), cmp.Compare(c.units, d.units))
}

// shared numbers strings that many things have in common.
type shared[S ~string] struct {
	numbers map[S]int32
	strings []S
}

func (s *shared[S]) number(text S) int32 {
	n, known := s.numbers[text]
	if !known {
		if s.numbers == nil {
			s.numbers = make(map[S]int32)
		}
		n = int32(len(s.strings))
		s.numbers[text] = n
		s.strings = append(s.strings, text)
	}
	return n
}

// statuses are all that there are. Their strings serve for every booking, so that none keeps its own.
var statuses = []booking.Status{
	booking.Held, booking.Confirmed, booking.Completed, booking.NoShow, booking.Expired, booking.Cancelled,
}

func canonical(s booking.Status) booking.Status {
	if i := slices.Index(statuses, s); i >= 0 {
		return statuses[i]
	}
	return s
}
