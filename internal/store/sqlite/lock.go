package sqlite

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/gofrs/flock"
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

// takeLock makes this process the only one that has the database open. It locks a file beside the database, not the database
// itself: closing any descriptor of a file drops the locks that SQLite has on it.
func takeLock(path string) (*flock.Flock, error) {
	lock := flock.New(path+".lock", flock.SetPermissions(0o600))
	ok, err := lock.TryLock()
	if err != nil {
		return nil, fmt.Errorf("cannot take its lock: %w", err)
	}
	if !ok {
		_ = lock.Close()
		return nil, fmt.Errorf("%s is in use by another server, which holds %s", path, lock.Path())
	}
	return lock, nil
}

// createFile makes an empty database file, readable by its owner only, if there is none, and says plainly why an existing one
// cannot be used; SQLite would not. The files that SQLite puts beside it get the same permissions. The lock must be held: then
// nobody in this process has the database open, whose locks closing the file would drop.
func createFile(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return errors.New("it is not a regular file")
	}
	return nil
}
