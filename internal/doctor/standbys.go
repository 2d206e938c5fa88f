package doctor

import (
	"cmp"
	"slices"

	"vacancy/internal/doctor/facts"
	"vacancy/internal/failover"
)

// standby is one that may be promoted: a host of the URL that is in recovery, or one that follows the primary and no URL names.
type standby struct {
	host *facts.Host // nil: no URL names it
	// follower is its row at the primary. It is nil if it does not follow the primary itself, or cannot be told from others.
	follower *facts.Follower
	// name is its application_name; empty if that is not known.
	name string
}

// label is how a person knows it.
func (s standby) label() string {
	if s.host != nil {
		return s.host.Host
	}
	if s.follower.Address != "" {
		return s.name + " at " + s.follower.Address
	}
	return s.name
}

// standbysOf pairs the hosts of the URL with those that follow the primary, by name and address. hidden: the primary does not show enough.
func standbysOf(f *facts.Facts, primary *facts.Host) (all []standby, hidden bool) {
	free := make([]*facts.Follower, 0, len(primary.Followers))
	for i := range primary.Followers {
		follower := &primary.Followers[i]
		switch {
		case !follower.Shown:
			hidden = true
		case follower.Replays && !follower.Logical:
			free = append(free, follower)
		}
	}
	// Those whose name is known choose first: an address may be that of several.
	var hosts []*facts.Host
	for i := range f.Postgres.Hosts {
		if h := &f.Postgres.Hosts[i]; h.Host != primary.Host && h.State == failover.Standby {
			hosts = append(hosts, h)
		}
	}
	slices.SortStableFunc(hosts, func(a, b *facts.Host) int { return cmp.Compare(namedFirst(a), namedFirst(b)) })
	for _, h := range hosts {
		s := standby{host: h}
		if h.Receiver != nil {
			s.name = h.Receiver.Name
			hidden = hidden || !h.Receiver.Shown
		}
		if i := slices.IndexFunc(free, func(follower *facts.Follower) bool { return fits(follower, h) }); i >= 0 {
			s.follower, s.name = free[i], free[i].Name
			free = slices.Delete(free, i, i+1)
		}
		all = append(all, s)
	}
	for _, follower := range free {
		all = append(all, standby{follower: follower, name: follower.Name})
	}
	return all, hidden
}

func namedFirst(h *facts.Host) int {
	if h.Receiver != nil && h.Receiver.Name != "" {
		return 0
	}
	return 1
}

// fits tells whether a follower may be a host. A connection by a socket has no address.
func fits(follower *facts.Follower, h *facts.Host) bool {
	if h.Receiver == nil || h.Receiver.Name != "" && h.Receiver.Name != follower.Name {
		return false
	}
	if follower.Address == "" {
		return h.Receiver.Name != ""
	}
	return slices.Contains(h.Addresses, follower.Address) || h.Receiver.Name != "" && len(h.Addresses) == 0
}

// names of those that follow a primary, standbys and others: whoever has a name that is listed may be waited for.
func followerNames(primary *facts.Host) (names []string) {
	for i := range primary.Followers {
		names = append(names, primary.Followers[i].Name)
	}
	return names
}
