package postgres

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"vacancy/internal/failover"
)

// memoryFile keeps what a node knows of its database over restarts: a help to notice that the database it comes back to was left, or lost
// something. It is written from time to time, and not flushed: nothing rests on it alone.
type memoryFile struct {
	path  string // empty: there is none
	saved time.Time
	id    string // of the identity that was saved last
}

// remembered is the form of the file.
type remembered struct {
	Installation string                   `json:"installation"`
	Term         int64                    `json:"term"`
	IDs          []string                 `json:"ids"`
	Decided      int64                    `json:"decided,omitempty"`
	System       string                   `json:"system_identifier"`
	Timeline     string                   `json:"timeline"`
	Table        string                   `json:"relation"`
	Beats        map[string]failover.Beat `json:"heartbeats"`
	Saved        time.Time                `json:"saved"`
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
	return failover.Memory{
		Identity: failover.Identity{
			Installation: r.Installation, Term: r.Term, ID: r.IDs[len(r.IDs)-1], IDs: r.IDs, Decided: r.Decided,
			Place: failover.Place{System: r.System, Timeline: r.Timeline, Table: r.Table},
		},
		Beats: r.Beats, Saved: r.Saved,
	}, nil
}

// save writes the file if it says something else by now, or is old. It is replaced as a whole.
func (f *memoryFile) save(m failover.Memory) error {
	if f.path == "" || !m.Identity.Known() || m.Identity.ID == f.id && m.Saved.Sub(f.saved) < memoryInterval {
		return nil
	}
	i := m.Identity
	text, err := json.Marshal(remembered{
		Installation: i.Installation, Term: i.Term, IDs: i.IDs, Decided: i.Decided,
		System: i.Place.System, Timeline: i.Place.Timeline, Table: i.Place.Table, Beats: m.Beats, Saved: m.Saved.UTC(),
	})
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
	f.saved, f.id = m.Saved, i.ID
	return nil
}
