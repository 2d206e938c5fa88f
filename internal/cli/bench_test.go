package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"vacancy/internal/bench"
)

func TestBenchCommands(t *testing.T) {
	t.Parallel()
	server := startApp(t)
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

func TestBenchCommandFails(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		args []string
		code int
		want string
	}{
		"no load":         {nil, exitUsage, "expected one of"},
		"unknown channel": {[]string{"live", "--transport", "pigeon"}, exitUsage, "--transport"},
		"far away":        {[]string{"book", "--url", "http://192.0.2.1"}, exitFailed, "--remote allows it"},
		"no clients":      {[]string{"book", "--clients", "0", "--url", "http://127.0.0.1:1"}, exitFailed, "must be 1 or more"},
		"no directory":    {[]string{"book", "--directory", "/nowhere"}, exitUsage, "/nowhere"},
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
		target := benchTarget{URL: "http://127.0.0.1:1", JSON: asJSON}
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
