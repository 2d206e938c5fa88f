package failover

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Observe takes what was seen of all hosts at a time, and decides. The machine goes to another host only by [Machine.Adopt].
func (m *Machine) Observe(now time.Time, seen []Observation) Decision {
	m.count(now, seen)
	e := evaluation{Machine: m, now: now, seen: seen, own: m.memory.Identity}
	d := e.decide()
	if d.Action == GoOn {
		if o := e.of(d.Host); o != nil && o.State == Writable && o.Identity.ID == m.memory.Identity.ID {
			m.remember(now, o)
		}
	}
	if !d.Action.Writes() && d.Read == "" {
		d.Read = e.readFrom()
	}
	// Not while the node is about to go to yet another host: the failover there is told once that one is adopted.
	if d.Action.Writes() && d.Host == m.host && !m.failedOver.IsZero() && now.Sub(m.failedOver) < failedOverFor {
		d.Alerts = append(d.Alerts, urgent(AlertFailedOver, m.host, "writes went from %s to %s: see to a new standby; "+
			"to go back is a planned failover of yours", m.left, m.host))
	}
	return d
}

// evaluation is one set of observations, and what the node takes to be the history.
type evaluation struct {
	*Machine
	now  time.Time
	seen []Observation
	// own is what the node remembers or, if that is nothing, the latest that it has seen.
	own    Identity
	alerts []Alert
}

func (e *evaluation) of(host string) *Observation {
	for i := range e.seen {
		if e.seen[i].Host == host {
			return &e.seen[i]
		}
	}
	return nil
}

func (e *evaluation) decision(action Action, host string, alerts ...Alert) Decision {
	return Decision{Action: action, Host: host, Alerts: append(e.alerts, alerts...)}
}

// decide goes from what forbids everything to what is as usual.
func (e *evaluation) decide() Decision {
	starting := !e.own.Known()
	if starting {
		if d, ok := e.start(); !ok {
			return d
		}
	}
	if a, forked := e.forked(); forked {
		return e.decision(Refuse, "", a)
	}
	if later := e.latest(); e.own.Compare(later) == Later {
		e.memory.Later = later
		return e.goToLater(later)
	}
	if unseen := e.unseen(); !starting && e.host == "" && len(e.hosts) > 1 && len(unseen) > 0 && e.now.Sub(e.memory.Saved) > freshMemory &&
		e.anyWritable() {
		return e.decision(Refuse, "", urgent(AlertUnseen, "", "this node was down for long, and cannot see %s, where bookings may have gone on: "+
			"start it, or name in --database only the hosts that are in use%s", strings.Join(unseen, ", "), allowHint))
	}
	return e.withOthers(e.chooseHost(), e.own)
}

// start is for a node that remembers nothing. It takes the latest history that it sees for the right one, if it sees all hosts. Not ok: the
// decision is made.
func (e *evaluation) start() (Decision, bool) {
	var latest Identity
	writable := ""
	for i := range e.seen {
		o := &e.seen[i]
		if o.State == Writable {
			writable = cmp.Or(writable, o.Host)
		}
		if o.Identity.Known() && (!latest.Known() || latest.Compare(o.Identity) == Later) {
			latest = o.Identity
		}
	}
	if foreign := e.foreignTo(latest); foreign != nil && writable != "" {
		return e.decision(Refuse, "", urgent(AlertForeign, foreign.Host, "this node remembers nothing, and %s holds the bookings of another "+
			"installation than the other hosts: name in --database only those of one", foreign.Host)), false
	}
	if writable == "" {
		e.own = latest
		return e.nothingWritable(), false
	}
	if unseen := e.unseen(); len(e.hosts) > 1 && len(unseen) > 0 {
		if host, ok := e.decidedMeanwhile(); ok {
			e.own = e.of(host).Identity
			return Decision{}, true
		}
		return e.decision(Refuse, "", urgent(AlertUnseen, "", "this node has just started, remembers nothing, and cannot see %s, where bookings "+
			"may have gone on: start it, or name in --database only the hosts that are in use%s", strings.Join(unseen, ", "), allowHint)), false
	}
	if !latest.Known() {
		return e.decision(Found, writable), false
	}
	e.own = latest
	return Decision{}, true
}

