package failover

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// The races of a switch: nodes look, decide, carry out, and book in small steps of which any may come between any two others, while servers
// freeze, go down, come back and are promoted, networks are cut, and nodes are paused and started again. What a node does beside its
// machine is modelled after store/postgres: monitor.go and update.go.

const (
	// raceTimeout and raceInterval are askTimeout and askInterval of store/postgres.
	raceTimeout  = time.Second
	raceInterval = time.Second
	// promised is how long after a new term began, on a host that it could see all the time, a node may still book in the one before.
	promised = 3 * time.Second
)

// precautions are what keeps bookings off a history that was left. Each control lacks one.
type precautions struct {
	// remember: what was seen of later terms and other histories is in the file.
	remember bool
	// stop: nothing is written to the database before from the moment that a later one is known, though it cannot be used yet, and it is
	// closed.
	stop bool
	// recheck: after the commit it is looked once more whether the node is still there.
	recheck bool
	// outdate: a look at the hosts is good for a while only.
	outdate bool
}

var allPrecautions = precautions{remember: true, stop: true, recheck: true, outdate: true}

// raceServer is a database server that can also freeze, and has statements that were sent to it.
type raceServer struct {
	server
	frozen bool
	sent   []*raceWrite
	// bad is when it last did not answer.
	bad time.Time
}

func (s *raceServer) answers() bool { return s.up && !s.frozen }

// raceWrite is a transaction of a node.
type raceWrite struct {
	node           string
	target         *raceTarget
	identity       Identity // of the database that it was begun on
	found, checked bool
	committed      bool
	lost           bool // its connection, or it was refused
}

type raceTarget struct {
	host     string
	identity Identity
	writes   bool
}

// racer is a node.
type racer struct {
	name    string
	machine *Machine
	file    Memory
	target  *raceTarget
	looked  time.Time
	paused  bool
	cut     map[string]time.Time // hosts that it does not reach, and when it last did not
	away    map[string]bool
	unable  map[string]bool // hosts whose database it cannot use, such as one with a newer schema
	seen    []Identity      // all that it has ever observed
	write   *raceWrite
	monitor raceMonitor
}

// raceMonitor is how far a node is with its look at the hosts and what follows from it.
type raceMonitor struct {
	began    time.Time // zero: it waits for the next
	next     time.Time
	seen     map[string]Observation
	decision *Decision
	closing  []string
	raised   bool
}

type race struct {
	*rapid.T
	precautions
	now     time.Time
	servers []*raceServer
	nodes   []*racer
	began   map[string]time.Time // when each term began
	at      map[string]Identity  // each term
	place   map[string]string    // the server on which it began
	acks    int
	story   []string
	broken  string // how a booking was made on a history that was left
}

// befallen is something that befalls a world, at a time after its beginning.
type befallen struct {
	at                     time.Duration
	event                  string
	server, node, promoted string
}

// Courses of events, each of which one precaution is for.
var courses = map[string]struct {
	lacking precautions
	events  []befallen
}{
	"two histories are seen before a restart": {precautions{stop: true, recheck: true, outdate: true}, []befallen{
		{2 * time.Second, "pause", "", "n3", ""}, // who sees both standbys promoted has bookings go on at one
		{2 * time.Second, "cut", "c", "n1", ""},
		{2 * time.Second, "cut", "b", "n2", ""},
		{2 * time.Second, "crash and promote", "a", "", "b"},
		{2 * time.Second, "promote", "c", "", ""},
		{8 * time.Second, "heal", "c", "n1", ""},
		{11 * time.Second, "cut", "c", "n1", ""},
		{11 * time.Second, "restart", "", "n1", ""},
	}},
	"the new primary cannot be used": {precautions{remember: true, recheck: true, outdate: true}, []befallen{
		{2 * time.Second, "split", "a", "n1", ""},
		{2 * time.Second, "promote", "b", "", ""},
	}},
	"the primary freezes": {precautions{remember: true, stop: true, outdate: true}, []befallen{
		{2 * time.Second, "freeze and promote", "a", "", "b"},
		{7 * time.Second, "wake", "", "", ""},
		{9 * time.Second, "freeze and promote", "b", "", "c"},
		{14 * time.Second, "wake", "", "", ""},
	}},
	"the primary and a node freeze": {precautions{remember: true, stop: true, recheck: true}, []befallen{
		{2 * time.Second, "sleep", "a", "n1", ""},
		{2 * time.Second, "promote", "b", "", ""},
		{11 * time.Second, "wake", "", "", ""},
	}},
}

