package postgres

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/store"
	"vacancy/internal/store/postgres/postgrestest"
	"vacancy/internal/store/storetest"
)

// sent collects notifications with the time at which each was sent.
type sent struct {
	mu    sync.Mutex
	begun time.Time
	notes []string
	at    []time.Duration
	err   error
}

func (s *sent) send(_ context.Context, note string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, rest, _ := strings.Cut(note, " ")
	s.notes, s.at = append(s.notes, rest), append(s.at, time.Since(s.begun))
	return s.err
}

func TestWakerCoalesces(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &sent{begun: time.Now()}
		w := newNotifier(s.send, slog.New(slog.DiscardHandler))
		defer w.close()
		synctest.Wait()
		w.committed("a", 7)
		for n := range booking.Revision(100) {
			synctest.Wait()
			w.committed("a", 8+n)
			time.Sleep(time.Millisecond) //nolint:forbidigo // virtual time
		}
		time.Sleep(time.Second) //nolint:forbidigo // virtual time
		w.committed("b", 1)
		synctest.Wait()
		if got := fmt.Sprint(s.at); got != "[0s 20ms 40ms 60ms 80ms 100ms 1.1s]" {
			t.Errorf("sent at %s", got)
		}
		if s.notes[0] != "a=7" || s.notes[5] != "a=107" || s.notes[6] != "b=1" {
			t.Errorf("sent %q", s.notes)
		}
	})
}

// TestWakerManyVenues tells of more venues than one notification has room for, and forgets those that are beyond all measure.
func TestWakerManyVenues(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &sent{err: errors.New("no such function")}
		w := newNotifier(s.send, slog.New(slog.DiscardHandler))
		defer w.close()
		synctest.Wait()
		for n := range maxPending + 10 {
			w.committed(booking.VenueID(fmt.Sprintf("%060d", n)), 1<<63)
		}
		w.mu.Lock()
		if len(w.pending) > maxPending {
			t.Errorf("%d venues are pending", len(w.pending))
		}
		w.mu.Unlock()
		time.Sleep(time.Minute) //nolint:forbidigo // virtual time
		synctest.Wait()
		told := make(map[booking.VenueID]booking.Revision)
		for _, note := range s.notes {
			_, revisions := parsePayload("node " + note)
			maps.Copy(told, revisions)
			if len(note) > maxPayload {
				t.Errorf("a notification has %d bytes", len(note))
			}
		}
		if len(told) < maxPending || told["000000000000000000000000000000000000000000000000000000000007"] != 1<<63 {
			t.Errorf("told of %d venues", len(told))
		}
	})
}

func TestParseNote(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ note, want string }{
		{"node a=1 b=22", "node map[a:1 b:22]"}, {"node", "node map[]"}, {"", " map[]"}, {"x a=-1 b c=9 =3", "x map[:3 c:9]"},
	} {
		node, revisions := parsePayload(c.note)
		if got := fmt.Sprint(node, " ", revisions); got != c.want {
			t.Errorf("%q reads %s, want %s", c.note, got, c.want)
		}
	}
}

type hint struct {
	venue    booking.VenueID
	revision booking.Revision
}

// watch watches in the background until the test ends, and returns what is hinted and how Watch ended.
func watch(t *testing.T, s *Store) (hints chan hint, ended chan error) {
	t.Helper()
	hints, ended = make(chan hint, 10_000), make(chan error, 1)
	ctx, cancel := context.WithCancel(t.Context())
	var wait sync.WaitGroup
	wait.Go(func() {
		ended <- s.Watch(ctx, func(venue booking.VenueID, revision booking.Revision) { hints <- hint{venue, revision} })
	})
	t.Cleanup(func() { cancel(); wait.Wait() })
	return hints, ended
}

// hear waits for a hint of venue a's revision, or a later one, and counts those before it.
func hear(t *testing.T, hints chan hint, revision booking.Revision) (heard int) {
	t.Helper()
	for {
		select {
		case h := <-hints:
			heard++
			if h.venue != "a" || h.revision > revision {
				t.Fatalf("heard of %s at %d", h.venue, h.revision)
			}
			if h.revision == revision {
				return heard
			}
		case <-time.After(20 * time.Second):
			t.Fatalf("never heard of revision %d", revision)
		}
	}
}

// listening waits until a store of that name listens.
const listening = `SELECT count(*) > 0 FROM pg_stat_activity WHERE application_name = $1 AND query LIKE 'LISTEN%' AND state = 'idle'`

func TestOtherNodesAreWoken(t *testing.T) {
	t.Parallel()
	const commits = 60
	address := postgrestest.Shared(t).Schema(t)
	s := openAt(t, Config{URL: address})
	other := openAt(t, Config{URL: named(t, address, "woken-node")})
	foreign := openAt(t, Config{URL: named(t, postgrestest.Shared(t).Schema(t), "foreign-node")})
	hints, _ := watch(t, other)
	foreigners, _ := watch(t, foreign)
	await(t, s, listening, "woken-node")
	await(t, s, listening, "foreign-node")

	begun := time.Now()
	must(t, change(t, s, "a", func(d *storetest.Draft) { d.PutCatalogue() }))
	for n := range commits - 1 {
		must(t, change(t, s, "a", bookMany(n, 1)))
	}
	heard := hear(t, hints, commits)
	if most := int(time.Since(begun)/notifyInterval) + 2; heard > most {
		t.Errorf("%d commits took %d notifications, want at most %d", commits, heard, most)
	}
	// A node does not wake itself, and reading wakes nobody.
	must(t, change(t, other, "a", bookMany(commits, 1)))
	must(t, other.Update(t.Context(), needOf("a"), func([]store.Found) ([]store.Write, error) { return make([]store.Write, 1), nil }))
	must(t, change(t, s, "a", bookMany(commits+1, 1)))
	if heard := hear(t, hints, commits+2); heard != 1 {
		t.Errorf("%d notifications of one commit of another node", heard)
	}
	select {
	case h := <-foreigners:
		t.Errorf("another schema heard of %v", h)
	default:
	}
}

// TestWatchComesBack loses the connection that listens.
func TestWatchComesBack(t *testing.T) {
	t.Parallel()
	address := postgrestest.Shared(t).Schema(t)
	s := openAt(t, Config{URL: address})
	other := openAt(t, Config{URL: named(t, address, "returning-node")})
	hints, ended := watch(t, other)
	await(t, s, listening, "returning-node")
	must(t, change(t, s, "a", func(d *storetest.Draft) { d.PutCatalogue() }))
	hear(t, hints, 1)
	execute(t, s, `SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
		WHERE application_name = 'returning-node' AND query LIKE 'LISTEN%'`)
	await(t, s, listening, "returning-node")
	must(t, change(t, s, "a", bookMany(1, 1)))
	hear(t, hints, 2)

	must(t, other.Close())
	select {
	case err := <-ended:
		if !errors.Is(err, store.ErrUnavailable) {
			t.Errorf("watching a closed store ended with %v", err)
		}
	case <-time.After(20 * time.Second):
		t.Error("watching a closed store does not end")
	}
}

func TestWatchEndsWithItsContext(t *testing.T) {
	t.Parallel()
	s := openAt(t, Config{URL: postgrestest.Shared(t).Schema(t)})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Watch(ctx, func(booking.VenueID, booking.Revision) {}); !errors.Is(err, context.Canceled) {
		t.Errorf("watching ended with %v", err)
	}
}
