package e2e

import (
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"vacancy/client"
	"vacancy/internal/store/postgres/postgrestest"
	"vacancy/test/proc"
)

// TestStagingIsLikeProduction makes a staging of a database in use, by the script that the documentation names. It has the bookings and no
// customer, is sound, can be booked on, and leaves production alone. A database that is not empty is not touched.
func TestStagingIsLikeProduction(t *testing.T) {
	t.Parallel()
	cluster := postgrestest.Start(t)
	execute(t, cluster.URL(), "CREATE DATABASE staging")
	u, err := url.Parse(cluster.URL())
	must(t, err)
	u.Path = "/staging"
	staging := u.String()
	production := proc.Launch(t, cluster.URL())
	class(t, production.Client(t), 1000)
	var booked client.Booking
	for range 20 {
		booked, err = production.Client(t).Book(t.Context(), "studio", wish())
		must(t, err)
	}
	makeStaging := func() (string, error) {
		script, err := filepath.Abs("../../deploy/staging/staging.sh")
		must(t, err)
		cmd := exec.CommandContext(t.Context(), "bash", script)
		cmd.Env = append(os.Environ(), "SOURCE="+cluster.URL(), "STAGING="+staging, "VACANCY="+proc.Program(t))
		said, err := cmd.CombinedOutput()
		return string(said), err
	}
	said, err := makeStaging()
	if err != nil || !strings.Contains(said, "20 bookings without names") {
		t.Fatalf("%v: %s", err, said)
	}
	if said, err := makeStaging(); err == nil || !strings.Contains(said, "is not empty; nothing was done") {
		t.Errorf("a second time: %v: %s", err, said)
	}

	copied := proc.Launch(t, staging)
	there, err := copied.Client(t).Booking(t.Context(), "studio", booked.ID)
	must(t, err)
	if c := there.Customer; there.Status != client.Confirmed || c.Name == "Ada" || !strings.HasSuffix(c.Email, "@staging.invalid") {
		t.Errorf("staging has the booking as %+v, of %+v", there, there.Customer)
	}
	if _, err := copied.Client(t).Booking(t.Context(), "studio", booked.ID, client.Token(booked.ManageToken)); err == nil {
		t.Error("a customer's link leads into staging")
	}
	_, err = copied.Client(t).Book(t.Context(), "studio", wish())
	must(t, err)
	q := query()
	if got := slotAt(t, availability(t, production.Client(t), q), tomorrow()).Remaining; got != 980 {
		t.Errorf("production has %d left", got)
	}
	if _, err := production.Client(t).Book(t.Context(), "studio", wish()); err != nil {
		t.Errorf("production, after the copy: %v", err)
	}
}
