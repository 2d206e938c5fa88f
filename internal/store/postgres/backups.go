package postgres

import (
	"time"

	"vacancy/internal/failover"
)

// judgeBackups says once a minute what each other host is good for as a backup, and repeats that in between.
func (m *monitor) judgeBackups(now time.Time) []failover.Alert {
	if len(m.hosts) < 2 || now.Sub(m.backups) < backupInterval {
		return m.unfit
	}
	t := m.current.Load()
	if t == nil || !t.writes {
		return m.unfit // what is wrong then is told already
	}
	m.backups = now
	var judged []failover.Backup
	judged, m.unfit = failover.JudgeBackups(t.host.name, m.observations())
	for _, b := range judged {
		m.store.config.Log.Info("a host was judged as a backup", "host", b.Host, "fit", b.Fit, "lag", b.Lag, "synchronous", b.Synchronous,
			"reason", b.Reason)
	}
	return m.unfit
}
