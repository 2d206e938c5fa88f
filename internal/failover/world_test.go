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

// server is a database server of the simulated world.
type server struct {
	name     string
	up       bool
	standby  bool
	timeline int
	// What the database holds: its identity, heartbeats and acknowledged bookings. A standby has what it got from its primary.
	identity Identity
	beats    map[string]Beat
	booked   int
	started  time.Time
}

func (s *server) observe(now time.Time) Observation {
	if !s.up {
		return Observation{Host: s.name, State: Unreachable, Reason: "down"}
	}
	o := Observation{
		Host: s.name, State: Writable, Identity: s.identity, Place: place(clusterOne, fmt.Sprintf("%08X", s.timeline)),
		Beats: maps.Clone(s.beats), Now: now, Up: now.Sub(s.started) + time.Millisecond, Started: s.started,
	}
	if s.standby {
		o.State = Standby
	}
	return o
}

// member is a node of the world.
type member struct {
	name      string
	machine   *Machine
	beat      int64
	suspended int // seconds in which it has done nothing
}

// maxSuspended is how many seconds a node does nothing at most, as while it is paused. It is less than the time for which a database that
// has come back is not written to: a node that knows better has closed it by then.
const maxSuspended = 4

// world is an installation with three servers and three nodes, which act one after the other.
type world struct {
	*rapid.T
	now     time.Time
	servers []*server
	nodes   []*member
	// left are the ids of the terms that a node has left for a later one.
	left map[string]bool
	// guarded tells whether nodes go by their machine; the control goes to the first host that can be written to.
	guarded bool
	// story is what has happened.
	story []string
}

func newWorld(t *rapid.T, guarded bool) *world {
	w := &world{T: t, now: start, left: make(map[string]bool), guarded: guarded}
	for i, name := range []string{"a", "b", "c"} {
		w.servers = append(w.servers, &server{
			name: name, up: true, standby: i > 0, timeline: 1, identity: term(one, "t1"), beats: make(map[string]Beat),
			started: start.Add(-time.Hour),
		})
	}
	for _, name := range []string{"n1", "n2", "n3"} {
		w.nodes = append(w.nodes, &member{name: name, machine: New([]string{"a", "b", "c"}, name, Memory{})})
	}
	return w
}

func (w *world) server(name string) *server {
	return w.servers[slices.IndexFunc(w.servers, func(s *server) bool { return s.name == name })]
}

// replicate has standbys follow the primary of the latest term that is up.
func (w *world) replicate() {
	var primary *server
	for _, s := range w.servers {
		if s.up && !s.standby && (primary == nil || primary.identity.Compare(s.identity) == Later) {
			primary = s
		}
	}
	for _, s := range w.servers {
		if primary != nil && s.up && s.standby && s.timeline <= primary.timeline {
			s.identity, s.beats, s.booked, s.timeline = primary.identity, maps.Clone(primary.beats), primary.booked, primary.timeline
		}
	}
}

// act has a node look, decide, do what it decided, and book. It returns where it booked.
func (w *world) act(n *member) *server {
	if !w.guarded {
		for _, s := range w.servers {
			if s.up && !s.standby {
				s.booked++
				return s
			}
		}
		return nil
	}
	d := n.machine.Observe(w.now, w.look())
	w.story = append(w.story, fmt.Sprintf("  %s is to %v %s, to close %q", n.name, d.Action, d.Host, d.Close))
	for _, name := range d.Close {
		w.server(name).identity.ClosedBy = n.name
	}
	if d.Action == Raise {
		s := w.server(d.Host)
		at := s.observe(w.now).Place
		s.identity = Identity{
			Installation: "shop", Term: s.identity.Term + 1, ID: fmt.Sprintf("%s+%s%d", s.identity.ID, s.name, s.timeline), Place: at,
		}
		s.identity.IDs = append(slices.Clone(n.machine.Memory().Identity.IDs), s.identity.ID)
		d = n.machine.Observe(w.now, w.look())
	}
	if d.Action == Adopt {
		before, s := n.machine.Memory().Identity, w.server(d.Host)
		if before.Known() && before.Compare(s.identity) == Later {
			w.left[before.ID] = true
		}
		n.machine.Adopt(d.Host, s.identity, s.beats, w.now)
	}
	if !d.Action.Writes() || d.Action == Raise {
		return nil
	}
	s := w.server(n.machine.Host())
	// The transaction looks at the identity once more.
	if !s.up || s.standby || s.identity.ClosedBy != "" || s.identity.ID != n.machine.Memory().Identity.ID {
		return nil
	}
	n.beat++
	s.beats[n.name] = Beat{Count: n.beat, Seen: w.now}
	n.machine.Beat(s.identity.ID, s.beats[n.name])
	s.booked++
	return s
}

