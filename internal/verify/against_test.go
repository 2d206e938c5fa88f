package verify_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/desk"
	"vacancy/internal/store/sqlite"
	"vacancy/internal/verify"
)

// reopened is the shop on a copy of its file, which goes on by itself.
func (s *shop) reopened(path string) *shop {
	s.Helper()
	opened, err := sqlite.Open(s.Context(), sqlite.Config{Path: path, Now: s.clock.Now})
	if err != nil {
		s.Fatal(err)
	}
	s.Cleanup(func() { _ = opened.Close() })
	return openShop(s.TB, opened, s.clock, path)
}

// A database that was left has bookings, a cancellation and settings that the other lacks, which has gone on with others.
func TestAgainstFindsWhatIsMissing(t *testing.T) {
	t.Parallel()
	first := newShop(t)
	first.furnish("barber")
	first.furnish("quiet")
	common := first.book("barber", "cut", slot(2, 0), 1, "")
	first.Close()
	if err := first.store.Close(); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(first.path)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "copy.db")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	left, here := first.reopened(first.path), first.reopened(path)
	compare := func() *verify.Loss {
		return must[*verify.Loss](t)(verify.Against(t.Context(), here.store, left.store))
	}
	if loss := compare(); !loss.Clean() || loss.Venues != 2 || !strings.Contains(loss.String(), "nothing is missing") {
		t.Errorf("of a copy: %s", loss)
	}
	here.book("barber", "cut", slot(2, 8), 1, "")
	left.clock.Advance(3 * time.Second)
	lost := left.book("barber", "cut", slot(2, 4), 1, "")
	must[desk.Outcome](t)(left.Cancel(t.Context(), staff, desk.TransitionRequest{Venue: "barber", ID: common.Booking.ID}))
	left.furnish("second")

	loss := compare()
	var found []string
	for _, b := range loss.Bookings {
		found = append(found, string(b.ID)+" "+string(b.Status))
		if b.Known != (b.ID == common.Booking.ID) {
			t.Errorf("booking %s is known here: %v", b.ID, b.Known)
		}
	}
	want := []string{string(lost.Booking.ID) + " confirmed", string(common.Booking.ID) + " cancelled"}
	if !slices.Equal(found, want) || !slices.Equal(loss.Settings, []booking.VenueID{"second"}) || loss.Clean() {
		t.Errorf("found %q and settings of %q, want %q and those of second", found, loss.Settings, want)
	}
	if loss.Lost < 3 || loss.Last.Before(loss.First) || loss.LastCommon.IsZero() {
		t.Errorf("%d changes from %s to %s, the last that both have at %s", loss.Lost, loss.First, loss.Last, loss.LastCommon)
	}
	said := loss.String() + fmt.Sprintf("%+v", *loss)
	for _, private := range []string{secret.Name, secret.Email, secret.Phone, secret.Note} {
		if strings.Contains(said, private) {
			t.Errorf("it tells of %q", private)
		}
	}
	if back := must[*verify.Loss](t)(verify.Against(t.Context(), left.store, here.store)); back.Lost != 1 || len(back.Bookings) != 1 {
		t.Errorf("the other way: %s", back)
	}
}
