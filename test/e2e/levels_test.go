package e2e

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"vacancy/client"
	"vacancy/internal/booking"
	"vacancy/internal/store"
	"vacancy/internal/store/postgres"
	"vacancy/internal/store/postgres/postgrestest"
	"vacancy/internal/store/storetest"
	"vacancy/test/proc"
)

// TestLaterProgramBesideTheServer: a program of the next level, which is played by its store, shares the database with the server. It
// cannot put what the server would not understand while the server runs. When it has, a server of today reads that venue and does not
// write to it, and goes on with others.
func TestLaterProgramBesideTheServer(t *testing.T) {
	t.Parallel()
	database := postgrestest.Shared(t).Schema(t)
	server := proc.Launch(t, database)
	class(t, server.Client(t), places)
	awaitTrue(t, database, "SELECT count(*) = 1 FROM nodes")
	later, err := postgres.Open(t.Context(), postgres.Config{URL: database, Level: booking.CurrentLevel + 1})
	must(t, err)
	defer func() { must(t, later.Close()) }()
	putTwoParts := func() error {
		return storetest.TryChange(t.Context(), later, store.Need{Venue: "studio"}, func(d *storetest.Draft) error {
			if d.Found.Revision < 3 {
				t.Errorf("the venue is at %d", d.Found.Revision)
			}
			d.Change.Batch = "of the later program"
			s := storetest.SampleService("studio", "class", "room")
			s.Requires = append(s.Requires, s.Requires[0])
			d.PutService(s)
			return nil
		})
	}
	if err := putTwoParts(); !errors.Is(err, booking.ErrNodesBehind) {
		t.Errorf("while the server runs, got error %v", err)
	}
	body, err := json.Marshal(wish())
	must(t, err)
	book := func(node *proc.Process) (int, string) {
		return sendOnce(t, "POST", node.URL+"/v1/venues/studio/bookings", body, "Content-Type", "application/json")
	}
	if status, said := book(server); status != http.StatusCreated {
		t.Errorf("before, a booking is answered with %d: %s", status, said)
	}

	must(t, server.Stop(t.Context()))
	must(t, putTwoParts())
	again := proc.Launch(t, database)
	if status, said := book(again); status != http.StatusServiceUnavailable || !strings.Contains(said, `"needs_newer"`) {
		t.Errorf("a booking is answered with %d: %s", status, said)
	}
	_, err = again.Client(t).PutVenue(t.Context(), client.Venue{ID: "other", Name: "Other", TimeZone: "UTC"})
	must(t, err)
	for _, path := range []string{"/v1/venues/studio", "/v1/venues/studio/services", "/readyz"} {
		if status, said := sendOnce(t, "GET", again.URL+path, nil); status != http.StatusOK {
			t.Errorf("%s is answered with %d: %s", path, status, said)
		}
	}
}

// awaitTrue waits until a query answers true.
func awaitTrue(t *testing.T, url, query string) {
	t.Helper()
	c, err := pgx.Connect(t.Context(), url)
	must(t, err)
	for done := false; !done; {
		must(t, c.QueryRow(t.Context(), query).Scan(&done))
		_, err := c.Exec(t.Context(), "SELECT pg_sleep(0.01)")
		must(t, err)
	}
	must(t, c.Close(t.Context()))
}
