package verify

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/store"
)

// booking compares a stored booking with its history, and adds what it takes to the ledgers of the bookings.
func (v *venue) booking(b booking.Booking) {
	v.counts.Bookings++
	var faults []string
	fault := func(format string, args ...any) { faults = append(faults, fmt.Sprintf(format, args...)) }
	switch h := v.histories.find(b.ID); {
	case h == nil:
		fault("it is stored, but no change made it")
	case h.stored:
		fault("it is stored twice")
	default:
		h.stored = true
		v.compareBooking(b, h, fault)
	}
	v.checkBooking(b, fault)
	if len(faults) > 0 {
		v.problem("booking %s: %s", name(b.ID), strings.Join(faults, "; "))
	}
	if b.Status.Claims() {
		for _, c := range b.Claims {
			v.book(c)
		}
	}
}

// compareBooking compares each thing that transitions tell of.
func (v *venue) compareBooking(b booking.Booking, h *history, fault func(string, ...any)) {
	if b.Status != h.status {
		fault("it is %q, and its history left it %q", b.Status, h.status)
	}
	if b.Revision != h.revision {
		fault("it says that change %d was its last, and that was change %d", b.Revision, h.revision)
	}
	if service := v.histories.services.strings[h.service]; b.Service != service {
		fault("it is of service %s, and was made of %s", name(b.Service), name(service))
	}
	if b.Start.UnixMicro() != h.start {
		fault("it starts at %s, and its history has %s", instant(b.Start), instant(time.UnixMicro(h.start)))
	}
	if b.PartySize != h.partySize {
		fault("it is for a party of %d, and its history has %d", b.PartySize, h.partySize)
	}
	if b.Extensions != int(h.extensions) {
		fault("it says that it was extended %d times, and it was %d times", b.Extensions, h.extensions)
	}
	if !v.histories.sameClaims(v.histories.claimsOf(h), b.Claims) {
		fault("its claims are not those that its history took")
	}
	v.wallTimes.check(b, h.zone, b.Start.After(v.begins), fault)
}

// checkBooking checks what must be true of a booking whatever its history.
func (v *venue) checkBooking(b booking.Booking, fault func(string, ...any)) {
	if b.Venue != v.stored.Venue.ID {
		fault("it is of venue %s", name(b.Venue))
	}
	if !b.End.After(b.Start) {
		fault("it ends at %s, not after it starts", instant(b.End))
	}
	for _, c := range b.Claims {
		if c.Start.After(b.Start) || c.End.Before(b.End) {
			fault("it takes %s, and lasts longer", describe(c))
		}
	}
	switch hold := b.Status == booking.Held; {
	case hold && b.ExpiresAt.IsZero():
		fault("it is a hold that never expires")
	case !hold && !b.ExpiresAt.IsZero():
		fault("it is %q, and expires", b.Status)
	case hold && b.ExpiresAt.Before(v.now.Add(-overdueAfter)):
		v.overdue++
	}
}

// book adds a claim to the ledgers of the bookings. Capacities may have been lowered since it was taken, but never more than the
// highest was taken at once.
func (v *venue) book(c booking.Claim) {
	taken, err := v.booked.claim(c)
	if err != nil {
		return // its transition told of it, or is not the same
	}
	if most := v.catalogue.most[c.Resource]; taken > most {
		v.problem("resource %s: its bookings take %s between %s and %s, and it never had more than %d",
			name(c.Resource), count(taken, "unit"), instant(c.Start), instant(c.End), most)
	}
}

// mayBeDeleted tells of bookings that ended without being confirmed, long enough ago.
func (v *venue) mayBeDeleted(h *history) bool {
	unconfirmed := h.status == booking.Expired || h.status == booking.Cancelled && !h.confirmed
	return unconfirmed && h.ended < v.now.Add(-store.LeastHoldRetention(v.stored.Venue.ID)).UnixMicro()
}

// endOfBookings tells of histories that lead to nothing stored, and of holds that nobody expires.
func (v *venue) endOfBookings() {
	var lost, idle []booking.BookingID
	for id, i := range v.histories.index {
		h := &v.histories.list[i]
		if !h.stored && !v.mayBeDeleted(h) {
			lost = append(lost, id)
		}
		if !h.active && h.status.Claims() && h.numClaims > 0 {
			idle = append(idle, id)
		}
	}
	for _, id := range slices.Sorted(slices.Values(lost)) {
		v.problem("booking %s: changes made it, but it is not stored", name(id))
	}
	for _, id := range slices.Sorted(slices.Values(idle)) {
		v.problem("booking %s: it is %s, and its claims take no room", name(id), v.histories.find(id).status)
	}
	for _, id := range slices.Sorted(maps.Keys(v.booked)) {
		if !v.booked.isEmpty(id) {
			v.problem("resource %s: its bookings take more than the claims that take room", name(id))
		}
	}
	if v.overdue > 0 {
		v.warn("%s ran out more than %v ago and still take room: no server expires them", count(v.overdue, "hold"), overdueAfter)
	}
}

// activeClaims are those that take room, as they come: booking by booking.
type activeClaims struct {
	venue   *venue
	booking booking.BookingID
	claims  []booking.Claim
	// beyond are resources of which more is taken than their bookings take.
	beyond map[booking.ResourceID]bool
}

func (a *activeClaims) add(id booking.BookingID, c booking.Claim) {
	a.venue.counts.Claims++
	if id != a.booking {
		a.compare()
		a.booking, a.claims = id, a.claims[:0]
	}
	a.claims = append(a.claims, c)
	if !a.venue.booked.release(c) && !a.beyond[c.Resource] {
		if a.beyond == nil {
			a.beyond = make(map[booking.ResourceID]bool)
		}
		a.beyond[c.Resource] = true
		a.venue.problem("resource %s: claims take room that its bookings do not take, such as %s", name(c.Resource), describe(c))
	}
}

// compare compares the claims of one booking with its history.
func (a *activeClaims) compare() {
	if len(a.claims) == 0 {
		return
	}
	histories := &a.venue.histories
	h := histories.find(a.booking)
	problem := func(text string, args ...any) {
		a.venue.problem("booking %s: %s", name(a.booking), fmt.Sprintf(text, args...))
	}
	switch {
	case h == nil:
		problem("its claims take room, but no change made it")
		return
	case h.active:
		problem("its claims take room twice")
	case !h.status.Claims():
		problem("it is %s, and its claims still take room", h.status)
	case !histories.sameClaims(histories.claimsOf(h), a.claims):
		problem("the claims that take room are not those that its history took")
	}
	h.active = true
}

func (a *activeClaims) end() { a.compare() }
