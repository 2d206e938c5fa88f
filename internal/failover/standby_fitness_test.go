package failover

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// lookAtBackups is what was seen at a time, whether it is judged then, and the alerts that are active afterwards.
type lookAtBackups struct {
	after  time.Duration
	charge string
	seen   []Observation
	due    bool
	alerts []string
}

// checkWatch has backups judged whenever that is due, and compares the alerts.
func checkWatch(t *testing.T, looks []lookAtBackups) {
	t.Helper()
	var w BackupWatch
	for i, look := range looks {
		now := start.Add(look.after)
		due := w.Due(now, look.charge)
		if due {
			w.Judge(now, look.charge, look.seen)
		}
		var alerts []string
		for _, a := range w.Alerts() {
			alerts = append(alerts, strings.TrimSpace(a.Key+" "+a.Host))
		}
		if due != look.due || !slices.Equal(alerts, look.alerts) {
			t.Errorf("look %d, after %s: due %v, alerts %q", i, look.after, due, alerts)
		}
	}
}

// A backup that is unfit for a moment, as one that has just been started, is no alert. One that stays so is, until it is fit again; and
// what was found about the backups of one host is forgotten when another comes to be in charge.
func TestUnfitBackupsAreAnAlertAfterAWhile(t *testing.T) {
	t.Parallel()
	a, good, away := writable("a", seventh, one), standby("b", seventh), fails("b", Unreachable)
	both := []string{AlertBackupUnfit + " b", AlertNoBackup}
	checkWatch(t, []lookAtBackups{
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
		{
			190 * time.Second, "b",
			[]Observation{fails("a", Unreachable), writable("b", eighth, two)},
			true,
			[]string{AlertBackupUnfit + " a", AlertNoBackup},
		},
	})
}

// Each backup is given its time, and so are all of them together: where one is lost for good, another that restarts is no alert, nor is it
// that there is none for these seconds.
func TestEachBackupIsUnfitForAWhileFirst(t *testing.T) {
	t.Parallel()
	a, b, c := writable("a", seventh, one), fails("b", Unreachable), standby("c", seventh)
	away := fails("c", Unreachable)
	first := []string{AlertBackupUnfit + " b"}
	all := []string{AlertBackupUnfit + " b", AlertBackupUnfit + " c", AlertNoBackup}
	checkWatch(t, []lookAtBackups{
		{0, "a", []Observation{a, b, c}, true, nil},
		{15 * time.Second, "a", []Observation{a, b, c}, true, first},
		{20 * time.Second, "a", []Observation{a, b, away}, true, first}, // it restarts
		{25 * time.Second, "a", []Observation{a, b, away}, true, first},
		{30 * time.Second, "a", []Observation{a, b, c}, true, first},
		{35 * time.Second, "a", []Observation{a, b, away}, true, first}, // it is lost
		{49 * time.Second, "a", []Observation{a, b, away}, true, first},
		{50 * time.Second, "a", []Observation{a, b, away}, false, first}, // a second after the last
		{54 * time.Second, "a", []Observation{a, b, away}, true, all},
		{60 * time.Second, "a", []Observation{a, standby("b", seventh), away}, true, all[1:2]}, // the first comes back
	})
}

// A standby gets the rows of a database that has just been founded a moment later than they are written, and that is no alert.
func TestStandbyOfANewDatabaseIsNoAlert(t *testing.T) {
	t.Parallel()
	a, empty, good := writable("a", seventh, one), standby("b", Identity{}), standby("b", seventh)
	both := []string{AlertBackupUnfit + " b", AlertNoBackup}
	checkWatch(t, []lookAtBackups{
		{0, "a", []Observation{a, empty}, true, nil},
		{unfitInterval, "a", []Observation{a, good}, true, nil},
		{unfitInterval + backupInterval, "a", []Observation{a, good}, true, nil},
	})
	checkWatch(t, []lookAtBackups{ // the control: one that never gets them is
		{0, "a", []Observation{a, empty}, true, nil},
		{unfitFor, "a", []Observation{a, empty}, true, both},
	})
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
