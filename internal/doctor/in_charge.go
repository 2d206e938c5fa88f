package doctor

import (
	"vacancy/internal/doctor/facts"
	"vacancy/internal/failover"
)

// decide is what a server would do that starts now with the state file.
func decide(f *facts.Facts) failover.Decision {
	p := f.Postgres
	names := make([]string, len(p.Hosts))
	seen := make([]failover.Observation, len(p.Hosts))
	for i := range p.Hosts {
		h := &p.Hosts[i]
		names[i], seen[i] = h.Host, h.Observation
		if h.Unfit != "" { // of which a server takes nothing else
			seen[i] = failover.Observation{Host: h.Host, State: failover.Unfit, Reason: h.Unfit}
		}
	}
	return failover.New(names, "", p.StateFile.Memory).Observe(f.Now, seen)
}

// inCharge is the host that servers write to, or would if its settings let them; nil if there is none.
func inCharge(f *facts.Facts) *facts.Host {
	if f.Postgres == nil {
		return nil
	}
	if d := decide(f); d.Action.Writes() {
		return hostNamed(f, d.Host)
	}
	var best *facts.Host
	for i := range f.Postgres.Hosts {
		h := &f.Postgres.Hosts[i]
		if h.State != failover.Writable || !h.Identity.Known() || h.Identity.ClosedBy != "" {
			continue
		}
		if best == nil || best.Identity.Compare(h.Identity) == failover.Later {
			best = h
		}
	}
	return best
}

func hostNamed(f *facts.Facts, name string) *facts.Host {
	for i := range f.Postgres.Hosts {
		if f.Postgres.Hosts[i].Host == name {
			return &f.Postgres.Hosts[i]
		}
	}
	return nil
}

// answers tells whether a host has said what it is.
func answers(h *facts.Host) bool { return h.State >= failover.Standby }
