package sqlite_test

import (
	"os"
	"path/filepath"
	"testing"

	"vacancy/internal/store/sqlite"
)

func TestSizes(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "v.db")
	s, err := sqlite.Open(t.Context(), sqlite.Config{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if sizes := s.Sizes(); sizes.File != info.Size() || sizes.File == 0 || sizes.Log == 0 || sizes.Free < 1<<20 {
		t.Errorf("the sizes are %+v, the file has %d bytes", sizes, info.Size())
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if sizes := s.Sizes(); sizes.Log != 0 {
		t.Errorf("a closed database has a log of %d bytes", sizes.Log)
	}
}
