package sqlite

import (
	"os"
	"path/filepath"
	"testing"

	"vacancy/internal/booking"
	"vacancy/internal/store"
	"vacancy/internal/store/storetest"
)

// inFirstVersion is a venue with a booking, a hold and an answer, in the first version of the schema.
const inFirstVersion = `
	INSERT INTO meta VALUES (1, 'the-first', 1, 1);
	INSERT INTO venues VALUES ('a', 7, 'A', 'Europe/Berlin', '', '', '[]', 1, 0);
	INSERT INTO bookings VALUES
		('a', 'bk_1', 'cut', 'confirmed', 2000000, 3000000, '', 1, NULL, 0, 'Ann', '', '1', '', zeroblob(32), 1, 1, 6),
		('a', 'bk_2', 'cut', 'held', 2000000, 3000000, '', 1, 1000000, 0, '', '', '', '', zeroblob(32), 1, 1, 7);
	INSERT INTO claims VALUES
		('a', 'bk_1', 0, 'chair-1', 2000000, 3000000, 1, 1), ('a', 'bk_1', 1, 'basin', 2000000, 3000000, 2, 1),
		('a', 'bk_2', 0, 'chair-2', 2000000, 3000000, 1, 1);
	INSERT INTO answers (venue, key, request, sealed, created_at) VALUES ('a', ?, zeroblob(32), CAST('sealed' AS BLOB), ?)`

// TestUpgrade opens a database of the first version. It has everything that it had. There were no tokens, but it is the same database as
// before, and so is its epoch.
func TestUpgrade(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "vacancy.db")
	key := storetest.SampleAnswer(1, storetest.Morning).Key
	must(t, firstVersion(t, path, inFirstVersion, key[:], storetest.Morning.UnixMicro()))
	must(t, os.WriteFile(path+".lock", nil, 0o600)) // as that version left it
	overwrite(t, path, path+".away")
	s, err := Open(t.Context(), Config{Path: path, Now: storetest.NewClock().Now})
	must(t, err)
	if s.epoch != "the-first" || s.Copied() != "" {
		t.Errorf("the epoch is %s, copied: %q", s.epoch, s.Copied())
	}
	need := store.Need{Venue: "a", Bookings: []booking.BookingID{"bk_1"}, Answers: []booking.AnswerKey{key}}
	must(t, s.Update(t.Context(), []store.Need{need}, func(found []store.Found) ([]store.Write, error) {
		if a := found[0].Answers[key]; string(a.Sealed) != "sealed" || a.Revision != 0 {
			t.Errorf("the answer is %+v", a)
		}
		if b := found[0].Bookings["bk_1"]; b.Customer.Name != "Ann" || len(b.Claims) != 2 || b.Claims[1].Units != 2 || b.Revision != 6 {
			t.Errorf("the booking is %+v", b)
		}
		if due := found[0].Due; len(due) != 1 || due[0].ID != "bk_2" || len(due[0].Claims) != 1 {
			t.Errorf("due is %+v", due)
		}
		return make([]store.Write, 1), nil
	}))
	page, err := s.Bookings(t.Context(), "a", store.Filter{Limit: 10})
	must(t, err)
	loaded, err := s.Load(t.Context(), "a", page[0].CreatedAt)
	must(t, err)
	if len(page) != 2 || len(loaded.Claims) != 3 {
		t.Errorf("%d bookings and %d claims, want 2 and 3", len(page), len(loaded.Claims))
	}
	must(t, s.Close())
	overwrite(t, path+".away", path)
	if epoch := used(t, path, func(*Store) {}); epoch == "the-first" {
		t.Error("a copy of the first version was put back, and its epoch is the same")
	}
}

// firstVersion makes a database in the first version of the schema, and runs statements in it.
func firstVersion(t *testing.T, path, text string, args ...any) error {
	t.Helper()
	db, err := source{path: path}.openWriter(t.Context())
	must(t, err)
	defer db.Close()
	must(t, claimFile(t.Context(), db))
	provider, err := newMigrations(db)
	must(t, err)
	_, err = provider.UpTo(t.Context(), 1)
	must(t, err)
	_, err = db.ExecContext(t.Context(), text, args...)
	return err
}
