package doctor

import (
	"vacancy/internal/doctor/facts"
	"vacancy/internal/failover"
)

// closedDatabases names those that were left and closed while another is in charge: they wait to become standbys. One that is closed and
// the only one keeps servers from booking, which the decision at a start says.
func closedDatabases(f *facts.Facts) (all []Finding) {
	charge := inCharge(f)
	if charge == nil {
		return nil
	}
	for i := range f.Postgres.Hosts {
		h := &f.Postgres.Hosts[i]
		if h.Identity.ClosedBy == "" {
			continue
		}
		all = append(all, found(Warning, runbook(failover.AlertClosed), h.Host, "it was left in %s and is closed (%s): it is no backup",
			h.Identity, h.Identity.ClosedBy).
			todo("Make it a standby of %s, as with pg_rewind or pg_basebackup, or stop it.", charge.Host))
	}
	return all
}
