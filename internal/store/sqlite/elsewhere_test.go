package sqlite

import (
	"bufio"
	"context"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"vacancy/internal/booking"
	"vacancy/internal/store"
)

// These variables make this test binary another program: what it does, and with which database.
const (
	doElsewhere = "TEST_DO"
	databaseFor = "TEST_DATABASE"
)

func TestMain(m *testing.M) {
	path := os.Getenv(databaseFor)
	switch os.Getenv(doElsewhere) {
	case "open":
		end(openAndClose(path))
	case "hold":
		end(hold(path))
	case "count":
		end(count(path))
	}
	goleak.VerifyTestMain(m)
}

// end ends the other process, of which TestMain is the main function.
func end(err error) {
	if err == nil {
		os.Exit(0) //nolint:forbidigo // see above
	}
	_, _ = os.Stdout.WriteString(err.Error())
	os.Exit(1) //nolint:forbidigo // see above
}

// hold opens a database as a server, says its epoch, and goes on until its input ends.
func hold(path string) error {
	s, err := Open(context.Background(), Config{Path: path})
	if err != nil {
		return err
	}
	_, _ = os.Stdout.WriteString(string(s.epoch) + "\n")
	_, err = io.Copy(io.Discard, os.Stdin)
	return err
}

// count says how many bookings venue a has.
func count(path string) error {
	n := 0
	r, err := OpenReadOnly(context.Background(), path)
	if err != nil {
		return err
	}
	err = r.Inspect(context.Background(), func(s store.Snapshot) error {
		return s.Bookings(context.Background(), "a", func(booking.Booking) error { n++; return nil })
	})
	_, _ = os.Stdout.WriteString(strconv.Itoa(n))
	return err
}

func another(t *testing.T, do, path string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	must(t, err)
	cmd := exec.CommandContext(t.Context(), self)
	cmd.Env = append(os.Environ(), doElsewhere+"="+do, databaseFor+"="+path)
	return cmd
}

// elsewhere does something in another process.
func elsewhere(t *testing.T, do, path string) (said string, err error) {
	t.Helper()
	out, err := another(t, do, path).CombinedOutput()
	return string(out), err
}

// heldAndKilled is the epoch of a server in another process that was killed.
func heldAndKilled(t *testing.T, path string) booking.Epoch {
	t.Helper()
	cmd := another(t, "hold", path)
	in, err := cmd.StdinPipe()
	must(t, err)
	defer in.Close()
	out, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	said, err := bufio.NewReader(out).ReadString('\n')
	must(t, err)
	must(t, cmd.Process.Kill())
	if err := cmd.Wait(); err == nil {
		t.Error("the server ended by itself")
	}
	return booking.Epoch(strings.TrimSpace(said))
}
