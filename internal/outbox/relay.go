package outbox

import (
	"cmp"
	"context"
	"crypto/rand"
	"log/slog"
	"sync"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/bus"
	"vacancy/internal/events"
	"vacancy/internal/store"
)

// Config is what a relay needs. All fields are needed but those that say so.
type Config struct {
	Store    store.Relay
	Pictures Pictures
	Bus      bus.Bus
	// Name is the bus's in the database: cursors and leases belong to it.
	Name string
	// Holder names the relay in the leases, and no other ever. Empty makes one up.
	Holder string
	// Now is the store's clock, as [vacancy/internal/view.View.Now] has it.
	Now   func() time.Time
	Log   *slog.Logger
	Meter Meter
	// Wanted, if it is set, tells whether anybody wants the events of a venue. If not, they are passed over. An answer is what is true
	// when it is asked, or later.
	Wanted Wanted
	// Paused has the relay begin paused.
	Paused bool
	// CursorInterval is the least time between two writings of cursors; 0 is [DefaultCursorInterval].
	CursorInterval time.Duration
	// BeginAt is the revision at which the events of each venue begin, if the bus is new; nil is now.
	BeginAt *booking.Revision
	// Workers is how many venues are sent side by side; 0 is a default.
	Workers int
	// MaxVenues bounds the venues in memory; 0 is a default.
	MaxVenues int
}

// Relay carries the events of committed changes to a bus. Its methods may be called from any goroutine.
type Relay struct {
	config  Config
	leases  *leases
	unsent  *unsent
	cursors *cursors
	status  statusKeeper
	paused  pause
	// takenOver has a scan begin.
	takenOver chan struct{}
	// readers holds a value for each worker that makes a batch.
	readers chan struct{}
	// ofChanges is [events.OfChanges], but in tests of changes of which no events can be made.
	ofChanges func(events.Input) ([]bus.Event, error)
}

// New makes a relay. It does nothing before Run.
func New(c Config) *Relay {
	c.Holder = cmp.Or(c.Holder, rand.Text())
	c.CursorInterval = cmp.Or(c.CursorInterval, DefaultCursorInterval)
	c.Workers = cmp.Or(c.Workers, defaultWorkers)
	c.MaxVenues = cmp.Or(c.MaxVenues, maxVenues)
	r := &Relay{
		config: c, takenOver: make(chan struct{}, 1), readers: make(chan struct{}, maxReaders), ofChanges: events.OfChanges,
	}
	r.paused.set(c.Paused)
	r.unsent = newUnsent(c.MaxVenues, c.Now)
	r.leases = newLeases(&c, func(shardSet) { r.scanSoon() }, r.unsent.forget, r.unsent.working)
	r.cursors = newCursors(&c, r.leases.end)
	return r
}

// Committed says that a venue has reached a revision: by a commit of this node, or as another node has told. It may be wrong, or be left
// out: a scan finds what is missed. It does not block, and costs next to nothing.
func (r *Relay) Committed(id booking.VenueID, revision booking.Revision) {
	if r.leases.holds(store.ShardOf(id)) && !id.Hidden() {
		r.unsent.committed(id, revision)
	}
}

// Pause has nothing published from now on, as in a database that is a copy; what is under way is broken off. Resume ends that.
func (r *Relay) Pause() { r.paused.set(true) }

// Resume ends a pause, if there is one.
func (r *Relay) Resume() { r.paused.set(false) }

// Run sends events until ctx ends. Then it begins nothing more, waits a while for what is under way, writes the cursors and gives its
// leases up. It is called once.
func (r *Relay) Run(ctx context.Context) {
	for r.paused.wait(ctx, false) {
		session, cancel := context.WithCancel(ctx)
		var watching sync.WaitGroup
		watching.Go(func() {
			if r.paused.wait(session, true) {
				cancel()
			}
		})
		r.runSession(session, ctx)
		cancel()
		watching.Wait()
	}
}

// runSession sends events until session ends: with parent, when what is under way may end, or with a pause, which breaks it off.
func (r *Relay) runSession(session, parent context.Context) {
	if !r.register(session) {
		return
	}
	life := context.WithoutCancel(parent)
	turns, breakOff := context.WithCancel(life)
	leasing, endLeasing := context.WithCancel(life)
	writing, endWriting := context.WithCancel(life)
	defer breakOff()
	defer endLeasing()
	defer endWriting()

	r.unsent.open()
	var workers, scanner, writer, keeper sync.WaitGroup
	keeper.Go(func() { r.leases.run(leasing) })
	writer.Go(func() { r.cursors.run(writing) })
	scanner.Go(func() { r.scanLoop(session) })
	for range r.config.Workers {
		workers.Go(func() { r.work(turns) })
	}
	<-session.Done()

	r.unsent.close()
	if parent.Err() == nil { // paused
		breakOff()
	}
	timer := time.AfterFunc(drainTimeout, breakOff)
	workers.Wait()
	timer.Stop()
	scanner.Wait()
	endWriting()
	writer.Wait()

	last, cancel := context.WithTimeout(life, releaseTimeout)
	defer cancel()
	if err := r.cursors.write(last); err != nil {
		r.config.Log.Warn("the last cursors of the relay could not be written; what was sent last is sent again", "bus", r.config.Name,
			"error", err)
	}
	endLeasing()
	keeper.Wait()
	r.leases.release(last)
}

// register notes in the store that the bus is in use, as soon as that can be written; false if ctx ended before.
func (r *Relay) register(ctx context.Context) bool {
	for failures := 1; ; failures++ {
		err := r.config.register(ctx)
		if ctx.Err() != nil {
			return false
		}
		if err == nil {
			return true
		}
		if failures == 1 {
			r.config.Log.Warn("that the bus is in use cannot be noted in the database; trying again", "bus", r.config.Name, "error", err)
		}
		if !wait(ctx, storeDelays.after(failures)) {
			return false
		}
	}
}

// register notes that the bus is in use, once.
func (c *Config) register(ctx context.Context) error {
	if c.BeginAt != nil {
		return c.Store.RegisterBusAt(ctx, c.Name, *c.BeginAt)
	}
	return c.Store.RegisterBus(ctx, c.Name)
}

// pause is whether the relay is paused.
type pause struct {
	mu     sync.Mutex
	paused bool
	// changed is closed when that changes.
	changed chan struct{}
}

func (p *pause) set(paused bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.paused == paused {
		return
	}
	p.paused = paused
	if p.changed != nil {
		close(p.changed)
		p.changed = nil
	}
}

func (p *pause) is() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.paused
}

// wait waits until the relay is paused, or is not; false if ctx ended before.
func (p *pause) wait(ctx context.Context, paused bool) bool {
	for ctx.Err() == nil {
		p.mu.Lock()
		if p.paused == paused {
			p.mu.Unlock()
			return true
		}
		if p.changed == nil {
			p.changed = make(chan struct{})
		}
		changed := p.changed
		p.mu.Unlock()
		select {
		case <-changed:
		case <-ctx.Done():
		}
	}
	return false
}
