package desk

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"hash"
	"maps"
	"strings"
	"time"

	"vacancy/internal/availability"
	"vacancy/internal/booking"
	"vacancy/internal/store"
	"vacancy/internal/view"
)

// Places are inventory, held or confirmed: see ADR 0010 for why each limit is what it is. What is counted is read in the transaction,
// under the venue's row, so the counts are exact over nodes and restarts. Without limits nothing is read, and no tag is written.

// errCountMissing: what must be counted has turned out to be something else than what was asked for, since the picture was behind.
var errCountMissing = fmt.Errorf("%w: what is to be counted", errBehind)

// requester is whom a booking is counted for. The zero requester is not counted: staff, and everybody where limits are off.
type requester struct {
	counted bool
	// client and contact are tags. known tells that the client is one to be counted by itself: others share a tag, and are counted only
	// together.
	client, contact string
	known           bool
}

// requester is the actor as the maker of bookings in a venue.
func (d *Desk) requester(a booking.Actor, venue booking.VenueID, c booking.Customer) requester {
	if !d.config.LimitPlaces || a.Kind == booking.Staff || a.Kind == booking.System {
		return requester{}
	}
	return requester{
		counted: true, known: a.Client != "",
		client: d.tag("client", venue, a.Client), contact: d.contactTag(venue, c),
	}
}

// contactTag stands for a customer's contact, the same for all spellings of it; "" if there is none.
func (d *Desk) contactTag(venue booking.VenueID, c booking.Customer) string {
	switch local, domain, _ := strings.Cut(strings.ToLower(c.Email), "@"); {
	case c.Email != "":
		local, _, _ = strings.Cut(local, "+") // what is behind it reaches the same mailbox
		return d.tag("email", venue, local+"@"+domain)
	case c.Phone != "":
		digits := strings.Map(func(r rune) rune {
			if r >= '0' && r <= '9' {
				return r
			}
			return -1
		}, c.Phone)
		return d.tag("phone", venue, digits)
	}
	return ""
}

// tag is the keyed tag of whom a booking is counted for: 96 bits, of which nobody finds out who it was without the secret.
func (d *Desk) tag(kind string, venue booking.VenueID, text string) string {
	m, ok := d.tagMACs.Get().(*tagMAC)
	if !ok {
		m = &tagMAC{Hash: hmac.New(sha256.New, []byte(d.config.ClientSecret))}
	}
	defer d.tagMACs.Put(m)
	m.Reset()
	m.buffer = append(append(append(m.buffer[:0], kind...), 0), venue...)
	m.buffer = append(append(m.buffer, 0), text...)
	m.Write(m.buffer)
	m.buffer = m.Sum(m.buffer[:0])
	return base64.RawURLEncoding.EncodeToString(m.buffer[:12])
}

// tagMAC makes one tag after the other. A new one would hash the secret twice before it begins.
type tagMAC struct {
	hash.Hash
	buffer []byte
}

// need asks for what must be counted to admit a booking.
func (r requester) need(n *store.Need, p *view.Picture, request BookRequest) {
	if !r.counted {
		return
	}
	n.Clients = append(n.Clients, r.client)
	if r.contact != "" {
		n.Contacts = append(n.Contacts, r.contact)
	}
	if request.Hold && p != nil {
		n.Holds = append(n.Holds, holdsOfDay(p.Zone, request.Service, request.Start))
	}
}

// holdsOfDay asks for the holds of a service on the local date of a start.
func holdsOfDay(zone *time.Location, service booking.ServiceID, start time.Time) store.HoldRange {
	date := booking.DateOf(start.In(zone))
	from, to := availability.DayBounds(zone, date)
	return store.HoldRange{Service: service, From: from.UTC(), To: to.UTC()}
}

// counts are the live bookings that were counted, with what the draft has made of them.
type counts struct {
	clients  map[string]store.Live
	contacts map[string]int
	holds    map[store.HoldRange]store.Held
}

func newCounts(need store.Need, found store.Found) counts {
	if len(need.Clients)+len(need.Contacts)+len(need.Holds) == 0 {
		return counts{}
	}
	c := counts{
		clients: make(map[string]store.Live, len(need.Clients)), contacts: make(map[string]int, len(need.Contacts)),
		holds: make(map[store.HoldRange]store.Held, len(need.Holds)),
	}
	maps.Copy(c.clients, found.Clients)
	maps.Copy(c.contacts, found.Contacts)
	for i, r := range need.Holds {
		c.holds[r] = store.Held{}
		if i < len(found.Holds) {
			c.holds[r] = found.Holds[i]
		}
	}
	return c
}

