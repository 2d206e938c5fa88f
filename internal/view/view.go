package view

import (
	"context"
	"errors"
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

var (
	// ErrAhead: the position asked for is one that the store has not reached (yet).
	ErrAhead = errors.New("the position is ahead of the store")
	// ErrEpoch: the position asked for is of another history of the database.
	ErrEpoch = errors.New("the position is of another epoch")
	// ErrLaterTerm: the position asked for is of a later term of the database than this node knows: of one that it has not found yet, or of
	// none that there is.
	ErrLaterTerm = errors.New("the position is of a later term of the database than this node knows")
)

// Config is what a view needs. All fields are needed but the one that says so.
type Config struct {
	Store store.Reader
	// Now is the node's own clock, [time.Now]. By it the view's [Clock] runs, which the store's sets.
	Now func() time.Time
	Log *slog.Logger
	// MaxVenues bounds how many venues are kept in memory; the one that was read longest ago goes first.
	MaxVenues int
	// FindDatabase has the node look, now or soon, for the database that is in charge, and returns once it has, or ctx has ended. It is called
	// for each reader with a position of a later term than the node knows, whoever made that up, so it must bound the work itself. Nil if
	// there is only one database, as with SQLite: a position of a later term than its own is of another history then, as any other is.
	FindDatabase func(ctx context.Context) error
}

// View is the node's picture of its venues. Its methods may be called from any goroutine.
type View struct {
	config   Config
	clock    *Clock
	listener Listener

	mu     sync.RWMutex
	venues map[booking.VenueID]*entry

	asOf  atomic.Int64 // Unix nanoseconds of the store's clock
	stale atomic.Bool
	// laterTermLogged is when a position of a later term was last logged, in Unix nanoseconds by the node's clock.
	laterTermLogged atomic.Int64
	// catchingUp are the goroutines that read from the store. They are ended by stop, and begin under ending, which guards stopped.
	catchingUp sync.WaitGroup
	running    context.Context //nolint:containedctx // it is the view's life, which no call's context is
	stop       context.CancelFunc
	ending     sync.Mutex
	stopped    bool
}

// New makes an empty view. Listen must be called before anything is read, if anybody listens.
func New(config Config) *View {
	v := &View{
		config: config, clock: NewClock(config.Now), listener: noListener{}, venues: make(map[booking.VenueID]*entry),
	}
	v.running, v.stop = context.WithCancel(context.Background())
	v.asOf.Store(v.Now().UnixNano())
	return v
}

// background runs f in a goroutine of its own, unless Run has ended, which waits for it.
func (v *View) background(f func()) (ok bool) {
	v.ending.Lock()
	defer v.ending.Unlock()
	if !v.stopped {
		v.catchingUp.Go(f)
	}
	return !v.stopped
}

// end ends what runs in the background, and waits for it.
func (v *View) end() {
	v.ending.Lock()
	v.stopped = true
	v.ending.Unlock()
	v.stop()
	v.catchingUp.Wait()
}

// Listen sets the one listener.
func (v *View) Listen(l Listener) { v.listener = l }

// Now is the store's clock, as far as this node knows it: exactly since Sync, and at each check again.
func (v *View) Now() time.Time { return v.clock.Now() }

// Picture is the newest picture of a venue on this node, loaded from the store if it is not in memory.
// [booking.ErrNotFound] if there is no such venue.
func (v *View) Picture(ctx context.Context, id booking.VenueID) (*Picture, error) {
	if e := v.entry(id); e != nil {
		if p := e.picture.Load(); p != nil {
			e.used.Store(v.config.Now().UnixNano())
			return p, nil
		}
	}
	return v.readerCatchUp(ctx, id, 0, false)
}

// Hint says that a venue has reached a revision, as told by another node. It is a hint only: lost ones are made up for by the
// periodic check.
func (v *View) Hint(ctx context.Context, id booking.VenueID, revision booking.Revision) error {
	e := v.entry(id)
	if e == nil {
		return nil
	}
	if p := e.picture.Load(); p == nil || p.Revision >= revision {
		return nil
	}
	_, err := v.catchUp(ctx, id, revision, false)
	return err
}

// CatchUp brings a venue's picture to what the store has now.
func (v *View) CatchUp(ctx context.Context, id booking.VenueID) (*Picture, error) {
	return v.catchUp(ctx, id, newest, false)
}

// Reinsert puts a picture back into memory that left it while somebody was using it, for when the store cannot be read: the periodic check
// brings it up to date. It returns the picture that is in memory then, which is another if the venue has been loaded meanwhile.
func (v *View) Reinsert(p *Picture) *Picture {
	e := v.insert(p)
	if newer := e.picture.Load(); newer != nil {
		return newer
	}
	return p
}

// Apply takes a change that was committed into the picture, and tells the listener. A change that is already in the picture is
// passed over; one that leaves a gap makes the view catch up, and so does one without entries: it may settle a commit in doubt, and
// takes its revision in whatever history the store has then. If that fails the picture stays as it is, and the periodic check finds
// the store ahead of it.
func (v *View) Apply(ctx context.Context, c booking.Change) {
	e := v.entry(c.Venue)
	if e == nil {
		return // not in memory; whoever asks for it loads the change with it
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	p := e.picture.Load()
	if p == nil || c.Revision <= p.Revision {
		return
	}
	if len(c.Entries) > 0 {
		if _, fits := v.apply(e, p, []booking.Change{c}); fits {
			return
		}
	}
	if _, err := v.refresh(ctx, e, false); err != nil {
		v.config.Log.Warn("a venue could not be brought up to date; trying again within a second", "venue", c.Venue, "error", err)
	}
}

// Freshness tells whether a venue's picture may lag behind the store, and the last moment, by the store's clock, at which it was
// known not to. The empty id asks of the view as a whole.
func (v *View) Freshness(id booking.VenueID) (stale bool, asOf time.Time) {
	stale, at := v.stale.Load(), v.asOf.Load()
	if e := v.entry(id); e != nil {
		if lost := e.laggingSince.Load(); lost != 0 {
			stale, at = true, min(lost, at)
		}
	}
	return stale, time.Unix(0, at).UTC()
}

// noListener is the listener of a view that nobody listens to.
type noListener struct{}

func (noListener) Changed(*Picture, booking.Change) {}
func (noListener) Reloaded(*Picture)                {}
func (noListener) Fresh(booking.VenueID)            {}
func (noListener) ClockMoved()                      {}
func (noListener) Watches(booking.VenueID) bool     { return false }