// anyEvent are those of which a world without a course is made.
var anyEvent = []string{
	"freeze", "freeze and promote", "crash", "crash and promote", "back", "back", "promote", "cut", "heal", "heal", "pause", "resume",
	"resume", "restart", "unable", "able", "split", "sleep", "wake",
}

func newRace(t *rapid.T, p precautions) *race {
	r := &race{
		T: t, precautions: p, now: start, began: make(map[string]time.Time), at: make(map[string]Identity), place: make(map[string]string),
	}
	for i, name := range []string{"a", "b", "c"} {
		r.servers = append(r.servers, &raceServer{server: server{
			name: name, up: true, standby: i > 0, timeline: 1, identity: term(one, "t1"), beats: make(map[string]Beat),
			started: start.Add(-time.Hour),
		}})
	}
	for _, name := range []string{"n1", "n2", "n3"} {
		n := &racer{name: name, cut: make(map[string]time.Time), away: make(map[string]bool), unable: make(map[string]bool)}
		n.machine = New(r.hosts(), name, Memory{})
		r.nodes = append(r.nodes, n)
	}
	return r
}

func (r *race) hosts() []string { return []string{"a", "b", "c"} }

func (r *race) server(name string) *raceServer {
	return r.servers[slices.IndexFunc(r.servers, func(s *raceServer) bool { return s.name == name })]
}

func (r *race) tell(format string, args ...any) {
	r.story = append(r.story, fmt.Sprintf("%6.2fs ", r.now.Sub(start).Seconds())+fmt.Sprintf(format, args...))
}

func (r *race) reaches(n *racer, name string) bool { return r.server(name).answers() && !n.away[name] }

// pass is the time that goes by, in which servers do what they were sent.
func (r *race) pass(d time.Duration) {
	r.now = r.now.Add(d)
	var primary *raceServer
	for _, s := range r.servers {
		if s.answers() {
			r.serve(s)
			if !s.standby && (primary == nil || primary.identity.Compare(s.identity) == Later) {
				primary = s
			}
		} else {
			s.bad = r.now
		}
	}
	for _, s := range r.servers {
		if primary != nil && s.answers() && s.standby && s.timeline <= primary.timeline {
			s.identity, s.beats, s.timeline = primary.identity, maps.Clone(primary.beats), primary.timeline
		}
	}
	for _, n := range r.nodes {
		for host := range n.away {
			n.cut[host] = r.now
		}
	}
}

// serve commits what was sent. The statement itself looks whether the database is open, and the one that it was begun on.
func (r *race) serve(s *raceServer) {
	for _, w := range s.sent {
		if s.standby || s.identity.ClosedBy != "" || s.identity.ID != w.identity.ID {
			w.lost = true
		} else {
			w.committed = true
			if last := s.beats[w.node]; r.now.Sub(last.Seen) >= 5*time.Second {
				s.beats[w.node] = Beat{Count: last.Count + 1, Seen: r.now}
			}
		}
	}
	s.sent = nil
}

