package agentcheck

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"time"
)

// Config is what an agent needs.
type Config struct {
	// Address is HOST:PORT to listen on.
	Address string
	Weight  *Weight
	// Ready tells whether the server serves. It is called for each check and must answer at once.
	Ready func() bool
	Log   *slog.Logger
}

// Agent answers checks on a port of its own.
type Agent struct {
	config   Config
	listener net.Listener
	closed   chan struct{}
}

// Listen opens the port. Nothing is answered before Serve.
func Listen(ctx context.Context, c Config) (*Agent, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", c.Address)
	if err != nil {
		return nil, err
	}
	return &Agent{config: c, listener: listener, closed: make(chan struct{})}, nil
}

// Address is where it listens, HOST:PORT.
func (a *Agent) Address() string { return a.listener.Addr().String() }

// Serve answers until Close. Checks are answered one after the other on its goroutine: an answer is one short line into the empty buffer
// of a new connection, so nobody is waited for, and there is never more than one connection to bound.
func (a *Agent) Serve() {
	for {
		conn, err := a.listener.Accept()
		if err == nil {
			a.answer(conn)
			continue
		}
		if errors.Is(err, net.ErrClosed) {
			return
		}
		a.config.Log.Warn("an agent check is not answered", "error", err)
		select {
		case <-time.After(acceptPause):
		case <-a.closed:
			return
		}
	}
}

func (a *Agent) answer(conn net.Conn) {
	_ = conn.SetDeadline(time.Now().Add(writeTimeout))
	_, err := fmt.Fprintln(conn, a.line())
	if err = errors.Join(err, conn.Close()); err != nil {
		a.config.Log.Debug("an agent check has ended early", "error", err) // HAProxy asks again
	}
}

// line is the answer to a check.
func (a *Agent) line() string {
	weight := a.config.Weight.Weight()
	if !a.config.Ready() || weight == 0 {
		return "drain"
	}
	return fmt.Sprintf("ready %d%%", weight)
}

// Close closes the port; Serve ends. It is called once.
func (a *Agent) Close() error {
	close(a.closed)
	return a.listener.Close()
}
