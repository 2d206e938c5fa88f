package sqlite

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/gofrs/flock"

	"vacancy/internal/store"
)

// resolve is the path of the file itself, behind all symbolic links, so that one file has one lock whatever name it is opened by.
// The file need not exist; its directory must.
func resolve(path string) (string, error) {
	if path == "" {
		return "", errors.New("no path is given")
	}
	path, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	for range 40 { // as many links as Linux follows
		resolved, err := filepath.EvalSymlinks(path)
		if err == nil || !errors.Is(err, fs.ErrNotExist) {
			return resolved, err
		}
		target, err := os.Readlink(path)
		if err != nil { // no link: the file is to be created
			dir, err := filepath.EvalSymlinks(filepath.Dir(path))
			return filepath.Join(dir, filepath.Base(path)), err
		}
		if !filepath.IsAbs(target) {
			target = filepath.Join(filepath.Dir(path), target)
		}
		path = target
	}
	return "", errors.New("too many symbolic links")
}

// acquireLock makes this process the only one that has the database open. It locks a file beside the database, not the database
// itself: closing any descriptor of a file drops the locks that SQLite has on it.
func acquireLock(ctx context.Context, path string) (*lock, error) {
	ctx, cancel := context.WithTimeout(ctx, lockTimeout)
	defer cancel()
	held := flock.New(path+".lock", flock.SetPermissions(0o600))
	ok, err := held.TryLockContext(ctx, lockRetry)
	if err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return nil, fmt.Errorf("cannot take its lock: %w", err)
	}
	if !ok {
		_ = held.Close()
		return nil, fmt.Errorf("%s is in use by another server, which holds %s", path, held.Path())
	}
	file, err := os.OpenFile(held.Path(), os.O_RDWR, 0)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("cannot write to its lock file: %w", err), held.Close())
	}
	return &lock{held: held, file: file}, nil
}

// lock is what this process holds of the lock file.
type lock struct {
	held *flock.Flock
	// file is for what is kept in it. It stays open as long as the lock is held: where locks belong to processes, as on network file
	// systems, closing any descriptor would drop it.
	file *os.File
}

func (l *lock) close() error { return errors.Join(l.held.Close(), l.file.Close()) }

// createFile makes an empty database file, readable by its owner only, if there is none, and says plainly why an existing one
// cannot be used; SQLite would not. The files that SQLite puts beside it get the same permissions. The lock must be held: then
// nobody in this process has the database open, whose locks closing the file would drop. What it returns tells the file from every
// other.
func createFile(path string) (os.FileInfo, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, errors.New("it is not a regular file")
	}
	if n := names(info); n > 1 {
		return nil, fmt.Errorf("it has %d names (hard links), and a server that opens it by another one would not see this one's lock; "+
			"remove the others, or use a copy", n)
	}
	return info, nil
}

// inPlace is nil while the path still names the file that was opened. What is written to a file that was removed or replaced is gone
// with the process, so nothing may be acknowledged any more.
func (s *Store) inPlace() error {
	now, err := os.Stat(s.path)
	if err == nil && os.SameFile(now, s.file) {
		return nil
	}
	return fmt.Errorf("%w: %s was removed or replaced while the server runs; put it back, or start again", store.ErrUnavailable, s.path)
}

// header is what every database file begins with.
const header = "SQLite format 3\x00"

// checkHeader refuses a file that is no database before anything is put beside it.
func checkHeader(path string) error {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil // it will be made
	case err != nil:
		return err
	case info.IsDir():
		return errors.New("it is a directory")
	case !info.Mode().IsRegular(): // to open a pipe would wait for its other end
		return errors.New("it is not a regular file")
	}
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	begin := make([]byte, len(header))
	if n, err := io.ReadFull(f, begin); n == 0 && errors.Is(err, io.EOF) || string(begin) == header {
		return nil
	}
	if used, err := os.Stat(path + ".lock"); err == nil && used.Size() > 0 {
		return &damageError{path, "its beginning is not a database's: it is not a database any more"}
	}
	return errors.New("it is not a database")
}