// foreignTo is a host that holds the bookings of another installation than an identity, nil if there is none.
func (e *evaluation) foreignTo(identity Identity) *Observation {
	i := slices.IndexFunc(e.seen, func(o Observation) bool { return o.Identity.Known() && identity.Compare(o.Identity) == Foreign })
	if i < 0 {
		return nil
	}
	return &e.seen[i]
}

// decidedMeanwhile is a host for which a person has decided since the node began to ask for one.
func (e *evaluation) decidedMeanwhile() (string, bool) {
	for i := range e.seen {
		o := &e.seen[i]
		if !o.Identity.Known() {
			continue
		}
		first, asked := e.first[o.Host]
		if !asked {
			e.first[o.Host] = o.Identity
			continue
		}
		if o.State == Writable && first.Compare(o.Identity) == Later && o.Identity.Decided > first.Term {
			return o.Host, true
		}
	}
	return "", false
}

// unseen are the hosts that did not say what their database is.
func (e *evaluation) unseen() (hosts []string) {
	for i := range e.seen {
		if o := &e.seen[i]; !o.State.readable() {
			hosts = append(hosts, o.Host)
		}
	}
	return hosts
}

// forked tells of two histories among what is open, of which nobody but a person can say which is right. A host that cannot be seen counts
// with what it was seen with while there were two: it has its history still.
func (e *evaluation) forked() (alert Alert, is bool) {
	const hint = "nothing is written to either until you have chosen, see vacancy verify --against" + allowHint
	open, forks, history := e.openHistories(), make(map[string]Identity), e.latest() // a person may have decided there
	for i, o := range open {
		if history.Compare(o.identity) == Forked {
			forks[o.host] = o.identity
			alert = cmp.Or(alert, urgent(AlertForked, o.host, "bookings were made on two histories: this node is at %s, and %s is at %s; "+hint,
				history, o.host, o.identity))
		}
		for _, p := range open[:i] {
			if p.identity.Compare(o.identity) == Forked {
				forks[p.host], forks[o.host] = p.identity, o.identity
				alert = cmp.Or(alert, urgent(AlertForked, o.host, "bookings were made on two histories: %s is at %s, and %s is at %s; "+hint,
					p.host, p.identity, o.host, o.identity))
			}
		}
	}
	e.memory.Forks = forks
	return alert, len(forks) > 0
}

// openHistory is a host whose database is not closed.
type openHistory struct {
	host     string
	identity Identity
}

func (e *evaluation) openHistories() (open []openHistory) {
	for i := range e.seen {
		o := &e.seen[i]
		identity := o.Identity
		if !identity.Known() {
			identity = e.memory.Forks[o.Host]
		}
		if identity.Known() && identity.ClosedBy == "" && e.own.Compare(identity) != Foreign {
			open = append(open, openHistory{o.Host, identity})
		}
	}
	return open
}

// latest is the identity with which the history goes on the furthest, as far as the node sees or has seen.
func (e *evaluation) latest() Identity {
	latest := e.own
	if latest.Compare(e.memory.Later) == Later {
		latest = e.memory.Later
	}
	for i := range e.seen {
		if o := &e.seen[i]; o.Identity.Known() && e.own.Compare(o.Identity) <= Later && latest.Compare(o.Identity) == Later {
			latest = o.Identity
		}
	}
	return latest
}

// goToLater is for a history that has gone on elsewhere: nothing is written where it has not, and the node follows if it can.
func (e *evaluation) goToLater(later Identity) Decision {
	reason := urgent(AlertLaterTerm, "", "bookings have gone on in %s, which this server has seen, and no host is there now: bring it "+
		"back; if it is lost for good, run vacancy failover allow --above %d on the one to go on with", later, later.Term)
	for i := range e.seen {
		o := &e.seen[i]
		if !o.Identity.Known() || later.Compare(o.Identity) != Same {
			continue
		}
		if o.State != Writable {
			reason = urgent(AlertLaterTerm, o.Host, "%s knows of %s, and this node of %s: bookings go on at a host that it cannot write to; name "+
				"it in --database", o.Host, later, e.own)
			continue
		}
		return e.withOthers(e.use(o, later.Decided > e.own.Term), later)
	}
	return e.withOthers(e.decision(Refuse, "", reason), later)
}

