package outbox_test

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"sync"
	"testing"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/store"
	"vacancy/internal/view"
)

// world is a database with its venues, as the relay sees it: a [store.Relay], and pictures of each revision. Tests write to it, and may put
// it back, trim it, and damage it.
type world struct {
	t testing.TB

	mu      sync.Mutex
	epoch   booking.Epoch
	venues  map[booking.VenueID]*worldVenue
	buses   map[string]map[booking.VenueID]store.Cursor
	leases  [store.Shards]worldLease
	holders map[string]time.Time
	// statements counts the calls by name.
	statements map[string]int
	// fail, if set, may have a call fail.
	fail func(call string, venue booking.VenueID) error
	// batches counts changes, so that each has a batch of its own.
	batches int
}

// worldVenue is a venue: pictures[r] is of revision r, and changes[r-1] made it.
type worldVenue struct {
	pictures []*view.Picture
	changes  []booking.Change
	// trimmed is the last revision whose change was deleted, damaged those that cannot be decoded.
	trimmed booking.Revision
	damaged map[booking.Revision]bool
	// volatile is how many of the last revisions are visible and not durable.
	volatile int
	// live are the bookings that claim.
	live []booking.BookingTransition
	made int
}

func (v *worldVenue) revision() booking.Revision { return booking.Revision(len(v.changes)) }

func (v *worldVenue) newest() *view.Picture { return v.pictures[len(v.pictures)-1] }

type worldLease struct {
	holder string
	until  time.Time
}

func newWorld(tb testing.TB) *world {
	tb.Helper()
	return &world{
		t: tb, epoch: "1-first", venues: make(map[booking.VenueID]*worldVenue), buses: make(map[string]map[booking.VenueID]store.Cursor),
		holders: make(map[string]time.Time), statements: make(map[string]int),
	}
}

// call counts a call, and has it fail if the test wants that. The lock is held when it returns nil.
func (w *world) call(ctx context.Context, name string, venue booking.VenueID) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	w.mu.Lock()
	w.statements[name]++
	if w.fail != nil {
		if err := w.fail(name, venue); err != nil {
			w.mu.Unlock()
			return err
		}
	}
	return nil
}

func (w *world) RegisterBus(ctx context.Context, bus string) error {
	return w.RegisterBusAt(ctx, bus, math.MaxUint64)
}

func (w *world) RegisterBusAt(ctx context.Context, bus string, revision booking.Revision) error {
	if err := w.call(ctx, "RegisterBus", ""); err != nil {
		return err
	}
	defer w.mu.Unlock()
	if w.buses[bus] != nil {
		return nil
	}
	w.buses[bus] = make(map[booking.VenueID]store.Cursor)
	for id, v := range w.venues {
		p := v.pictures[min(revision, v.revision())]
		w.buses[bus][id] = store.Cursor{Venue: id, Epoch: w.epoch, Revision: p.Revision, Batch: p.Batch, DueAt: time.Now()}
	}
	return nil
}

func (w *world) KeepLeases(ctx context.Context, lease store.Lease) ([]store.Shard, error) {
	if err := w.call(ctx, "KeepLeases", ""); err != nil {
		return nil, err
	}
	defer w.mu.Unlock()
	now := time.Now()
	w.holders[lease.Holder] = now.Add(lease.Duration)
	holders := 0
	for _, until := range w.holders {
		if until.After(now) {
			holders++
		}
	}
	share := (store.Shards + holders - 1) / holders
	var held []store.Shard
	for i := range w.leases {
		l := &w.leases[i]
		mine := l.holder == lease.Holder
		switch {
		case len(held) < share && (mine || !l.until.After(now)):
			*l = worldLease{holder: lease.Holder, until: now.Add(lease.Duration)}
			held = append(held, store.Shard(i))
		case mine && !slices.Contains(lease.Held, store.Shard(i)): // what it is still at work on, it keeps, and is not told to have
			*l = worldLease{}
		}
	}
	return held, nil
}

func (w *world) ReleaseLeases(ctx context.Context, _, holder string) error {
	if err := w.call(ctx, "ReleaseLeases", ""); err != nil {
		return err
	}
	defer w.mu.Unlock()
	delete(w.holders, holder)
	for i := range w.leases {
		if w.leases[i].holder == holder {
			w.leases[i] = worldLease{}
		}
	}
	return nil
}