// watch does the next small step of a node's monitor.
func (r *race) watch(n *racer) {
	m := &n.monitor
	switch {
	case m.began.IsZero():
		if !r.now.Before(m.next) {
			*m = raceMonitor{began: r.now, next: r.now.Add(raceInterval), seen: make(map[string]Observation)}
		}
	case len(m.seen) < len(r.servers):
		r.ask(n)
	case m.decision == nil:
		n.looked = m.began
		r.decide(n)
	case len(m.closing) > 0:
		host := m.closing[0]
		if m.closing = m.closing[1:]; r.reaches(n, host) && !r.server(host).standby && r.server(host).identity.ID == m.seen[host].Identity.ID {
			r.server(host).identity.ClosedBy = n.name
			r.tell("%s closes %s", n.name, host)
		}
	default:
		r.finish(n)
	}
}

// ask has one host answer, or not in time.
func (r *race) ask(n *racer) {
	for _, s := range r.servers {
		if _, asked := n.monitor.seen[s.name]; asked {
			continue
		}
		switch {
		case r.reaches(n, s.name):
			n.monitor.seen[s.name] = s.observe(r.now)
		case !s.up && !n.away[s.name] || r.now.Sub(n.monitor.began) >= raceTimeout:
			n.monitor.seen[s.name] = Observation{Host: s.name, State: Unreachable, Reason: "away"}
		default:
			continue // another may answer meanwhile
		}
		return
	}
}

func (r *race) decide(n *racer) {
	m := &n.monitor
	d := n.machine.Observe(r.now, r.observations(n))
	m.decision, m.closing = &d, d.Close
	switch d.Action {
	case GoOn:
		if n.target == nil || !n.target.writes || n.target.host != d.Host {
			n.target = &raceTarget{d.Host, n.machine.Memory().Identity, true}
		}
	case Adopt:
		if r.stop {
			n.stopWriting()
		} else {
			m.closing = nil
		}
	case Raise:
		n.stopWriting()
		m.closing = nil
		for _, o := range m.seen {
			if o.Host != d.Host && o.State == Writable && o.Identity.ID == m.seen[d.Host].Identity.ID {
				m.closing = append(m.closing, o.Host)
			}
		}
		slices.Sort(m.closing)
	default:
		n.stopWriting()
	}
	if d.Action != GoOn {
		r.tell("%s is to %v %s, to close %q", n.name, d.Action, d.Host, m.closing)
	}
}

func (r *race) observations(n *racer) (seen []Observation) {
	for _, host := range r.hosts() {
		o := n.monitor.seen[host]
		seen = append(seen, o)
		if o.Identity.Known() {
			n.seen = append(n.seen, o.Identity)
		}
	}
	return seen
}

func (n *racer) stopWriting() {
	if n.target != nil && n.target.writes {
		n.target = &raceTarget{n.target.host, n.target.identity, false}
	}
}

// finish carries out the rest of what was decided, once what is left was closed.
func (r *race) finish(n *racer) {
	m := &n.monitor
	d := m.decision
	switch {
	case d.Action == Raise && !m.raised:
		m.raised = true
		s := r.server(d.Host)
		if !r.reaches(n, d.Host) || s.standby {
			break
		}
		if from := m.seen[d.Host].Identity; s.identity.ID == from.ID && s.identity.ClosedBy == "" {
			r.raise(n, s)
		}
		m.seen[d.Host] = s.observe(r.now)
		next := n.machine.Observe(r.now, r.observations(n))
		m.decision, m.closing = &next, next.Close
		if next.Action == Adopt {
			return
		}
	case d.Action == Adopt && r.reaches(n, d.Host) && !n.unable[d.Host]:
		o := m.seen[d.Host]
		n.machine.Adopt(d.Host, o.Identity, o.Beats, r.now)
		n.target = &raceTarget{d.Host, o.Identity, true}
		r.tell("%s adopts %s at %s", n.name, d.Host, o.Identity)
	}
	n.file = n.machine.Memory()
	m.began = time.Time{}
}