// withOthers adds to a decision to write what is to be said, and done, about the other hosts that can be written to, given the identity
// with which the history goes on.
func (e *evaluation) withOthers(d Decision, history Identity) Decision {
	if !d.Action.Writes() {
		d.Close = e.leftOpen(history)
		return d
	}
	for i := range e.seen {
		o := &e.seen[i]
		if o.State != Writable || o.Host == d.Host {
			continue
		}
		switch relation := history.Compare(o.Identity); {
		case !o.Identity.Known():
			d.Alerts = append(d.Alerts, warn(AlertNoIdentity, o.Host, "%s can be written to, and its database has no identity", o.Host))
		case relation == Foreign:
			d.Alerts = append(d.Alerts, warn(AlertForeign, o.Host, "%s holds the bookings of another installation", o.Host))
		case relation == Earlier && o.Identity.ClosedBy == "":
			d.Close = append(d.Close, o.Host)
			d.Alerts = append(d.Alerts, urgent(AlertLeft, o.Host, "%s was left at %s and can be written to again: stop it, or make it "+
				"a standby", o.Host, o.Identity))
		case relation == Same && o.Identity.at(o.Place) == home && e.isCopyOf(o, d.Host):
			d.Alerts = append(d.Alerts, urgent(AlertSecond, o.Host, "%s is a copy of %s that can be written to, such as a base backup "+
				"that was started as it is: stop it, or run vacancy failover allow --copy on it", o.Host, d.Host))
		case relation == Same && o.Identity.at(o.Place) == promoted && e.writableNow(d.Host):
			d.Alerts = append(d.Alerts, urgent(AlertSecond, o.Host, "%s was promoted while %s is in charge: stop one of them", o.Host, d.Host))
		}
	}
	return d
}

// leftOpen are the hosts that a history has left and that can still be written to. They are closed also while there is nowhere to write to:
// a node that was suspended meanwhile, or starts, would take them for the database in charge.
func (e *evaluation) leftOpen(history Identity) (hosts []string) {
	for i := range e.seen {
		o := &e.seen[i]
		if o.State == Writable && o.Identity.Known() && o.Identity.ClosedBy == "" && history.Compare(o.Identity) == Earlier {
			hosts = append(hosts, o.Host)
		}
	}
	return hosts
}

// isCopyOf tells of a host that says the same of itself as another, and is another server.
func (e *evaluation) isCopyOf(o *Observation, host string) bool {
	other := e.of(host)
	return other != nil && other.State == Writable && !o.Started.IsZero() && !other.Started.IsZero() && !o.Started.Equal(other.Started)
}

// ambiguous tells whether a node that has just started finds two servers that say the same of themselves. It goes to the one that other
// nodes use.
func (e *evaluation) ambiguous() (*Observation, bool) {
	var first *Observation
	for i := range e.seen {
		o := &e.seen[i]
		switch {
		case o.State != Writable || e.own.Compare(o.Identity) != Same || o.Identity.ClosedBy != "" || o.Identity.at(o.Place) != home:
		case first == nil:
			first = o
		case !e.isCopyOf(o, first.Host):
		case newestBeat(*o).Sub(newestBeat(*first)) > othersLive:
			first = o
		case newestBeat(*first).Sub(newestBeat(*o)) <= othersLive:
			return o, true
		}
	}
	return first, false
}

func (e *evaluation) writableNow(host string) bool {
	o := e.of(host)
	return o != nil && o.State == Writable
}

