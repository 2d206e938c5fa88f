package sqlite

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vacancy/internal/booking"
	"vacancy/internal/store"
	"vacancy/internal/store/storetest"
)

// counted is how many bookings venue a has in a snapshot.
func counted(tb testing.TB, snapshot store.Snapshot) (n int) {
	tb.Helper()
	must(tb, snapshot.Bookings(tb.Context(), "a", func(booking.Booking) error { n++; return nil }))
	return n
}

func openToRead(t *testing.T, path string) *ReadOnly {
	t.Helper()
	r, err := OpenReadOnly(t.Context(), path)
	must(t, err)
	t.Cleanup(func() { must(t, r.Close()) })
	return r
}

// inFolder is everything that there is beside a file, and in it.
func inFolder(t *testing.T, path string) map[string]string {
	t.Helper()
	files := make(map[string]string)
	must(t, fs.WalkDir(os.DirFS(filepath.Dir(path)), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(filepath.Join(filepath.Dir(path), name))
		files[name] = string(data)
		return err
	}))
	return files
}

// wantUntouched fails if the files are not what they were.
func wantUntouched(t *testing.T, path string, before map[string]string) {
	t.Helper()
	after := inFolder(t, path)
	for name, data := range after {
		if was, known := before[name]; !known || was != data {
			t.Errorf("%s was written", name)
		}
	}
	if len(after) != len(before) {
		t.Errorf("there were %d files, and are %d", len(before), len(after))
	}
}

// TestReadWhereNoServerRuns: the file alone is read, and nothing put beside it.
func TestReadWhereNoServerRuns(t *testing.T) {
	t.Parallel()
	path, _ := folder(t)
	used(t, path, func(s *Store) { must(t, change(t, s, "a", bookMany(0, 300))) })
	must(t, os.Remove(path+".lock"))
	before := inFolder(t, path)
	r := openToRead(t, path)
	must(t, r.Inspect(t.Context(), func(snapshot store.Snapshot) error {
		if n := counted(t, snapshot); n != 300 {
			t.Errorf("%d bookings are seen of 300", n)
		}
		return nil
	}))
	if said, err := elsewhere(t, "count", path); err != nil || said != "300" {
		t.Errorf("another process sees %s bookings of 300, %v", said, err)
	}
	wantUntouched(t, path, before)
}

// TestReadBesideServer reads while a server books, which hears nothing of it: the state stays as it was.
func TestReadBesideServer(t *testing.T) {
	t.Parallel()
	s, _ := onDisk(t)
	must(t, change(t, s, "a", bookMany(0, 3)))
	r := openToRead(t, s.path)
	must(t, r.Inspect(t.Context(), func(snapshot store.Snapshot) error {
		for n := range 30 {
			must(t, change(t, s, "a", bookMany(100*(n+1), 100))) // more than fits into the log before it is copied
		}
		if n := counted(t, snapshot); n != 3 {
			t.Errorf("%d bookings are seen of 3", n)
		}
		if said, err := elsewhere(t, "count", s.path); err != nil || said != "3003" {
			t.Errorf("another process sees %s bookings of 3003, %v", said, err)
		}
		must(t, s.Close()) // under the reader
		if n := counted(t, snapshot); n != 3 {
			t.Errorf("once the server has stopped, %d bookings are seen of 3", n)
		}
		return nil
	}))
	if again := openAt(t, Config{Path: s.path}); !has(t, again, 0) || !has(t, again, 3099) || again.Copied() != "" {
		t.Errorf("a booking is gone, or the epoch: %s", again.Copied())
	}
}

// TestReadAfterCrash: what a server has left in its log is seen, and stays there for the next one.
func TestReadAfterCrash(t *testing.T) {
	t.Parallel()
	s, _ := onDisk(t)
	must(t, change(t, s, "a", bookMany(0, 30)))
	path := filepath.Join(t.TempDir(), "crashed.db")
	overwrite(t, s.path, path)
	overwrite(t, s.path+"-wal", path+"-wal")
	log := inFolder(t, path)
	if said, err := elsewhere(t, "count", path); err != nil || said != "30" {
		t.Errorf("%s bookings are seen of 30, %v", said, err)
	}
	for name, data := range inFolder(t, path) {
		if was, known := log[name]; known && was != data {
			t.Errorf("%s was written", name)
		}
	}
	if !has(t, openAt(t, Config{Path: path}), 29) {
		t.Error("a booking is gone")
	}
}