func (r *race) raise(n *racer, s *raceServer) {
	ids := append(slices.Clone(s.identity.IDs), fmt.Sprintf("%s+%s%d", s.identity.ID, s.name, s.timeline))
	s.identity = term(s.observe(r.now).Place, ids...)
	r.began[s.identity.ID], r.at[s.identity.ID], r.place[s.identity.ID] = r.now, s.identity, s.name
	r.tell("%s begins %s on %s", n.name, s.identity.ID, s.name)
}

func (r *race) outdated(n *racer) bool { return r.outdate && r.now.Sub(n.looked) > ObservationTTL }

func (r *race) mayWrite(n *racer) bool {
	t := n.target
	return t != nil && t.writes && (n.write == nil || n.write.target == t) && !r.outdated(n)
}

// book does the next small step of a node's transaction.
func (r *race) book(n *racer) {
	w := n.write
	switch {
	case w == nil:
		if !r.mayWrite(n) || !r.reaches(n, n.target.host) {
			return
		}
		if s := r.server(n.target.host); !s.standby && s.identity.ID == n.target.identity.ID && s.identity.Home(s.observe(r.now).Place) {
			n.write = &raceWrite{node: n.name, target: n.target, identity: s.identity}
		}
	case w.lost:
		n.write = nil
	case !w.found:
		if !r.reaches(n, w.target.host) {
			return
		}
		s := r.server(w.target.host)
		w.found, w.lost = true, s.identity.ID != w.identity.ID || s.identity.ClosedBy != ""
	case !w.checked:
		w.checked, w.lost = true, !r.mayWrite(n)
		if !w.lost {
			r.server(w.target.host).sent = append(r.server(w.target.host).sent, w)
		}
	case w.committed && !n.away[w.target.host]:
		if !r.recheck || r.mayWrite(n) {
			r.acknowledge(n, w)
		}
		n.write = nil
	}
}

// acknowledge notes a booking, and whether it is on a history that was left.
func (r *race) acknowledge(n *racer, w *raceWrite) {
	r.acks++
	for _, other := range n.seen {
		if relation := w.identity.Compare(other); relation == Later || relation == Forked && other.ClosedBy == "" {
			r.broken = fmt.Sprintf("%s books in term %s, and has seen %s", n.name, w.identity.ID, other.ID)
		}
	}
	for id, began := range r.began {
		host := r.place[id]
		visible := n.cut[host].Before(began) && r.server(host).bad.Before(began)
		if w.identity.Compare(r.at[id]) == Later && r.now.Sub(began) > promised && visible {
			r.broken = fmt.Sprintf("%s books in term %s, %s after term %s began on %s, which it could see all the time", n.name, w.identity.ID,
				r.now.Sub(began), id, host)
		}
	}
	if r.broken != "" {
		r.tell("%s", r.broken)
	}
}

// drawEvent is anything.
func (r *race) drawEvent() befallen {
	name := func(what string, of []string) string { return rapid.SampledFrom(of).Draw(r.T, what) }
	return befallen{
		event: name("event", anyEvent), server: name("server", r.hosts()), node: name("node", []string{"n1", "n2", "n3"}),
		promoted: name("promoted", r.hosts()),
	}
}

func (r *race) befall(b befallen) {
	r.tell("%s: server %s, node %s", b.event, b.server, b.node)
	event, promote := strings.CutSuffix(b.event, " and promote")
	for _, n := range r.nodes {
		switch {
		case event == "wake":
			n.paused = false
		case event == "split" && n.name != b.node:
			n.away[b.server] = true
		case n.name == b.node:
			r.befallNode(n, event, b.server)
		}
	}
	for _, s := range r.servers {
		switch {
		case event == "wake":
			s.frozen = false
		case s.name == b.server:
			r.befallServer(s, event)
		}
	}
	if promote {
		r.promote(r.server(b.promoted))
	}
}