func (w *world) look() []Observation {
	seen := make([]Observation, len(w.servers))
	for i, s := range w.servers {
		seen[i] = s.observe(w.now)
	}
	return seen
}

// happen is something that befalls the world.
func (w *world) happen() {
	s := rapid.SampledFrom(w.servers).Draw(w.T, "server")
	n := rapid.SampledFrom(w.nodes).Draw(w.T, "node")
	event := rapid.SampledFrom([]string{"nothing", "down", "up", "promote", "restart", "promote and stop the others"}).Draw(w.T, "event")
	w.story = append(w.story, fmt.Sprintf("%ds: %s, server %s, node %s", w.now.Sub(start)/time.Second, event, s.name, n.name))
	switch event {
	case "down":
		s.up = false
	case "up":
		if !s.up {
			s.up, s.started = true, w.now
		}
	case "promote":
		if s.up && s.standby {
			s.standby = false
			s.timeline++
		}
	case "promote and stop the others": // as a tool does that fences
		if s.up && s.standby {
			for _, other := range w.servers {
				if other != s && !other.standby {
					other.up = false
				}
			}
			s.standby = false
			s.timeline++
		}
	case "restart": // with its file: of a term that nobody remembers nobody can know
		n.machine = New([]string{"a", "b", "c"}, n.name, n.machine.Memory())
	}
}

// someWorld tells whether something is so in one of some worlds, which are the same ones each time: a control does not hang on luck.
func someWorld(t *testing.T, is func(*rapid.T) bool) bool {
	t.Helper()
	worlds := rapid.Custom(is)
	for seed := range 500 {
		if worlds.Example(seed) {
			t.Logf("it is so in world %d", seed)
			return true
		}
	}
	return false
}

// run lets the world go on. It returns how often was booked, and how it was in a term that a node has left, or "".
func (w *world) run() (booked int, wrong string) {
	for range rapid.IntRange(5, 60).Draw(w.T, "seconds") {
		w.now = w.now.Add(time.Second)
		w.happen()
		w.replicate()
		for _, n := range rapid.Permutation(w.nodes).Draw(w.T, "order") {
			if n.suspended++; n.suspended < maxSuspended && rapid.IntRange(0, 2).Draw(w.T, "suspended") == 0 {
				continue
			}
			n.suspended = 0
			s := w.act(n)
			if s == nil {
				continue
			}
			booked++
			if w.left[s.identity.ID] {
				return booked, fmt.Sprintf("%s books on %s in term %s, which a node has left:\n%s", n.name, s.name, s.identity.ID,
					strings.Join(w.story, "\n"))
			}
		}
	}
	return booked, ""
}

// TestNoTermIsUsedThatANodeHasLeft runs worlds in which every node reaches every server that is up, though not every second. Whatever
// goes down, comes back and is promoted, nobody books in a term that a node has left. The control, of nodes that write to the first host
// that they can write to, books in two histories.
func TestNoTermIsUsedThatANodeHasLeft(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		if _, wrong := newWorld(t, true).run(); wrong != "" {
			t.Fatal(wrong)
		}
	})
	if !someWorld(t, func(t *rapid.T) bool {
		w := newWorld(t, true)
		booked, _ := w.run()
		return booked > 0 && len(w.left) > 0
	}) {
		t.Error("nothing was booked where a term was left, so nothing could go wrong")
	}
}

func TestWithoutAGuardThereAreTwoHistories(t *testing.T) {
	t.Parallel()
	if !someWorld(t, func(t *rapid.T) (two bool) {
		w := newWorld(t, false)
		used := make(map[int]bool) // the timelines that were booked on
		for range 40 {
			w.now = w.now.Add(time.Second)
			w.happen()
			w.replicate()
			for _, n := range w.nodes {
				if s := w.act(n); s != nil {
					for timeline := range used {
						two = two || timeline > s.timeline
					}
					used[s.timeline] = true
				}
			}
		}
		return two
	}) {
		t.Error("nobody ever went back, so the worlds prove nothing")
	}
}
