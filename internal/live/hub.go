package live

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/view"
)

// ErrFull: the node serves as many readers, or keeps as many day states, as it is allowed to. Another node, or this one a little
// later, may do.
var ErrFull = fmt.Errorf("the live hub is full: %w", booking.ErrBusy)

// ErrLaterTerm: a position is of a later term of the database than the node knows, and the node has not found that term either: it may be
// cut off from the database in charge, or somebody made it up.
var ErrLaterTerm = errors.New("the position is of a later term of the database")

// View is what the hub needs of a [view.View].
type View interface {
	Picture(ctx context.Context, id booking.VenueID) (*view.Picture, error)
	AtLeast(ctx context.Context, id booking.VenueID, at booking.Position) (*view.Picture, error)
	// Reinsert puts a picture back into memory that left it while it was used.
	Reinsert(p *view.Picture) *view.Picture
	Now() time.Time
	Freshness(id booking.VenueID) (stale bool, asOf time.Time)
}

// Documents gives the document of one booking as GET would answer it, to whoever may see it. The hub passes it on as it is.
type Documents interface {
	// Booking is asked for again at every change, and checks the token each time. The errors are those of the API:
	// [booking.ErrNotFound], [booking.ErrUnauthenticated], [booking.ErrForbidden], [booking.ErrUnavailable].
	Booking(ctx context.Context, venue booking.VenueID, id booking.BookingID, token string) ([]byte, error)
}

// Config is what a hub needs. View, Documents and Log must be set; a limit that is zero is the default.
type Config struct {
	View      View
	Documents Documents
	Log       *slog.Logger
	Metrics   Metrics // nil: nobody measures
	// MaxDayStates bounds the day states in memory.
	MaxDayStates int
	// MaxVenueDayStates bounds the part of them that one venue may have.
	MaxVenueDayStates int
	// MaxWindows bounds the queries in memory, each of which is a window over some days.
	MaxWindows int
	// MaxBacklog bounds the bytes that wait for slow readers.
	MaxBacklog int64
	// MaxReaders bounds the connections.
	MaxReaders int
}

// Hub serves live queries: see the package's comment. It is the [view.Listener] of its view.
type Hub struct {
	config Config
	// resets has a frame for each reason.
	resets map[Reason]*Frame
	// backlog is what waits for readers.
	backlog *Backlog
	// freshness is the node's. noting is held while the view is asked for it, or for a venue's.
	freshness   atomic.Pointer[freshness]
	freshnessMu sync.Mutex
	// broadcaster wakes everybody.
	broadcaster Worker
	readers     atomic.Int64
	// idled counts how often a window was left by its last user.
	idled atomic.Uint64
	// computing holds a token for each answer that is computed without being kept.
	computing chan struct{}
	panics    panicLog

	// mu guards the index. It is held for short looks only.
	mu    sync.RWMutex
	index index
}

var _ view.Listener = (*Hub)(nil)

// New makes a hub. Close ends it.
func New(config Config) *Hub {
	config.MaxDayStates = cmp.Or(config.MaxDayStates, DefaultMaxDayStates)
	config.MaxVenueDayStates = cmp.Or(config.MaxVenueDayStates, max(config.MaxDayStates/maxVenuePart, 1))
	config.MaxWindows = cmp.Or(config.MaxWindows, DefaultMaxWindows)
	config.MaxBacklog = cmp.Or(config.MaxBacklog, DefaultMaxBacklog)
	config.MaxReaders = cmp.Or(config.MaxReaders, DefaultMaxReaders)
	if config.Metrics == nil {
		config.Metrics = noMetrics{}
	}
	h := &Hub{
		config: config,
		resets: make(map[Reason]*Frame), backlog: NewBacklog(config.MaxBacklog), computing: make(chan struct{}, maxComputing),
		index: index{venues: make(map[booking.VenueID]*venue), windows: make(map[Query]*window)},
	}
	for _, reason := range []Reason{ScheduleChanged, PositionUnknown, EpochChanged} {
		h.resets[reason] = &Frame{Event: EventReset, Reason: reason}
	}
	h.broadcaster.Work = func() { h.Protect("all readers", h.broadcast) }
	h.noteFreshness()
	return h
}

// Close stops the hub's timers and waits for its goroutines. Readers hear nothing more; their transports must be closed before.
func (h *Hub) Close() {
	h.broadcaster.Stop()
	for _, v := range h.venues() {
		v.mu.Lock()
		v.timer.Stop()
		v.mu.Unlock()
		v.worker.Stop()
	}
}

// Backlog is what the transports write frames with.
func (h *Hub) Backlog() *Backlog { return h.backlog }

// Changed implements [view.Listener].
func (h *Hub) Changed(p *view.Picture, c booking.Change) { h.enqueue(c.Venue, p, &c) }

// Reloaded implements [view.Listener].
func (h *Hub) Reloaded(p *view.Picture) { h.enqueue(p.Venue.ID, p, nil) }

func (h *Hub) enqueue(id booking.VenueID, p *view.Picture, c *booking.Change) {
	v := h.find(id)
	if v == nil {
		return // nobody looks at it; whoever does later begins with this picture or a newer one
	}
	v.queue.enqueue(p, c)
	if v.watchers.Load() > 0 {
		v.worker.Trigger()
	}
}

// Watches implements [view.Listener].
func (h *Hub) Watches(id booking.VenueID) bool {
	v := h.find(id)
	return v != nil && v.watchers.Load() > 0
}

// find is the venue of that id, nil if nobody looks at it.
func (h *Hub) find(id booking.VenueID) *venue {
	h.mu.RLock()
	defer h.mu.RUnlock()
	return h.index.venues[id]
}

// ClockMoved implements [view.Listener].
func (h *Hub) ClockMoved() {
	for _, v := range h.venues() {
		if v.watchers.Load() > 0 {
			v.worker.Trigger()
		}
	}
}

func (h *Hub) venues() []*venue {
	h.mu.RLock()
	defer h.mu.RUnlock()
	return slices.Collect(maps.Values(h.index.venues))
}

// wakers are all that wait for something of the venue.
func (v *venue) wakers() (all []Waker) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for w := range v.watched {
		for _, s := range w.subs {
			all = append(all, s.waker)
		}
	}
	for _, follows := range v.follows {
		for _, f := range follows {
			all = append(all, f.waker)
		}
	}
	for _, w := range v.watches {
		all = append(all, w.waker)
	}
	return all
}

// Admit counts one more connection in, of its client and of the node. What it takes of the client is for acquire to say, whose error it
// returns; [ErrFull] if the node has too many. Else leave must be called when the connection ends, once.
func (h *Hub) Admit(acquire func() (release func(), err error)) (leave func(), err error) {
	release, err := acquire()
	if err != nil {
		return nil, err
	}
	n := h.readers.Add(1)
	if n > int64(h.config.MaxReaders) {
		h.readers.Add(-1)
		release()
		return nil, ErrFull
	}
	h.config.Metrics.Readers(int(n))
	return func() {
		h.config.Metrics.Readers(int(h.readers.Add(-1)))
		release()
	}, nil
}
