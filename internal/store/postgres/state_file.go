package postgres

import (
	"encoding/json"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	"vacancy/internal/failover"
)

// memoryFile keeps what a node knows of its databases over restarts: a help to notice that the database it comes back to was left, or lost
// something. It is written from time to time, and not flushed: nothing rests on it alone.
type memoryFile struct {
	path  string // empty: there is none
	saved time.Time
	says  []string // the ids of the identities that were saved last
}

// remembered is the form of the file.
type remembered struct {
	rememberedIdentity

	Beats map[string]failover.Beat      `json:"heartbeats"`
	Saved time.Time                     `json:"saved"`
	Later *rememberedIdentity           `json:"later,omitempty"`
	Forks map[string]rememberedIdentity `json:"forks,omitempty"`
}

type rememberedIdentity struct {
	Installation string   `json:"installation"`
	Term         int64    `json:"term"`
	IDs          []string `json:"ids"`
	Decided      int64    `json:"decided,omitempty"`
	System       string   `json:"system_identifier"`
	Timeline     string   `json:"timeline"`
	Table        string   `json:"relation"`
}

func rememberIdentity(i failover.Identity) rememberedIdentity {
	return rememberedIdentity{
		Installation: i.Installation, Term: i.Term, IDs: i.IDs, Decided: i.Decided,
		System: i.Place.System, Timeline: i.Place.Timeline, Table: i.Place.Table,
	}
}

// identity is what was remembered, or unknown if that is nothing.
func (r rememberedIdentity) identity() failover.Identity {
	if len(r.IDs) == 0 {
		return failover.Identity{}
	}
	return failover.Identity{
		Installation: r.Installation, Term: r.Term, ID: r.IDs[len(r.IDs)-1], IDs: r.IDs, Decided: r.Decided,
		Place: failover.Place{System: r.System, Timeline: r.Timeline, Table: r.Table},
	}
}

// load reads the file; a file that is not there is no memory.
func (f *memoryFile) load() (failover.Memory, error) {
	if f.path == "" {
		return failover.Memory{}, nil
	}
	text, err := os.ReadFile(f.path)
	if errors.Is(err, fs.ErrNotExist) {
		return failover.Memory{}, nil
	}
	var r remembered
	if err == nil {
		err = json.Unmarshal(text, &r)
	}
	if err != nil || len(r.IDs) == 0 {
		return failover.Memory{}, err
	}
	m := failover.Memory{Identity: r.identity(), Beats: r.Beats, Saved: r.Saved, Forks: make(map[string]failover.Identity)}
	if r.Later != nil {
		m.Later = r.Later.identity()
	}
	for host, fork := range r.Forks {
		m.Forks[host] = fork.identity()
	}
	return m, nil
}

// save writes the file if it says something else by now, or is old. It is replaced as a whole.
func (f *memoryFile) save(m failover.Memory) error {
	says := idsOf(m)
	if f.path == "" || !m.Identity.Known() || slices.Equal(says, f.says) && m.Saved.Sub(f.saved) < memoryInterval {
		return nil
	}
	r := remembered{rememberedIdentity: rememberIdentity(m.Identity), Beats: m.Beats, Saved: m.Saved.UTC()}
	if m.Later.Known() {
		later := rememberIdentity(m.Later)
		r.Later = &later
	}
	if len(m.Forks) > 0 {
		r.Forks = make(map[string]rememberedIdentity, len(m.Forks))
	}
	for host, fork := range m.Forks {
		r.Forks[host] = rememberIdentity(fork)
	}
	text, err := json.Marshal(r)
	if err != nil {
		return err
	}
	temporary, err := os.CreateTemp(filepath.Dir(f.path), filepath.Base(f.path)+".*")
	if err != nil {
		return err
	}
	_, err = temporary.Write(append(text, '\n'))
	err = errors.Join(err, temporary.Close())
	if err == nil {
		err = os.Rename(temporary.Name(), f.path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(temporary.Name()))
	}
	f.saved, f.says = m.Saved, says
	return nil
}

// idsOf are the ids of all identities of which something is remembered.
func idsOf(m failover.Memory) []string {
	ids := append(make([]string, 0, 2+2*len(m.Forks)), m.Identity.ID, m.Later.ID)
	for _, host := range slices.Sorted(maps.Keys(m.Forks)) {
		ids = append(ids, host, m.Forks[host].ID)
	}
	return ids
}
