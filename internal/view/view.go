package view

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/store"
)

// errGap: a change does not follow the picture; others are missing between.
var errGap = errors.New("a change is missing")

const (
	// keep is how long claims stay in the ledgers after their end: longer than any buffer, so that no slot that can still be
	// asked about misses one.
	keep = booking.MaxBuffer + 24*time.Hour
	// checkEvery is the period of the freshness check.
	checkEvery = time.Second
	// checkTimeout bounds one freshness check.
	checkTimeout = 2 * time.Second
	// forgetEvery is how often the past is dropped from the ledgers.
	forgetEvery = time.Hour
)

// Listener hears of every new picture. Calls for one venue come in order, one at a time, and hold up the next change of that
// venue, so they must be quick and must not call the view's Apply.
type Listener interface {
	// Changed follows one applied change.
	Changed(p *Picture, c booking.Change)
	// Reloaded follows a picture that was read anew: nothing is known of what changed between.
	Reloaded(p *Picture)
	// Fresh is called when the view becomes stale or fresh again; asOf is the last moment it was known to equal the store.
	Fresh(stale bool, asOf time.Time)
	// Watches tells whether somebody waits for changes of the venue, so that it must stay in memory.
	Watches(id booking.VenueID) bool
}

// Config is what a view needs. All fields are needed.
type Config struct {
	Store store.Reader
	// Now is the store's clock as this node knows it.
	Now func() time.Time
	Log *slog.Logger
	// MaxVenues bounds how many venues are kept in memory; the one that was read longest ago goes first.
	MaxVenues int
}

// View is the node's picture of its venues. Its methods may be called from any goroutine.
type View struct {
	config   Config
	listener Listener

	mu     sync.RWMutex
	venues map[booking.VenueID]*venue

	asOf  atomic.Int64 // Unix nanoseconds
	stale atomic.Bool
}

// venue is one venue's place in the view.
type venue struct {
	// mu serialises loads and changes of this venue. Readers need no lock.
	mu      sync.Mutex
	picture atomic.Pointer[Picture]
	used    atomic.Int64 // Unix nanoseconds of the last read
}

// New makes an empty view. Listen must be called before anything is read, if anybody listens.
func New(config Config) *View {
	return &View{config: config, listener: nobody{}, venues: make(map[booking.VenueID]*venue)}
}

// Listen sets the one listener.
func (v *View) Listen(l Listener) { v.listener = l }

// Now is the store's clock.
func (v *View) Now() time.Time { return v.config.Now() }

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

// AtLeast is like Picture, but not before the given revision: a node that is behind catches up once.
// [ErrAhead] if the store is not that far either.
func (v *View) AtLeast(ctx context.Context, id booking.VenueID, revision booking.Revision) (*Picture, error) {
	p, err := v.Picture(ctx, id)
	if err != nil || p.Revision >= revision {
		return p, err
	}
	if p, err = v.CatchUp(ctx, id); err != nil {
		return nil, err
	}
	if p.Revision < revision {
		return nil, ErrAhead
	}
	return p, nil
}

// ErrAhead: the revision asked for is one that the store does not have (yet, or in this epoch).
var ErrAhead = errors.New("the revision is ahead of the store")

// Apply takes a change that was committed into the picture, and tells the listener. A change that is already in the picture is
// passed over; one that leaves a gap makes the view catch up. If that fails the picture stays as it is, and the periodic check
// finds the store ahead of it.
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
	next, err := p.With(c)
	if err == nil {
		entry.picture.Store(next)
		v.listener.Changed(next, c)
		return
	}
	if _, err = v.catchUpLocked(ctx, c.Venue, entry); err != nil {
		v.config.Log.Warn("a venue could not be brought up to date; trying again within a second", "venue", c.Venue, "error", err)
	}
}

// CatchUp brings a venue's picture to what the store has now.
func (v *View) CatchUp(ctx context.Context, id booking.VenueID) (*Picture, error) {
	entry := v.entry(id)
	if entry == nil {
		return v.load(ctx, id)
	}
	entry.mu.Lock()
	defer entry.mu.Unlock()
	return v.catchUpLocked(ctx, id, entry)
}

// Reload reads a venue from the store, whatever its picture is: for a picture that does not fit the store's history.
func (v *View) Reload(ctx context.Context, id booking.VenueID) (*Picture, error) {
	entry := v.entry(id)
	if entry == nil {
		return v.load(ctx, id)
	}
	entry.mu.Lock()
	defer entry.mu.Unlock()
	return v.readLocked(ctx, id, entry)
}

