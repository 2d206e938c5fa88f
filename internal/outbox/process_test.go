package outbox_test

import (
	"context"
	"errors"
	"sync"
	"testing"

	"vacancy/internal/booking"
	"vacancy/internal/bus"
	"vacancy/internal/outbox"
	"vacancy/internal/store"
)

var errDead = errors.New("the process is dead")

// process is what a relay's calls go through. It may die, after which nothing that it does has an effect; or be stopped, after which its
// calls wait, and have their effect when it goes on, whoever holds the lease then.
type process struct {
	*world
	bus.Bus

	mu      sync.Mutex
	dead    bool
	stopped chan struct{}
	// late counts the publishes that were on their way when it was stopped.
	late int
}

func newProcess(w *world, b bus.Bus) *process { return &process{world: w, Bus: b} }

func (p *process) kill() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.dead = true
}

func (p *process) stop() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.stopped == nil {
		p.stopped = make(chan struct{})
	}
}

func (p *process) goOn() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.stopped != nil {
		close(p.stopped)
		p.stopped = nil
	}
}

// arrive lets what is on its way arrive, of a process that is dead by now.
func (p *process) arrive() {
	p.mu.Lock()
	defer p.mu.Unlock()
	close(p.stopped)
	p.stopped = nil
}

// pass is before each call.
func (p *process) pass() error {
	p.mu.Lock()
	dead, stopped := p.dead, p.stopped
	p.mu.Unlock()
	if dead {
		return errDead
	}
	if stopped != nil {
		<-stopped
	}
	return nil
}

func (p *process) Publish(ctx context.Context, venue booking.VenueID, events []bus.Event) (bus.Receipt, error) {
	p.mu.Lock()
	if p.stopped != nil {
		p.late++
	}
	p.mu.Unlock()
	if err := p.pass(); err != nil {
		return bus.Receipt{}, err
	}
	// What was on its way arrives, though the caller is told by its context that time is up.
	receipt, err := p.Bus.Publish(context.WithoutCancel(ctx), venue, events)
	return receipt, errors.Join(err, ctx.Err())
}

func (p *process) KeepLeases(ctx context.Context, lease store.Lease) ([]store.Shard, error) {
	if err := p.pass(); err != nil {
		return nil, err
	}
	return p.world.KeepLeases(ctx, lease)
}

func (p *process) ReleaseLeases(ctx context.Context, bus, holder string) error {
	if err := p.pass(); err != nil {
		return err
	}
	return p.world.ReleaseLeases(ctx, bus, holder)
}

func (p *process) MoveCursors(ctx context.Context, bus, holder string, c []store.Cursor) ([]booking.VenueID, error) {
	if err := p.pass(); err != nil {
		return nil, err
	}
	return p.world.MoveCursors(ctx, bus, holder, c)
}

func (p *process) DurableChanges(
	ctx context.Context, id booking.VenueID, after booking.Revision, limit int,
) (store.Durable, error) {
	p.mu.Lock()
	dead := p.dead
	p.mu.Unlock()
	if dead {
		return store.Durable{}, errDead
	}
	return p.world.DurableChanges(ctx, id, after, limit)
}

// start runs a relay in the process.
func (p *process) start(t *testing.T, change ...func(*outbox.Config)) *node {
	t.Helper()
	return p.world.start(t, p, append(change, func(c *outbox.Config) { c.Store = p })...)
}