// chooseHost is for a history that has gone on nowhere else: the current host, or another that has it.
func (e *evaluation) chooseHost() Decision {
	var refused *Decision
	if current := e.of(e.host); current != nil {
		switch {
		case current.State == Writable && e.own.Compare(current.Identity) == Same:
			d := e.use(current, false)
			if d.Action.Writes() || d.Action == Wait {
				return d
			}
			refused = &d
		case !current.State.readable() && !e.strikes[current.Host].struckOut(e.now):
			return e.decision(GoOn, e.host) // it may be back at once
		case !current.State.readable():
			e.alerts = append(e.alerts, lost(current))
		}
	}
	if e.host == "" {
		switch o, ambiguous := e.ambiguous(); {
		case ambiguous:
			return e.decision(Refuse, "", urgent(AlertSecond, o.Host, "two servers say that they are the same database, and %s is one of "+
				"them: stop the copy, or run vacancy failover allow --copy on it", o.Host))
		case o != nil:
			return e.use(o, false)
		}
	}
	for _, standing := range [...]placement{home, promoted, elsewhere} {
		for i := range e.seen {
			o := &e.seen[i]
			if o.Host == e.host || o.State != Writable || e.own.Compare(o.Identity) != Same || o.Identity.at(o.Place) != standing {
				continue
			}
			d := e.use(o, false)
			if d.Action.Writes() || d.Action == Wait {
				return d
			}
			refused = cmp.Or(refused, &d)
		}
	}
	if refused != nil {
		return *refused
	}
	return e.nothingWritable()
}

func lost(o *Observation) Alert {
	what := "does not answer"
	switch o.State {
	case AuthRefused:
		what = "refuses this user"
	case Unfit:
		what = "cannot be used"
	default:
	}
	return urgent(AlertLost, o.Host, "%s %s: %s", o.Host, what, o.Reason)
}

// use judges a host that can be written to, whose history is ours or goes on from it. decided: a person has allowed it since.
func (e *evaluation) use(o *Observation, decided bool) Decision {
	if o.Identity.ClosedBy != "" {
		return e.decision(Refuse, "", urgent(AlertClosed, o.Host, "the database at %s was closed: %s%s", o.Host, o.Identity.ClosedBy, allowHint))
	}
	standing := o.Identity.at(o.Place)
	if standing == elsewhere {
		return e.decision(Refuse, "", urgent(AlertElsewhere, o.Host, "the database at %s is a copy of the one that it says it is, restored, "+
			"upgraded or moved: its server is %s, and its term began on %s%s", o.Host, o.Place, o.Identity.Place, allowHint))
	}
	if lost, is := e.lostHistory(o); is && !decided {
		return e.decision(Refuse, "", urgent(AlertHistoryLost, o.Host, "the database at %s lacks the last %s or more of what this node has "+
			"seen: bookings made then are gone there%s", o.Host, seconds(lost), allowHint))
	}
	if e.onProbation(o) && !decided {
		return e.decision(Wait, "", warn(AlertProbation, o.Host, "%s has come back, or this node was suspended, and not all hosts can be seen: "+
			"nothing is written for %s, so that a node which has gone on elsewhere can close it", o.Host, probation))
	}
	switch {
	case standing == promoted:
		return e.decision(Raise, o.Host)
	case o.Host == e.host && o.Identity.ID == e.memory.Identity.ID:
		return e.decision(GoOn, o.Host)
	}
	return e.decision(Adopt, o.Host)
}

func (p Place) String() string {
	return fmt.Sprintf("cluster %s, timeline %s", cmp.Or(p.System, "(unknown)"), cmp.Or(p.Timeline, "(unknown)"))
}

// lostHistory tells how much of what the node has seen the database lacks, by the heartbeats of all nodes.
func (e *evaluation) lostHistory(o *Observation) (lost time.Duration, is bool) {
	var newest, has time.Time
	for node, beat := range e.memory.Beats {
		found, there := o.Beats[node]
		// A node that stops deletes its row, and one that was suspended for a day may have lost its own to the others' sweep.
		swept := !there && (node != e.node || o.Now.Sub(beat.Seen) >= othersKnown)
		if swept || there && found.Count >= beat.Count {
			continue
		}
		is = true
		if beat.Seen.After(newest) {
			newest = beat.Seen
		}
	}
	for _, beat := range o.Beats {
		if beat.Seen.After(has) {
			has = beat.Seen
		}
	}
	if has.IsZero() { // it has no heartbeat at all
		has = newest
	}
	return max(newest.Sub(has), time.Second), is
}

