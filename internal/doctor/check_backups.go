package doctor

import (
	"time"

	"vacancy/internal/doctor/facts"
	"vacancy/internal/failover"
)

// backups: each other host could take over, judged as servers judge it every minute. Those that do not answer are told of by the hosts, and
// those that were closed by themselves.
func backups(f *facts.Facts) (all []Finding) {
	charge := inCharge(f)
	if charge == nil || len(f.Postgres.Hosts) < 2 {
		return nil
	}
	seen := make([]failover.Observation, len(f.Postgres.Hosts))
	for i := range f.Postgres.Hosts {
		seen[i] = f.Postgres.Hosts[i].Observation
	}
	judged, _ := failover.JudgeBackups(charge.Host, seen)
	fit := 0
	for _, b := range judged {
		h := hostNamed(f, b.Host)
		switch {
		case b.Fit && h.Unfit == "":
			fit++
			all = append(all, found(OK, linkHappens, b.Host, "it could take over from %s, and is at most %s behind", charge.Host,
				max(b.Lag, f.Postgres.HeartbeatInterval).Round(time.Second)))
		case b.Fit, !answers(h), h.Identity.ClosedBy != "":
		default:
			all = append(all, found(Warning, runbook(failover.AlertBackupUnfit), b.Host, "it is not fit as a backup: %s", b.Reason).
				todo("Mend it before it is needed: as a standby of %s that keeps up.", charge.Host))
		}
	}
	if fit == 0 && len(judged) > 0 {
		all = append(all, found(Problem, runbook(failover.AlertNoBackup), "", "no listed host could take over from %s", charge.Host).
			todo("See to a standby of it."))
	}
	return all
}
