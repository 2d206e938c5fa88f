package httpserver

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"sync/atomic"

	"vacancy/internal/tlscert"
)

// Port is one address that is listened on. Without an address there is none.
type Port struct {
	// Flag names the setting of the address, for errors.
	Flag, Address string
	// Listener is listened on if it is set, and is the server's then. Address is where it is.
	Listener net.Listener
	Handler  http.Handler
	// Certificates make it speak TLS; nil is plain HTTP.
	Certificates tlscert.Source
	// Wrap, if it is set, takes part in accepting connections, before TLS.
	Wrap func(net.Listener) net.Listener
}

// Options are the ports of a server.
type Options struct {
	// Public is for customers. Plain is for those who come without TLS, and Admin for the operator; both may be left out.
	Public, Plain, Admin Port
	Log                  *slog.Logger
}

// Server listens on its ports. Its methods may be called from any goroutine.
type Server struct {
	public, plain, admin *port
	log                  *slog.Logger
}

// port is one that is listened on.
type port struct {
	flag     string
	scheme   string
	listener net.Listener
	server   *http.Server
	accepted accepted
	stopping atomic.Bool
	// begun is set before the first connection is accepted; ended is closed once all that were accepted are noted.
	begun atomic.Bool
	ended chan struct{}
}

// Listen opens all ports, so that whatever is wrong with one is known at once. Nothing is answered before Serve.
func Listen(ctx context.Context, o Options) (_ *Server, err error) {
	s := &Server{log: o.Log}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Close())
		}
	}()
	for _, wanted := range []struct {
		port   Port
		opened **port
	}{{o.Public, &s.public}, {o.Plain, &s.plain}, {o.Admin, &s.admin}} {
		if wanted.port.Address == "" {
			continue
		}
		if *wanted.opened, err = s.listen(ctx, wanted.port); err != nil {
			return nil, err
		}
	}
	return s, nil
}

func (s *Server) listen(ctx context.Context, p Port) (*port, error) {
	listener := p.Listener
	if listener == nil {
		var err error
		if listener, err = new(net.ListenConfig).Listen(ctx, "tcp", p.Address); err != nil {
			return nil, fmt.Errorf("%s %s: %w", p.Flag, p.Address, err)
		}
	}
	if p.Wrap != nil {
		listener = p.Wrap(listener)
	}
	listener = &closedOnce{Listener: listener}
	opened := &port{flag: p.Flag, scheme: "http", listener: listener, ended: make(chan struct{}), server: &http.Server{
		Handler: p.Handler, ReadHeaderTimeout: readHeaderTimeout, ReadTimeout: readTimeout, WriteTimeout: writeTimeout,
		IdleTimeout: idleTimeout, MaxHeaderBytes: maxHeaderBytes,
		HTTP2:    &http.HTTP2Config{SendPingTimeout: pingInterval, PingTimeout: pingTimeout},
		ErrorLog: slog.NewLogLogger(s.log.Handler(), slog.LevelDebug),
	}}
	opened.accepted.watch(opened.server)
	if p.Certificates != nil {
		opened.scheme = "https"
		opened.server.TLSConfig = p.Certificates.Config()
		opened.listener = tls.NewListener(listener, opened.server.TLSConfig)
	}
	return opened, nil
}

// closedOnce is a listener that may be closed more than once.
type closedOnce struct {
	net.Listener
	once sync.Once
	err  error
}

// Close implements [net.Listener].
func (l *closedOnce) Close() error {
	l.once.Do(func() { l.err = l.Listener.Close() })
	return l.err
}

// opened are the ports that are listened on.
func (s *Server) opened() []*port {
	var opened []*port
	for _, p := range []*port{s.public, s.plain, s.admin} {
		if p != nil {
			opened = append(opened, p)
		}
	}
	return opened
}

// URL is where the public port can be reached from this machine: "http://127.0.0.1:8080".
func (s *Server) URL() string { return s.public.url() }

// PlainURL is the same of the port without TLS, and AdminURL of the operator's; empty if there is none.
func (s *Server) PlainURL() string { return s.plain.url() }

// AdminURL is where the operator's port can be reached from this machine; empty if there is none.
func (s *Server) AdminURL() string { return s.admin.url() }

func (p *port) url() string {
	if p == nil {
		return ""
	}
	host, number, err := net.SplitHostPort(p.listener.Addr().String())
	if err != nil {
		return p.scheme + "://" + p.listener.Addr().String()
	}
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return p.scheme + "://" + net.JoinHostPort(host, number)
}

// Serve answers on all ports until Shutdown, or until one of them fails; then the others end too, and the error is that port's.
func (s *Server) Serve() error {
	ports := s.opened()
	ended := make(chan error, len(ports))
	for _, p := range ports {
		go func() { ended <- p.serve() }()
	}
	var err error
	for range ports {
		if one := <-ended; one != nil && err == nil {
			err = errors.Join(one, s.Close())
		}
	}
	return err
}

// serve answers on one port. That it was told to end is no error.
func (p *port) serve() error {
	p.begun.Store(true)
	defer close(p.ended)
	err := p.server.Serve(p.listener)
	told := errors.Is(err, http.ErrServerClosed) || p.stopping.Load() && errors.Is(err, net.ErrClosed)
	if !told {
		return fmt.Errorf("%s: %w", p.flag, err)
	}
	return nil
}

// StopAccepting closes the ports, and waits within ctx until requests have come on the connections that were accepted. They are answered.
// Connections that have been answered before and are idle are closed; what has come on others is answered before they are. A client that
// sends on such a connection at this very moment finds it closed, as HTTP/1.1 has it (RFC 9112, section 9.5): with an Idempotency-Key it
// may send again.
func (s *Server) StopAccepting(ctx context.Context) error {
	return s.each(func(p *port) error {
		p.stopping.Store(true)
		err := p.listener.Close()
		if p.begun.Load() {
			select {
			case <-p.ended:
			case <-ctx.Done():
			}
		}
		p.server.SetKeepAlivesEnabled(false)
		p.accepted.wait(ctx)
		return err
	})
}

// Shutdown closes the ports and waits for the requests under way, within ctx. It knows nothing of connections that were taken over.
func (s *Server) Shutdown(ctx context.Context) error {
	return s.each(func(p *port) error { return p.server.Shutdown(ctx) })
}

// Close closes the ports, and the connections that are idle or answer a request. It may be called more than once.
func (s *Server) Close() error {
	return s.each(func(p *port) error {
		return errors.Join(p.server.Close(), p.listener.Close()) // which the server does not do if it was never served
	})
}

// each does the same to all ports side by side, so that one that takes long keeps no other from its time.
func (s *Server) each(do func(*port) error) error {
	ports := s.opened()
	errs := make([]error, len(ports))
	var all sync.WaitGroup
	for i, p := range ports {
		all.Go(func() { errs[i] = do(p) })
	}
	all.Wait()
	return errors.Join(errs...)
}
