package failover

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// drawIdentity is one of a tree of terms: the common ones, and up to two more on one of three branches.
func drawIdentity(t *rapid.T, label string) Identity {
	ids := []string{"t1", "t2"}
	branch := rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, label+" branch")
	decided := 0
	for n := range rapid.IntRange(0, 2).Draw(t, label+" more") {
		id := fmt.Sprint("t", 3+n, branch)
		if rapid.IntRange(0, 5).Draw(t, label+" decided") == 0 {
			id, decided = id+" by a person", 3+n
		}
		ids = append(ids, id)
	}
	i := term(one, ids...)
	i.Decided = int64(decided)
	i.Place.Timeline = rapid.SampledFrom([]string{tl1, tl2}).Draw(t, label+" began on")
	if rapid.IntRange(0, 5).Draw(t, label+" closed") == 0 {
		i = closed(i)
	}
	if rapid.IntRange(0, 9).Draw(t, label+" foreign") == 0 {
		i = foreign(i)
	}
	return i
}

func drawBeats(t *rapid.T, label string) map[string]Beat {
	drawn := make(map[string]Beat)
	for _, node := range []string{"me", "other"} {
		if n := rapid.IntRange(0, 3).Draw(t, label+" beats of "+node); n > 0 {
			drawn[node] = Beat{Count: int64(n), Seen: start.Add(time.Duration(n) * 5 * time.Second)}
		}
	}
	return drawn
}

func drawObservation(t *rapid.T, host string) Observation {
	states := []State{Unreachable, AuthRefused, Unfit, Standby, ReadOnly, Writable, Writable}
	o := Observation{Host: host, State: rapid.SampledFrom(states).Draw(t, host)}
	if !o.State.readable() {
		return o
	}
	if rapid.IntRange(0, 9).Draw(t, host+" empty") > 0 {
		o.Identity = drawIdentity(t, host)
	}
	o.Place = place(rapid.SampledFrom([]string{clusterOne, clusterOne, clusterOne, clusterTwo}).Draw(t, host+" system"),
		rapid.SampledFrom([]string{tl1, tl2}).Draw(t, host+" timeline"))
	o.Beats, o.Now = drawBeats(t, host), start.Add(time.Minute)
	return o
}

// unsafe says why a decision to write would put an acknowledged booking at risk, or "".
func unsafe(before Memory, seen []Observation, d Decision) string {
	i := slices.IndexFunc(seen, func(o Observation) bool { return o.Host == d.Host })
	if i < 0 {
		return "the host was not seen"
	}
	target := seen[i]
	if target.State != Writable {
		if d.Action == GoOn && !target.State.readable() {
			return "" // a lost connection is waited for; nothing can be written there
		}
		return "the host cannot be written to"
	}
	if d.Action == Found {
		return ""
	}
	own := before.Identity
	switch {
	case target.Identity.ClosedBy != "":
		return "the database is closed"
	case target.Identity.at(target.Place) == elsewhere:
		return "the database is a copy"
	case own.Known() && own.Compare(target.Identity) > Later:
		return "the node has seen more, or another history"
	case own.Known() && own.ID == target.Identity.ID && target.Beats["me"].Count < before.Beats["me"].Count:
		return "the database lacks a heartbeat"
	}
	for _, o := range seen {
		if !o.Identity.Known() {
			continue
		}
		switch target.Identity.Compare(o.Identity) {
		case Later:
			return "the history has gone on at " + o.Host
		case Forked:
			if o.Identity.ClosedBy == "" {
				return "there are two histories"
			}
		default:
		}
	}
	return ""
}

// allowed tells whether a person has decided for a history that is seen.
func allowed(seen []Observation) bool {
	return slices.ContainsFunc(seen, func(o Observation) bool { return o.Identity.Decided > 0 })
}

