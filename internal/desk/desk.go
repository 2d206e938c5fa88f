package desk

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/store"
	"vacancy/internal/view"
)

// Store is what the desk needs of storage.
type Store interface {
	store.Writer
	Bookings
}

// Bookings are the reads of the store that the desk answers from, and looks for lost commits in.
type Bookings interface {
	Venues(ctx context.Context, after booking.VenueID, limit int) ([]booking.Venue, error)
	Booking(ctx context.Context, venue booking.VenueID, id booking.BookingID) (booking.Booking, error)
	Bookings(ctx context.Context, venue booking.VenueID, filter store.Filter) ([]booking.Booking, error)
	Uses(ctx context.Context, venue booking.VenueID, use store.Use, limit int) ([]booking.BookingID, error)
	Due(ctx context.Context, limit int) ([]booking.VenueID, time.Time, error)
	Changes(ctx context.Context, venue booking.VenueID, after booking.Revision, limit int) ([]booking.Change, error)
}

// View is what the desk needs of the node's picture of its venues, a [view.View]. What is committed is applied to it before
// anybody is answered, so that whoever reads after an answer reads what was answered.
type View interface {
	Picture(ctx context.Context, id booking.VenueID) (*view.Picture, error)
	Reload(ctx context.Context, id booking.VenueID) (*view.Picture, error)
	Apply(ctx context.Context, c booking.Change)
	Now() time.Time
}

// Meter is told what the desk does. Its methods must be quick.
type Meter interface {
	// Batch: one transaction over so many venues and commands took so long, up to its commit.
	Batch(venues, commands int, took time.Duration)
}

// Config is what a desk needs. All fields are needed, but for LimitPlaces, Tracer and Failed.
type Config struct {
	Store Store
	View  View
	Log   *slog.Logger
	Meter Meter
	// Tracer, if it is set, is told of the steps of writes.
	Tracer Tracer
	// Lanes is how many transactions run side by side: 1 for a store with one writer.
	Lanes int
	// VenuesPerTransaction is how many waiting venues one transaction takes.
	VenuesPerTransaction int
	// LimitPlaces has the places that clients and contacts take counted, and limited where little is left. ClientSecret is what the tags
	// are keyed with that they are counted by; see [store.Writer].
	LimitPlaces  bool
	ClientSecret string
	// Retention says how long what is not needed any more is kept; zero is for ever.
	Retention store.Retention
	// Failed is told, once, that a lane has panicked or is stuck: nothing helps then but to end the process. If it is nil, a panic is not
	// caught, and a lane is not watched.
	Failed func(reason error)
	// MaxWaiting bounds the commands that wait, and half of it those of one venue; beyond it they are refused with [booking.ErrBusy].
	MaxWaiting int
}

// Desk takes commands and answers them. Its methods may be called from any goroutine, after Start.
type Desk struct {
	config       Config
	queue        *queue
	alternatives *alternativesCache
	timers       sync.Pool // of *time.Timer; see startTimer
	tagMACs      sync.Pool // of *tagMAC

	// outage is when a transaction last found the store away, in Unix nanoseconds; 0 since one has succeeded.
	outage atomic.Int64
	// settling is how many goroutines have left their lanes to settle a commit in doubt.
	settling atomic.Int64
	// inDoubt is how many commits are being settled now.
	inDoubt atomic.Int64

	stop    context.CancelFunc
	running context.Context
	working sync.WaitGroup

	// lanes are watched by a goroutine of watching, until ended is closed.
	lanesMu  sync.Mutex
	lanes    map[*lane]struct{}
	watching sync.WaitGroup
	ended    chan struct{}
	ending   sync.Once
	failing  sync.Once
}

// New makes a desk that does not work yet.
func New(config Config) *Desk {
	running, stop := context.WithCancel(context.Background())
	if config.Tracer == nil {
		config.Tracer = noTracer{}
	}
	return &Desk{
		config: config, queue: newQueue(config.MaxWaiting), alternatives: newAlternativesCache(),
		running: running, stop: stop, lanes: make(map[*lane]struct{}), ended: make(chan struct{}),
	}
}

// Start begins to work off commands and to expire holds.
func (d *Desk) Start() {
	for range d.config.Lanes {
		d.working.Go(d.runLane)
	}
	if d.config.Failed != nil {
		d.watching.Go(d.runWatchdog)
	}
	d.working.Go(d.runExpiry)
	d.working.Go(d.runSweeps)
}

// Close refuses new commands with [booking.ErrUnavailable], finishes those that were accepted, and waits for that. It may be
// called more than once, and before Start.
func (d *Desk) Close() { d.Shutdown(context.Background()) }

// Shutdown is a Close that ends soon, also when the store hangs: once ctx ends, commands that have not begun are answered with
// [booking.ErrUnavailable], and only the transactions under way are waited for.
func (d *Desk) Shutdown(ctx context.Context) {
	d.queue.close()
	d.stop()
	inTime := context.AfterFunc(ctx, d.refuseWaiting)
	defer inTime()
	d.working.Wait()
	d.ending.Do(func() { close(d.ended) })
	d.watching.Wait()
	d.refuseWaiting() // a desk that was never started has no lanes
}

// refuseWaiting answers all commands that have not begun.
func (d *Desk) refuseWaiting() {
	for _, c := range d.queue.drain() {
		if c.start() {
			c.answer(booking.ErrUnavailable)
		}
	}
}

// Waiting is how many commands wait for their transaction.
func (d *Desk) Waiting() int { return d.queue.size() }

// InDoubt is how many goroutines settle a commit whose answer was lost.
func (d *Desk) InDoubt() int { return int(d.inDoubt.Load()) }
