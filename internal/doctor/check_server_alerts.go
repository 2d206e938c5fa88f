package doctor

import "vacancy/internal/doctor/facts"

// serverAlerts are what the server that runs here has found itself.
func serverAlerts(f *facts.Facts) (all []Finding) {
	if f.Server == nil {
		return nil
	}
	for _, a := range f.Server.Alerts {
		level := Warning
		if a.Critical {
			level = Problem
		}
		all = append(all, found(level, runbook(a.Key), f.Server.URL, "the server there raises the alert %s", a.Key).
			todo("Its log has the text; go by the section of the runbook."))
	}
	if len(all) == 0 {
		all = append(all, found(OK, linkAlerts, f.Server.URL, "the server there raises no alert"))
	}
	return all
}