// Hint says that a venue has reached a revision, as told by another node. It is a hint only: lost ones are made up for by the
// periodic check.
func (v *View) Hint(ctx context.Context, id booking.VenueID, revision booking.Revision) error {
	entry := v.entry(id)
	if entry == nil {
		return nil
	}
	if p := entry.picture.Load(); p == nil || p.Revision >= revision {
		return nil
	}
	_, err := v.CatchUp(ctx, id)
	return err
}

// Freshness tells whether the view may lag behind the store, and the last moment at which it was known not to.
func (v *View) Freshness() (stale bool, asOf time.Time) {
	if v.stale.Load() {
		return true, time.Unix(0, v.asOf.Load()).UTC()
	}
	return false, v.config.Now().UTC()
}

func (v *View) entry(id booking.VenueID) *venue {
	v.mu.RLock()
	defer v.mu.RUnlock()
	return v.venues[id]
}

// load reads a venue that is not in memory. Whoever else asks meanwhile waits for the same read.
func (v *View) load(ctx context.Context, id booking.VenueID) (*Picture, error) {
	entry := v.enter(id)
	defer entry.mu.Unlock()
	if p := entry.picture.Load(); p != nil {
		return p, nil
	}
	p, err := v.read(ctx, id)
	if err != nil {
		v.mu.Lock()
		delete(v.venues, id) // names that do not exist must not fill the memory
		v.mu.Unlock()
		return nil, err
	}
	entry.used.Store(v.config.Now().UnixNano())
	entry.picture.Store(p)
	v.listener.Reloaded(p)
	v.makeRoom(id)
	return p, nil
}

// enter takes the lock of the venue's entry, which it makes if there is none. An entry that was given up while we waited for its
// lock is no longer the venue's: a picture in it would hear of no change.
func (v *View) enter(id booking.VenueID) *venue {
	for {
		v.mu.Lock()
		entry, ok := v.venues[id]
		if !ok {
			entry = &venue{}
			v.venues[id] = entry
		}
		v.mu.Unlock()
		entry.mu.Lock()
		if v.entry(id) == entry {
			return entry
		}
		entry.mu.Unlock()
	}
}

func (v *View) read(ctx context.Context, id booking.VenueID) (_ *Picture, err error) {
	defer func() {
		if err != nil && !errors.Is(err, booking.ErrNotFound) {
			err = fmt.Errorf("load venue %s: %w", id, err)
		}
	}()
	since := v.config.Now().Add(-keep).UTC().Truncate(24 * time.Hour) // ledgers forget whole days
	loaded, err := v.config.Store.Load(ctx, id, since)
	if err != nil {
		return nil, err
	}
	return pictureOf(loaded, since)
}

// catchUpLocked applies the changes that are missing, or loads the venue anew if they are too many or do not fit.
func (v *View) catchUpLocked(ctx context.Context, id booking.VenueID, entry *venue) (*Picture, error) {
	p := entry.picture.Load()
	if p != nil {
		changes, err := v.config.Store.Changes(ctx, id, p.Revision, store.MaxChanges)
		if err != nil {
			return nil, err
		}
		if len(changes) < store.MaxChanges {
			if next, ok := v.follow(entry, p, changes); ok {
				return next, nil
			}
		}
	}
	return v.readLocked(ctx, id, entry)
}

// readLocked replaces the picture by what the store has.
func (v *View) readLocked(ctx context.Context, id booking.VenueID, entry *venue) (*Picture, error) {
	p, err := v.read(ctx, id)
	if err != nil {
		return nil, err
	}
	entry.picture.Store(p)
	v.listener.Reloaded(p)
	return p, nil
}

// follow applies changes one by one; false if one does not fit.
func (v *View) follow(entry *venue, p *Picture, changes []booking.Change) (*Picture, bool) {
	for _, c := range changes {
		next, err := p.With(c)
		if err != nil {
			return nil, false
		}
		p = next
		entry.picture.Store(p)
		v.listener.Changed(p, c)
	}
	return p, true
}

// makeRoom drops the venue that was read longest ago when there are too many, but not the one that was just loaded, nor one
// that is watched: its readers would never hear of a change again.
func (v *View) makeRoom(just booking.VenueID) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if len(v.venues) <= v.config.MaxVenues {
		return
	}
	var oldest booking.VenueID
	var at int64
	for id, entry := range v.venues {
		used := entry.used.Load()
		if id != just && (oldest == "" || used < at) && !v.listener.Watches(id) {
			oldest, at = id, used
		}
	}
	delete(v.venues, oldest)
}

// nobody is the listener of a view that nobody listens to.
type nobody struct{}

func (nobody) Changed(*Picture, booking.Change) {}
func (nobody) Reloaded(*Picture)                {}
func (nobody) Fresh(bool, time.Time)            {}
func (nobody) Watches(booking.VenueID) bool     { return false }
