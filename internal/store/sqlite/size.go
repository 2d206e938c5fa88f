package sqlite

import (
	"os"
	"path/filepath"
)

// Sizes are how many bytes the database takes, and how many are left for it.
type Sizes struct {
	// File is the database without its log, Log the write-ahead log, and Free what is left on the disk, -1 if that is not known. What is
	// not there has 0.
	File, Log, Free int64
}

// Sizes looks at the file and its disk, not into the database.
func (s *Store) Sizes() Sizes {
	return Sizes{File: fileSize(s.path), Log: fileSize(s.path + "-wal"), Free: diskFree(filepath.Dir(s.path))}
}

func fileSize(path string) int64 {
	info, err := os.Stat(path)
	if err != nil {
		return 0
	}
	return info.Size()
}