// onProbation tells whether a database has come back so recently that another node which has gone elsewhere may not have closed it yet.
func (e *evaluation) onProbation(o *Observation) bool {
	back := o.Host == e.host && !e.returned.IsZero() && e.now.Sub(e.returned) < probation
	// A node that was suspended may not have noticed an outage at all. Where there is one host, a short restart is not made longer.
	started := (e.host == "" || len(e.hosts) > 1) && o.Up > 0 && o.Up < probation
	if !back && !started || len(e.hosts) > 1 && len(e.unseen()) == 0 {
		return false
	}
	return e.othersAreGone(o)
}

// othersAreGone tells whether the database was used by other nodes and none of them uses it now.
func (e *evaluation) othersAreGone(o *Observation) bool {
	gone := false
	for node, beat := range o.Beats {
		if node == e.node || o.Now.Sub(beat.Seen) > othersKnown {
			continue
		}
		known, ok := e.memory.Beats[node]
		recent := ok && beat.Count > known.Count || !ok && o.Now.Sub(beat.Seen) < othersLive
		if recent && (o.Up == 0 || o.Now.Sub(beat.Seen) < o.Up) { // not from before the server was started
			return false
		}
		gone = true
	}
	return gone
}

// nothingWritable says why.
func (e *evaluation) nothingWritable() Decision {
	for i := range e.seen {
		o := &e.seen[i]
		if o.State != Writable || !e.own.Known() {
			continue
		}
		switch {
		case !o.Identity.Known():
			return e.decision(Refuse, "", urgent(AlertNoIdentity, o.Host, "the database at %s is empty, or not the one that was used, and this "+
				"node remembers bookings at %s: restore it, or correct --database; if an empty one is wanted, start the server without its file, "+
				"see --failover-state", o.Host, e.own))
		case e.own.Compare(o.Identity) == Foreign:
			return e.decision(Refuse, "", urgent(AlertForeign, o.Host, "the database at %s holds the bookings of another installation than "+
				"the one that this server knows; if that is wanted, start it without its file, see --failover-state", o.Host))
		case e.own.Compare(o.Identity) == Earlier:
			return e.decision(Refuse, "", urgent(AlertEarlier, o.Host, "the database at %s is at %s, and this node has written at %s: it was "+
				"left, and lacks what was booked since%s", o.Host, o.Identity, e.own, allowHint))
		}
	}
	if e.anyReadable() == nil {
		reasons := make([]string, 0, len(e.seen))
		for i := range e.seen {
			o := &e.seen[i]
			reason := o.Reason
			if o.State.readable() {
				reason = "it answers, and its database is empty"
			}
			reasons = append(reasons, o.Host+": "+reason)
		}
		return e.decision(Down, "", urgent(AlertDown, "", "no database can be used, nothing can be booked: %s", strings.Join(reasons, "; ")))
	}
	return e.decision(Demoted, "", urgent(AlertReadOnly, "", "databases answer, and none can be written to: promote a standby; reads go on"))
}

func (e *evaluation) anyReadable() *Observation {
	i := slices.IndexFunc(e.seen, func(o Observation) bool { return o.State.readable() && o.Identity.Known() })
	if i < 0 {
		return nil
	}
	return &e.seen[i]
}

func (e *evaluation) anyWritable() bool {
	return slices.ContainsFunc(e.seen, func(o Observation) bool { return o.State == Writable })
}

// readFrom is the host to read from while nothing may be written: one that has the latest of what this node takes for the history, or else
// what was left of it.
func (e *evaluation) readFrom() string {
	best := ""
	var identity Identity
	for i := range e.seen {
		o := &e.seen[i]
		if !o.State.readable() || !o.Identity.Known() || e.own.Known() && e.own.Compare(o.Identity) == Foreign {
			continue
		}
		if best == "" || identity.Compare(o.Identity) == Later || o.Host == e.host && identity.Compare(o.Identity) == Same {
			best, identity = o.Host, o.Identity
		}
	}
	return best
}
