package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"testing"

	"vacancy/internal/bench"
	"vacancy/internal/config"
	"vacancy/internal/store/postgres/postgrestest"
)

func TestBenchCommands(t *testing.T) {
	t.Parallel()
	server := startApp(t, func(c *config.Config) { c.Limits = "off" }) // as for every benchmark
	for name, args := range map[string][]string{
		"book":           {"book", "--clients", "8", "--capacity", "4", "--count", "40"},
		"book at random": {"book", "--clients", "4", "--slots", "10", "--venues", "3", "--seconds", "0.2", "--no-keys"},
		"churn":          {"churn", "--clients", "8", "--capacity", "2", "--seconds", "0.3"},
		"live":           {"live", "--readers", "10", "--changes", "30", "--seconds", "0.3"},
		"live by socket": {"live", "--readers", "10", "--changes", "30", "--seconds", "0.3", "--transport", "ws"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			code, out, problems := command(t, "", append(append([]string{"bench"}, args...), "--url", server, "--key", testKey, "--json")...)
			var report struct {
				Booked, Changes int
				Errors          map[string]int
				Audit           *bench.Audit
			}
			if err := json.Unmarshal([]byte(out), &report); err != nil || code != exitOK {
				t.Fatalf("exit code %d, said %s and %s: %v", code, out, problems, err)
			}
			if report.Booked+report.Changes == 0 || len(report.Errors) > 0 || report.Audit == nil {
				t.Errorf("the report is %s", out)
			}
		})
	}
}

// Without an address, a server of the command's own is measured, on either database.
func TestBenchStartsServers(t *testing.T) {
	t.Parallel()
	database := postgrestest.Shared(t).URL()
	large := []string{"large", "--bookings", "300", "--few", "100", "--venues", "2", "--samples", "20"}
	for name, args := range map[string][]string{
		"SQLite":       {"book", "--clients", "8", "--count", "100", "--directory", t.TempDir()},
		"two nodes":    {"book", "--clients", "8", "--venues", "3", "--count", "100", "--database", database, "--nodes", "2"},
		"readers":      {"live", "--readers", "10", "--changes", "30", "--seconds", "0.5", "--database", database, "--nodes", "2"},
		"pessimistic":  {"churn", "--clients", "8", "--seconds", "0.5", "--database", database, "--nodes", "2", "--locking", "pessimistic"},
		"large":        slices.Concat(large, []string{"--directory", t.TempDir()}),
		"large shared": slices.Concat(large, []string{"--database", database, "--connections", "4"}),
		"reference":    {"reference", "--clients", "8", "--slots", "3", "--venues", "2", "--seconds", "0.3", "--database", database},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			code, out, problems := command(t, "", append([]string{"bench"}, args...)...)
			if code != exitOK || problems != "" || !strings.Contains(out, "audit") {
				t.Errorf("exit code %d, said\n%s%s", code, out, problems)
			}
		})
	}
}

func TestBenchSuite(t *testing.T) {
	t.Parallel()
	document := write(t, "benchmarks.md", "# Kept\n<!-- measured: machine -->\n<!-- end of machine -->\nkept\n"+
		"<!-- measured: churn -->\nold\n<!-- end of churn -->\nkept too\n")
	code, out, problems := command(t, "", "bench", "suite", "--database", postgrestest.Shared(t).URL(), "--document", document,
		"--only", "churn", "--seconds", "0.5", "--rounds", "1", "--directory", t.TempDir())
	text, err := os.ReadFile(document)
	if err != nil || code != exitOK || out != "" {
		t.Fatalf("exit code %d, said\n%s%s: %v", code, out, problems, err)
	}
	for _, want := range []string{
		"# Kept\n", "\nkept\n", "\nkept too\n", "PostgreSQL 1", "| SQLite |", "vacancy bench churn --seconds 0.5\n",
	} {
		if !strings.Contains(string(text), want) {
			t.Errorf("the document lacks %q:\n%s", want, text)
		}
	}
	if strings.Contains(string(text), "old") || strings.Contains(string(text), "postgres://") {
		t.Errorf("the document has what it should not:\n%s", text)
	}
}

func TestBenchCommandFails(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		args []string
		code int
		want string
	}{
		"no load":         {nil, exitUsage, "expected one of"},
		"unknown channel": {[]string{"live", "--transport", "pigeon"}, exitUsage, "--transport"},
		"key in the clear": {
			[]string{"book", "--remote", "--key", testKey, "--url", "http://192.0.2.1"}, exitFailed, "--insecure-http",
		},
		"far away":        {[]string{"book", "--url", "http://192.0.2.1"}, exitFailed, "--remote allows it"},
		"no clients":      {[]string{"book", "--clients", "0", "--url", "http://127.0.0.1:1"}, exitFailed, "must be 1 or more"},
		"no directory":    {[]string{"book", "--directory", "/nowhere"}, exitUsage, "/nowhere"},
		"two servers":     {[]string{"book", "--url", "http://127.0.0.1:1", "--nodes", "2"}, exitFailed, "not for one at --url"},
		"nodes of a file": {[]string{"book", "--nodes", "2"}, exitFailed, "several nodes need"},
		"few and no more": {[]string{"large", "--bookings", "1"}, exitFailed, "no less than the few"},
		"no reference":    {[]string{"reference"}, exitUsage, "--database"},
		"no time":         {[]string{"reference", "--database", "postgres://127.0.0.1:1/x", "--seconds", "0"}, exitFailed, "more than 0"},
		"no document":     {[]string{"suite", "--database", "postgres://127.0.0.1:1/x", "--document", "/nowhere"}, exitUsage, "/nowhere"},
		"not a document":  {[]string{"suite", "--database", "postgres://127.0.0.1:1/x", "--document", "bench.go"}, exitFailed, "has no line"},
	} {
		code, _, problems := command(t, "", append([]string{"bench"}, test.args...)...)
		if code != test.code || !strings.Contains(problems, test.want) {
			t.Errorf("%s: exit code %d, said %q; want %d and %q", name, code, problems, test.code, test.want)
		}
	}
}

// A bad report is printed in full, and is a failure all the same.
func TestBenchPrintsBadReports(t *testing.T) {
	t.Parallel()
	broken := fmt.Errorf("%w: everything", bench.ErrBroken)
	for _, asJSON := range []bool{true, false} {
		var out strings.Builder
		target := benchTarget{URL: []string{"http://127.0.0.1:1"}, Nodes: 1, benchServer: benchServer{JSON: asJSON}}
		err := measure(t.Context(), target, &out, func(bench.Target) (bench.BookReport, error) {
			return bench.BookReport{Booked: 7}, broken
		})
		if !errors.Is(err, bench.ErrBroken) || !strings.Contains(out.String(), "7") {
			t.Errorf("%v, printed %q", err, out.String())
		}
		out.Reset()
		err = measure(t.Context(), target, &out, func(bench.Target) (bench.BookReport, error) { return bench.BookReport{}, io.EOF })
		if !errors.Is(err, io.EOF) || out.Len() > 0 {
			t.Errorf("%v, printed %q", err, out.String())
		}
	}
}
