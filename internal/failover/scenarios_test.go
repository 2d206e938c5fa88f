package failover

import (
	"time"
)

// The hosts of the tests: a was the primary, b and c its standbys.
const (
	clusterOne, clusterTwo = "7001", "7002"
	tl1, tl2               = "00000001", "00000002"
)

var start = time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)

func place(system, timeline string) Place {
	return Place{System: system, Timeline: timeline, Table: "16384"}
}

// term is the identity of an installation "shop" with these terms, the last of which began at a place.
func term(at Place, ids ...string) Identity {
	return Identity{Installation: "shop", Term: int64(len(ids)), ID: ids[len(ids)-1], IDs: ids, Place: at}
}

var (
	seventh  = term(place(clusterOne, tl1), "t6", "t7")
	eighth   = term(place(clusterOne, tl2), "t6", "t7", "t8b")
	eighthC  = term(place(clusterOne, tl2), "t6", "t7", "t8c")
	beats    = map[string]Beat{"me": {Count: 20, Seen: start}, "other": {Count: 30, Seen: start}}
	laterB   = map[string]Beat{"other": {Count: 35, Seen: start.Add(25 * time.Second)}}
	earlierB = map[string]Beat{"me": {Count: 18, Seen: start.Add(-10 * time.Second)}, "other": {Count: 30, Seen: start}}
)

func closed(i Identity) Identity { i.ClosedBy = "term 8 at b"; return i }

func decided(i Identity, term int64) Identity { i.Decided, i.Term = term, term; return i }

func foreign(i Identity) Identity { i.Installation = "other shop"; return i }

// writable is a host that can be written to, with what its database says of itself.
func writable(host string, i Identity, at Place) Observation {
	return Observation{Host: host, State: Writable, Identity: i, Place: at, Beats: beats, Now: start.Add(time.Second), Up: time.Hour}
}

func standby(host string, i Identity) Observation {
	return Observation{Host: host, State: Standby, Identity: i, Place: Place{System: clusterOne}, Beats: beats, Now: start, Up: time.Hour}
}

func readOnly(host string, i Identity) Observation {
	o := writable(host, i, place(clusterOne, tl1))
	o.State = ReadOnly
	return o
}

func fails(host string, s State) Observation {
	return Observation{Host: host, State: s, Reason: "nobody there"}
}

func with(o Observation, b map[string]Beat) Observation { o.Beats = b; return o }

func aDayLater(o Observation) Observation { o.Now = start.Add(24 * time.Hour); return o }

func startedAt(o Observation, second int64) Observation { o.Started = time.Unix(second, 0); return o }

func empty(host string) Observation {
	return Observation{Host: host, State: Writable, Place: place(clusterOne, tl1), Up: time.Hour}
}

// step is one round of observations, and what is to follow from it.
type step struct {
	after time.Duration // since the round before
	seen  []Observation
	want  Action
	host  string
	alert []string // keys
	close []string
	read  string
}

// scenario is of a node that writes to host a in the seventh term, unless it says otherwise.
type scenario struct {
	hosts  []string // a and b if empty
	fresh  bool     // the node has just started
	file   *Memory  // what a fresh one remembers
	rounds []step
}

var (
	one     = place(clusterOne, tl1)
	two     = place(clusterOne, tl2)
	ninth   = place(clusterOne, "00000009")
	healthy = []Observation{writable("a", seventh, one), standby("b", seventh)}
	tick    = time.Second

	aCharge, aGone             = writable("a", seventh, one), fails("a", Unreachable)
	bStandby, bPromoted, bGone = standby("b", seventh), writable("b", seventh, two), fails("b", Unreachable)
	cGone                      = fails("c", Unreachable)
	bAndC                      = []string{"b", "c"}
	bLater                     = writable("b", eighth, two)
)

