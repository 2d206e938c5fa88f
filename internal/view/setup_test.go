package view_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/store"
	"vacancy/internal/view"
)

var (
	opening = time.Date(2126, 11, 24, 9, 0, 0, 0, time.UTC)
	errDown = errors.New("the store is down")
	errBad  = errors.New("a row cannot be read")
	discard = slog.New(slog.DiscardHandler)
)

// history is a store that holds the changes of one venue, "v", with one resource, "r". Another venue, "w", has the same.
type history struct {
	store.Reader

	mu      sync.Mutex
	epoch   booking.Epoch
	changes []booking.Change
	// batches counts the changes that were ever made; by that they are named. The first change of all is of batch "0".
	batches int
	down    bool
	// gone: the venues do not exist.
	gone bool
	// stored is the resource as it is stored.
	stored booking.Resource
	// bad is a venue that cannot be read.
	bad booking.VenueID
	// ahead is how far the store's clock is ahead of the node's.
	ahead time.Duration
	// loads, caught and asked count the calls of Load, Changes and Revisions.
	loads, caught, asked int
	// since is what the last Load was told.
	since time.Time
	// held, if set, holds up what Changes has read on its way.
	held chan struct{}
	// frozen, if set, is closed when the store answers again. Until then it answers nothing, and notices only that a caller leaves.
	frozen chan struct{}
}

func newHistory() *history {
	return &history{epoch: "e1", stored: booking.Resource{ID: "r", Capacity: 1000}}
}

// commit adds a change that claims one unit, and returns it.
func (h *history) commit() booking.Change {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.add([]booking.Entry{{Kind: booking.BookingConfirmed, Booking: &booking.BookingTransition{Claimed: []booking.Claim{claim()}}}})
}

// add adds a change. h.mu is held.
func (h *history) add(entries []booking.Entry) booking.Change {
	h.batches++
	c := booking.Change{Venue: "v", Revision: h.revision() + 1, Batch: strconv.Itoa(h.batches), Entries: entries}
	h.changes = append(h.changes, c)
	return c
}

// all are the changes with the first of all, which made the venue.
func (h *history) all() []booking.Change {
	return slices.Concat([]booking.Change{{Venue: "v", Revision: 1, Batch: "0"}}, h.changes)
}

func (h *history) last() store.Last {
	return store.Last{Revision: h.revision(), Batch: h.all()[len(h.changes)].Batch}
}

func (h *history) revision() booking.Revision { return booking.Revision(len(h.changes) + 1) }

func claim() booking.Claim {
	return booking.Claim{Resource: "r", Start: opening, End: opening.Add(time.Hour), Units: 1}
}

// fault is why a venue cannot be read. h.mu is held.
func (h *history) fault(id booking.VenueID) error {
	switch {
	case h.down:
		return errDown
	case id == h.bad:
		return errBad
	case h.gone, id != "v" && id != "w":
		return booking.ErrNotFound
	}
	return nil
}

func (h *history) Load(ctx context.Context, id booking.VenueID, since time.Time) (store.Loaded, error) {
	if err := h.thaw(ctx); err != nil {
		return store.Loaded{}, err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := h.fault(id); err != nil {
		return store.Loaded{}, err
	}
	h.loads++
	h.since = since
	l := store.Loaded{
		Epoch: h.epoch, Revision: h.revision(), Batch: h.last().Batch, Venue: booking.Venue{ID: id, TimeZone: "UTC"},
		Resources: []booking.Resource{h.stored},
	}
	for _, c := range h.changes {
		for _, e := range c.Entries {
			if e.Booking != nil {
				l.Claims = append(l.Claims, e.Booking.Claimed...)
			}
		}
	}
	return l, nil
}

func (h *history) Changes(
	ctx context.Context, id booking.VenueID, after booking.Revision, limit int,
) ([]booking.Change, error) {
	if err := h.thaw(ctx); err != nil {
		return nil, err
	}
	changes, held, err := h.read(id, after, limit)
	if held != nil {
		select {
		case <-held:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	return changes, err
}

func (h *history) read(
	id booking.VenueID, after booking.Revision, limit int,
) (changes []booking.Change, held chan struct{}, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.caught++
	if err := h.fault(id); err != nil {
		return nil, nil, err
	}
	rest := h.all()[min(int(after), len(h.changes)+1):]
	return slices.Clone(rest[:min(limit, len(rest))]), h.held, nil
}

func (h *history) Revisions(ctx context.Context, ids []booking.VenueID) (store.Revisions, error) {
	if err := h.thaw(ctx); err != nil {
		return store.Revisions{}, err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.asked++
	if h.down {
		return store.Revisions{}, errDown
	}
	current := store.Revisions{Epoch: h.epoch, Now: time.Now().Add(h.ahead), Of: make(map[booking.VenueID]store.Last)}
	for _, id := range ids {
		if !h.gone {
			current.Of[id] = h.last()
		}
	}
	return current, nil
}

// thaw waits until the store is not frozen.
func (h *history) thaw(ctx context.Context) error {
	h.mu.Lock()
	frozen := h.frozen
	h.mu.Unlock()
	if frozen == nil {
		return nil
	}
	select {
	case <-frozen:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (h *history) set(change func(*history)) {
	h.mu.Lock()
	defer h.mu.Unlock()
	change(h)
}

// notebook writes down what a listener hears.
type notebook struct {
	mu      sync.Mutex
	heard   []string
	watched bool
}

func (n *notebook) note(format string, args ...any) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.heard = append(n.heard, fmt.Sprintf(format, args...))
}

func (n *notebook) Changed(p *view.Picture, c booking.Change) {
	n.note("changed %d %d", p.Revision, c.Revision)
}
func (n *notebook) Reloaded(p *view.Picture)     { n.note("reloaded %d", p.Revision) }
func (n *notebook) Fresh(id booking.VenueID)     { n.note("freshness of %q", id) }
func (n *notebook) ClockMoved()                  { n.note("clock moved") }
func (n *notebook) Watches(booking.VenueID) bool { return n.watched }

func (n *notebook) said() []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.Clone(n.heard)
}

func newView(h *history, maxVenues int) (*view.View, *notebook) {
	v := view.New(view.Config{Store: h, Now: time.Now, Log: discard, MaxVenues: maxVenues})
	n := &notebook{}
	v.Listen(n)
	return v, n
}

func picture(t *testing.T, v *view.View) *view.Picture {
	t.Helper()
	p, err := v.Picture(t.Context(), "v")
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func taken(p *view.Picture) int { return p.Ledgers.Taken("r", opening, opening.Add(time.Minute)) }
