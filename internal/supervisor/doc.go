// Package supervisor talks to whoever runs the process, as systemd does: it takes over the sockets that were passed (sd_listen_fds) and
// tells how the process is (sd_notify). Without a supervisor there are no sockets, and what is told goes nowhere.
//
//	s, err := supervisor.FromEnvironment()
//	listener := s.Listener(supervisor.Public)     // nil: the process listens by itself
//	s.Starting("waiting for the database", time.Minute)
//	s.Ready("serving")
//
// A socket that is passed stays open while the process is restarted: who connects meanwhile waits, and is not refused.
//
// It imports no other room.
package supervisor
