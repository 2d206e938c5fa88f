package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"vacancy/internal/store/postgres/postgrestest"
	"vacancy/test/proc"
)

// TestMovedDatabase: a dump that was loaded into another cluster is read, and written to once a person has allowed it.
func TestMovedDatabase(t *testing.T) {
	t.Parallel()
	from, to := postgrestest.Start(t), postgrestest.Start(t)
	one, file := node(t, "", from.Host(t))
	class(t, one.Client(t), places)
	booked := books(t, one)
	must(t, one.Stop(t.Context()))
	conn, err := pgx.Connect(t.Context(), from.URL())
	must(t, err)
	var bin string
	must(t, conn.QueryRow(t.Context(), `SELECT setting FROM pg_config() WHERE name = 'BINDIR'`).Scan(&bin))
	must(t, conn.Close(t.Context()))
	dump := filepath.Join(t.TempDir(), "dump.sql")
	for _, line := range [][]string{
		{filepath.Join(bin, "pg_dump"), "--file=" + dump, from.URL()},
		{filepath.Join(bin, "psql"), "--quiet", "--set=ON_ERROR_STOP=1", "--file=" + dump, to.URL()},
	} {
		if out, err := exec.CommandContext(t.Context(), line[0], line[1:]...).CombinedOutput(); err != nil {
			t.Fatalf("%s: %v: %s", line[0], err, out)
		}
	}
	for _, remembers := range []string{"", file} {
		moved, _ := node(t, remembers, to.Host(t))
		refusesAll(t, moved, 3)
		says(t, moved, "database_moved")
		must(t, moved.Stop(t.Context()))
	}
	moved, _ := node(t, file, to.Host(t))
	if said, code := proc.Run(t, to.URL(), "failover", "allow", "--reason", "moved to a larger machine"); code != 0 {
		t.Fatalf("allow ends with %d and says:\n%s", code, said)
	}
	if again := books(t, moved); !strings.HasPrefix(again.Position, "2-") {
		t.Errorf("booked at %s", again.Position)
	}
	if _, err := moved.Client(t).Booking(t.Context(), "studio", booked.ID); err != nil {
		t.Errorf("the booking from before: %v", err)
	}
	checkClean(t, to.URL())
}

// TestUpgradedDatabase: the cluster behind one address is upgraded by pg_upgrade while a server runs. It and others read from what came of
// it, and write to it once a person has allowed it. No booking is lost.
func TestUpgradedDatabase(t *testing.T) {
	t.Parallel()
	old := postgrestest.Start(t)
	way := cutOff(t, old.Host(t))
	runs, _ := node(t, "", way.Listen)
	remembers, file := node(t, "", way.Listen)
	class(t, runs.Client(t), places)
	w := startWork(t, runs.URL, tomorrow())
	w.some(t, 30)
	known := w.end()
	remembers.Kill()
	way.Stop()
	upgraded := old.Upgraded(t)
	way.Upstream = upgraded.Host(t)
	must(t, way.Start())
	remembers, _ = node(t, file, way.Listen)
	fresh, _ := node(t, "", way.Listen)
	for _, server := range []*proc.Process{runs, remembers, fresh} {
		says(t, server, "database_moved")
		refusesAll(t, server, 3)
	}
	if said, code := proc.Run(t, upgraded.URL(), "failover", "allow", "--reason", "pg_upgrade"); code != 0 {
		t.Fatalf("allow ends with %d and says:\n%s", code, said)
	}
	for _, server := range []*proc.Process{runs, remembers, fresh} {
		if booked := books(t, server); !strings.HasPrefix(booked.Position, "2-") {
			t.Errorf("booked at %s", booked.Position)
		}
	}
	checkSurvivors(t, runs, known)
	checkClean(t, upgraded.URL())
}

// TestBackupStartedAsItIs: a base backup that somebody starts as it is says that it is the very database that is in charge. Nodes that run
// do not go there, and one that starts goes where the others are.
func TestBackupStartedAsItIs(t *testing.T) {
	t.Parallel()
	a, b := replicated(t, false)
	hosts := []string{b.Host(t), a.Host(t)} // the copy stands first
	one, file := node(t, "", hosts...)
	class(t, one.Client(t), places)
	books(t, one)
	await(t, b.URL(), `SELECT count(*) > 0 FROM bookings`)
	b.Stop(t)
	must(t, os.Remove(filepath.Join(b.Directory(), "data", "standby.signal")))
	b.Start(t)
	copied := revisions(t, b)
	says(t, one, "database_second_writable")
	books(t, one)
	fresh, _ := node(t, "", hosts...)
	books(t, fresh)
	if n := revisions(t, b); n != copied {
		t.Errorf("%d changes were made in the copy", n-copied)
	}

	// As a staging it is an installation of its own, and production, which lists it by mistake, goes on where it was.
	if said, code := proc.Run(t, b.URL(), "failover", "allow", "--copy", "--reason", "staging"); code != 0 {
		t.Fatalf("allow ends with %d and says:\n%s", code, said)
	}
	staging, _ := node(t, "", b.Host(t))
	if booked := books(t, staging); !strings.HasPrefix(booked.Position, "2-") {
		t.Errorf("staging books at %s", booked.Position)
	}
	one.Kill()
	one, _ = node(t, file, hosts...)
	if booked := books(t, one); !strings.HasPrefix(booked.Position, "1-") {
		t.Errorf("production books at %s", booked.Position)
	}
	lost, _ := node(t, "", hosts...) // which of the two is its own it cannot know
	refusesAll(t, lost, 3)
	says(t, lost, "database_of_another_installation")
}
