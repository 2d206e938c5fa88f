package cli

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"vacancy/internal/app"
	"vacancy/internal/config"
	"vacancy/internal/verify"
)

// demo starts a server on a new database with the example venues and their bookings, and returns how to name the database. It runs
// until stop is called.
func demo(t *testing.T) (database, path string, stop func()) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "demo.db")
	c := config.Default()
	c.ProbeInterval = 0
	c.Listen, c.Database, c.AdminKey = "127.0.0.1:0", "sqlite:"+path, testKey
	server, err := app.New(t.Context(), c, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- server.Run(ctx) }()
	ended := false
	stop = func() {
		if cancel(); ended {
			return
		}
		ended = true
		if err := <-served; err != nil {
			t.Error(err)
		}
	}
	t.Cleanup(stop)
	if _, err := setUpDemo(t.Context(), server); err != nil {
		t.Fatal(err)
	}
	return c.Database, path, stop
}

func TestVerifyWhileTheServerRunsAndAfter(t *testing.T) {
	t.Parallel()
	database, path, stop := demo(t)
	code, out, problems := run(t, "verify", "--database", database)
	if code != exitOK || !strings.Contains(out, "read 4 venues") || !strings.Contains(out, "no problems") {
		t.Errorf("while the server runs, it ends with %d: %s%s", code, out, problems)
	}
	stop()
	code, out, problems = run(t, "verify", "--database", database, "--json")
	var report verify.Report
	if err := json.Unmarshal([]byte(out), &report); err != nil || code != exitOK || report.Venues != 4 || report.Bookings == 0 {
		t.Errorf("afterwards, it ends with %d: %s%s", code, out, problems)
	}

	damage(t, path, `UPDATE bookings SET status = 'cancelled' WHERE id = (SELECT min(id) FROM bookings)`)
	code, out, problems = run(t, "verify", "--database", database)
	if code != exitFailed || !strings.Contains(out, `it is "cancelled", and its history left it "confirmed"`) {
		t.Errorf("of a damaged database, it ends with %d: %s%s", code, out, problems)
	}
	if !strings.HasPrefix(problems, "vacancy: ") {
		t.Errorf("of a damaged database, it says %q", problems)
	}
	if code, out, _ = run(t, "verify", "--database", database, "--json"); code != exitFailed || !strings.Contains(out, `"problems": [`) {
		t.Errorf("of a damaged database as JSON, it ends with %d: %s", code, out)
	}
}

// damage alters a database behind everybody's back, with the store's own driver.
func damage(t *testing.T, path, statement string) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec(statement); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestVerifyCannotCheck(t *testing.T) {
	t.Parallel()
	missing := "sqlite:" + filepath.Join(t.TempDir(), "none.db")
	for _, database := range []string{missing, "mysql://somewhere", "sqlite:"} {
		code, out, problems := run(t, "verify", "--database", database)
		if code != exitUnchecked || out != "" || !strings.HasPrefix(problems, "vacancy: not checked: ") {
			t.Errorf("of %s, it ends with %d: %s%s", database, code, out, problems)
		}
	}
	if code, out, _ := run(t, "verify", "--help"); code != exitOK || !strings.Contains(out, "with 2 if the database could not be checked") {
		t.Errorf("its help ends with %d: %s", code, out)
	}
}

// A report that nobody could read is no verdict.
func TestVerifyThatCannotPrint(t *testing.T) {
	t.Parallel()
	for _, asJSON := range []bool{false, true} {
		reader, writer := io.Pipe()
		_ = reader.Close()
		if err := printVerdict(writer, verify.Report{}, asJSON); exitCode(err) != exitUnchecked {
			t.Errorf("a report that was not printed ends with %v", err)
		}
		var out bytes.Buffer
		err := printVerdict(&out, verify.Report{Problems: []string{"one"}}, asJSON)
		if !errors.Is(err, errProblems) || exitCode(err) != exitFailed {
			t.Errorf("a report with a problem ends with %v", err)
		}
	}
}

// The database is named as `vacancy serve` has it.
func TestVerifyNamesTheDatabaseAsServeDoes(t *testing.T) {
	t.Parallel()
	of, _ := reflect.TypeFor[verifyCommand]().FieldByName("Database")
	want, _ := reflect.TypeFor[config.Config]().FieldByName("Database")
	for _, tag := range []string{"default", "env", "placeholder"} {
		if of.Tag.Get(tag) != want.Tag.Get(tag) {
			t.Errorf("%s is %q, and of serve %q", tag, of.Tag.Get(tag), want.Tag.Get(tag))
		}
	}
}
