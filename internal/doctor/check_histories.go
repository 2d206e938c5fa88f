package doctor

import (
	"vacancy/internal/doctor/facts"
	"vacancy/internal/failover"
)

// histories: all hosts hold the bookings of one installation, in one history.
func histories(f *facts.Facts) (all []Finding) {
	if f.Postgres == nil || len(f.Postgres.Hosts) < 2 {
		return nil
	}
	known := 0
	for i := range f.Postgres.Hosts {
		a := &f.Postgres.Hosts[i]
		if !a.Identity.Known() {
			continue
		}
		known++
		for j := range i {
			b := &f.Postgres.Hosts[j]
			if !b.Identity.Known() {
				continue
			}
			switch b.Identity.Compare(a.Identity) {
			case failover.Foreign:
				all = append(all, found(Problem, runbook(failover.AlertForeign), a.Host, "it holds the bookings of another installation than %s",
					b.Host).todo("Take the host that does not belong here out of --database."))
			case failover.Forked:
				all = append(all, found(Problem, runbook(failover.AlertForked), a.Host, "bookings were made there and at %s on two histories: "+
					"%s and %s", b.Host, a.Identity, b.Identity).
					todo("Compare them with vacancy verify --against, choose one with vacancy failover allow, and make the other a standby."))
			case failover.Same, failover.Later, failover.Earlier:
			}
		}
	}
	if len(all) == 0 && known > 1 {
		all = append(all, found(OK, linkHappens, "", "the hosts that answer hold one history of one installation"))
	}
	return all
}
