package doctor

import (
	"vacancy/internal/doctor/facts"
)

// stateFile: what a server remembers of its database outlives a restart.
func stateFile(f *facts.Facts) []Finding {
	if f.Postgres == nil || f.Postgres.StateFile.Path == "" {
		return nil
	}
	s := f.Postgres.StateFile
	const todo = "Name with --failover-state a file in a directory that the server's user may write to. If servers run with another " +
		"directory, as by systemd's StateDirectory, run this command with their --failover-state."
	switch {
	case s.ReadFault != "":
		return []Finding{found(Warning, linkSetUp, s.Path, "what a server remembers of its database cannot be read: %s", s.ReadFault).todo(todo)}
	case s.WriteFault != "":
		return []Finding{found(Warning, linkSetUp, s.Path, "what a server remembers of its database cannot be kept: %s", s.WriteFault).todo(todo)}
	case !s.Exists:
		return []Finding{found(Warning, linkSetUp, s.Path, "there is no such file: a server that starts here while a listed host is away "+
			"remembers nothing, and books only when a person has decided").
			todo("Start a server, which makes it. If servers run with another directory, as by systemd's StateDirectory, run this command with " +
				"their --failover-state.")}
	}
	return []Finding{found(OK, linkSetUp, s.Path, "a server that starts here remembers %s, seen %s", s.Memory.Identity,
		s.Memory.Saved.UTC().Format("2006-01-02 15:04:05 UTC"))}
}