// scenarios is the table of DESIGN section 11.
var scenarios = map[string]scenario{
	"all is well": {rounds: []step{{seen: healthy, want: GoOn, host: "a"}, {after: tick, seen: healthy, want: GoOn, host: "a"}}},

	"connection lost: two failures are waited for, then it is given up": {rounds: []step{
		{seen: []Observation{aGone, bStandby}, want: GoOn, host: "a"},
		{after: tick, seen: []Observation{aGone, bStandby}, want: GoOn, host: "a"},
		{after: tick, seen: []Observation{aGone, bStandby}, want: Demoted, alert: []string{AlertLost, AlertReadOnly}, read: "b"},
		{after: tick, seen: []Observation{aGone, bPromoted}, want: Raise, host: "b", alert: []string{AlertLost}},
	}},
	"connection lost for a moment": {rounds: []step{
		{seen: []Observation{aGone, bStandby}, want: GoOn, host: "a"},
		{after: tick, seen: healthy, want: GoOn, host: "a"},
		{after: tick, seen: []Observation{aGone, bStandby}, want: GoOn, host: "a"},
		{after: tick, seen: []Observation{aGone, bStandby}, want: GoOn, host: "a"},
	}},
	"three failures at once are one": {rounds: []step{
		{seen: []Observation{aGone, bStandby}, want: GoOn, host: "a"},
		{seen: []Observation{aGone, bStandby}, want: GoOn, host: "a"},
		{seen: []Observation{aGone, bPromoted}, want: GoOn, host: "a"},
	}},
	"auth refused counts as a failure": {rounds: []step{
		{seen: []Observation{fails("a", AuthRefused), bPromoted}, want: GoOn, host: "a"},
		{after: tick, seen: []Observation{fails("a", AuthRefused), bPromoted}, want: GoOn, host: "a"},
		{after: tick, seen: []Observation{fails("a", AuthRefused), bPromoted}, want: Raise, host: "b", alert: []string{AlertLost}},
	}},
	"the primary is read-only, and nobody was promoted": {rounds: []step{
		{seen: []Observation{readOnly("a", seventh), bStandby}, want: Demoted, alert: []string{AlertReadOnly}, read: "a"},
		{after: tick, seen: healthy, want: GoOn, host: "a"},
	}},
	"the primary is demoted, and the standby promoted": {rounds: []step{
		{seen: []Observation{standby("a", seventh), bPromoted}, want: Raise, host: "b"},
	}},
	"a standby is promoted beside the primary": {rounds: []step{
		{seen: []Observation{aCharge, bPromoted}, want: GoOn, host: "a", alert: []string{AlertSecond}},
	}},
	"another node has gone to b: a is not written to any more, and closed": {rounds: []step{
		{
			seen: []Observation{aCharge, bLater},
			want: Adopt, host: "b", alert: []string{AlertLeft}, close: []string{"a"},
		},
	}},
	"another node has gone to b, which is promoted again": {rounds: []step{
		{seen: []Observation{aGone, writable("b", eighth, place(clusterOne, "00000003"))}, want: Raise, host: "b"},
	}},
	"a standby of a primary that is not listed tells of a higher term": {rounds: []step{
		{seen: []Observation{aCharge, standby("b", eighth)}, want: Refuse, alert: []string{AlertLaterTerm}, read: "b", close: []string{"a"}},
	}},
	"the later term was closed": {rounds: []step{
		{
			seen: []Observation{aCharge, writable("b", closed(eighth), two)},
			want: Refuse, alert: []string{AlertClosed}, read: "b", close: []string{"a"},
		},
	}},
	"lower term: the old primary comes back": {fresh: true, file: &Memory{Identity: eighth, Saved: start}, rounds: []step{
		{seen: []Observation{aCharge, bGone}, want: Refuse, alert: []string{AlertEarlier}, read: "a", close: []string{"a"}},
	}},
	"lower term, closed": {fresh: true, file: &Memory{Identity: seventh, Saved: start}, rounds: []step{
		{seen: []Observation{writable("a", closed(seventh), one), bGone}, want: Refuse, alert: []string{AlertClosed}, read: "a"},
	}},
	"equal term with another id: both are refused": {hosts: bAndC, fresh: true, file: &Memory{Identity: eighth, Saved: start}, rounds: []step{
		{seen: []Observation{bLater, writable("c", eighthC, two)}, want: Refuse, alert: []string{AlertForked}, read: "b"},
		{seen: []Observation{bGone, writable("c", eighthC, two)}, want: Refuse, alert: []string{AlertForked}, read: "c"},
		// What was closed is no history that goes on.
		{seen: []Observation{bLater, writable("c", closed(eighthC), two)}, want: Adopt, host: "b"},
	}},
	"an old primary that was promoted again has a higher timeline, and is another history": {rounds: []step{
		{
			seen: []Observation{writable("a", term(ninth, "t6", "t7", "t8a", "t9a"), ninth), bLater},
			want: Refuse, alert: []string{AlertForked}, read: "a",
		},
	}},
	"this node was suspended for a day, and its row is swept": {rounds: []step{
		{seen: []Observation{aDayLater(with(aCharge, map[string]Beat{"other": beats["other"]})), bStandby}, want: GoOn, host: "a"},
	}},
	"its row is gone within a day": {rounds: []step{
		{
			seen: []Observation{with(aCharge, map[string]Beat{"other": beats["other"]}), bStandby},
			want: Refuse, alert: []string{AlertHistoryLost}, read: "a",
		},
	}},
	"its row is swept, and another has fewer heartbeats": {rounds: []step{
		{
			seen: []Observation{aDayLater(with(aCharge, map[string]Beat{"other": {Count: 29, Seen: start}})), bStandby},
			want: Refuse, alert: []string{AlertHistoryLost}, read: "a",
		},
	}},
	"a person has decided between two histories": {hosts: bAndC, fresh: true, file: &Memory{Identity: eighth, Saved: start}, rounds: []step{
		{
			seen: []Observation{bLater, writable("c", decided(term(two, "t6", "t7", "t8c", "t9"), 9), two)},
			want: Adopt, host: "c", alert: []string{AlertLeft}, close: []string{"b"},
		},
	}},
	"a person has decided for this node's own of two histories": {
		hosts: bAndC, fresh: true, file: &Memory{Identity: eighth, Saved: start}, rounds: []step{
			{seen: []Observation{bLater, writable("c", eighthC, two)}, want: Refuse, alert: []string{AlertForked}, read: "b"},
			{
				seen: []Observation{writable("b", decided(term(two, "t6", "t7", "t8b", "t9"), 9), two), writable("c", eighthC, two)},
				want: Adopt, host: "b", alert: []string{AlertLeft}, close: []string{"c"},
			},
		},
	},
	"a later term was seen and not adopted, and is gone": {rounds: []step{
		{seen: []Observation{aCharge, standby("b", eighth)}, want: Refuse, alert: []string{AlertLaterTerm}, read: "b", close: []string{"a"}},
		{after: time.Hour, seen: []Observation{aCharge, bGone}, want: Refuse, alert: []string{AlertLaterTerm}, read: "a", close: []string{"a"}},
		{
			after: tick, seen: []Observation{writable("a", decided(term(one, "t6", "t7", "t9"), 9), one), bGone},
			want: Adopt, host: "a",
		},
	}},
	"a later term was seen before a restart, and its host is away": { // without it: "a start with a file while not all hosts are seen"
		fresh: true, file: &Memory{Identity: seventh, Later: eighth, Saved: start}, rounds: []step{
			{seen: []Observation{aCharge, bGone}, want: Refuse, alert: []string{AlertLaterTerm}, read: "a", close: []string{"a"}},
			{after: tick, seen: []Observation{aCharge, bStandby}, want: Refuse, alert: []string{AlertLaterTerm}, read: "a", close: []string{"a"}},
			{after: tick, seen: []Observation{aCharge, bLater}, want: Adopt, host: "b", alert: []string{AlertLeft}, close: []string{"a"}},
		},
	},
	"two histories were seen, and the host of one is away": {
		hosts: bAndC, fresh: true, file: &Memory{Identity: eighth, Saved: start}, rounds: []step{
			{seen: []Observation{bLater, cGone}, want: Adopt, host: "b"}, // the control
			{seen: []Observation{bLater, writable("c", eighthC, two)}, want: Refuse, alert: []string{AlertForked}, read: "b"},
			{after: 30 * tick, seen: []Observation{bLater, cGone}, want: Refuse, alert: []string{AlertForked}, read: "b"},
			{after: tick, seen: []Observation{bLater, empty("c")}, want: Refuse, alert: []string{AlertForked}, read: "b"},
			{after: tick, seen: []Observation{bLater, standby("c", eighth)}, want: Adopt, host: "b"}, // it was made anew
			{after: tick, seen: []Observation{bLater, cGone}, want: Adopt, host: "b"},
		},
	},
	"two histories were seen before a restart, and the host of one is away": {
		hosts: bAndC, fresh: true, file: &Memory{Identity: eighth, Forks: map[string]Identity{"c": eighthC}, Saved: start}, rounds: []step{
			{seen: []Observation{bLater, cGone}, want: Refuse, alert: []string{AlertForked}, read: "b"},
			{after: tick, seen: []Observation{writable("b", decided(term(two, "t6", "t7", "t8b", "t9"), 9), two), cGone}, want: Adopt, host: "b"},
		},
	},
	"two histories were seen before a restart, and one of the hosts is not listed any more": {
		hosts: []string{"b"}, fresh: true, file: &Memory{Identity: eighth, Forks: map[string]Identity{"c": eighthC}, Saved: start},
		rounds: []step{{seen: []Observation{bLater}, want: Adopt, host: "b"}},
	},
	"two standbys were promoted apart, and one of them is away": {hosts: []string{"a", "b", "c"}, rounds: []step{
		{seen: []Observation{aGone, bLater, writable("c", eighthC, two)}, want: Refuse, alert: []string{AlertForked}, read: "b"},
		{after: tick, seen: []Observation{aGone, bLater, cGone}, want: Refuse, alert: []string{AlertForked}, read: "b"},
		{after: tick, seen: []Observation{aCharge, bGone, cGone}, want: Refuse, alert: []string{AlertForked}, read: "a"},
		{after: tick, seen: []Observation{aGone, bLater, writable("c", closed(eighthC), two)}, want: Adopt, host: "b"},
	}},
	"other system": {rounds: []step{
		{
			seen: []Observation{writable("a", seventh, place(clusterTwo, tl1)), bGone},
			want: Refuse, alert: []string{AlertElsewhere}, read: "a",
		},
	}},
	"other system, allowed": {rounds: []step{
		{
			seen: []Observation{
				with(writable("a", decided(term(place(clusterTwo, tl1), "t6", "t7", "t8"), 8), place(clusterTwo, tl1)), nil), bGone,
			},
			want: Adopt, host: "a",
		},
	}},
	"a dump in other tables": {rounds: []step{
		{
			seen: []Observation{writable("a", seventh, Place{System: clusterOne, Timeline: tl1, Table: "20000"}), bStandby},
			want: Refuse, alert: []string{AlertElsewhere}, read: "a",
		},
	}},
	"a database that shows no place is trusted": {fresh: true, hosts: []string{"a"}, rounds: []step{
		{seen: []Observation{with(writable("a", term(Place{}, "t1"), Place{}), nil)}, want: Adopt, host: "a"},
	}},
	"a copy that was started as it is, beside the primary": {rounds: []step{
		{
			seen: []Observation{startedAt(aCharge, 1), startedAt(writable("b", seventh, one), 2)},
			want: GoOn, host: "a", alert: []string{AlertSecond},
		},
		{seen: []Observation{startedAt(aCharge, 1), startedAt(writable("b", seventh, one), 1)}, want: GoOn, host: "a"}, // one server
	}},
	"a start beside a copy that was started as it is": {fresh: true, rounds: []step{
		{
			seen: []Observation{startedAt(aCharge, 1), startedAt(writable("b", seventh, one), 2)},
			want: Refuse, alert: []string{AlertSecond}, read: "a",
		},
		{
			seen: []Observation{startedAt(with(aCharge, earlierB), 1), startedAt(with(writable("b", seventh, one), laterB), 2)},
			want: Adopt, host: "b", alert: []string{AlertSecond},
		},
	}},
	"another installation": {rounds: []step{
		{seen: []Observation{writable("a", foreign(seventh), one), bStandby}, want: Refuse, alert: []string{AlertForeign}, read: "b"},
	}},
	"same timeline with a lower heartbeat": {rounds: []step{
		{seen: healthy, want: GoOn, host: "a"},
		{
			after: tick, seen: []Observation{with(aCharge, earlierB), bStandby},
			want: Refuse, alert: []string{AlertHistoryLost}, read: "a",
		},
		{after: tick, seen: []Observation{with(writable("a", decided(term(one, "t6", "t7", "t8"), 8), one), earlierB)}, want: Adopt, host: "a"},
	}},
	"the promoted standby lacks a heartbeat": {rounds: []step{
		{seen: healthy, want: GoOn, host: "a"},
		{
			after: tick, seen: []Observation{standby("a", seventh), with(bPromoted, earlierB)},
			want: Refuse, alert: []string{AlertHistoryLost}, read: "a",
		},
	}},
	"another node stopped, and took its row away": {rounds: []step{
		{seen: healthy, want: GoOn, host: "a"},
		{after: tick, seen: []Observation{with(aCharge, map[string]Beat{"me": beats["me"]}), bStandby}, want: GoOn, host: "a"},
	}},
	"empty answer: the database that was used has no identity": {rounds: []step{
		{seen: []Observation{empty("a"), bStandby}, want: Refuse, alert: []string{AlertNoIdentity}, read: "b"},
	}},
	"the only database was emptied under a node": {hosts: []string{"a"}, rounds: []step{
		{seen: []Observation{aGone}, want: GoOn, host: "a"},
		{after: tick, seen: []Observation{empty("a")}, want: Refuse, alert: []string{AlertNoIdentity}},
		{after: time.Hour, seen: []Observation{empty("a")}, want: Refuse, alert: []string{AlertNoIdentity}},
		{after: tick, seen: []Observation{aCharge}, want: GoOn, host: "a"}, // it was restored
	}},
	"the only database was emptied before a start": {
		hosts: []string{"a"}, fresh: true, file: &Memory{Identity: seventh, Saved: start}, rounds: []step{
			{seen: []Observation{empty("a")}, want: Refuse, alert: []string{AlertNoIdentity}},
			{after: tick, seen: []Observation{aGone}, want: Down, alert: []string{AlertDown}}, // the control
		},
	},
	"the primary is gone, and an empty database is all that can be written to": {rounds: []step{
		{seen: []Observation{aGone, empty("b")}, want: GoOn, host: "a", alert: []string{AlertNoIdentity}},
		{after: tick, seen: []Observation{aGone, empty("b")}, want: GoOn, host: "a", alert: []string{AlertNoIdentity}},
		{after: tick, seen: []Observation{aGone, empty("b")}, want: Refuse, alert: []string{AlertLost, AlertNoIdentity}},
	}},
	"the primary is gone, and the standby is of an empty database": {rounds: []step{
		{seen: []Observation{aGone, standby("b", Identity{})}, want: GoOn, host: "a"},
		{after: tick, seen: []Observation{aGone, standby("b", Identity{})}, want: GoOn, host: "a"},
		{after: tick, seen: []Observation{aGone, standby("b", Identity{})}, want: Down, alert: []string{AlertLost, AlertDown}},
	}},
	"a new database": {fresh: true, hosts: []string{"a"}, rounds: []step{{seen: []Observation{empty("a")}, want: Found, host: "a"}}},
	"a start":        {fresh: true, rounds: []step{{seen: healthy, want: Adopt, host: "a"}}},
	"a start on one host": {
		fresh: true, hosts: []string{"a"}, rounds: []step{{seen: []Observation{aCharge}, want: Adopt, host: "a"}},
	},
	"a start on a promoted standby, alone": {
		fresh: true, hosts: []string{"b"}, rounds: []step{{seen: []Observation{bPromoted}, want: Raise, host: "b"}},
	},
	"a start after a failover goes to the later term, wherever it stands": {fresh: true, rounds: []step{
		{seen: []Observation{aCharge, bLater}, want: Adopt, host: "b", alert: []string{AlertLeft}, close: []string{"a"}},
	}},
	"a start while only a standby lives": {fresh: true, rounds: []step{
		{seen: []Observation{aGone, bStandby}, want: Demoted, alert: []string{AlertReadOnly}, read: "b"},
	}},
	"a start without a file while not all hosts are seen": {fresh: true, rounds: []step{
		{seen: []Observation{aCharge, bGone}, want: Refuse, alert: []string{AlertUnseen}, read: "a"},
		{after: time.Hour, seen: []Observation{aCharge, bGone}, want: Refuse, alert: []string{AlertUnseen}, read: "a"},
		{after: tick, seen: []Observation{aCharge, bStandby}, want: Adopt, host: "a"},
	}},
	"a start without a file, and a person decides": {fresh: true, rounds: []step{
		{seen: []Observation{writable("a", decided(seventh, 7), one), bGone}, want: Refuse, alert: []string{AlertUnseen}, read: "a"},
		{
			after: tick, seen: []Observation{writable("a", decided(term(one, "t6", "t7", "t8"), 8), one), bGone},
			want: Adopt, host: "a",
		},
	}},
	"a start with a file while not all hosts are seen": {fresh: true, file: &Memory{Identity: seventh, Saved: start}, rounds: []step{
		{seen: []Observation{aCharge, bGone}, want: Adopt, host: "a"},
	}},
	"a start with a file that is old while not all hosts are seen": {
		fresh: true, file: &Memory{Identity: seventh, Saved: start.Add(-time.Hour)}, rounds: []step{
			{seen: []Observation{aCharge, bGone}, want: Refuse, alert: []string{AlertUnseen}, read: "a"},
			{after: tick, seen: healthy, want: Adopt, host: "a"},
		},
	},
	"all down, and back": {rounds: []step{
		{seen: []Observation{aGone, bGone}, want: GoOn, host: "a"},
		{after: 2 * tick, seen: []Observation{aGone, bGone}, want: GoOn, host: "a"},
		{after: tick, seen: []Observation{aGone, bGone}, want: Down, alert: []string{AlertLost, AlertDown}},
		{after: tick, seen: healthy, want: GoOn, host: "a"},
	}},
	"an outage, and a host that others may have left comes back unseen": {rounds: []step{
		{seen: []Observation{aGone, bGone}, want: GoOn, host: "a"},
		{after: tick, seen: []Observation{aGone, bGone}, want: GoOn, host: "a"},
		{after: tick, seen: []Observation{aGone, bGone}, want: Down, alert: []string{AlertLost, AlertDown}},
		{after: tick, seen: []Observation{aCharge, bGone}, want: Wait, alert: []string{AlertProbation}, read: "a"},
		{after: 2 * tick, seen: []Observation{aCharge, bGone}, want: Wait, alert: []string{AlertProbation}, read: "a"},
		{after: 2 * tick, seen: []Observation{aCharge, bGone}, want: Wait, alert: []string{AlertProbation}, read: "a"},
		{after: tick, seen: []Observation{aCharge, bGone}, want: GoOn, host: "a"},
	}},
	"suspended for long, and a host that others may have gone to is unseen": {rounds: []step{
		{seen: healthy, want: GoOn, host: "a"},
		{after: 2 * tick, seen: []Observation{aCharge, bGone}, want: GoOn, host: "a"}, // the control
		{after: 3 * tick, seen: []Observation{aCharge, bGone}, want: Wait, alert: []string{AlertProbation}, read: "a"},
		{after: 2 * tick, seen: []Observation{aCharge, bGone}, want: Wait, alert: []string{AlertProbation}, read: "a"},
		{after: 2 * tick, seen: []Observation{aCharge, bGone}, want: Wait, alert: []string{AlertProbation}, read: "a"},
		{after: tick, seen: []Observation{aCharge, bGone}, want: GoOn, host: "a"},
	}},
	"suspended for long, and all hosts are seen": {rounds: []step{
		{seen: healthy, want: GoOn, host: "a"}, {after: time.Minute, seen: healthy, want: GoOn, host: "a"},
	}},
	"suspended for long, and the others are there too": {rounds: []step{
		{seen: healthy, want: GoOn, host: "a"},
		{
			after: time.Minute, seen: []Observation{with(aCharge, map[string]Beat{"me": beats["me"], "other": {Count: 31, Seen: start}}), bGone},
			want: GoOn, host: "a",
		},
	}},
	"suspended for long, with one host": {hosts: []string{"a"}, rounds: []step{
		{seen: []Observation{aCharge}, want: GoOn, host: "a"}, {after: time.Minute, seen: []Observation{aCharge}, want: GoOn, host: "a"},
	}},
	"a start with hosts of two installations": {fresh: true, rounds: []step{
		{
			seen: []Observation{writable("a", foreign(seventh), one), writable("b", seventh, one)},
			want: Refuse, alert: []string{AlertForeign}, read: "a",
		},
		{
			seen: []Observation{standby("a", foreign(seventh)), writable("b", seventh, one)},
			want: Refuse, alert: []string{AlertForeign}, read: "a",
		},
	}},
	"a start with hosts of two installations, of a node that remembers its own": {
		fresh: true, file: &Memory{Identity: seventh, Saved: start}, rounds: []step{
			{
				seen: []Observation{writable("a", foreign(seventh), one), writable("b", seventh, one)},
				want: Adopt, host: "b", alert: []string{AlertForeign},
			},
		},
	},
	"an outage, and the others are there too": {hosts: []string{"a"}, rounds: []step{
		{seen: []Observation{aGone}, want: GoOn, host: "a"},
		{after: tick, seen: []Observation{aGone}, want: GoOn, host: "a"},
		{after: tick, seen: []Observation{aGone}, want: Down, alert: []string{AlertLost, AlertDown}},
		{
			after: tick, seen: []Observation{with(aCharge, map[string]Beat{"me": beats["me"], "other": {Count: 31, Seen: start}})},
			want: GoOn, host: "a",
		},
	}},
	"an outage of a node that is alone": {hosts: []string{"a"}, rounds: []step{
		{seen: []Observation{with(aCharge, map[string]Beat{"me": beats["me"]})}, want: GoOn, host: "a"},
		{after: tick, seen: []Observation{aGone}, want: GoOn, host: "a"},
		{after: tick, seen: []Observation{aGone}, want: GoOn, host: "a"},
		{after: tick, seen: []Observation{aGone}, want: Down, alert: []string{AlertLost, AlertDown}},
		{after: tick, seen: []Observation{with(aCharge, map[string]Beat{"me": beats["me"]})}, want: GoOn, host: "a"},
	}},
	"a start on a server that has just come back": {fresh: true, hosts: []string{"a"}, rounds: []step{
		{
			seen: []Observation{{
				Host: "a", State: Writable, Identity: seventh, Place: one, Up: 2 * time.Second, Now: start.Add(time.Minute), Beats: beats,
			}},
			want: Wait, alert: []string{AlertProbation}, read: "a",
		},
		{
			after: tick, seen: []Observation{{
				Host: "a", State: Writable, Identity: seventh, Place: one, Up: 6 * time.Second, Now: start.Add(time.Minute), Beats: beats,
			}},
			want: Adopt, host: "a",
		},
	}},
}