// TestDecisionsAreSafe: whatever is seen, nothing is written where the table says that it must not.
func TestDecisionsAreSafe(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		m, blind := New([]string{"a", "b", "c"}, "me", Memory{}), true
		if rapid.Bool().Draw(t, "remembers") {
			blind = false
			i := drawIdentity(t, "own")
			i.ClosedBy = ""
			m.Adopt(rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "host"), i, drawBeats(t, "own"), start)
		}
		now := start
		for range rapid.IntRange(1, 5).Draw(t, "rounds") {
			now = now.Add(time.Second)
			seen := []Observation{drawObservation(t, "a"), drawObservation(t, "b"), drawObservation(t, "c")}
			before := m.Memory()
			d := m.Observe(now, seen)
			if d.Action.Writes() || d.Action == Found {
				if why := unsafe(before, seen, d); why != "" {
					t.Fatalf("%v at %s: %s", d.Action, d.Host, why)
				}
				unseen := slices.ContainsFunc(seen, func(o Observation) bool { return !o.State.readable() })
				if blind && unseen && !allowed(seen) {
					t.Fatalf("%v at %s by a node that remembers nothing and does not see all", d.Action, d.Host)
				}
			} else if len(d.Alerts) == 0 {
				t.Fatalf("%v without a word", d.Action)
			}
			if d.Action == Adopt {
				o := seen[slices.IndexFunc(seen, func(o Observation) bool { return o.Host == d.Host })]
				m.Adopt(d.Host, o.Identity, o.Beats, now)
				blind = false
			}
		}
	})
}

// forgotten has a node look, start again with a file, and look once more. It tells where the node is to write then, though it was refused
// because of what it had seen of later terms and of other histories; or "".
func forgotten(t *rapid.T, file func(Memory) Memory) string {
	hosts := []string{"a", "b", "c"}
	m := New(hosts, "me", Memory{})
	own := drawIdentity(t, "own")
	own.ClosedBy = ""
	m.Adopt("a", own, drawBeats(t, "own"), start)
	look := func() []Observation {
		return []Observation{drawObservation(t, "a"), drawObservation(t, "b"), drawObservation(t, "c")}
	}
	for range rapid.IntRange(1, 4).Draw(t, "rounds before") {
		m.Observe(start, look())
	}
	restarted, seen := New(hosts, "me", file(m.Memory())), look()
	d := m.Observe(start, seen)
	if !slices.ContainsFunc(d.Alerts, func(a Alert) bool { return a.Key == AlertLaterTerm || a.Key == AlertForked }) {
		return ""
	}
	if after := restarted.Observe(start, seen); after.Action.Writes() {
		return fmt.Sprintf("it is to %v at %q, and was to %v before: %+v", after.Action, after.Host, d.Action, d.Alerts)
	}
	return ""
}

// TestARestartForgetsNothingThatForbids: where a node refuses to write because of what it has seen of later terms and of other histories,
// it does so after a restart with its file. The controls are files that lack one of the two.
func TestARestartForgetsNothingThatForbids(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		if wrong := forgotten(t, func(whole Memory) Memory { return whole }); wrong != "" {
			t.Fatal(wrong)
		}
	})
	for name, file := range map[string]func(Memory) Memory{
		"a later term":    func(m Memory) Memory { m.Later = Identity{}; return m },
		"other histories": func(m Memory) Memory { m.Forks = nil; return m },
	} {
		if !someWorld(t, func(t *rapid.T) bool { return forgotten(t, file) != "" }) {
			t.Errorf("a file without %s forbids as much, so the worlds prove nothing about it", name)
		}
	}
}

// TestCompareIsConsistent: what is later to one is earlier to the other.
func TestCompareIsConsistent(t *testing.T) {
	t.Parallel()
	inverse := map[Relation]Relation{Same: Same, Later: Earlier, Earlier: Later, Forked: Forked, Foreign: Foreign}
	rapid.Check(t, func(t *rapid.T) {
		a, b := drawIdentity(t, "a"), drawIdentity(t, "b")
		if there, back := a.Compare(b), b.Compare(a); inverse[there] != back {
			t.Fatalf("%v one way and %v the other", there, back)
		}
	})
}
