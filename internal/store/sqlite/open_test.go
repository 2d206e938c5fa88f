package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"vacancy/internal/store"
	"vacancy/internal/store/storetest"
)

func TestSecondOpenIsRefused(t *testing.T) {
	t.Parallel()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	must(t, err)
	path, link := filepath.Join(dir, "vacancy.db"), filepath.Join(dir, "link.db")
	must(t, os.Symlink("vacancy.db", link)) // before there is a file
	s := openAt(t, Config{Path: link})
	must(t, change(t, s, "a", (*storetest.Draft).PutCatalogue))
	for _, other := range []string{path, link, filepath.Join(dir, "..", filepath.Base(dir), "vacancy.db")} {
		_, err := Open(t.Context(), Config{Path: other})
		wantError(t, err, path, "in use by another server")
		said, err := elsewhere(t, "open", other)
		if err == nil || !strings.Contains(said, path) || !strings.Contains(said, "in use by another server") {
			t.Errorf("another process opened %s: %s, %v", other, said, err)
		}
	}
	must(t, change(t, s, "a", bookMany(1, 1)))
	must(t, s.Close())
	said, err := elsewhere(t, "open", path)
	if err != nil {
		t.Errorf("another process cannot open what is closed: %s, %v", said, err)
	}
	if !has(t, openAt(t, Config{Path: path}), 1) {
		t.Errorf("the booking is gone")
	}
}

func wantError(t *testing.T, err error, parts ...string) {
	t.Helper()
	if err == nil {
		t.Errorf("no error that says %q", parts)
		return
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("the error %q does not say %q", err, part)
		}
	}
}

// TestBrokenFiles opens what is no database of ours. The same path must open once the file is gone: nothing is left behind.
func TestBrokenFiles(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		make func(path string) error
		want string
	}{
		"text":                 {writeFile(strings.Repeat("no database ", 1000)), "not a database"},
		"half a header":        {writeFile("SQLite format 3\x00\x10\x00"), "not a database"},
		"only a header":        {writeFile("SQLite format 3\x00\x10\x00\x01\x01\x00\x40\x20\x20" + strings.Repeat("\x00", 5000)), "malformed"},
		"a directory":          {func(path string) error { return os.Mkdir(path, 0o700) }, "is a directory"},
		"a pipe":               {func(path string) error { return syscall.Mkfifo(path, 0o600) }, "not a regular file"},
		"another program's":    {execute("CREATE TABLE albums (name TEXT)"), "of another program"},
		"another program's id": {execute("PRAGMA application_id = 42"), "of another program"},
		"a lock that is none":  {func(path string) error { return os.Mkdir(path+".lock", 0o700) }, "lock"},
		"a newer schema": {func(path string) error {
			return errors.Join(openAndClose(path), execute("INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, 1)")(path))
		}, "version 9999"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "vacancy.db")
			must(t, c.make(path))
			_, err := Open(t.Context(), Config{Path: path})
			wantError(t, err, path, c.want)
			must(t, os.RemoveAll(path))
			must(t, os.RemoveAll(path+".lock"))
			openAt(t, Config{Path: path})
		})
	}
}

func writeFile(text string) func(string) error {
	return func(path string) error { return os.WriteFile(path, []byte(text), 0o600) }
}

func execute(text string) func(string) error {
	return func(path string) error {
		db, err := sql.Open("sqlite", path)
		if err != nil {
			return err
		}
		_, err = db.Exec(text)
		return errors.Join(err, db.Close())
	}
}

func openAndClose(path string) error {
	s, err := Open(context.Background(), Config{Path: path})
	if err != nil {
		return err
	}
	return s.Close()
}

func TestNoSuchPlace(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	must(t, os.WriteFile(filepath.Join(dir, "file"), nil, 0o600))
	must(t, os.Symlink("loop", filepath.Join(dir, "loop")))
	for path, want := range map[string]string{
		"":                                 "no path",
		filepath.Join(dir, "none", "v.db"): "no such file or directory",
		filepath.Join(dir, "file", "v.db"): "not a directory",
		filepath.Join(dir, "loop"):         "too many",
		dir + "/nul\x00/v.db":              "invalid argument",
	} {
		_, err := Open(t.Context(), Config{Path: path})
		wantError(t, err, "cannot be opened", want)
	}
}

