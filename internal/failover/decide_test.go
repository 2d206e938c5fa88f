package failover

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"
)

func keys(alerts []Alert) (keys []string) {
	for _, a := range alerts {
		if a.Key != AlertFailedOver {
			keys = append(keys, a.Key)
		}
	}
	return keys
}

func (s scenario) machine() *Machine {
	hosts := s.hosts
	if hosts == nil {
		hosts = []string{"a", "b"}
	}
	memory := Memory{}
	if s.file != nil {
		memory = *s.file
	}
	m := New(hosts, "me", memory)
	if !s.fresh {
		m.Adopt("a", seventh, beats, start)
	}
	return m
}

func TestDecisions(t *testing.T) {
	t.Parallel()
	for name, s := range scenarios {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m, now := s.machine(), start
			for i, round := range s.rounds {
				now = now.Add(round.after)
				d := m.Observe(now, round.seen)
				if d.Action != round.want || d.Host != round.host || d.Read != round.read {
					t.Fatalf("round %d: %v host %q read %q, want %v %q %q: %+v", i, d.Action, d.Host, d.Read, round.want, round.host, round.read, d.Alerts)
				}
				if !slices.Equal(keys(d.Alerts), round.alert) || !slices.Equal(d.Close, round.close) {
					t.Errorf("round %d: alerts %q and to close %q, want %q and %q", i, keys(d.Alerts), d.Close, round.alert, round.close)
				}
				for _, a := range d.Alerts {
					if a.Text == "" || strings.Contains(a.Text, "%!") || strings.HasSuffix(a.Text, ": ") || strings.Contains(a.Text, ": ;") {
						t.Errorf("round %d: alert %s says %q", i, a.Key, a.Text)
					}
				}
			}
		})
	}
}

// After a failover its alert stays for a while.
func TestFailoverIsTold(t *testing.T) {
	t.Parallel()
	m := scenario{}.machine()
	m.Adopt("b", eighth, nil, start)
	after := []Observation{standby("a", eighth), with(bLater, nil)}
	for _, c := range []struct {
		at   time.Duration
		told bool
	}{{time.Second, true}, {failedOverFor - time.Second, true}, {failedOverFor, false}} {
		d := m.Observe(start.Add(c.at), after)
		told := slices.ContainsFunc(d.Alerts, func(a Alert) bool { return a.Key == AlertFailedOver && a.Urgent })
		if d.Action != GoOn || told != c.told {
			t.Errorf("after %s: %v, alerts %v", c.at, d.Action, d.Alerts)
		}
	}
}

// toldFailover is what a decision says of the last failover.
func toldFailover(d Decision) (told []string) {
	for _, a := range d.Alerts {
		if a.Key == AlertFailedOver {
			direction, _, _ := strings.Cut(a.Text, ":")
			told = append(told, a.Host+": "+direction)
		}
	}
	return told
}

// At a second failover soon after a first, the first is not told as if it were the second.
func TestEachFailoverIsToldInItsDirection(t *testing.T) {
	t.Parallel()
	const toB, toA = "b: writes went from a to b", "a: writes went from b to a"
	ninthA := term(place(clusterOne, tl1), "t6", "t7", "t8b", "t9a")
	aRaised, bOutage := with(writable("a", ninthA, one), nil), []Observation{standby("a", eighth), bGone}
	aPromoted := with(writable("a", eighth, ninth), nil)
	for name, rounds := range map[string][]struct {
		seen []Observation
		want Action
		host string
		told []string
	}{
		"this node raises": {
			{[]Observation{standby("a", eighth), with(bLater, nil)}, GoOn, "b", []string{toB}},
			{bOutage, GoOn, "b", []string{toB}},
			{bOutage, GoOn, "b", []string{toB}},
			{bOutage, Demoted, "", nil},
			{[]Observation{aPromoted, bGone}, Raise, "a", nil},
			{[]Observation{aPromoted, bGone}, Raise, "a", nil}, // it could not
			{[]Observation{aRaised, bGone}, Adopt, "a", nil},
			{[]Observation{aRaised, bGone}, GoOn, "a", []string{toA}},
		},
		"another node has raised": {
			{[]Observation{standby("a", eighth), with(bLater, nil)}, GoOn, "b", []string{toB}},
			{[]Observation{aRaised, standby("b", eighth)}, Adopt, "a", nil},
			{[]Observation{aRaised, standby("b", ninthA)}, GoOn, "a", []string{toA}},
		},
		"the host comes back": {
			{bOutage, GoOn, "b", []string{toB}},
			{bOutage, GoOn, "b", []string{toB}},
			{bOutage, Demoted, "", nil},
			{[]Observation{standby("a", eighth), with(bLater, nil)}, GoOn, "b", []string{toB}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m, now := scenario{}.machine(), start
			m.Adopt("b", eighth, nil, now)
			for i, round := range rounds {
				now = now.Add(time.Second)
				d := m.Observe(now, round.seen)
				if told := toldFailover(d); d.Action != round.want || d.Host != round.host || !slices.Equal(told, round.told) {
					t.Fatalf("round %d: %v %q tells %q, want %v %q %q", i, d.Action, d.Host, told, round.want, round.host, round.told)
				}
				if d.Action == Adopt {
					m.Adopt(d.Host, ninthA, nil, now)
				}
			}
		})
	}
}

// A heartbeat counts for the database in which it was committed, and is not forgotten for an older look.
func TestBeatsAreRemembered(t *testing.T) {
	t.Parallel()
	m := scenario{}.machine()
	m.Beat("t7", Beat{Count: 21, Seen: start})
	m.Beat("t6", Beat{Count: 99, Seen: start})
	if got := m.Memory().Beats["me"].Count; got != 21 {
		t.Errorf("the count is %d, want 21", got)
	}
	if d := m.Observe(start, healthy); d.Action != Refuse {
		t.Errorf("a database without the heartbeat: %v", d.Action)
	}
	later := maps.Clone(beats)
	later["me"] = Beat{Count: 22, Seen: start}
	if d := m.Observe(start, []Observation{with(aCharge, later), bStandby}); d.Action != GoOn {
		t.Errorf("a database with more: %v", d.Action)
	}
}

func TestEpochCarriesTheTerm(t *testing.T) {
	t.Parallel()
	i := Identity{Term: 40, ID: "ABCDEFGHIJKLMNOPQRST"}
	if got := i.Epoch(); got != "14-abcdefghijklm" {
		t.Errorf("the epoch is %q", got)
	}
}
