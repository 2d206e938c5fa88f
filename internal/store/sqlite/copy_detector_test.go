package sqlite

import (
	"database/sql"
	"os"
	"path/filepath"
	"testing"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/store/storetest"
)

// folder has a database in a folder of its own, in which venue a has been put.
func folder(t *testing.T) (path string, epoch booking.Epoch) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "data", "vacancy.db")
	must(t, os.Mkdir(filepath.Dir(path), 0o700))
	return path, used(t, path, func(s *Store) { must(t, change(t, s, "a", (*storetest.Draft).PutCatalogue)) })
}

// used is the epoch of a database that is opened, used, and closed.
func used(t *testing.T, path string, use func(*Store)) booking.Epoch {
	t.Helper()
	s, err := Open(t.Context(), Config{Path: path})
	must(t, err)
	use(s)
	must(t, s.Close())
	return s.epoch
}

// overwrite puts the content of one file into another, which stays the file that it is.
func overwrite(t *testing.T, from, to string) {
	t.Helper()
	data, err := os.ReadFile(from)
	must(t, err)
	must(t, os.WriteFile(to, data, 0o600))
}

func copyFolder(t *testing.T, from, to string) {
	t.Helper()
	must(t, os.CopyFS(to, os.DirFS(from)))
}

// TestPutBack copies a database away, books, and puts the copy back. Each revision of the copy that is booked anew is another than what
// readers have seen under that number, so the epoch must be another too.
func TestPutBack(t *testing.T) {
	t.Parallel()
	book := func(n int) func(*testing.T, string) {
		return func(t *testing.T, path string) {
			t.Helper()
			used(t, path, func(s *Store) { must(t, change(t, s, "a", bookMany(n, 1))) })
		}
	}
	for name, c := range map[string]struct {
		away func(t *testing.T, path string) // and book; another folder, path + ".away", is free to be used
		back func(t *testing.T, path string)
	}{
		"over the file": {
			func(t *testing.T, path string) {
				t.Helper()
				overwrite(t, path, path+".away")
				book(1)(t, path)
			},
			func(t *testing.T, path string) { t.Helper(); overwrite(t, path+".away", path) },
		},
		"in the place of the file": {
			func(t *testing.T, path string) {
				t.Helper()
				overwrite(t, path, path+".away")
				book(1)(t, path)
			},
			func(t *testing.T, path string) { t.Helper(); must(t, os.Rename(path+".away", path)) },
		},
		"over the file, taken from a running server": {
			func(t *testing.T, path string) {
				t.Helper()
				used(t, path, func(s *Store) {
					must(t, execute("VACUUM INTO '"+path+".away'")(path))
					must(t, change(t, s, "a", bookMany(1, 1)))
				})
			},
			func(t *testing.T, path string) { t.Helper(); overwrite(t, path+".away", path) },
		},
		"with its lock file, over both": {
			func(t *testing.T, path string) {
				t.Helper()
				overwrite(t, path, path+".away")
				overwrite(t, path+".lock", path+".away.lock")
				book(1)(t, path)
			},
			func(t *testing.T, path string) {
				t.Helper()
				overwrite(t, path+".away", path)
				overwrite(t, path+".away.lock", path+".lock")
			},
		},
		"with its folder": {
			func(t *testing.T, path string) {
				t.Helper()
				copyFolder(t, filepath.Dir(path), filepath.Dir(path)+".away")
				book(1)(t, path)
			},
			func(t *testing.T, path string) {
				t.Helper()
				must(t, os.Rename(filepath.Dir(path), filepath.Dir(path)+".old"))
				must(t, os.Rename(filepath.Dir(path)+".away", filepath.Dir(path)))
			},
		},
		"file by file, once all were removed": {
			func(t *testing.T, path string) {
				t.Helper()
				copyFolder(t, filepath.Dir(path), filepath.Dir(path)+".away")
				book(1)(t, path)
			},
			func(t *testing.T, path string) {
				t.Helper()
				must(t, os.RemoveAll(filepath.Dir(path)))
				copyFolder(t, filepath.Dir(path)+".away", filepath.Dir(path))
			},
		},
		"a whole volume, whose lock file was removed": {
			book(1),
			func(t *testing.T, path string) { t.Helper(); must(t, os.Remove(path+".lock")) },
		},
		"a volume, whose lock file was emptied": {
			book(1),
			func(t *testing.T, path string) { t.Helper(); must(t, os.Truncate(path+".lock", 0)) },
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path, epoch := folder(t)
			c.away(t, path)
			c.back(t, path)
			restored := used(t, path, func(s *Store) {
				if s.Copied() == "" {
					t.Error("the copy was not noticed")
				}
				must(t, change(t, s, "a", bookMany(2, 1)))
				must(t, change(t, s, "a", bookMany(3, 1)))
				if loaded, err := s.Load(t.Context(), "a", time.Time{}); err != nil || loaded.Epoch == epoch {
					t.Errorf("the epoch is %s as before, %v", epoch, err)
				}
			})
			if again := used(t, path, func(*Store) {}); again != restored {
				t.Errorf("the copy's epoch was %s and is %s after a restart", restored, again)
			}
		})
	}
}