func (r *race) befallNode(n *racer, event, host string) {
	switch event {
	case "cut":
		n.away[host] = true
	case "heal":
		delete(n.away, host)
	case "pause", "sleep":
		n.paused = true
	case "resume":
		n.paused = false
	case "restart":
		r.restart(n)
	case "unable", "able":
		n.unable[host] = event == "unable"
	case "split": // it reaches a server that the others do not, and can use no other
		for _, other := range r.hosts() {
			n.unable[other] = other != host
		}
	}
}

func (r *race) befallServer(s *raceServer, event string) {
	switch event {
	case "freeze", "sleep":
		s.frozen = true
	case "crash":
		s.up, s.frozen = false, false
		for _, w := range s.sent {
			w.lost = true
		}
		s.sent = nil
	case "back":
		if !s.up {
			s.up, s.started = true, r.now
		}
		s.frozen = false
	case "promote":
		r.promote(s)
	}
}

func (r *race) promote(s *raceServer) {
	if s.answers() && s.standby {
		s.standby = false
		s.timeline++
	}
}

// restart starts a node again, with its file.
func (r *race) restart(n *racer) {
	file := n.file
	if !r.remember {
		file.Later, file.Forks = Identity{}, nil
	}
	n.machine, n.target, n.write, n.looked, n.paused, n.monitor = New(r.hosts(), n.name, file), nil, nil, time.Time{}, false, raceMonitor{}
}

// run lets the world go on until a booking is made on a history that was left, or for a number of steps: with a course of events, or with
// any.
func (r *race) run(steps int, course []befallen) {
	for i := 0; i < steps && r.broken == ""; i++ {
		r.pass(time.Duration(rapid.SampledFrom([]int{0, 1, 5, 20, 100, 400}).Draw(r.T, "ms")) * time.Millisecond)
		for len(course) > 0 && r.now.Sub(start) >= course[0].at {
			r.befall(course[0])
			course = course[1:]
		}
		if course == nil && rapid.IntRange(0, 24).Draw(r.T, "quiet") == 0 {
			r.befall(r.drawEvent())
		}
		for _, n := range r.nodes {
			if n.paused {
				continue
			}
			for range rapid.IntRange(0, 6).Draw(r.T, "watches") {
				r.watch(n)
			}
			for range rapid.IntRange(0, 3).Draw(r.T, "books") {
				r.book(n)
			}
		}
	}
}

func (r *race) check(t *rapid.T) {
	if r.broken != "" {
		t.Fatalf("%s:\n%s", r.broken, strings.Join(r.story, "\n"))
	}
}

// TestNothingIsBookedInATermThatWasLeft runs such worlds. A node that has seen a later term, or another history, books nothing more in the
// one before, not after a restart either; and who could see a new term's host books nothing in the one before once a look at the hosts is
// outdated that does not know it.
func TestNothingIsBookedInATermThatWasLeft(t *testing.T) {
	t.Parallel()
	check := func(t *rapid.T) *race {
		r := newRace(t, allPrecautions)
		r.run(400, nil)
		r.check(t)
		return r
	}
	rapid.Check(t, func(t *rapid.T) { check(t) })
	if !someWorld(t, func(t *rapid.T) bool { r := check(t); return r.acks > 0 && len(r.began) > 0 }) {
		t.Error("no booking was made where a term was begun, so nothing could go wrong")
	}
}

// TestEachPrecautionIsNeeded is the negative control: in whatever order the small steps of a course come, all precautions suffice, and
// without one of them bookings are made on a history that was left.
func TestEachPrecautionIsNeeded(t *testing.T) {
	t.Parallel()
	for name, c := range courses {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rapid.Check(t, func(t *rapid.T) {
				r := newRace(t, allPrecautions)
				r.run(300, c.events)
				r.check(t)
			})
			breaks := func(t *rapid.T) bool {
				without := newRace(t, c.lacking)
				without.run(300, c.events)
				return without.broken != ""
			}
			if !someWorld(t, breaks) {
				t.Error("without it nothing went wrong, so the worlds prove nothing about it")
			}
		})
	}
}
