package feed_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"

	"vacancy/internal/booking"
	"vacancy/internal/feed"
	"vacancy/internal/store"
)

// slow is a store that answers nothing until it is let go.
type slow struct {
	feed.Store
	answer chan struct{}

	mu           sync.Mutex
	asking, most int
}

func (d *slow) DurableChanges(
	ctx context.Context, venue booking.VenueID, after booking.Revision, limit int,
) (store.Durable, error) {
	d.mu.Lock()
	d.asking++
	d.most = max(d.most, d.asking)
	d.mu.Unlock()
	<-d.answer
	d.mu.Lock()
	defer d.mu.Unlock()
	d.asking--
	return d.Store.DurableChanges(ctx, venue, after, limit)
}

// However many read, the database is asked for a few pages at a time. Who does not get its turn is told so; when the database is quick
// again, all do.
func TestReadsAreBounded(t *testing.T) {
	t.Parallel()
	inScene(t, func(t *testing.T, s *scene) {
		const readers = 3 * feed.MaxReads
		after := s.read(feed.Cursor{}, 10).Cursor
		database := &slow{Store: s.store, answer: make(chan struct{})}
		f := feed.New(feed.Config{Store: database, Pictures: s.View, Hub: s.Hub})
		defer f.Close()
		results := make(chan error, readers)
		read := func(ctx context.Context) {
			_, err := f.Read(ctx, "ferry", after, 10)
			results <- err
		}
		for range readers - 1 {
			go read(t.Context())
		}
		gone, cancel := context.WithCancel(t.Context())
		synctest.Wait()
		go read(gone)
		synctest.Wait()
		cancel()
		if err := <-results; !errors.Is(err, context.Canceled) {
			t.Errorf("one that has gone: %v", err)
		}
		for range readers - 1 - feed.MaxReads {
			if err := <-results; !errors.Is(err, booking.ErrBusy) {
				t.Errorf("one too many: %v", err)
			}
		}
		close(database.answer)
		for range feed.MaxReads {
			if err := <-results; errors.Is(err, booking.ErrBusy) {
				t.Errorf("one that had its turn: %v", err)
			}
		}
		for range readers {
			go read(t.Context())
		}
		for range readers {
			if err := <-results; err != nil {
				t.Errorf("with a quick database: %v", err)
			}
		}
		if database.most != feed.MaxReads {
			t.Errorf("%d pages were read at once, want %d", database.most, feed.MaxReads)
		}
	})
}

// A venue has so many readers. Another has its own, and who leaves makes room.
func TestReadersOfAVenueAreBounded(t *testing.T) {
	t.Parallel()
	inScene(t, func(t *testing.T, s *scene) {
		open := func(venue booking.VenueID) *feed.Reader {
			t.Helper()
			r, err := s.feed.Open(t.Context(), venue, s.acquire)
			if err != nil {
				t.Fatal(err)
			}
			return r
		}
		var all []*feed.Reader
		for range feed.MaxVenueReaders {
			all = append(all, open("ferry"))
		}
		if _, err := s.feed.Open(t.Context(), "ferry", s.acquire); !errors.Is(err, booking.ErrBusy) || s.held != len(all) {
			t.Errorf("one too many: %v, and %d are counted", err, s.held)
		}
		all[0].Close()
		all[0] = open("ferry")
		all = append(all, open("barber"))
		for _, r := range all {
			r.Close()
		}
		if s.held != 0 {
			t.Errorf("%d are counted, and none waits", s.held)
		}
	})
}
