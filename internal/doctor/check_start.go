package doctor

import (
	"vacancy/internal/doctor/facts"
	"vacancy/internal/failover"
)

// startDecision says what a server would do that starts now, by the same rules as a server decides it.
func startDecision(f *facts.Facts) []Finding {
	if f.Postgres == nil {
		return nil
	}
	d := decide(f)
	switch d.Action {
	case failover.GoOn, failover.Adopt:
		return append(fromAlerts(d.Alerts), found(OK, linkHappens, d.Host, "a server that starts now books there, in %s",
			hostNamed(f, d.Host).Identity))
	case failover.Raise:
		return append(fromAlerts(d.Alerts), found(Note, linkHappens, d.Host, "it was promoted, and no server has gone there yet: the first "+
			"that does begins a term").todo("Start a server, or look why those that run have not gone there."))
	case failover.Found:
		return []Finding{found(Note, linkPostgres, d.Host, "the database is new: the first server that starts makes its tables")}
	case failover.Down:
		return nil // which the hosts have told
	case failover.Wait, failover.Refuse, failover.Demoted:
	}
	return refused(d)
}

// refused are the reasons for which a server would not book.
func refused(d failover.Decision) (all []Finding) {
	for _, a := range d.Alerts {
		level := Problem
		if d.Action == failover.Wait {
			level = Warning
		}
		all = append(all, found(level, runbook(a.Key), a.Host, "a server that starts now books nothing: %s", a.Text).
			todo("Decide, as docs/failover.md says: vacancy failover status shows what each host is."))
	}
	return all
}

// fromAlerts are what servers would raise alerts for while they book. What other checks tell in more words is left out.
func fromAlerts(alerts []failover.Alert) (all []Finding) {
	for _, a := range alerts {
		if a.Key == failover.AlertForeign || a.Key == failover.AlertForked {
			continue
		}
		level := Warning
		if a.Urgent {
			level = Problem
		}
		all = append(all, found(level, runbook(a.Key), a.Host, "%s", a.Text).
			todo("Go by the section of the runbook."))
	}
	return all
}
