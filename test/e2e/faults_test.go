package e2e

import (
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"vacancy/client"
	"vacancy/internal/store/postgres/postgrestest"
	"vacancy/test/proc"
)

// outageCodes are the only problems that a caller may be answered while the database cannot write, besides being too late for a slot.
var outageCodes = map[string]bool{
	client.CodeUnavailable: true, client.CodeBusy: true, client.CodeSlotUnavailable: true, client.CodeWrongStatus: true,
	client.CodeOutcomeUnknown: true,
}

func (w *work) checkRefusals(t *testing.T) {
	t.Helper()
	for code, n := range w.refused {
		if code != "" && !outageCodes[code] {
			t.Errorf("%d calls were answered with %s", n, code)
		}
	}
}

// comesBack waits until bookings are accepted again.
func comesBack(t *testing.T, server *proc.Process) {
	t.Helper()
	w := startWork(t, server.URL, tomorrow())
	w.some(t, 20)
	w.end()
}

// refuses waits until a booking is refused since the database cannot write, and checks that reading goes on meanwhile.
func refuses(t *testing.T, server *proc.Process) {
	t.Helper()
	for n := 0; ; n++ {
		booked, code := bookOnce(t.Context(), server, tomorrow().Add(time.Duration(n%400)*time.Hour))
		if code == client.CodeUnavailable {
			break
		}
		if booked.ID == "" && !outageCodes[code] {
			t.Fatalf("the refusal is %q", code)
		}
		if n > 100_000 {
			t.Fatal("no booking is refused")
		}
	}
	if days := availability(t, server.Client(t), query()).Days; len(days) != 1 || len(days[0].Slots) == 0 {
		t.Errorf("meanwhile availability is %v", days)
	}
}

// PostgreSQL is restarted under load. Nobody gets an answer but success and "unavailable", and everything goes on by itself.
func TestDatabaseRestartedUnderLoad(t *testing.T) {
	t.Parallel()
	database := postgrestest.Start(t)
	server := proc.Launch(t, database.URL())
	class(t, server.Client(t), places)
	known := make(map[string]client.BookingStatus)
	for range 3 {
		w := startWork(t, server.URL, tomorrow())
		w.some(t, 50)
		database.Restart(t)
		w.some(t, 200) // more than were on their way
		maps.Copy(known, w.end())
		w.checkRefusals(t)
	}
	checkSurvivors(t, server, known)
	checkClean(t, database.URL())
}

// PostgreSQL becomes read-only under the server, as a primary does that was demoted.
func TestReadOnlyPostgreSQL(t *testing.T) {
	t.Parallel()
	database := postgrestest.Start(t)
	server := proc.Launch(t, database.URL())
	class(t, server.Client(t), places)
	w := startWork(t, server.URL, tomorrow())
	w.some(t, 50)
	execute(t, database.URL(), "ALTER DATABASE vacancy SET default_transaction_read_only = on")
	execute(t, database.URL(), "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = 'vacancy'")
	refuses(t, server)
	known := w.end()
	w.checkRefusals(t)
	execute(t, database.URL()+"&default_transaction_read_only=off", "ALTER DATABASE vacancy RESET default_transaction_read_only")
	execute(t, database.URL(), "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = 'vacancy'")
	comesBack(t, server)
	checkSurvivors(t, server, known)
	checkClean(t, database.URL())
}

func execute(t *testing.T, url, statement string) {
	t.Helper()
	c, err := pgx.Connect(t.Context(), url)
	must(t, err)
	_, err = c.Exec(t.Context(), statement)
	must(t, err)
	must(t, c.Close(t.Context()))
}

