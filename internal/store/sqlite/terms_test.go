package sqlite

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vacancy/internal/booking"
	"vacancy/internal/store"
	"vacancy/internal/store/storetest"
)

// putBack puts a copy back, alone or with its lock file, or without one.
func putBack(t *testing.T, path string, lock string) {
	t.Helper()
	overwrite(t, path+".away", path)
	switch lock {
	case "stays":
	case "comes along":
		overwrite(t, path+".away.lock", path+".lock")
	case "is removed":
		must(t, os.Remove(path+".lock"))
	default:
		t.Fatal(lock)
	}
}

// TestTermsOfCopies: a database begins with term 1, keeps it, and each copy that is put back gets a term higher than its own and than the
// one that the lock file knows of.
func TestTermsOfCopies(t *testing.T) {
	t.Parallel()
	path, epoch := folder(t)
	term := func(what string, got booking.Epoch, want int64) {
		t.Helper()
		if got.Term() != want {
			t.Errorf("%s: the epoch is %s, want term %d", what, got, want)
		}
	}
	term("a new database", epoch, 1)
	overwrite(t, path, path+".away")
	overwrite(t, path+".lock", path+".away.lock")
	term("a restart", used(t, path, func(*Store) {}), 1)
	for want := int64(2); want <= 4; want++ {
		putBack(t, path, "stays")
		term("a copy", used(t, path, func(*Store) {}), want)
		term("a restart of a copy", used(t, path, func(*Store) {}), want)
	}
	putBack(t, path, "comes along")
	term("a copy with its lock file", used(t, path, func(*Store) {}), 2)
	putBack(t, path, "is removed")
	term("a copy without a lock file", used(t, path, func(*Store) {}), 2)
	putBack(t, path, "stays")
	term("a copy once more", used(t, path, func(*Store) {}), 3)
	must(t, os.Remove(path))
	must(t, os.RemoveAll(path+"-wal"))
	term("a new database in the place of another", used(t, path, func(*Store) {}), 4)
}

// TestTermsOfOlderPrograms: an epoch that says no term stays what it is, as 0; a copy counts on from there. An older program that takes the
// file for a copy gives it an epoch without a term, which is earlier than what consumers have seen: it gets another.
func TestTermsOfOlderPrograms(t *testing.T) {
	t.Parallel()
	const older = "abcdefghijklm"
	for name, c := range map[string]struct {
		alter []string
		epoch string // "" is another
		term  int64
	}{
		"it has another epoch": {[]string{`UPDATE meta SET epoch = '` + older + `'`}, older, 0},
		"it takes a file for a copy": {[]string{
			`UPDATE meta SET epoch = '` + older + `'`, `INSERT INTO outbox_cursors VALUES ('bus', 'a', 7, '7-x', 1, '', NULL, '', 0)`,
		}, "", 8},
		"nothing is amiss": {[]string{`INSERT INTO outbox_cursors VALUES ('bus', 'a', 1, '1-x', 1, '', NULL, '', 0)`}, "same", 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path, epoch := folder(t)
			alter(t, path, c.alter...)
			got := used(t, path, func(s *Store) {
				if (s.Copied() != "") != (c.epoch == "") {
					t.Errorf("it is taken for a copy: %q", s.Copied())
				}
				if o, err := s.Outbox(t.Context()); err != nil || o.Paused {
					t.Errorf("the outbox: %v, %v", o, err)
				}
			})
			if c.epoch == "same" && got != epoch || c.epoch == older && got != older || got.Term() != c.term {
				t.Errorf("the epoch was %s and is %s, want term %d", epoch, got, c.term)
			}
			if again := used(t, path, func(*Store) {}); again != got {
				t.Errorf("the epoch was %s and is %s after a restart", got, again)
			}
		})
	}
}

// TestTokens: a token says a term, and is as long as those of older programs, which write theirs over it.
func TestTokens(t *testing.T) {
	t.Parallel()
	for _, term := range []int64{0, 1, 35, 36, 78_364_164_095} { // seven digits
		token := newToken(term)
		if len(token) != tokenLength || termOf(token) != term || newToken(term) == token {
			t.Errorf("term %d: %q says %d", term, token, termOf(token))
		}
	}
	for _, token := range []string{"", "-", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "!-A", "0000012"} {
		if term := termOf(token); term != 0 {
			t.Errorf("%q says term %d", token, term)
		}
	}
	for term, want := range map[int64]string{1: "1-", 36: "10-"} {
		if e := newEpoch(term); !strings.HasPrefix(string(e), want) || e.Term() != term || !booking.ValidID(string(e)) {
			t.Errorf("the epoch of term %d is %s", term, e)
		}
	}
}

// TestTermsNeverGoBack puts copies of all ages back beside the same lock file, restarts, and damages the lock file: whatever the order, an
// epoch is the same as before or of a later term, and its cursors may follow those of before.
func TestTermsNeverGoBack(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	path, epoch := folder(t)
	var copies []string
	for range 25 {
		switch random.IntN(4) {
		case 0:
			name := filepath.Join(t.TempDir(), "copy.db")
			overwrite(t, path, name)
			copies = append(copies, name)
		case 1:
			if len(copies) > 0 {
				overwrite(t, copies[random.IntN(len(copies))], path)
			}
		case 2:
			must(t, os.Truncate(path+".lock", 10)) // as a crash of the machine may leave it, with its term
		}
		now := used(t, path, func(s *Store) {
			must(t, change(t, s, "a", func(d *storetest.Draft) { d.PutVenue(storetest.SampleVenue("a")) }))
		})
		if now != epoch && !now.LaterThan(epoch) {
			t.Fatalf("the epoch was %s and is %s", epoch, now)
		}
		if now != epoch && !(store.Cursor{Epoch: now}).MayFollow(store.Cursor{Epoch: epoch, Revision: 9}) {
			t.Errorf("a cursor of %s may not follow one of %s", now, epoch)
		}
		epoch = now
	}
	if epoch.Term() < 5 {
		t.Errorf("the term is %d: hardly anything happened", epoch.Term())
	}
}