// TestSameFile: what is no copy keeps its epoch.
func TestSameFile(t *testing.T) {
	t.Parallel()
	path, epoch := folder(t)
	same := func(what string, got booking.Epoch) {
		t.Helper()
		if got != epoch {
			t.Errorf("%s: the epoch was %s and is %s", what, epoch, got)
		}
	}
	for range 3 {
		same("a restart", used(t, path, func(s *Store) {
			if s.Copied() != "" {
				t.Errorf("a restart is taken for a copy: %s", s.Copied())
			}
		}))
	}
	for range 3 {
		same("a server that is killed", heldAndKilled(t, path))
	}
	same("after it was killed", used(t, path, func(s *Store) { must(t, change(t, s, "a", bookMany(1, 1))) }))
	overwrite(t, path, path+".away") // a copy that is only taken
	same("copied away", used(t, path, func(*Store) {}))
}

// TestEachTraceCounts: each thing that can tell a copy does, also alone.
func TestEachTraceCounts(t *testing.T) {
	t.Parallel()
	s, _ := onDisk(t)
	var last lastToken
	must(t, s.read(t.Context(), func(c *connection) error {
		return c.each(t.Context(), func(rows *sql.Rows) error { return rows.Scan(&last.token, &last.file, &last.lock) },
			`SELECT mark, file_identity, lock_identity FROM meta`)
	}))
	for want, last := range map[string]lastToken{
		"":                                   last,
		"its lock file has another token":    {token: "another", file: last.file, lock: last.lock},
		"it is another file":                 {token: last.token, file: "another", lock: last.lock},
		"its lock file was written or moved": {token: last.token, file: last.file, lock: "another"},
	} {
		if why, err := s.copyDetector.copied(last); err != nil || why != want {
			t.Errorf("%q, want %q, %v", why, want, err)
		}
	}
	must(t, os.Truncate(s.path+".lock", 0))
	if why, err := s.copyDetector.copied(last); err != nil || why != "there was no lock file beside it" {
		t.Errorf("without a lock file: %q, %v", why, err)
	}
}

// TestMarkOfEachMinute: copies that are taken from a running server grow old while it runs.
func TestMarkOfEachMinute(t *testing.T) {
	t.Parallel()
	s, _ := onDisk(t)
	token := func() string {
		t.Helper()
		inLock, err := os.ReadFile(s.path + ".lock")
		must(t, err)
		var inDatabase string
		must(t, s.read(t.Context(), func(c *connection) error {
			return c.each(t.Context(), func(rows *sql.Rows) error { return rows.Scan(&inDatabase) }, `SELECT mark FROM meta`)
		}))
		if string(inLock) != inDatabase || inDatabase == "" {
			t.Errorf("the lock file has token %q and the database %q", inLock, inDatabase)
		}
		return inDatabase
	}
	first := token()
	must(t, change(t, s, "a", bookMany(1, 1)))
	if token() != first {
		t.Error("a booking soon after the start left a token")
	}
	s.copyDetector.left = s.copyDetector.left.Add(-tokenInterval)
	must(t, change(t, s, "a", func(*storetest.Draft) {}))
	if token() != first {
		t.Error("what changed nothing left a token")
	}
	must(t, change(t, s, "a", bookMany(2, 1)))
	if token() == first {
		t.Error("the first booking of a minute left no token")
	}
}

// TestOldLockFile: one that was left behind says nothing about a new database.
func TestOldLockFile(t *testing.T) {
	t.Parallel()
	path, epoch := folder(t)
	must(t, os.Remove(path))
	s := openAt(t, Config{Path: path})
	if s.epoch == epoch || s.Copied() != "" {
		t.Errorf("the epoch is %s, copied: %q", s.epoch, s.Copied())
	}
}

// TestTwoNames: by another name, the file would have another lock.
func TestTwoNames(t *testing.T) {
	t.Parallel()
	path, _ := folder(t)
	must(t, os.Link(path, path+".link"))
	for _, name := range []string{path, path + ".link"} {
		_, err := Open(t.Context(), Config{Path: name})
		wantError(t, err, "2 names")
	}
	must(t, os.Remove(path+".link"))
	used(t, path, func(*Store) {})
}
