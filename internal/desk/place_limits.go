package desk

import (
	"fmt"
	"maps"

	"vacancy/internal/availability"
	"vacancy/internal/booking"
	"vacancy/internal/store"
	"vacancy/internal/view"
)

// Places are inventory, held or confirmed: see ADR 0010 for why each limit is what it is. What is counted is read in the transaction,
// under the venue's row, so the counts are exact over nodes and restarts. Without limits nothing is read, and no tag is written.

// errCountMissing: what must be counted has turned out to be something else than what was asked for, since the picture was behind.
var errCountMissing = fmt.Errorf("%w: what is to be counted", errBehind)

// need asks for what must be counted to admit a booking. Of a hold it names the service's day; [withHolds] says what that takes.
func (r requester) need(n *store.Need, p *view.Picture, request BookRequest) {
	if !r.counted {
		return
	}
	if r.known {
		tags, levels := networkTags(r.client)
		for _, network := range tags[:levels] {
			n.Clients = append(n.Clients, network.tag)
			n.EnoughBookings = max(n.EnoughBookings, enoughBookings(p, request.Service, network.times))
		}
	}
	if r.contact != "" {
		n.Contacts = append(n.Contacts, r.contact)
	}
	if request.Hold && p != nil {
		from, to := availability.DayBounds(p.Zone, booking.DateOf(request.Start.In(p.Zone)))
		n.Holds = append(n.Holds, store.HoldRange{Service: request.Service, From: from.UTC(), To: to.UTC()})
	}
}

// counts are the live bookings that were counted, with what the draft has made of them.
type counts struct {
	// clients has what is live of each network.
	clients  map[string]clientCount
	contacts map[string]int
	holds    map[store.HoldRange][]booking.Claim
	// holdChanges are the claims of holds that the draft has made, and, with negative units, of those that it has ended.
	holdChanges []booking.Claim
}

// clientCount is how many holds a client has, and how many places these take together with its bookings.
type clientCount struct{ held, places int }

// newCounts are those of a transaction that has decided nothing yet. The picture tells which services count people.
func newCounts(need store.Need, found store.Found, p *view.Picture) counts {
	if len(need.Clients)+len(need.Contacts)+len(need.Holds) == 0 {
		return counts{}
	}
	c := counts{
		clients: make(map[string]clientCount, len(need.Clients)), contacts: make(map[string]int, len(need.Contacts)),
		holds: make(map[store.HoldRange][]booking.Claim, len(need.Holds)),
	}
	for tag, ofServices := range found.Clients {
		var sum clientCount
		for _, live := range ofServices {
			sum.held += live.Held
			if perPerson(p.Services[live.Service]) {
				sum.places += live.People
			} else {
				sum.places += live.All
			}
		}
		c.clients[tag] = sum
	}
	maps.Copy(c.contacts, found.Contacts)
	for i, r := range need.Holds {
		c.holds[r] = nil
		if i < len(found.Holds) {
			c.holds[r] = found.Holds[i]
		}
	}
	return c
}

// count counts a booking once more, or once less, as the store would now.
func (d *draft) count(b booking.Booking, n int) {
	c := &d.counts
	if c.clients == nil || b.Status != booking.Held && b.Status != booking.Confirmed {
		return
	}
	if b.ContactTag != "" && b.End.After(d.now) {
		c.contacts[b.ContactTag] += n
	}
	if b.ClientTag == "" {
		return
	}
	held := 0
	if b.Status == booking.Held {
		held = n
		d.countHeld(b.Claims, n)
	}
	if !b.CreatedAt.After(d.now.Add(-booking.ClientTagTTL)) {
		return
	}
	places := n * placesFor(d.picture.Services[b.Service], b.PartySize)
	tags, levels := networkTags(b.ClientTag)
	for _, network := range tags[:levels] {
		live := c.clients[network.tag]
		c.clients[network.tag] = clientCount{held: live.held + held, places: live.places + places}
	}
}

