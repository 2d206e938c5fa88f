package sqlite

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"vacancy/internal/store/storetest"
)

// filled is a closed database with some thousand bookings.
func filled(t *testing.T) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "v.db")
	s := openAt(t, Config{Path: path})
	must(t, change(t, s, "a", (*storetest.Draft).PutCatalogue))
	for n := range 20 {
		must(t, change(t, s, "a", bookMany(1+200*n, 200)))
	}
	must(t, s.Close())
	return path
}

// overwriteAt puts bytes into a file at an offset.
func overwriteAt(t *testing.T, path string, at int64, with []byte) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	must(t, err)
	_, err = f.WriteAt(with, at)
	must(t, err)
	must(t, f.Close())
}

const pageSize = 4096

// Whatever is damaged is found before the file is served, and the operator is told what to do. Once a sound copy is in its place, that is
// served.
func TestDamageIsFoundAtTheStart(t *testing.T) {
	t.Parallel()
	for name, damage := range map[string]func(t *testing.T, path string, size int64){
		"a page in the middle": func(t *testing.T, path string, size int64) {
			overwriteAt(t, path, size/2/pageSize*pageSize, bytes.Repeat([]byte{0xa5}, pageSize))
		},
		"half of the pages, zeroed": func(t *testing.T, path string, size int64) { overwriteAt(t, path, size/2, make([]byte, size/4)) },
		"the first page's tree":     func(t *testing.T, path string, _ int64) { overwriteAt(t, path, 100, bytes.Repeat([]byte{0xa5}, 200)) },
		"the header":                func(t *testing.T, path string, _ int64) { overwriteAt(t, path, 0, bytes.Repeat([]byte{0xa5}, 100)) },
		"the size of a page":        func(t *testing.T, path string, _ int64) { overwriteAt(t, path, 16, []byte{0x01, 0x23}) },
		"cut off in the middle":     func(t *testing.T, path string, size int64) { must(t, os.Truncate(path, size/2/pageSize*pageSize)) },
		"cut off within a page":     func(t *testing.T, path string, size int64) { must(t, os.Truncate(path, size/2/pageSize*pageSize+100)) },
		"emptied":                   func(t *testing.T, path string, _ int64) { must(t, os.Truncate(path, 0)) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filled(t)
			sound, err := os.ReadFile(path)
			must(t, err)
			damage(t, path, int64(len(sound)))
			for range 2 {
				_, err = Open(t.Context(), Config{Path: path, checkWait: time.Minute})
				wantError(t, err, path, "it is damaged", ".recover", "vacancy verify", "docs/sqlite.md")
			}
			must(t, os.WriteFile(path, sound, 0o600))
			s := openAt(t, Config{Path: path, checkWait: time.Minute})
			if _, err := s.Booking(t.Context(), "a", storetest.BookingID(7)); err != nil {
				t.Error(err)
			}
			if _, err := os.Stat(path + ".damaged"); err == nil {
				t.Error("a sound file is noted as damaged")
			}
		})
	}
}

// A file that is too large to be looked through while the start waits is served, and looked through meanwhile. What is found is reported
// then, and the next start waits for the whole look. The control is the file as it was: nothing is reported.
func TestDamageThatIsFoundLater(t *testing.T) {
	t.Parallel()
	path := filled(t)
	sound, err := os.ReadFile(path)
	must(t, err)
	reports := make(chan error, 10)
	cfg := Config{Path: path, checkWait: time.Nanosecond, Damaged: func(err error) { reports <- err }}
	s := openAt(t, cfg)
	s.quickCheck.ended.Wait()
	must(t, s.Close())
	if len(reports) > 0 {
		t.Fatalf("a sound file is reported: %v", <-reports)
	}

	overwriteAt(t, path, int64(len(sound))/2/pageSize*pageSize, bytes.Repeat([]byte{0xa5}, pageSize))
	s = openAt(t, cfg)
	wantError(t, <-reports, path, "it is damaged")
	must(t, s.Close())
	_, err = Open(t.Context(), cfg)
	wantError(t, err, path, "it is damaged")
	must(t, os.WriteFile(path, sound, 0o600))
	openAt(t, cfg)
	if _, err := os.Stat(path + ".damaged"); err == nil {
		t.Error("a sound file is noted as damaged")
	}
}

// A store that is closed while its file is looked through does not wait for that, and reports nothing.
func TestCloseEndsTheCheck(t *testing.T) {
	t.Parallel()
	path := filled(t)
	s := openAt(t, Config{Path: path, checkWait: time.Nanosecond, Damaged: func(err error) { t.Error(err) }})
	must(t, s.Close())
	if _, err := os.Stat(path + ".damaged"); err == nil {
		t.Error("it is noted as damaged")
	}
}
