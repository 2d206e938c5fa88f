package sqlite

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"vacancy/internal/store"
)

func outboxOf(t *testing.T, s *Store) store.OutboxState {
	t.Helper()
	o, err := s.Outbox(t.Context())
	must(t, err)
	return o
}

// A file that was copied elsewhere begins paused, says why, and stays so until somebody resumes it. The original never notices.
func TestCopyBeginsPaused(t *testing.T) {
	t.Parallel()
	for name, copied := range map[string]func(t *testing.T, path string) (to string){
		"to another folder": func(t *testing.T, path string) string {
			t.Helper()
			to := filepath.Join(t.TempDir(), "copy.db")
			overwrite(t, path, to)
			return to
		},
		"to another folder, with its lock file": func(t *testing.T, path string) string {
			t.Helper()
			to := filepath.Join(t.TempDir(), "copy.db")
			overwrite(t, path, to)
			overwrite(t, path+".lock", to+".lock")
			return to
		},
		"from a running server": func(t *testing.T, path string) string {
			t.Helper()
			to := filepath.Join(t.TempDir(), "copy.db")
			used(t, path, func(*Store) { must(t, execute("VACUUM INTO '"+to+"'")(path)) })
			return to
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path, _ := folder(t)
			to := copied(t, path)
			used(t, to, func(s *Store) {
				if o := outboxOf(t, s); !o.Paused || o.At.IsZero() || !strings.Contains(o.Reason, "is a copy") || o.Who == "" {
					t.Errorf("the copy's outbox is %s", o)
				}
			})
			used(t, to, func(s *Store) {
				if o := outboxOf(t, s); !o.Paused {
					t.Errorf("after a restart the copy's outbox is %s", o)
				}
			})
			used(t, path, func(s *Store) {
				if o := outboxOf(t, s); o != (store.OutboxState{}) {
					t.Errorf("the original's outbox is %s", o)
				}
			})
			_, err := SwitchOutbox(t.Context(), to, false, time.Now(), "somebody", "it is the original now")
			must(t, err)
			for range 2 {
				used(t, to, func(s *Store) {
					if o := outboxOf(t, s); o.Paused || o.Who != "somebody" {
						t.Errorf("once resumed the copy's outbox is %s", o)
					}
				})
			}
		})
	}
}

// What is put back in the place of the file pauses, if it is another file.
func TestRestoredFileBeginsPaused(t *testing.T) {
	t.Parallel()
	path, _ := folder(t)
	overwrite(t, path, path+".away")
	used(t, path, func(*Store) {})
	must(t, os.Rename(path+".away", path))
	used(t, path, func(s *Store) {
		if o := outboxOf(t, s); !o.Paused {
			t.Errorf("the outbox is %s", o)
		}
	})
}

// The original is not silenced by what makes it look touched: a crash between the two tokens, a lock file that a tool has written to or
// moved, another number of the device after a start of the machine, a move of both files on their disk.
func TestOriginalIsNotPaused(t *testing.T) {
	t.Parallel()
	for name, touch := range map[string]func(t *testing.T, path string) string{
		"nothing": func(_ *testing.T, path string) string { return path },
		"a crash between the tokens": func(t *testing.T, path string) string {
			t.Helper()
			must(t, os.WriteFile(path+".lock", []byte("A-TOKEN-THAT-NO-DATABASE-HAS"), 0o600))
			return path
		},
		"the lock file is touched": func(t *testing.T, path string) string {
			t.Helper()
			must(t, os.Chtimes(path+".lock", time.Now(), time.Now()))
			return path
		},
		"another device number": func(t *testing.T, path string) string {
			t.Helper()
			must(t, execute(`UPDATE meta SET file_identity = '1' || file_identity`)(path))
			return path
		},
		"a killed server": func(t *testing.T, path string) string {
			t.Helper()
			heldAndKilled(t, path)
			return path
		},
		"a move": func(t *testing.T, path string) string {
			t.Helper()
			to := filepath.Join(filepath.Dir(path), "moved.db")
			must(t, os.Rename(path, to))
			must(t, os.Rename(path+".lock", to+".lock"))
			return to
		},
		"a new file in the place of one that was removed": func(t *testing.T, path string) string {
			t.Helper()
			must(t, os.Remove(path))
			must(t, os.Remove(path+".lock"))
			return path
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path, _ := folder(t)
			used(t, touch(t, path), func(s *Store) {
				if o := outboxOf(t, s); o != (store.OutboxState{}) {
					t.Errorf("the outbox is %s, and the file was copied: %q", o, s.Copied())
				}
			})
		})
	}
}

// A person switches while the server runs, and the server goes on booking.
func TestSwitchOutboxBesideAServer(t *testing.T) {
	t.Parallel()
	path, _ := folder(t)
	at := time.Date(2026, 11, 28, 10, 0, 0, 0, time.UTC)
	used(t, path, func(s *Store) {
		for i, paused := range []bool{true, true, false, false, true} {
			found, err := SwitchOutbox(t.Context(), path, paused, at.Add(time.Duration(i)*time.Minute), "Ada", "a test")
			must(t, err)
			if o := outboxOf(t, s); o != found || o.Paused != paused || o.Who != "Ada" || o.Reason != "a test" {
				t.Errorf("the server reads %s, and the command says %s", o, found)
			}
			must(t, change(t, s, "a", bookMany(i+1, 1)))
		}
		if o := outboxOf(t, s); !o.At.Equal(at.Add(4 * time.Minute)) {
			t.Errorf("it is paused since %s", o.At)
		}
	})
	used(t, path, func(s *Store) {
		if s.Copied() != "" {
			t.Errorf("the file is taken for a copy: %s", s.Copied())
		}
	})
	if o, err := OutboxState(t.Context(), path); err != nil || !o.Paused {
		t.Errorf("while no server runs: %s, %v", o, err)
	}
}

// The command says what is wrong in a sentence, and makes no file.
func TestSwitchOutboxOfNoDatabase(t *testing.T) {
	t.Parallel()
	path, _ := folder(t)
	must(t, execute(`DROP TABLE outbox_log`)(path))
	text := filepath.Join(t.TempDir(), "text")
	must(t, os.WriteFile(text, []byte("no database at all"), 0o600))
	nowhere := filepath.Join(t.TempDir(), "nowhere.db")
	for file, want := range map[string]string{path: "older schema", text: "is not a database", nowhere: "no such file"} {
		_, err := SwitchOutbox(t.Context(), file, false, time.Now(), "", "")
		wantError(t, err, want)
		_, err = OutboxState(t.Context(), file)
		wantError(t, err, want)
	}
	if _, err := os.Stat(nowhere); err == nil {
		t.Error("a file was made")
	}
}