// admit is nil if the limits on places allow the booking, for which there is room. They are looked at in the order of what they cost: the
// room of the day is only measured for those who have more than one would expect.
func (d *draft) admit(r requester, request BookRequest, s booking.Service) error {
	if !r.counted {
		return nil
	}
	if err := d.admitContact(r.contact, s.Limits.OrDefaults()); err != nil {
		return err
	}
	places := placesFor(s, request.PartySize)
	day := d.dayOf(s, booking.DateOf(request.Start.In(d.picture.Zone)))
	if request.Hold {
		if err := d.lookUpHolds(s, day); err != nil {
			return err
		}
	}
	besideHolds := request.Hold && len(day.holds)+len(d.counts.holdChanges) > 0
	if !besideHolds && !d.exceedsClientLimit(r, s, request.Hold, places, leastPerClient(s)) {
		return nil
	}
	left := d.placesOn(s, day)
	switch {
	case !left.ScarceAfter(places):
		return nil
	case request.Hold && (d.exceedsClientLimit(r, s, true, places, mostPerClient(s, left)) || day.exceedsHoldShare(left, places)):
		return booking.ErrHoldsLimited
	case !request.Hold && d.exceedsClientLimit(r, s, false, places, mostPerClient(s, left)):
		return booking.ErrBookingsLimited
	}
	return nil
}

// exceedsClientLimit tells whether the client, or a network that it is in, has too many holds for another, or too many places for so many
// more. The first booking of a client is not too large, whatever its party: how large one may be is for the service to say.
func (d *draft) exceedsClientLimit(r requester, s booking.Service, hold bool, places int, most func(times int) int) bool {
	if !r.known {
		return false
	}
	tags, levels := networkTags(r.client)
	for _, network := range tags[:levels] {
		live := d.counts.clients[network.tag]
		if hold && live.held >= s.Limits.OrDefaults().HoldsPerClient*network.times ||
			live.places > 0 && live.places+places > most(network.times) {
			return true
		}
	}
	return false
}

// mostPerClient is how many places a client, or a network that counts for so many, may have taken lately to take more of a scarce day.
func mostPerClient(s booking.Service, day availability.DayPlaces) func(times int) int {
	return func(times int) int {
		most := s.Limits.OrDefaults().BookingsPerClient * times
		if s.Limits.BookingsPerClient == 0 { // not what the service has set, but what fits most
			calendar := day.Capacity * (s.HorizonDays + 1)
			most = min(most, max(leastPlacesPerClient, calendar/clientShareOfCalendar))
		}
		return max(most, day.Capacity/clientShareOfDay)
	}
}

// enoughBookings is more bookings of a network than it may have, on whichever day: it has too many places then, whatever the rest. The
// bookings that a batch itself ends are taken from what was counted.
func enoughBookings(p *view.Picture, id booking.ServiceID, times int) int {
	enough := maxBatchCommands
	if p != nil {
		s := p.Services[id]
		day := availability.DayPlaces{Capacity: availability.MostPlaces(s, p.Resources)}
		enough += mostPerClient(s, day)(times)
	}
	return enough
}

// leastPerClient is what mostPerClient is at least, whatever the day.
func leastPerClient(s booking.Service) func(times int) int {
	return mostPerClient(s, availability.DayPlaces{})
}

// exceedsHoldShare tells whether the holds of all clients take so much of the day that a hold of so many places is too much.
func (day *serviceDay) exceedsHoldShare(left availability.DayPlaces, places int) bool {
	held := day.measured.Places(max(0, day.held))
	return held > 0 && held+places > max(1, (left.Left+held+holdShareOfLeft-1)/holdShareOfLeft)
}

// admitContact is nil if the contact may have one more live booking.
func (d *draft) admitContact(contact string, limits booking.Limits) error {
	if contact != "" && d.counts.contacts[contact] >= limits.BookingsPerContact {
		return booking.ErrContactLimited
	}
	return nil
}

// placesFor is how many places of a service a booking for so many people takes, in the unit in which its days are measured.
func placesFor(s booking.Service, people int) int {
	if perPerson(s) {
		return people
	}
	return 1
}

// perPerson tells whether the service's places are people.
func perPerson(s booking.Service) bool { return len(s.Requires) > 0 && s.Requires[0].PerPerson }
