package doctor

import (
	"cmp"

	"vacancy/internal/doctor/facts"
	"vacancy/internal/failover"
)

// hostsAnswer: each host of the URL can be seen. One that cannot is no backup, and keeps a server that remembers nothing from booking.
func hostsAnswer(f *facts.Facts) (all []Finding) {
	if f.Postgres == nil {
		return nil
	}
	for i := range f.Postgres.Hosts {
		h := &f.Postgres.Hosts[i]
		reason := cmp.Or(h.Reason, "no reason is known")
		switch h.State {
		case failover.Unreachable:
			all = append(all, found(Problem, runbook(failover.AlertUnseen), h.Host, "it does not answer: %s", reason).
				todo("Start it, or name in --database only the hosts that are in use."))
		case failover.AuthRefused:
			all = append(all, found(Problem, linkPostgres, h.Host, "it answers and cannot be used: %s", reason).
				todo("Give it the same user, password and rights as the other hosts."))
		case failover.Unfit:
			all = append(all, found(Problem, linkPostgres, h.Host, "no server uses it: %s", reason).
				todo("Mend it there, or take it out of --database."))
		case failover.Standby, failover.ReadOnly, failover.Writable:
			all = append(all, found(OK, linkSetUp, h.Host, "PostgreSQL %s, %s, at %s", h.Version, h.State, h.Identity))
		}
	}
	return all
}
