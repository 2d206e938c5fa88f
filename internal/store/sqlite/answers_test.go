package sqlite

import (
	"database/sql"
	"errors"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"time"

	sqlite3 "modernc.org/sqlite/lib"

	"vacancy/internal/booking"
	"vacancy/internal/store"
	"vacancy/internal/store/storetest"
)

// repeat makes a change that keeps answers.
func repeat(answers ...booking.Answer) func(*storetest.Draft) {
	return func(d *storetest.Draft) {
		d.PutVenue(storetest.SampleVenue(d.Change.Venue))
		d.Answers = answers
	}
}

// wantIndexRight compares what the writer has in memory with what is in the file.
func wantIndexRight(t *testing.T, s *Store) {
	t.Helper()
	inMemory, inFile := 0, 0
	for _, ids := range s.writer.answers.ids {
		inMemory += len(ids)
	}
	c := s.writer.conn
	must(t, c.each(t.Context(), func(rows *sql.Rows) error {
		inFile++
		var id int64
		var venue booking.VenueID
		var key []byte
		err := rows.Scan(&id, &venue, &key)
		if got := s.writer.answers.ids[venue][keyStart(key[:len(keyStart{})])]; got != id {
			t.Errorf("answer %d of venue %s is taken for %d", id, venue, got)
		}
		if id >= s.writer.answers.next {
			t.Errorf("the next answer after %d gets id %d", id, s.writer.answers.next)
		}
		return err
	}, `SELECT id, venue, key FROM answers`))
	if inMemory != inFile {
		t.Errorf("there are %d answers in memory and %d in the file", inMemory, inFile)
	}
	again, err := readAnswerIndex(t.Context(), c)
	must(t, err)
	for venue, ids := range s.writer.answers.ids {
		for start, id := range ids {
			if again.ids[venue][start] != id {
				t.Errorf("answer %d of venue %s is %d after a restart", id, venue, again.ids[venue][start])
			}
		}
	}
}

// TestAnswersFollowTheTransaction: what is not committed leaves no answer behind, neither in the file nor in memory.
func TestAnswersFollowTheTransaction(t *testing.T) {
	t.Parallel()
	s, d := onDisk(t)
	now := storetest.Morning
	must(t, change(t, s, "a", bookMany(1, 3)))
	for what, fail := range map[string]func() error{
		"a booking that exists": func() error { return change(t, s, "a", bookMany(2, 40)) },
		"two answers for one key": func() error {
			return change(t, s, "a", repeat(storetest.SampleAnswer(100, now), storetest.SampleAnswer(101, now), storetest.SampleAnswer(100, now)))
		},
		"a key that has one": func() error {
			return change(t, s, "a", repeat(storetest.SampleAnswer(102, now), storetest.SampleAnswer(1, now)))
		},
	} {
		if err := fail(); !errors.Is(err, store.ErrRejected) {
			t.Errorf("%s: %v", what, err)
		}
		wantIndexRight(t, s)
	}
	for _, flushes := range []int{1, -1} { // undone, and in doubt
		d.breakDown(0, sqlite3.SQLITE_IOERR_WRITE, flushes)
		if err := change(t, s, "a", bookMany(200, 40)); err == nil {
			t.Error("a flush failed, and the change did not")
		}
		d.repair()
	}
	must(t, change(t, s, "a", bookMany(200, 40)))
	wantIndexRight(t, s)
}

// TestAnswersAtRandom keeps answers, reuses keys, sweeps and restarts at random, while the clock also goes back.
func TestAnswersAtRandom(t *testing.T) {
	t.Parallel()
	const seed = 7
	random := rand.New(rand.NewPCG(seed, seed))
	clock := storetest.NewClock()
	path := filepath.Join(t.TempDir(), "vacancy.db")
	s := openAt(t, Config{Path: path, Now: clock.Now})
	created := make(map[booking.VenueID]map[int]time.Time) // of each key, while it is kept
	for range 400 {
		clock.Advance(time.Duration(random.IntN(120)-20) * time.Minute)
		now := clock.Now()
		old := now.Add(-booking.AnswerLifetime)
		switch venue := booking.VenueID([]string{"a", "b", "c"}[random.IntN(3)]); random.IntN(8) {
		case 0:
			must(t, s.Close())
			s = openAt(t, Config{Path: path, Now: clock.Now})
		case 1, 2:
			limit, want := 1+random.IntN(8), 0
			for _, keys := range created {
				for _, at := range keys {
					if at.Before(old) {
						want++
					}
				}
			}
			n, err := s.SweepAnswers(t.Context(), limit)
			must(t, err)
			if n != min(limit, want) {
				t.Fatalf("%d of %d old answers were swept, at most %d", n, want, limit)
			}
			forgetSwept(t, s, created)
		default:
			if created[venue] == nil {
				created[venue] = make(map[int]time.Time)
			}
			var answers []booking.Answer
			for _, n := range random.Perm(12)[:1+random.IntN(4)] {
				if at, kept := created[venue][n]; !kept || at.Before(old) {
					at = now.Add(time.Duration(random.IntN(60)) * time.Minute)
					created[venue][n] = at
					answers = append(answers, storetest.SampleAnswer(n, at))
				}
			}
			must(t, change(t, s, venue, repeat(answers...)))
		}
		wantIndexRight(t, s)
	}
}

// forgetSwept leaves what is still in the file, and fails if a living answer is gone.
func forgetSwept(t *testing.T, s *Store, created map[booking.VenueID]map[int]time.Time) {
	t.Helper()
	for venue, keys := range created {
		for n, at := range keys {
			if s.writer.answers.ids[venue][startOf(storetest.SampleAnswer(n, at).Key)] != 0 {
				continue
			}
			if !at.Before(s.now().Add(-booking.AnswerLifetime)) {
				t.Errorf("answer %d of venue %s was swept alive", n, venue)
			}
			delete(keys, n)
		}
	}
}
