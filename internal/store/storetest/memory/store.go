package memory

import (
	"cmp"
	"context"
	"crypto/rand"
	"maps"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/store"
)

// Data is what a store holds. It outlives the store, as a file would: another one opened on it finds everything.
type Data struct {
	epoch booking.Epoch
	// row is held by pessimistic transactions from before they read until they have written.
	row sync.Mutex

	// mu guards what follows, for short looks.
	mu     sync.Mutex
	venues map[booking.VenueID]*state
	keys   map[string]store.Key
	// clientSecret is empty until it is asked for.
	clientSecret string
	webhooks     webhooks
	buses        map[string]*bus
}

// NewData is an empty database, with an epoch of its own.
func NewData() *Data {
	return &Data{
		epoch:  booking.Epoch("1-" + strings.ToLower(rand.Text())),
		venues: make(map[booking.VenueID]*state), keys: make(map[string]store.Key), buses: make(map[string]*bus),
	}
}

// Backup keeps all venues and cursors as they are. What it returns puts them back, with their epoch, under the stores that are open: as
// when a volume is rolled back.
func (d *Data) Backup() (restore func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	venues, cursors := maps.Clone(d.venues), make(map[string]map[booking.VenueID]store.Cursor)
	for name, b := range d.buses {
		cursors[name] = maps.Clone(b.cursors)
	}
	return func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.venues = maps.Clone(venues)
		maps.DeleteFunc(d.buses, func(name string, _ *bus) bool { return cursors[name] == nil })
		for name, b := range d.buses {
			b.cursors = maps.Clone(cursors[name])
		}
	}
}

// now are all venues as they are.
func (d *Data) now() map[booking.VenueID]*state {
	d.mu.Lock()
	defer d.mu.Unlock()
	return maps.Clone(d.venues)
}

// venue is the state of a venue, nil if there is none.
func (d *Data) venue(id booking.VenueID) *state {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.venues[id]
}

// replace puts new states in place of those that were read, if these are still the venues' own.
func (d *Data) replace(read, next map[booking.VenueID]*state) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	for id, s := range read {
		if d.venues[id] != s {
			return false
		}
	}
	maps.Copy(d.venues, next)
	return true
}

// Config is what a store needs.
type Config struct {
	Data *Data
	Now  func() time.Time
	// Level is what the program knows; 0 is [booking.CurrentLevel].
	Level booking.Level
	// Optimistic transactions decide without holding the venues' rows, and begin anew if a revision has moved meanwhile.
	Optimistic bool
}

// Store is a [store.Store] over [Data].
type Store struct {
	config Config
	closed atomic.Bool
}

var _ store.Store = (*Store)(nil)

// Open opens a store.
func Open(config Config) *Store {
	config.Level = cmp.Or(config.Level, booking.CurrentLevel)
	return &Store{config: config}
}

// Close makes later calls fail.
func (s *Store) Close() error {
	s.closed.Store(true)
	return nil
}

// usable is nil as long as the store is open and the caller is there.
func (s *Store) usable(ctx context.Context) error {
	if s.closed.Load() {
		return store.ErrUnavailable
	}
	return ctx.Err()
}

func (s *Store) now() time.Time { return rounded(s.config.Now()) }
