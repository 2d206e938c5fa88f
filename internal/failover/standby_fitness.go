package failover

import (
	"cmp"
	"fmt"
	"time"
)

// Backup is what a host is good for if the one in charge is lost.
type Backup struct {
	Host string
	Fit  bool
	// Reason is why it is not fit.
	Reason string
	// Seen tells whether it answered: only then its lag is known.
	Seen bool
	// Lag is how far it is behind, by the heartbeats that it has: those come every five seconds.
	Lag time.Duration
	// Synchronous tells whether the host in charge waits for standbys, of which this may be one.
	Synchronous bool
}

// BackupWatch judges backups time and again, and says which alerts are to be raised. A standby that has just been started, or that follows
// a database that has just been founded, is unfit for a moment: that is no alert. The zero BackupWatch has judged none.
type BackupWatch struct {
	charge string
	judged time.Time
	// unfitSince is when each condition was found that lasts: one backup that is gone does not have the next one told of at once.
	unfitSince map[backupCondition]time.Time
	alerts     []Alert
}

// backupCondition is what an alert is of: its key, and the host that it names.
type backupCondition struct{ key, host string }

// Due tells whether it is time to judge: every minute, sooner where a backup is unfit, and where another host has come to be in charge.
func (w *BackupWatch) Due(now time.Time, charge string) bool {
	interval := backupInterval
	if len(w.unfitSince) > 0 {
		interval = unfitInterval
	}
	return charge != w.charge || now.Sub(w.judged) >= interval
}

// Judge judges all hosts but the one in charge.
func (w *BackupWatch) Judge(now time.Time, charge string, seen []Observation) []Backup {
	if charge != w.charge {
		w.unfitSince = nil // they were of another's backups
	}
	w.charge, w.judged = charge, now
	backups, alerts := JudgeBackups(charge, seen)
	before := w.unfitSince
	w.unfitSince, w.alerts = make(map[backupCondition]time.Time, len(alerts)), nil
	for _, a := range alerts {
		condition := backupCondition{a.Key, a.Host}
		since, lasts := before[condition]
		if !lasts {
			since = now
		}
		w.unfitSince[condition] = since
		if now.Sub(since) >= unfitFor {
			w.alerts = append(w.alerts, a)
		}
	}
	return backups
}

// Alerts are those to be raised, as of when they were last judged.
func (w *BackupWatch) Alerts() []Alert { return w.alerts }

// JudgeBackups judges all hosts but the one in charge, so that none is found unfit on the day that it is needed.
func JudgeBackups(charge string, seen []Observation) (backups []Backup, alerts []Alert) {
	var primary Observation
	for _, o := range seen {
		if o.Host == charge {
			primary = o
		}
	}
	if primary.State != Writable {
		return nil, nil
	}
	fit := 0
	for _, o := range seen {
		if o.Host == charge {
			continue
		}
		b := Backup{Host: o.Host, Synchronous: primary.Synchronous, Seen: o.State.readable()}
		if b.Seen {
			b.Lag = max(newestBeat(primary).Sub(newestBeat(o)), 0)
		}
		b.Reason = unfitness(primary, o, b.Lag)
		if b.Fit = b.Reason == ""; b.Fit {
			fit++
		} else {
			alerts = append(alerts, warn(AlertBackupUnfit, o.Host, "%s is not fit as a backup: %s", o.Host, b.Reason))
		}
		backups = append(backups, b)
	}
	if fit == 0 && len(backups) > 0 {
		alerts = append(alerts, urgent(AlertNoBackup, "", "no listed host could take over from %s", charge))
	}
	return backups, alerts
}

func unfitness(primary, o Observation, lag time.Duration) string {
	switch {
	case !o.State.readable():
		return "it cannot be seen: " + cmp.Or(o.Reason, "it does not answer")
	case differ(primary.Place.System, o.Place.System):
		return "it is of another cluster"
	case o.State != Standby:
		return "it is no standby"
	case !o.Identity.Known():
		return "its database has no identity"
	case primary.Identity.Compare(o.Identity) != Same:
		return fmt.Sprintf("it is at %s, and %s at %s", o.Identity, primary.Host, primary.Identity)
	case lag > maxLag:
		return fmt.Sprintf("it is more than %s behind", maxLag)
	}
	return ""
}

func newestBeat(o Observation) (newest time.Time) {
	for _, b := range o.Beats {
		if b.Seen.After(newest) {
			newest = b.Seen
		}
	}
	return newest
}
