package failover

import (
	"maps"
	"slices"
	"time"
)

// Machine is what one node knows of its hosts. It belongs to one goroutine at a time.
type Machine struct {
	hosts []string // in the order of the URL
	node  string   // this node's id in the heartbeats
	// memory is of the database that the node uses, or used last; its identity is unknown before the first.
	memory Memory
	// host is where the node writes; empty before the first.
	host string
	// strikes are the failures in a row of each host.
	strikes map[string]strike
	// returned is when the current host came back from an outage, zero if there was none or it is over; looked is when the node last looked.
	returned, looked time.Time
	// first is what hosts said when this node began to ask for a person, of a node that remembers nothing.
	first map[string]Identity
	// failedOver is when the node last went to another host; left is the one that it left.
	failedOver time.Time
	left       string
}

type strike struct {
	count int
	since time.Time
}

// New makes the machine of a node. remembered is what its file says, or nothing.
func New(hosts []string, node string, remembered Memory) *Machine {
	m := &Machine{hosts: hosts, node: node, memory: remembered, strikes: make(map[string]strike), first: make(map[string]Identity)}
	m.memory.Beats = maps.Clone(remembered.Beats)
	if m.memory.Beats == nil {
		m.memory.Beats = make(map[string]Beat)
	}
	m.memory.Forks = maps.Clone(remembered.Forks)
	maps.DeleteFunc(m.memory.Forks, func(host string, _ Identity) bool { return !slices.Contains(hosts, host) })
	return m
}

// Memory is what the node knows now, to be kept in its file.
func (m *Machine) Memory() Memory {
	memory := m.memory
	memory.Beats, memory.Forks = maps.Clone(m.memory.Beats), maps.Clone(m.memory.Forks)
	return memory
}

// Host is where the node writes, empty before the first.
func (m *Machine) Host() string { return m.host }

// Beat notes a heartbeat of this node that was committed in the database of that id.
func (m *Machine) Beat(id string, beat Beat) {
	if id == m.memory.Identity.ID {
		m.memory.Beats[m.node] = beat
	}
}

// Adopt notes that the node writes to a host from now on, whose database has that identity and those heartbeats.
func (m *Machine) Adopt(host string, identity Identity, beats map[string]Beat, now time.Time) {
	if m.host != "" && m.host != host {
		m.failedOver, m.left = now, m.host
	}
	m.host, m.returned = host, time.Time{}
	m.memory.Identity, m.memory.Saved = identity, now
	m.memory.Beats = maps.Clone(beats)
	if m.memory.Beats == nil {
		m.memory.Beats = make(map[string]Beat)
	}
	if identity.Compare(m.memory.Later) != Later {
		m.memory.Later = Identity{}
	}
	clear(m.first)
}

// count notes which hosts failed, and which came back.
func (m *Machine) count(now time.Time, seen []Observation) {
	// With one host a node that is suspended under load would refuse to write for long.
	suspended := len(m.hosts) > 1 && !m.looked.IsZero() && Elapsed(m.looked, now) >= ObservationTTL
	m.looked = now
	for i := range seen {
		o := &seen[i]
		s := m.strikes[o.Host]
		if o.State.readable() {
			if o.Host == m.host && (s.struckOut(now) || suspended) {
				m.returned = now
			}
			delete(m.strikes, o.Host)
			continue
		}
		if s.count == 0 {
			s.since = now
		}
		s.count++
		m.strikes[o.Host] = s
	}
	if !m.returned.IsZero() && now.Sub(m.returned) >= probation {
		m.returned = time.Time{}
	}
}

// Elapsed is how long ago an instant was, by the clock on the wall if that says more: the other stands still while a machine sleeps.
func Elapsed(then, now time.Time) time.Duration {
	return max(now.Sub(then), now.Round(0).Sub(then.Round(0)))
}

func (s strike) struckOut(now time.Time) bool {
	return s.count >= maxStrikes && now.Sub(s.since) >= strikeTime
}

// remember notes the heartbeats of the database that the node uses.
func (m *Machine) remember(now time.Time, o *Observation) {
	m.memory.Saved = now
	own, counted := m.memory.Beats[m.node]
	m.memory.Beats = maps.Clone(o.Beats)
	if m.memory.Beats == nil {
		m.memory.Beats = make(map[string]Beat)
	}
	if counted && own.Count > m.memory.Beats[m.node].Count {
		m.memory.Beats[m.node] = own // one that was committed after the look
	}
}
