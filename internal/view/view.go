package view

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/store"
)

// Listener hears of every new picture. Calls for one venue come in order, one at a time, and hold up the next change of that
// venue, so they must be quick and must not call the view's Apply.
type Listener interface {
	// Changed follows one applied change.
	Changed(p *Picture, c booking.Change)
	// Reloaded follows a picture that was read anew: nothing is known of what changed between, but whether it did: [Picture.Follows]
	// tells whether it came of an earlier one. If the store has no such venue any more, the picture is of a venue that is archived.
	Reloaded(p *Picture)
	// Fresh is called when a venue becomes stale or fresh again, or the whole view, whose id is empty: [View.Freshness] tells which.
	Fresh(id booking.VenueID)
	// ClockMoved is called when [View.Now] has jumped, so that timers set by it are wrong.
	ClockMoved()
	// Watches tells whether somebody waits for changes of the venue, so that it must stay in memory.
	Watches(id booking.VenueID) bool
}

// Config is what a view needs. All fields are needed.
type Config struct {
	Store store.Reader
	// Now is the node's own clock, [time.Now]. By it the view's [Clock] runs, which the store's sets.
	Now func() time.Time
	Log *slog.Logger
	// MaxVenues bounds how many venues are kept in memory; the one that was read longest ago goes first.
	MaxVenues int
}

// View is the node's picture of its venues. Its methods may be called from any goroutine.
type View struct {
	config   Config
	clock    *Clock
	listener Listener

	mu     sync.RWMutex
	venues map[booking.VenueID]*venue

	asOf  atomic.Int64 // Unix nanoseconds of the store's clock
	stale atomic.Bool
	// catchingUp are the goroutines that bring venues up to date which a check found wanting.
	catchingUp sync.WaitGroup
}

// venue is one venue's place in the view.
type venue struct {
	// mu serialises loads and changes of this venue. Readers need no lock.
	mu      lock
	picture atomic.Pointer[Picture]
	used    atomic.Int64 // Unix nanoseconds of the last read, by the node's own clock

	// joining guards next, the catching up that has not begun yet.
	joining sync.Mutex
	next    *catchUp

	// catchingUp: a goroutine brings it up to date. lost is when it was last known to equal the store, in Unix nanoseconds, if it
	// could not be brought up to date since; else 0.
	catchingUp   atomic.Bool
	laggingSince atomic.Int64
}

// lock is a mutex that whoever waits for it may leave: it is held for as long as the store takes.
type lock chan struct{}

func (l lock) Lock() { l <- struct{}{} }

func (l lock) Unlock() { <-l }

// LockUntil takes the lock, unless ctx ends before; then it returns the context's error.
func (l lock) LockUntil(ctx context.Context) error {
	select {
	case l <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// New makes an empty view. Listen must be called before anything is read, if anybody listens.
func New(config Config) *View {
	v := &View{
		config: config, clock: NewClock(config.Now), listener: noListener{}, venues: make(map[booking.VenueID]*venue),
	}
	v.asOf.Store(v.Now().UnixNano())
	return v
}

// Listen sets the one listener.
func (v *View) Listen(l Listener) { v.listener = l }

// Now is the store's clock, as far as this node knows it: exactly since Sync, and at each check again.
func (v *View) Now() time.Time { return v.clock.Now() }

// Picture is the newest picture of a venue on this node, loaded from the store if it is not in memory.
// [booking.ErrNotFound] if there is no such venue.
func (v *View) Picture(ctx context.Context, id booking.VenueID) (*Picture, error) {
	entry := v.entry(id)
	if entry != nil {
		if p := entry.picture.Load(); p != nil {
			entry.used.Store(v.config.Now().UnixNano())
			return p, nil
		}
	}
	return v.load(ctx, id)
}

// Apply takes a change that was committed into the picture, and tells the listener. A change that is already in the picture is
// passed over; one that leaves a gap makes the view catch up, and so does one without entries: it may settle a commit in doubt, and
// takes its revision in whatever history the store has then. If that fails the picture stays as it is, and the periodic check finds
// the store ahead of it.
func (v *View) Apply(ctx context.Context, c booking.Change) {
	entry := v.entry(c.Venue)
	if entry == nil {
		return // not in memory; whoever asks for it loads the change with it
	}
	entry.mu.Lock()
	defer entry.mu.Unlock()
	p := entry.picture.Load()
	if p == nil || c.Revision <= p.Revision {
		return
	}
	if len(c.Entries) > 0 {
		if _, ok := v.follow(entry, p, []booking.Change{c}); ok {
			return
		}
	}
	if _, err := v.catchUpLocked(ctx, c.Venue, entry); err != nil {
		v.config.Log.Warn("a venue could not be brought up to date; trying again within a second", "venue", c.Venue, "error", err)
	}
}

// Freshness tells whether a venue's picture may lag behind the store, and the last moment, by the store's clock, at which it was
// known not to. The empty id asks of the view as a whole.
func (v *View) Freshness(id booking.VenueID) (stale bool, asOf time.Time) {
	stale, at := v.stale.Load(), v.asOf.Load()
	if entry := v.entry(id); entry != nil {
		if lost := entry.laggingSince.Load(); lost != 0 {
			stale, at = true, min(lost, at)
		}
	}
	return stale, time.Unix(0, at).UTC()
}

func (v *View) entry(id booking.VenueID) *venue {
	v.mu.RLock()
	defer v.mu.RUnlock()
	return v.venues[id]
}

// noListener is the listener of a view that nobody listens to.
type noListener struct{}

func (noListener) Changed(*Picture, booking.Change) {}
func (noListener) Reloaded(*Picture)                {}
func (noListener) Fresh(booking.VenueID)            {}
func (noListener) ClockMoved()                      {}
func (noListener) Watches(booking.VenueID) bool     { return false }