// TestServerBeginsMeanwhile: nothing keeps a server out of a file that is read, and its first copy of the log into the file would be
// read half. Who reads is told.
func TestServerBeginsMeanwhile(t *testing.T) {
	t.Parallel()
	path, _ := folder(t)
	r := openToRead(t, path)
	err := r.Inspect(t.Context(), func(store.Snapshot) error {
		used(t, path, func(s *Store) { must(t, change(t, s, "a", bookMany(0, 3))) })
		return nil
	})
	wantError(t, err, "try again")
	must(t, r.Inspect(t.Context(), func(snapshot store.Snapshot) error {
		if n := counted(t, snapshot); n != 3 {
			t.Errorf("%d bookings are seen of 3", n)
		}
		return nil
	}))
}

// TestReadRefuses what is no database of this version, and leaves it alone.
func TestReadRefuses(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		make func(path string) error
		want string
	}{
		"nothing":             {func(string) error { return nil }, "there is no such file"},
		"an empty file":       {writeFile(""), "is empty"},
		"text":                {writeFile(strings.Repeat("no database ", 1000)), "not a database"},
		"a directory":         {func(path string) error { return os.Mkdir(path, 0o700) }, "is a directory"},
		"another program's":   {execute("CREATE TABLE albums (name TEXT)"), "of another program"},
		"one without a table": {execute("PRAGMA application_id = 0x56616361"), "version of its schema is not known"},
		"an older schema": {func(path string) error {
			return firstVersion(t, path, `INSERT INTO meta VALUES (1, 'the-first', 1, 1)`)
		}, "version 1"},
		"a newer schema": {func(path string) error {
			return errors.Join(openAndClose(path), execute("INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, 1)")(path))
		}, "version 9999"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "vacancy.db")
			must(t, c.make(path))
			before := inFolder(t, path)
			_, err := OpenReadOnly(t.Context(), path)
			wantError(t, err, path, c.want)
			wantUntouched(t, path, before)
		})
	}
}

// TestCloseEndsInspections: who reads for long does not hold up the end of a server, and is told what happened, whatever it asks next.
func TestCloseEndsInspections(t *testing.T) {
	t.Parallel()
	s, _ := onDisk(t)
	must(t, change(t, s, "a", bookMany(0, 300)))
	r, err := OpenReadOnly(t.Context(), s.path)
	must(t, err)
	for what, c := range map[string]struct {
		store.Inspector
		close func() error
	}{"a server": {s, s.Close}, "a reader": {r, r.Close}} {
		closed := make(chan error, 1)
		err := c.Inspect(t.Context(), func(snapshot store.Snapshot) error {
			go func() { closed <- c.close() }()
			var err error
			for err == nil {
				err = snapshot.Bookings(context.WithoutCancel(t.Context()), "a", func(booking.Booking) error { return nil })
			}
			if _, loadErr := s.Load(t.Context(), "a", storetest.Morning); what == "a server" && !errors.Is(loadErr, store.ErrUnavailable) {
				t.Errorf("%s: a load in an inspection that is cut short: %v", what, loadErr)
			}
			return err
		})
		if !errors.Is(err, store.ErrUnavailable) {
			t.Errorf("%s: an inspection that is cut short ends with %v", what, err)
		}
		must(t, <-closed)
		if err := c.Inspect(t.Context(), func(store.Snapshot) error { return nil }); !errors.Is(err, store.ErrUnavailable) {
			t.Errorf("%s: after the end: %v", what, err)
		}
	}
}

// TestInspectTakesNobodysReader has more inspections under way than there are readers, and reads.
func TestInspectTakesNobodysReader(t *testing.T) {
	t.Parallel()
	s, _ := onDisk(t)
	var inspect func(depth int) error
	inspect = func(depth int) error {
		if depth == 0 {
			_, err := s.Load(t.Context(), "a", storetest.Morning)
			return errors.Join(err, change(t, s, "a", bookMany(0, 1)))
		}
		return s.Inspect(t.Context(), func(store.Snapshot) error { return inspect(depth - 1) })
	}
	must(t, inspect(maxReaders()+1))
}
