package failover

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// A backup that is unfit for a moment, as one that has just been started, is no alert. One that stays so is, until it is fit again; and
// what was found about the backups of one host is forgotten when another comes to be in charge.
func TestUnfitBackupsAreAnAlertAfterAWhile(t *testing.T) {
	t.Parallel()
	a, good, away := writable("a", seventh, one), standby("b", seventh), fails("b", Unreachable)
	var w BackupWatch
	at := func(after time.Duration, charge string, seen ...Observation) (due bool, keys []string) {
		now := start.Add(after)
		if due = w.Due(now, charge); due {
			w.Judge(now, charge, seen)
		}
		for _, alert := range w.Alerts() {
			keys = append(keys, alert.Key)
		}
		return due, keys
	}
	both := []string{AlertBackupUnfit, AlertNoBackup}
	for i, look := range []struct {
		after  time.Duration
		charge string
		seen   []Observation
		due    bool
		alerts []string
	}{
		{0, "a", []Observation{a, away}, true, nil}, // the standby starts
		{time.Second, "a", []Observation{a, good}, false, nil},
		{unfitInterval, "a", []Observation{a, good}, true, nil},
		{unfitInterval + 59*time.Second, "a", []Observation{a, away}, false, nil},
		{unfitInterval + time.Minute, "a", []Observation{a, away}, true, nil}, // the standby is lost
		{70 * time.Second, "a", []Observation{a, away}, true, nil},
		{80 * time.Second, "a", []Observation{a, away}, true, both},
		{82 * time.Second, "a", []Observation{a, good}, false, both},
		{85 * time.Second, "a", []Observation{a, good}, true, nil}, // and comes back
		{150 * time.Second, "a", []Observation{a, away}, true, nil},
		{170 * time.Second, "a", []Observation{a, away}, true, both},
		{171 * time.Second, "b", []Observation{fails("a", Unreachable), writable("b", eighth, two)}, true, nil}, // it was promoted
		{190 * time.Second, "b", []Observation{fails("a", Unreachable), writable("b", eighth, two)}, true, both},
	} {
		if due, alerts := at(look.after, look.charge, look.seen...); due != look.due || !slices.Equal(alerts, look.alerts) {
			t.Errorf("look %d, after %s: due %v, alerts %v", i, look.after, due, alerts)
		}
	}
}

func TestBackupsAreJudged(t *testing.T) {
	t.Parallel()
	ahead := map[string]Beat{"me": {Count: 30, Seen: start.Add(time.Minute)}}
	other := standby("b", seventh)
	other.Place.System = clusterTwo
	for name, c := range map[string]struct {
		backup Observation
		beats  map[string]Beat
		unfit  string // part of the reason, "" for fit
	}{
		"good":              {backup: standby("b", seventh)},
		"away":              {backup: fails("b", Unreachable), unfit: "nobody there"},
		"lets nobody in":    {backup: fails("b", AuthRefused), unfit: "cannot be seen"},
		"another cluster":   {backup: other, unfit: "another cluster"},
		"promoted":          {backup: writable("b", seventh, two), unfit: "no standby"},
		"without our rows":  {backup: standby("b", Identity{}), unfit: "no identity"},
		"of another term":   {backup: standby("b", eighth), unfit: "term 3"},
		"far behind":        {backup: standby("b", seventh), beats: ahead, unfit: "behind"},
		"ahead of the look": {backup: with(standby("b", seventh), ahead)},
	} {
		primary := writable("a", seventh, one)
		primary.Synchronous = true
		if c.beats != nil {
			primary.Beats = c.beats
		}
		backups, alerts := JudgeBackups("a", []Observation{primary, c.backup})
		if len(backups) == 1 && backups[0].Seen != c.backup.State.readable() {
			t.Errorf("%s: seen is %v", name, backups[0].Seen)
		}
		if len(backups) != 1 || backups[0].Fit != (c.unfit == "") || !strings.Contains(backups[0].Reason, c.unfit) || !backups[0].Synchronous {
			t.Errorf("%s: judged as %+v", name, backups)
		}
		if c.unfit == "" && len(alerts) != 0 || c.unfit != "" && (len(alerts) != 2 || alerts[1].Key != AlertNoBackup || !alerts[1].Urgent) {
			t.Errorf("%s: alerts %v", name, alerts)
		}
	}
	if backups, alerts := JudgeBackups("a", []Observation{standby("a", seventh), standby("b", seventh)}); backups != nil || alerts != nil {
		t.Errorf("without a primary: %v, %v", backups, alerts)
	}
	if _, alerts := JudgeBackups("a", []Observation{writable("a", seventh, one)}); alerts != nil {
		t.Errorf("of a primary that is alone: %v", alerts)
	}
	_, alerts := JudgeBackups("a", []Observation{writable("a", seventh, one), standby("b", seventh), fails("c", Unreachable)})
	if len(alerts) != 1 || alerts[0].Host != "c" || alerts[0].Urgent {
		t.Errorf("with one backup of two: %v", alerts)
	}
}