func (w *world) Unsent(ctx context.Context, bus string, after booking.VenueID, limit int) ([]booking.VenueID, error) {
	if err := w.call(ctx, "Unsent", ""); err != nil {
		return nil, err
	}
	defer w.mu.Unlock()
	var found []booking.VenueID
	for _, id := range slices.Sorted(maps.Keys(w.venues)) {
		c := w.buses[bus][id]
		due := !c.DueAt.IsZero() && !c.DueAt.After(time.Now())
		if id > after && len(found) < limit && (w.venues[id].revision() > c.Revision || c.Epoch != w.epoch || due) {
			found = append(found, id)
		}
	}
	return found, nil
}

func (w *world) Cursors(ctx context.Context, bus string, venues []booking.VenueID) (map[booking.VenueID]store.Cursor, error) {
	if err := w.call(ctx, "Cursors", ""); err != nil {
		return nil, err
	}
	defer w.mu.Unlock()
	found := make(map[booking.VenueID]store.Cursor)
	for _, id := range venues {
		if c, ok := w.buses[bus][id]; ok {
			found[id] = c
		}
	}
	return found, nil
}

func (w *world) MoveCursors(ctx context.Context, bus, holder string, cursors []store.Cursor) ([]booking.VenueID, error) {
	if err := w.call(ctx, "MoveCursors", ""); err != nil {
		return nil, err
	}
	defer w.mu.Unlock()
	var lost []booking.VenueID
	for _, c := range cursors {
		if l := w.leases[store.ShardOf(c.Venue)]; l.holder != holder || !l.until.After(time.Now()) {
			lost = append(lost, c.Venue)
			continue
		}
		if was := w.buses[bus][c.Venue]; was.Epoch.LaterThan(c.Epoch) || was.Epoch == c.Epoch && was.Revision > c.Revision {
			continue // a cursor does not go back
		}
		w.buses[bus][c.Venue] = c
	}
	return lost, nil
}

func (w *world) DurableChanges(
	ctx context.Context, id booking.VenueID, after booking.Revision, limit int,
) (store.Durable, error) {
	if err := w.call(ctx, "DurableChanges", id); err != nil {
		return store.Durable{}, err
	}
	defer w.mu.Unlock()
	if v := w.venues[id]; v != nil && v.volatile > 0 {
		return store.Durable{}, fmt.Errorf("%w: not proven in time", store.ErrUnavailable)
	}
	return w.read(id, after, limit)
}

// read is what a database shows. The lock is held.
func (w *world) read(id booking.VenueID, after booking.Revision, limit int) (store.Durable, error) {
	v := w.venues[id]
	if v == nil {
		return store.Durable{Epoch: w.epoch}, nil
	}
	d := store.Durable{Epoch: w.epoch, Revision: v.revision()}
	for r := max(after, v.trimmed) + 1; r <= v.revision() && len(d.Changes) < limit; r++ {
		if v.damaged[r] {
			d.Damaged = r
			return d, fmt.Errorf("change %d: %w", r, store.ErrDamaged)
		}
		d.Changes = append(d.Changes, v.changes[r-1])
	}
	return d, nil
}

var _ store.Relay = (*world)(nil)

// cursor is what is stored of a venue.
func (w *world) cursor(id booking.VenueID) store.Cursor {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.buses[busName][id]
}

// picture is the newest of a venue.
func (w *world) picture(id booking.VenueID) *view.Picture {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.venues[id].newest()
}

// revision is a venue's.
func (w *world) revision(id booking.VenueID) booking.Revision { return w.picture(id).Revision }

// count is how often a call was made.
func (w *world) count(call string) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.statements[call]
}

// calls are all that were made, by name.
func (w *world) calls() map[string]int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return maps.Clone(w.statements)
}

// leased is how many leases somebody has.
func (w *world) leased() (n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for i := range w.leases {
		if w.leases[i].holder != "" {
			n++
		}
	}
	return n
}

func (w *world) resetCounts() {
	w.mu.Lock()
	defer w.mu.Unlock()
	clear(w.statements)
}

// failing sets what fails.
func (w *world) failing(f func(call string, venue booking.VenueID) error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.fail = f
}
