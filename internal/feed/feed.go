package feed

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/bus"
	"vacancy/internal/events"
	"vacancy/internal/live"
	"vacancy/internal/store"
	"vacancy/internal/view"
)

// Store reads changes that are proven to be durable; see [store.Relay].
type Store interface {
	DurableChanges(ctx context.Context, venue booking.VenueID, after booking.Revision, limit int) (store.Durable, error)
}

// Pictures are the node's; see [view.View].
type Pictures interface {
	AtLeast(ctx context.Context, venue booking.VenueID, at booking.Position) (*view.Picture, error)
	Now() time.Time
}

// Hub counts who waits, and wakes them; see [live.Hub].
type Hub interface {
	Admit(acquire func() (release func(), err error)) (leave func(), err error)
	Watch(ctx context.Context, venue booking.VenueID, waker live.Waker) (*live.Watch, error)
}

// Config is what a feed needs. All of it must be set.
type Config struct {
	Store    Store
	Pictures Pictures
	Hub      Hub
}

// Feed gives events by cursor. Its methods may be called from any goroutine.
type Feed struct {
	config Config
	ended  context.Context //nolint:containedctx // it is the feed's life, which no call's context is
	end    context.CancelFunc
	// reading has a token for each page that is being read.
	reading chan struct{}

	mu sync.Mutex
	// waiting is how many readers each venue has.
	waiting map[booking.VenueID]int
}

// errFull: the node reads as many pages, or has as many readers of a venue, as it may.
var errFull = fmt.Errorf("the feed is full: %w", booking.ErrBusy)

// New makes a feed. Close ends it.
func New(config Config) *Feed {
	f := &Feed{config: config, reading: make(chan struct{}, maxReads), waiting: make(map[booking.VenueID]int)}
	f.ended, f.end = context.WithCancel(context.Background())
	return f
}

// Close ends the waiting of all readers: [Reader.Next] returns what there is, and [Reader.Ended] tells why.
func (f *Feed) Close() { f.end() }

// Page are the next events of a venue.
type Page struct {
	Events []bus.Event
	// Cursor is where the next page begins.
	Cursor Cursor
	// More tells that there is more at once.
	More bool

	// DueAt is when there is something to tell though nothing changes; zero if there is More.
	DueAt time.Time
}

// Position is for at_least of a GET that is to hold all that is told up to the page's end.
func (p *Page) Position() booking.Position {
	return booking.Position{Epoch: p.Cursor.Epoch, Revision: p.Cursor.Revision}
}

// Read reads the events behind a cursor, at most about limit of them: those of one change come together. Behind the zero cursor there are
// none: the reader begins now, and reads what it wants to know from the API first, at the page's Position or later. Errors:
// [booking.ErrNotFound], [booking.ErrUnavailable], and [booking.ErrBusy] if too many others read.
func (f *Feed) Read(ctx context.Context, venue booking.VenueID, after Cursor, limit int) (Page, error) {
	done, err := f.acquireRead(ctx)
	if err != nil {
		return Page{}, err
	}
	defer done()
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	if (after == Cursor{}) {
		return f.begin(ctx, venue)
	}
	found, at, err := f.changes(ctx, venue, after.Revision)
	switch {
	case err != nil:
		return Page{}, err
	case found.Revision == 0:
		return Page{}, booking.ErrNotFound
	case after.Epoch.LaterThan(found.Epoch) && f.mayBeFound(ctx, venue, after.Epoch):
		return Page{}, fmt.Errorf("%w: the cursor is of a later term of the database", booking.ErrUnavailable)
	}
	if common := lastCommon(after, found, at); found.Epoch != after.Epoch || common != after.Revision {
		page := Page{Cursor: Cursor{Epoch: found.Epoch, Revision: common, Opened: after.Opened}, More: true}
		if common == after.Revision {
			page.Cursor.Batch = after.Batch
		}
		page.Events = []bus.Event{events.VenueReset(venue, found.Epoch, after.Epoch, common, f.config.Pictures.Now())}
		return page, nil
	}
	return f.page(ctx, venue, after, found, limit)
}

