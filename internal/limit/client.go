package limit

import (
	"crypto/sha256"
	"encoding/binary"
	"net/netip"
)

// Client is who is counted: an address, or a management key. The zero Client is nobody in particular, whom only the limits of the whole
// node hold.
type Client struct {
	// addr is the address, IPv4 or the network of an IPv6 one.
	addr netip.Addr
	// key is the first half of a management key's hash, if it is one.
	key   [16]byte
	isKey bool
}

// Address is the client at an address. [Limiter.Identify] finds it.
func Address(addr netip.Addr) Client {
	addr = addr.Unmap().WithZone("")
	if !addr.IsValid() || addr.Is4() {
		return Client{addr: addr}
	}
	network, _ := addr.Prefix(ipv6Prefixes[0].bits) // the length fits every IPv6 address
	return Client{addr: network.Addr()}
}

// Key is the client that holds a management key, by the key's SHA-256.
func Key(hash [sha256.Size]byte) Client { return Client{key: [16]byte(hash[:16]), isKey: true} }

// Known tells whether the client is one in particular.
func (c Client) Known() bool { return c.isKey || c.addr.IsValid() }

// String names the client of an address: "203.0.113.7", "2001:db8:1:2::/64". It is empty for keys and for nobody in particular, who are
// outside of what is counted by client.
func (c Client) String() string { return c.network(ipv6Prefixes[0].bits) }

// network names the network that the client is in. IPv4 addresses are named whole.
func (c Client) network(bits int) string {
	switch {
	case !c.addr.IsValid():
		return ""
	case c.addr.Is4():
		return c.addr.String()
	}
	network, _ := c.addr.Prefix(bits)
	return network.String()
}

// coarse names the client for the log: enough to recognise it and to block it, less than what tells one household from another.
func (c Client) coarse() string {
	switch {
	case !c.Known():
		return "any"
	case c.isKey:
		return "a key"
	case c.addr.Is4():
		network, _ := c.addr.Prefix(24)
		return network.String()
	}
	return c.network(ipv6Prefixes[len(ipv6Prefixes)-1].bits)
}

// id is one line of the table: the client at one level.
type id struct {
	high, low uint64
	level     uint8
}

const (
	levelIPv4 uint8 = 32
	levelKey  uint8 = 255
)

// ids are where the client counts, and how many times the limits of one client each has. The first n of them are meant.
func (c Client) ids() (all [len(ipv6Prefixes)]id, n int) {
	switch {
	case c.isKey:
		all[0] = id{binary.BigEndian.Uint64(c.key[:8]), binary.BigEndian.Uint64(c.key[8:]), levelKey}
		return all, 1
	case c.addr.Is4():
		b := c.addr.As4()
		all[0] = id{low: uint64(binary.BigEndian.Uint32(b[:])), level: levelIPv4}
		return all, 1
	}
	b := c.addr.As16()
	high := binary.BigEndian.Uint64(b[:8])
	for i, prefix := range ipv6Prefixes {
		all[i] = id{high: high &^ (1<<(64-prefix.bits) - 1), level: uint8(prefix.bits)}
	}
	return all, len(ipv6Prefixes)
}