// TestPaths opens files whose names mean something in the URI that SQLite is given.
func TestPaths(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, name := range []string{"a b.db", "100%.db", "what?mode=memory.db", "#1.db", "a&b=c.db", "préf/x.db", ":memory:", "%41.db"} {
		path := filepath.Join(dir, name)
		must(t, os.MkdirAll(filepath.Dir(path), 0o700))
		must(t, openAndClose(path))
		info, err := os.Stat(path)
		must(t, err)
		if info.Size() == 0 {
			t.Errorf("%s is empty", path)
		}
	}
}

// TestPermissions: the database holds names and addresses of customers.
func TestPermissions(t *testing.T) {
	t.Parallel()
	s, _ := onDisk(t)
	for _, suffix := range []string{"", "-wal", "-shm", ".lock"} {
		info, err := os.Stat(s.path + suffix)
		must(t, err)
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v", info.Name(), info.Mode())
		}
	}
}

// TestDurabilityIsReadBack gives connections other modes than they ask for.
func TestDurabilityIsReadBack(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "vacancy.db")
	must(t, openAndClose(path))
	src := source{path: path}
	for _, c := range []struct{ dsn, want string }{
		{"file:" + path + "?_pragma=synchronous(NORMAL)", "synchronous mode is 1"},
		{"file:" + path + "?_pragma=synchronous(OFF)", "synchronous mode is 0"},
		{"file:" + path + ".2?_pragma=synchronous(FULL)", "journal mode is delete"},
		{"file:" + path + ".2?_pragma=synchronous(FULL)&_pragma=journal_mode(TRUNCATE)", "journal mode is truncate"},
	} {
		_, err := open(t.Context(), c.dsn)
		wantError(t, err, c.want)
	}
	for _, connect := range []func(context.Context) (*sql.DB, error){src.openWriter, src.openReader} {
		db, err := connect(t.Context())
		must(t, err)
		must(t, db.Close())
	}
}

// TestNoSharedMemory: where files cannot be shared in memory, as on some network file systems, WAL mode is silently not set.
func TestNoSharedMemory(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "vacancy.db")
	watch(t, path).unshared = true
	_, err := Open(t.Context(), Config{Path: path, vfs: watched()})
	wantError(t, err, path, "journal mode is delete")
}

// TestClosedFileIsWhole: the database file alone, without its log, holds everything.
func TestClosedFileIsWhole(t *testing.T) {
	t.Parallel()
	s, _ := onDisk(t)
	must(t, change(t, s, "a", bookMany(1, 300)))
	must(t, s.Close())
	data, err := os.ReadFile(s.path)
	must(t, err)
	path := filepath.Join(t.TempDir(), "copy.db")
	must(t, os.WriteFile(path, data, 0o600))
	if !has(t, openAt(t, Config{Path: path}), 300) {
		t.Errorf("the file alone does not hold what was booked last")
	}
}

// The file is removed, or another one put in its place, under a running server. What it would write then is gone with the process,
// so it acknowledges nothing, and says that it lags.
func TestFileThatIsTakenAway(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "v.db")
	s, err := Open(t.Context(), Config{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	try := func() (write, read error) {
		write = s.Update(t.Context(), nil, func([]store.Found) ([]store.Write, error) { return nil, nil })
		_, read = s.Revisions(t.Context(), nil)
		return write, read
	}
	if write, read := try(); write != nil || read != nil {
		t.Fatalf("before: %v, %v", write, read)
	}
	if err := os.Rename(path, path+".away"); err != nil {
		t.Fatal(err)
	}
	for _, what := range []string{"removed", "replaced"} {
		if write, read := try(); !errors.Is(write, store.ErrUnavailable) || !errors.Is(read, store.ErrUnavailable) {
			t.Errorf("%s: %v, %v", what, write, read)
		}
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Rename(path+".away", path); err != nil {
		t.Fatal(err)
	}
	if write, read := try(); write != nil || read != nil {
		t.Errorf("put back: %v, %v", write, read)
	}
}

// A file that is no database is left alone, and so is its folder.
func TestNothingIsPutBesideAnotherFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "passwords")
	if err := os.WriteFile(path, []byte("root:x:0:0:a line that is long enough"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), Config{Path: path}); err == nil {
		t.Error("it was opened")
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 {
		t.Errorf("the folder has %v, %v", entries, err)
	}
}
