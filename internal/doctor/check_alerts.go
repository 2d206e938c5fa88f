package doctor

import "vacancy/internal/doctor/facts"

// alerts: somebody is told when something needs a person.
func alerts(f *facts.Facts) []Finding {
	s := f.Settings
	switch {
	case (s.AlertCommand || s.AlertWebhook) && f.OutboxPause != nil:
		return []Finding{found(Warning, linkCopies, "", "alerts are told to nobody by command or webhook: paused by %s: %s", f.OutboxPause.By,
			f.OutboxPause.Reason).todo("If this is no copy, or a copy with people of its own, run vacancy outbox resume.")}
	case s.AlertCommand || s.AlertWebhook:
		return []Finding{found(OK, linkAlerts, "", "servers tell people what needs them")}
	case s.OTLP || s.AdminListen != "":
		return []Finding{found(Note, linkAlerts, "", "servers tell nobody themselves: that is left to whoever watches their metrics").
			todo("See that the rules of deploy/prometheus are loaded, or set --alert-command or --alert-webhook.")}
	}
	return []Finding{found(Warning, linkAlerts, "", "nobody is told when something needs a person: it stands in the log alone").
		todo("Set --alert-command or --alert-webhook, or have Prometheus watch, as with deploy/prometheus and --admin-listen.")}
}
