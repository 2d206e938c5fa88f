package doctor

import (
	"slices"

	"vacancy/internal/doctor/facts"
	"vacancy/internal/failover"
)

// unnamedStandbys: every standby that may be promoted is a host of the URL. Where another is promoted, no server goes there.
func unnamedStandbys(f *facts.Facts) (all []Finding) {
	primary := inCharge(f)
	if primary == nil {
		return nil
	}
	standbys, hidden := standbysOf(f, primary)
	if hidden {
		return []Finding{found(Note, linkSetUp, primary.Host, "it does not show user %q who follows it: whether --database lists every standby "+
			"cannot be told", f.Postgres.User).todo("GRANT pg_monitor TO %s, and ask again.", f.Postgres.User)}
	}
	for _, s := range standbys {
		if s.host == nil && !isUnseenHost(f, s.follower.Address) {
			all = append(all, found(Warning, linkSetUp, s.label(), "it follows %s, and --database does not list it: where it is promoted, no "+
				"server goes there, and they go on at %s if that comes back", primary.Host, primary.Host).
				todo("List it in --database on every server, or see to it that it is never promoted."))
		}
	}
	return all
}

// isUnseenHost tells whether an address is of a host that is listed and did not answer.
func isUnseenHost(f *facts.Facts, address string) bool {
	return address != "" && slices.ContainsFunc(f.Postgres.Hosts, func(h facts.Host) bool {
		return h.State == failover.Unreachable && slices.Contains(h.Addresses, address)
	})
}