// acquireRead waits for a turn to read a page. A change wakes all readers of a venue at once, and the database is there for bookings too.
func (f *Feed) acquireRead(ctx context.Context) (release func(), err error) {
	tooLong := time.NewTimer(turnTimeout)
	defer tooLong.Stop()
	select {
	case f.reading <- struct{}{}:
		return func() { <-f.reading }, nil
	case <-tooLong.C:
		return nil, errFull
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// mayBeFound tells whether the node may find a database of a later term than it knows. Where there is only one, it never will.
func (f *Feed) mayBeFound(ctx context.Context, venue booking.VenueID, later booking.Epoch) bool {
	_, err := f.config.Pictures.AtLeast(ctx, venue, booking.Position{Epoch: later})
	return !errors.Is(err, view.ErrEpoch)
}

// changes reads what follows a revision, and the change of that revision itself, if it is still stored.
func (f *Feed) changes(ctx context.Context, venue booking.VenueID, after booking.Revision) (store.Durable, *booking.Change, error) {
	from, limit := after, maxChanges
	if after > 0 {
		from, limit = after-1, limit+1
	}
	found, err := f.config.Store.DurableChanges(ctx, venue, from, limit)
	if errors.Is(err, store.ErrDamaged) && found.Damaged == after { // it was told already
		found, err = f.config.Store.DurableChanges(ctx, venue, after, maxChanges)
	}
	if err != nil && (!errors.Is(err, store.ErrDamaged) || found.Damaged == 0) {
		return store.Durable{}, nil, err
	}
	if len(found.Changes) > 0 && found.Changes[0].Revision == after {
		at := found.Changes[0]
		found.Changes = found.Changes[1:]
		return found, &at, nil
	}
	return found, nil, nil
}

// lastCommon is the cursor's revision, if the store's history has it as it was told. If not, nobody knows how far back the histories part,
// and it is 0.
func lastCommon(after Cursor, found store.Durable, at *booking.Change) booking.Revision {
	if found.Revision < after.Revision || at != nil && after.Batch != "" && at.Batch != after.Batch {
		return 0
	}
	return after.Revision
}

// begin is the page of a reader who begins now.
func (f *Feed) begin(ctx context.Context, venue booking.VenueID) (Page, error) {
	last, err := f.config.Store.DurableChanges(ctx, venue, 0, 1)
	switch {
	case err != nil && !errors.Is(err, store.ErrDamaged):
		return Page{}, err
	case last.Revision == 0:
		return Page{}, booking.ErrNotFound
	}
	found, at, err := f.changes(ctx, venue, last.Revision)
	if err != nil {
		return Page{}, err
	}
	after := Cursor{Epoch: found.Epoch, Revision: last.Revision}
	if at != nil {
		after.Batch = at.Batch
	}
	found.Changes, found.Revision, found.Damaged = nil, last.Revision, 0
	return f.page(ctx, venue, after, found, 0)
}

// page makes the events of changes that follow a cursor, and of the days that have opened since.
func (f *Feed) page(ctx context.Context, venue booking.VenueID, after Cursor, found store.Durable, limit int) (Page, error) {
	page := Page{Cursor: after}
	now := f.config.Pictures.Now()
	gap := func(to booking.Revision) {
		page.Events = append(page.Events, events.Gap(venue, found.Epoch, page.Cursor.Revision+1, to, now))
		page.Cursor.Revision, page.Cursor.Batch = to, ""
	}
	changes := firstOf(found.Changes, limit)
	if len(changes) > 0 && changes[0].Revision > after.Revision+1 {
		gap(changes[0].Revision - 1)
	}
	last := page.Cursor.Revision
	if len(changes) > 0 {
		last = changes[len(changes)-1].Revision
	}
	picture, err := f.picture(ctx, venue, found, last)
	if err != nil {
		return Page{}, err
	}
	told, err := events.OfChanges(events.Input{Epoch: found.Epoch, Changes: changes, Picture: picture, Now: now})
	if err != nil { // the history was changed just now
		return Page{}, fmt.Errorf("%w: %w", booking.ErrUnavailable, err)
	}
	page.Events = append(page.Events, told...)
	if len(changes) > 0 {
		page.Cursor.Revision, page.Cursor.Batch = last, changes[len(changes)-1].Batch
	}
	// The changes before a damaged one may be past their retention: it is then the first that there is.
	if found.Damaged == last+1 && len(changes) == len(found.Changes) || len(found.Changes) == 0 && found.Damaged > last {
		gap(found.Damaged)
	}
	page.More = page.Cursor.Revision < found.Revision
	if !page.More { // all that there was is told
		var opened []bus.Event
		opened, page.Cursor.Opened = events.DayOpened(picture, after.Opened, now)
		page.Events = append(page.Events, opened...)
		page.DueAt = events.NextDue(picture, now, time.Time{}, picture.Revision)
	}
	return page, nil
}

// firstOf are the first changes, with about limit entries, and one change at least.
func firstOf(changes []booking.Change, limit int) []booking.Change {
	n := 0
	for i, c := range changes {
		if n += len(c.Entries); i > 0 && n > limit {
			return changes[:i]
		}
	}
	return changes
}

// picture is one at a revision or beyond it, that has nothing in it which is not proven to be durable.
func (f *Feed) picture(
	ctx context.Context, venue booking.VenueID, found store.Durable, revision booking.Revision,
) (*view.Picture, error) {
	p, err := f.config.Pictures.AtLeast(ctx, venue, booking.Position{Epoch: found.Epoch, Revision: revision})
	switch {
	case errors.Is(err, view.ErrAhead), errors.Is(err, view.ErrEpoch), errors.Is(err, view.ErrLaterTerm):
		return nil, fmt.Errorf("%w: %w", booking.ErrUnavailable, err) // the database is another since the changes were read
	case err != nil:
		return nil, err
	}
	for range maxProofs {
		if p.Revision <= found.Revision {
			return p, nil
		}
		epoch := found.Epoch
		found, err = f.config.Store.DurableChanges(ctx, venue, p.Revision, 1)
		if err != nil && !errors.Is(err, store.ErrDamaged) {
			return nil, err
		}
		if found.Epoch != epoch {
			break
		}
	}
	return nil, fmt.Errorf("%w: the newest changes are not known to be durable", booking.ErrUnavailable)
}

// Reader waits for the events of a venue. It is for one goroutine at a time.
type Reader struct {
	feed  *Feed
	venue booking.VenueID
	watch *live.Watch
	leave func()
	woken chan struct{}
}

// Open makes a reader, which keeps the venue in memory and counts as a live reader of the node until it is closed. acquire is what it takes
// of its client; see [live.Hub.Admit]. The errors are that of acquire, [booking.ErrBusy], and those of [live.Hub.Watch].
func (f *Feed) Open(ctx context.Context, venue booking.VenueID, acquire func() (release func(), err error)) (*Reader, error) {
	leave, err := f.config.Hub.Admit(func() (func(), error) { return f.admit(venue, acquire) })
	if err != nil {
		return nil, err
	}
	r := &Reader{feed: f, venue: venue, leave: leave, woken: make(chan struct{}, 1)}
	if r.watch, err = f.config.Hub.Watch(ctx, venue, r); err != nil {
		leave()
		return nil, err
	}
	return r, nil
}

// admit counts one more reader of a venue, and of its client.
func (f *Feed) admit(venue booking.VenueID, acquire func() (release func(), err error)) (leave func(), err error) {
	release, err := acquire()
	if err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.waiting[venue] == maxVenueReaders {
		release()
		return nil, errFull
	}
	f.waiting[venue]++
	return func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		if f.waiting[venue]--; f.waiting[venue] == 0 {
			delete(f.waiting, venue)
		}
		release()
	}, nil
}

// Wake implements [live.Waker].
func (r *Reader) Wake() {
	select {
	case r.woken <- struct{}{}:
	default:
	}
}

// Close ends the reader. It is called once.
func (r *Reader) Close() {
	r.watch.Close()
	r.leave()
}

// Ended tells whether the feed was closed, so that the reader should go to another server.
func (r *Reader) Ended() bool { return r.feed.ended.Err() != nil }

// Next is the next page, as [Feed.Read] has it, and waits until it has events, but not longer than wait, nor when the feed is closed.
func (r *Reader) Next(ctx context.Context, after Cursor, limit int, wait time.Duration) (Page, error) {
	deadline := time.NewTimer(wait)
	defer deadline.Stop()
	for {
		began := time.Now()
		page, err := r.feed.Read(ctx, r.venue, after, limit)
		if err != nil || len(page.Events) > 0 || page.More || wait <= 0 || r.Ended() {
			return page, err
		}
		after = page.Cursor
		more, err := r.sleep(ctx, deadline.C, began, page.DueAt)
		if err != nil || !more {
			return page, err
		}
	}
}

// sleep waits until something may have happened; false if it is not to be waited for any more.
func (r *Reader) sleep(ctx context.Context, deadline <-chan time.Time, read time.Time, midnight time.Time) (more bool, err error) {
	opens := time.NewTimer(max(midnight.Sub(r.feed.config.Pictures.Now()), 0) + clockTolerance)
	defer opens.Stop()
	select {
	case <-r.woken:
	case <-opens.C:
	case <-deadline:
		return false, nil
	case <-r.feed.ended.Done():
		return false, nil
	case <-ctx.Done():
		return false, ctx.Err()
	}
	conflated := time.NewTimer(conflationInterval - time.Since(read))
	defer conflated.Stop()
	select {
	case <-conflated.C:
	case <-r.feed.ended.Done():
	case <-ctx.Done():
		return false, ctx.Err()
	}
	return true, nil
}