// The disk of the database fills up, and has room again later.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	disk := mountDisk(t, "8m")
	ballast := filepath.Join(disk.outside, "ballast")
	must(t, os.WriteFile(ballast, make([]byte, 2<<20), 0o600))
	server := proc.LaunchBy(t, disk.enter, "sqlite:"+filepath.Join(disk.inside, "v.db"))
	class(t, server.Client(t), 1_000_000)
	refuses(t, server)
	w := startWork(t, server.URL, tomorrow())
	must(t, os.Remove(ballast))
	w.some(t, 20)
	known := w.end()
	w.checkRefusals(t)
	if said, code := proc.RunBy(t, disk.enter, "sqlite:"+filepath.Join(disk.inside, "v.db"), "verify"); code != 0 {
		t.Errorf("verify ends with %d and says:\n%s", code, said)
	}
	for id, status := range known {
		if b, err := server.Client(t).Booking(t.Context(), "studio", id); err != nil || b.Status != status && status != "" {
			t.Errorf("%s was acknowledged as %s and is %q: %v", id, status, b.Status, err)
		}
	}
}

// A database on a read-only disk cannot be served, which is said in a sentence; but it can be verified. (A disk cannot become
// read-only while a server has files open on it for writing.)
func TestReadOnlyDisk(t *testing.T) {
	t.Parallel()
	disk := mountDisk(t, "64m")
	database := "sqlite:" + filepath.Join(disk.inside, "v.db")
	server := proc.LaunchBy(t, disk.enter, database)
	class(t, server.Client(t), places)
	must(t, server.Stop(t.Context()))
	disk.remount(t, "ro")
	said, code := proc.RunBy(t, disk.enter, database, "serve", "--listen", "127.0.0.1:0")
	if code == 0 || !strings.Contains(said, "v.db") || !strings.Contains(said, "read-only") || strings.Contains(said, "goroutine") {
		t.Errorf("serve ends with %d and says:\n%s", code, said)
	}
	if said, code := proc.RunBy(t, disk.enter, database, "verify"); code != 0 {
		t.Errorf("verify ends with %d and says:\n%s", code, said)
	}
	disk.remount(t, "rw")
	comesBack(t, proc.LaunchBy(t, disk.enter, database))
}

// checkClean has the program verify the database.
func checkClean(t *testing.T, database string) {
	t.Helper()
	if said, code := proc.Run(t, database, "verify"); code != 0 {
		t.Errorf("verify ends with %d and says:\n%s", code, said)
	}
}

// disk is a small file system in memory, in a mount namespace of its own.
type disk struct {
	// inside is its path for processes that were started by enter; outside is the same for all others.
	inside, outside string
	// enter begins the command line of a process that sees the disk.
	enter []string
}

// mountDisk makes a disk that is gone with the test. Only root may mount; others become root of a user namespace.
func mountDisk(t *testing.T, size string) disk {
	t.Helper()
	inside := t.TempDir()
	args := []string{"--mount"}
	if os.Geteuid() != 0 {
		args = append(args, "--user", "--map-root-user")
	}
	// The namespace lives as long as this shell, which waits for its input to end.
	script := `mount -t tmpfs -o size="$1" tmpfs "$2" && echo mounted && read -r _`
	args = append(args, "sh", "-c", script, "sh", size, inside)
	keeper := exec.Command("unshare", args...) // it ends with its input
	input, err := keeper.StdinPipe()
	must(t, err)
	output, err := keeper.StdoutPipe()
	must(t, err)
	keeper.Stderr = os.Stderr
	must(t, keeper.Start())
	t.Cleanup(func() { _ = input.Close(); _ = keeper.Wait() })
	said := make([]byte, 16)
	n, err := output.Read(said)
	if err != nil || strings.TrimSpace(string(said[:n])) != "mounted" {
		t.Fatalf("a disk for the test could not be mounted: %v", err)
	}
	pid := strconv.Itoa(keeper.Process.Pid)
	enter := []string{"nsenter", "--target", pid, "--mount"}
	if os.Geteuid() != 0 {
		enter = append(enter, "--user", "--preserve-credentials")
	}
	return disk{inside: inside, outside: "/proc/" + pid + "/root" + inside, enter: append(enter, "--")}
}

// remount makes the disk read-only or writable. Nobody may have a file open for writing.
func (d disk) remount(t *testing.T, mode string) {
	t.Helper()
	line := slices.Concat(d.enter, []string{"mount", "-o", "remount," + mode, d.inside})
	out, err := exec.CommandContext(t.Context(), line[0], line[1:]...).CombinedOutput()
	if err != nil {
		t.Fatalf("remount: %v: %s", err, out)
	}
}