// add counts a booking once more, or once less, as the store would at now.
func (c *counts) add(b booking.Booking, now time.Time, n int) {
	if b.ClientTag == "" && b.ContactTag == "" || b.Status != booking.Held && b.Status != booking.Confirmed || c.clients == nil {
		return
	}
	held := 0
	if b.Status == booking.Held {
		held = n
	}
	if b.ClientTag != "" && b.CreatedAt.After(now.Add(-booking.ClientTagTTL)) {
		live := c.clients[b.ClientTag]
		c.clients[b.ClientTag] = store.Live{Held: live.Held + held, All: live.All + n}
	}
	if b.ContactTag != "" && b.End.After(now) {
		c.contacts[b.ContactTag] += n
	}
	if b.ClientTag == "" || held == 0 {
		return
	}
	for r, of := range c.holds {
		if r.Service == b.Service && !b.Start.Before(r.From) && b.Start.Before(r.To) {
			c.holds[r] = store.Held{Bookings: of.Bookings + held, People: of.People + held*b.PartySize}
		}
	}
}

// admit is nil if the limits on places allow the booking, for which there is room. They are looked at in the order of what they cost: the
// room of the day is only measured for those who have more than one would expect.
func (d *draft) admit(r requester, request BookRequest, s booking.Service) error {
	if !r.counted {
		return nil
	}
	limits := s.Limits.OrDefaults()
	if err := d.admitContact(r.contact, limits); err != nil {
		return err
	}
	var client store.Live // who is not counted by itself has nothing
	if r.known {
		client = d.counts.clients[r.client]
	}
	var holds store.Held
	if request.Hold {
		var asked bool
		if holds, asked = d.counts.holds[holdsOfDay(d.picture.Zone, s.ID, request.Start)]; !asked {
			return errCountMissing
		}
	}
	tooMany := request.Hold && client.Held >= limits.HoldsPerClient
	if !tooMany && holds.Bookings == 0 && client.All < limits.BookingsPerClient {
		return nil
	}
	room := d.roomOn(s, booking.DateOf(request.Start.In(d.picture.Zone)))
	switch {
	case !room.Scarce:
		return nil
	case client.All >= max(limits.BookingsPerClient, room.Capacity/clientShareOfDay):
		tooMany = true
	case request.Hold && holds.Bookings > 0:
		held, more := holds.Bookings, 1
		if perPerson(s) {
			held, more = holds.People, request.PartySize
		}
		tooMany = tooMany || held+more > max(1, (room.Left+held+holdShareOfLeft-1)/holdShareOfLeft)
	}
	switch {
	case tooMany && request.Hold:
		return booking.ErrHoldsLimited
	case tooMany:
		return booking.ErrBookingsLimited
	}
	return nil
}

// roomKey is a service's local day.
type roomKey struct {
	service booking.ServiceID
	date    booking.Date
}

// roomOn is how much of a service's day is left, this batch's claims included. A batch measures each day once: with a wide pool and a
// small step that takes thousands of looks into ledgers, and all of it is done under the venue's row.
func (d *draft) roomOn(s booking.Service, date booking.Date) availability.Room {
	key := roomKey{s.ID, date}
	day := d.rooms[key]
	if day == nil {
		if d.rooms == nil {
			d.rooms = make(map[roomKey]*availability.DayRoom)
		}
		day = availability.MeasureDay(d.query(s, ""), date)
		d.rooms[key] = day
	}
	return day.Room()
}

// updateRooms takes claims into the measured days that the draft's ledgers have taken in.
func (d *draft) updateRooms(claims []booking.Claim) {
	for _, day := range d.rooms {
		for _, claim := range claims {
			day.Update(claim)
		}
	}
}

// admitContact is nil if the contact may have one more live booking.
func (d *draft) admitContact(contact string, limits booking.Limits) error {
	if contact != "" && d.counts.contacts[contact] >= limits.BookingsPerContact {
		return booking.ErrContactLimited
	}
	return nil
}

// perPerson tells whether the service's places are people.
func perPerson(s booking.Service) bool { return len(s.Requires) > 0 && s.Requires[0].PerPerson }

// lastHoldDeadline is when a hold ends at the latest, however often it is extended.
func lastHoldDeadline(b booking.Booking, s booking.Service) time.Time {
	return b.CreatedAt.Add(max(maxTotalHold, s.HoldFor)).Truncate(time.Microsecond)
}
