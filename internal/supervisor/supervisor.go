package supervisor

import (
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/coreos/go-systemd/v22/activation"
	"github.com/coreos/go-systemd/v22/daemon"
)

// The names of the sockets that may be passed, as FileDescriptorName= has them. One that has no name of ours is the public port's if it is
// the only one.
const (
	Public = "public"
	Plain  = "http"
	Admin  = "admin"
)

// Supervisor is whoever runs the process. The zero value is nobody. Its methods may be called from any goroutine.
type Supervisor struct {
	listeners map[string]net.Listener
	watchdog  time.Duration
	// send sends a datagram of sd_notify; nil if nobody listens.
	send func(state string) error
}

// FromEnvironment finds the supervisor that started this process. What it passed is not passed on to programs that this one starts. Sockets
// that cannot be used are an error, which names them.
func FromEnvironment() (*Supervisor, error) {
	listeners, err := listenersOf(activation.Files(true))
	if err != nil {
		return nil, err
	}
	watchdog, err := daemon.SdWatchdogEnabled(true)
	if err != nil {
		return nil, errors.Join(err, closeAll(listeners))
	}
	return &Supervisor{listeners: listeners, watchdog: watchdog, send: func(state string) error {
		_, err := daemon.SdNotify(false, state)
		return err
	}}, nil
}

// listenersOf takes over sockets, each under its name.
func listenersOf(files []*os.File) (_ map[string]net.Listener, err error) {
	listeners := make(map[string]net.Listener, len(files))
	defer func() {
		for _, file := range files {
			err = errors.Join(err, file.Close()) // a listener has a descriptor of its own
		}
		if err != nil {
			err = errors.Join(err, closeAll(listeners))
		}
	}()
	for _, file := range files {
		name := file.Name()
		if !slices.Contains([]string{Public, Plain, Admin}, name) {
			if len(files) > 1 {
				return nil, fmt.Errorf("a socket that was passed is named %q: name them %s, %s or %s (FileDescriptorName= of the socket unit)",
					name, Public, Admin, Plain)
			}
			name = Public
		}
		if listeners[name] != nil {
			return nil, fmt.Errorf("two sockets that were passed are named %q: each port has one", name)
		}
		listener, err := net.FileListener(file)
		if err != nil {
			return nil, fmt.Errorf("the socket %q that was passed cannot be listened on: %w", name, err)
		}
		listeners[name] = listener
		if network := listener.Addr().Network(); network != "tcp" {
			return nil, fmt.Errorf("the socket %q that was passed is of the kind %s: only TCP is served", name, network)
		}
	}
	return listeners, nil
}

func closeAll(listeners map[string]net.Listener) error {
	errs := make([]error, 0, len(listeners))
	for _, listener := range listeners {
		errs = append(errs, listener.Close())
	}
	return errors.Join(errs...)
}

// Listener is the socket of that name, nil if none was passed. It is the caller's to close.
func (s *Supervisor) Listener(name string) net.Listener { return s.listeners[name] }

// Watchdog is within which time the supervisor wants to hear [Supervisor.Alive] again; 0: it does not watch.
func (s *Supervisor) Watchdog() time.Duration { return s.watchdog }

// Starting says what a start waits for, and asks for that much more time.
func (s *Supervisor) Starting(status string, timeout time.Duration) {
	s.tell("STATUS="+status, extend(timeout))
}

// Ready says that the process serves.
func (s *Supervisor) Ready(status string) { s.tell("READY=1", "STATUS="+status) }

// Status says how the process is, for people.
func (s *Supervisor) Status(status string) { s.tell("STATUS=" + status) }

// Reloading says that settings are read again. Ready ends it.
func (s *Supervisor) Reloading() { s.tell("RELOADING=1", daemon.SdNotifyMonotonicUsec()) }

// Stopping says that the process ends, and asks for that much time.
func (s *Supervisor) Stopping(status string, timeout time.Duration) {
	s.tell("STOPPING=1", "STATUS="+status, extend(timeout))
}

// Alive says that the process works.
func (s *Supervisor) Alive() { s.tell("WATCHDOG=1") }

func extend(timeout time.Duration) string {
	return "EXTEND_TIMEOUT_USEC=" + strconv.FormatInt(timeout.Microseconds(), 10)
}

// tell sends assignments in one datagram. That nobody takes them is no fault of the process, and changes nothing of what it does.
func (s *Supervisor) tell(assignments ...string) {
	if s.send == nil {
		return
	}
	for i, assignment := range assignments {
		assignments[i] = strings.ReplaceAll(strings.TrimSpace(assignment), "\n", " ") // each has a line
	}
	_ = s.send(strings.Join(assignments, "\n"))
}
