package natsbus

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"net/url"
	"sync"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/bus"
)

// Bus is a [bus.Bus] and a [bus.Hinter].
type Bus struct {
	config   Config
	servers  []*url.URL
	ctx      context.Context // of the bus's life
	cancel   context.CancelFunc
	wait     sync.WaitGroup
	logged   time.Time // when connect has told why there is no session
	outgoing *bus.Hints
	watchers bus.Watchers

	mu      sync.Mutex
	session *session
	err     error         // why there is no session; nil while the first try, or the first after a session, is under way
	changed chan struct{} // closed when session or err changes
}

// New makes a bus, which connects by itself: the server need not be there.
func New(c Config) (*Bus, error) {
	servers, err := c.normalize()
	if err != nil {
		return nil, err
	}
	b := &Bus{config: c, servers: servers, outgoing: bus.NewHints(), changed: make(chan struct{})}
	b.ctx, b.cancel = context.WithCancel(context.Background())
	b.wait.Go(b.connect)
	b.wait.Go(b.announce)
	return b, nil
}

// Publish is [bus.Bus]'s. While the first connection is being made it waits for that.
func (b *Bus) Publish(ctx context.Context, _ booking.VenueID, events []bus.Event) (bus.Receipt, error) {
	if len(events) == 0 {
		return bus.Receipt{}, nil
	}
	for {
		s, changed, err := b.state()
		switch {
		case ctx.Err() != nil:
			return bus.Receipt{}, unavailable("the call has ended: %w", ctx.Err())
		case err != nil:
			return bus.Receipt{}, err
		case s != nil:
			return bus.Receipt{}, s.publish(ctx, events)
		}
		select {
		case <-changed:
		case <-ctx.Done():
		}
	}
}

// Health is [bus.Bus]'s.
func (b *Bus) Health() error {
	s, _, err := b.state()
	switch {
	case err != nil:
		return err
	case s == nil:
		return unavailable("no connection to NATS at %s yet", hostsOf(b.servers))
	default:
		return s.reason()
	}
}

// Close is [bus.Bus]'s.
func (b *Bus) Close() error {
	b.cancel()
	b.set(nil, errClosed)
	b.wait.Wait()
	return nil
}

// connect makes one session after another until the bus is closed.
func (b *Bus) connect() {
	for retry := firstRetry; b.ctx.Err() == nil; {
		s, err := newSession(b.ctx, &b.config, b.servers, &b.watchers)
		if err == nil {
			b.config.Log.Info("connected to NATS", slog.String("server", s.nc.ConnectedAddr()), slog.String("stream", b.config.Stream))
			b.set(s, nil)
			err = b.serve(s)
			retry = firstRetry
		}
		if b.ctx.Err() != nil {
			return
		}
		b.failed(err)
		if !b.pause(retry/2 + rand.N(retry/2+1)) { // nodes do not all come at once
			return
		}
		last := lastRetry
		if errors.Is(err, bus.ErrMisconfigured) {
			last = misconfiguredRetry
		}
		retry = min(2*retry, last)
	}
}

// serve waits for the end of a session and says why it ended.
func (b *Bus) serve(s *session) error {
	select {
	case <-s.ended:
	case <-b.ctx.Done():
	}
	s.close()
	return s.reason()
}

// failed notes why there is no session, and logs it if it is news, or was not told for a while.
func (b *Bus) failed(err error) {
	_, _, last := b.state()
	news := last == nil || errors.Is(err, bus.ErrMisconfigured) != errors.Is(last, bus.ErrMisconfigured)
	if news || time.Since(b.logged) >= logInterval {
		b.config.Log.Warn("no connection to NATS", slog.String("error", err.Error()))
		b.logged = time.Now()
	}
	b.set(nil, err)
}

func (b *Bus) pause(d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-b.ctx.Done():
		return false
	}
}

func (b *Bus) state() (s *session, changed <-chan struct{}, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.session, b.changed, b.err
}

// current is the session that there is, or nil.
func (b *Bus) current() (*session, error) {
	s, _, err := b.state()
	return s, err
}

func (b *Bus) set(s *session, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.ctx.Err() != nil { // closed: that stays
		s, err = nil, errClosed
	}
	b.session, b.err = s, err
	close(b.changed)
	b.changed = make(chan struct{})
}
