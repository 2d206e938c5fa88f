package failover

import (
	"strings"
	"testing"
	"time"
)

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
