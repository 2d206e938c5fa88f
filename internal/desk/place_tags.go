package desk

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"hash"
	"net/netip"
	"strings"

	"vacancy/internal/booking"
)

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
		client: d.clientTag(venue, a.Client), contact: d.contactTag(venue, c),
	}
}

// clientTag stands for a client. That of an IPv6 client is made of a part for each of its networks, the widest first, so that those of
// one network begin alike; see [networkTags].
func (d *Desk) clientTag(venue booking.VenueID, client string) string {
	if !strings.Contains(client, ":") {
		return d.tag("client", venue, client)
	}
	network, err := netip.ParsePrefix(client)
	if err != nil {
		return d.tag("client", venue, client)
	}
	var tag strings.Builder
	tag.Grow(networkTagLength * len(clientNetworks))
	for _, n := range clientNetworks {
		wider, _ := network.Addr().Prefix(n.bits) // the lengths fit every IPv6 address
		tag.WriteString(d.tag("client", venue, wider.String())[:networkTagLength])
	}
	return tag.String()
}

// networkTag is the beginning of the tags of all clients in a network, and how many times the limits of one client they have together.
type networkTag struct {
	tag   string
	times int
}

// networkTags are those by which a client's tag is counted.
func networkTags(tag string) (list [len(clientNetworks)]networkTag, n int) {
	if len(tag) != networkTagLength*len(clientNetworks) {
		list[0] = networkTag{tag, 1}
		return list, 1
	}
	for i, network := range clientNetworks {
		list[i] = networkTag{tag[:networkTagLength*(i+1)], network.times}
	}
	return list, len(list)
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
