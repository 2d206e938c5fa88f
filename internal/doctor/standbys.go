package doctor

import (
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

// standbysOf pairs the hosts of the URL with those that follow the primary. hidden: the primary does not show enough, or a standby.
func standbysOf(f *facts.Facts, primary *facts.Host) (all []standby, hidden bool) {
	var free []*facts.Follower
	for i := range primary.Followers {
		follower := &primary.Followers[i]
		hidden = hidden || !follower.Shown
		if follower.Shown && follower.Replays && !follower.Logical {
			free = append(free, follower)
		}
	}
	for i := range f.Postgres.Hosts {
		if h := &f.Postgres.Hosts[i]; h.Host != primary.Host && h.State == failover.Standby {
			all = append(all, standby{host: h})
			hidden = hidden || h.Receiver != nil && !h.Receiver.Shown
		}
	}
	// What is surest first, so that a weaker likeness takes nothing from it.
	for _, same := range []likeness{sameNameAndAddress, sameAddress, uniqueName(all, free, primary)} {
		for i := range all {
			if all[i].follower != nil || all[i].host.Receiver == nil {
				continue
			}
			if at := slices.IndexFunc(free, func(follower *facts.Follower) bool { return same(follower, all[i].host) }); at >= 0 {
				all[i].follower, all[i].name = free[at], free[at].Name
				free = slices.Delete(free, at, at+1)
			}
		}
	}
	for _, follower := range free {
		all = append(all, standby{follower: follower, name: follower.Name})
	}
	return all, hidden
}

// likeness tells whether a follower is taken for a host, which follows somebody.
type likeness func(*facts.Follower, *facts.Host) bool

func sameNameAndAddress(follower *facts.Follower, h *facts.Host) bool {
	return follower.Name == h.Receiver.Name && slices.Contains(h.Addresses, follower.Address)
}

// sameAddress is for a host that does not show its name.
func sameAddress(follower *facts.Follower, h *facts.Host) bool {
	return h.Receiver.Name == "" && slices.Contains(h.Addresses, follower.Address)
}

// uniqueName is for a host whose address is another to the primary than to this machine, or that comes by a socket: it follows the primary,
// and no other host or follower has its name.
func uniqueName(standbys []standby, followers []*facts.Follower, primary *facts.Host) likeness {
	hosts, rows := make(map[string]int), make(map[string]int)
	for _, s := range standbys {
		if s.host.Receiver != nil {
			hosts[s.host.Receiver.Name]++
		}
	}
	for _, follower := range followers {
		rows[follower.Name]++
	}
	return func(follower *facts.Follower, h *facts.Host) bool {
		name := h.Receiver.Name
		return follower.Name == name && hosts[name] == 1 && rows[name] == 1 && slices.Contains(primary.Addresses, h.Receiver.SenderHost)
	}
}

// followerNames are the names of those that follow a primary, standbys and others: whoever has a name that is listed may be waited for.
func followerNames(primary *facts.Host) (names []string) {
	for i := range primary.Followers {
		names = append(names, primary.Followers[i].Name)
	}
	return names
}
