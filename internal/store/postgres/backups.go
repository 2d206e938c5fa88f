package postgres

import (
	"slices"
	"time"

	"vacancy/internal/failover"
)

// judgeBackups says what each other host is good for as a backup, when it is time to, and returns the alerts that there are about that.
func (m *monitor) judgeBackups(now time.Time) []failover.Alert {
	t := m.current.Load()
	// Without a host in charge, what is wrong is told already.
	if len(m.hosts) < 2 || t == nil || !t.writes || !m.watch.Due(now, t.host.name) {
		return m.watch.Alerts()
	}
	before := m.backups
	m.backups = m.watch.Judge(now, t.host.name, m.observations())
	m.store.config.Observer.Backups(m.backups)
	for _, b := range m.backups {
		if !slices.ContainsFunc(before, func(old failover.Backup) bool { return old.Host == b.Host && old.Reason == b.Reason }) {
			m.store.config.Log.Info("a host was judged as a backup", "host", b.Host, "fit", b.Fit, "lag", b.Lag, "synchronous", b.Synchronous,
				"reason", b.Reason)
		}
	}
	return m.watch.Alerts()
}
