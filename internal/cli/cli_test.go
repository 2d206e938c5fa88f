package cli

import (
	"bytes"
	"context"
	"io"
	"path/filepath"
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	"vacancy/internal/config"
)

// run runs a command to its end and returns its exit code and what it said.
func run(t *testing.T, args ...string) (code int, out, problems string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code = Run(t.Context(), args, Streams{In: strings.NewReader(""), Out: &stdout, Err: &stderr})
	return code, stdout.String(), stderr.String()
}

func TestHelpNamesEveryCommand(t *testing.T) {
	t.Parallel()
	code, out, _ := run(t, "--help")
	for _, command := range []string{"serve", "apply", "verify", "bench", "openapi", "version"} {
		if !strings.Contains(out, command) {
			t.Errorf("--help does not name %s", command)
		}
	}
	if code != exitOK {
		t.Errorf("--help ends with %d", code)
	}
}

func TestUsageErrors(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{}, {"nonsense"}, {"serve", "--nonsense"}, {"serve", "--log-level", "loud"}} {
		if code, _, problems := run(t, args...); code != exitUsage || !strings.HasPrefix(problems, "vacancy: ") {
			t.Errorf("%q ends with %d: %s", args, code, problems)
		}
	}
}

// What the flags' tags say is what the server's tests start with.
func TestDefaultsAgree(t *testing.T) {
	t.Parallel()
	var c commands
	parser, err := kong.New(&c, kong.BindTo(context.Background(), (*context.Context)(nil)), kong.Bind(Streams{}))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := parser.Parse([]string{"serve"}); err != nil {
		t.Fatal(err)
	}
	if c.Serve.Config != config.Default() {
		t.Errorf("the flags say\n%+v, and config.Default\n%+v", c.Serve.Config, config.Default())
	}
}

func TestOpenAPIAndVersion(t *testing.T) {
	t.Parallel()
	if code, out, _ := run(t, "openapi"); code != exitOK || !strings.Contains(out, "openapi: 3.1") {
		t.Errorf("openapi ends with %d: %.60s", code, out)
	}
	if code, out, _ := run(t, "version"); code != exitOK || !strings.HasPrefix(out, "vacancy ") {
		t.Errorf("version ends with %d: %s", code, out)
	}
}

// The demo server says where its venues are, can be started again on the same file, and ends when it is told to.
func TestServeDemo(t *testing.T) {
	t.Parallel()
	database := "sqlite:" + filepath.Join(t.TempDir(), "demo.db")
	for _, start := range []string{"first", "second"} {
		ctx, stop := context.WithCancel(t.Context())
		said, out := io.Pipe()
		ended := make(chan int, 1)
		var problems bytes.Buffer
		go func() {
			ended <- Run(ctx, []string{"serve", "--demo", "--listen", "127.0.0.1:0", "--database", database, "--log-level", "warn"},
				Streams{In: strings.NewReader(""), Out: out, Err: &problems, Terminal: true})
			_ = out.Close()
		}()
		text := readUntil(t, said, "API reference")
		stop()
		if code := <-ended; code != exitOK {
			t.Errorf("the %s start ends with %d: %s", start, code, problems.String())
		}
		for _, venue := range []string{"/barber", "/ferry", "/tennis", "/yoga"} {
			if !strings.Contains(text, venue) {
				t.Errorf("the %s start does not say where %s is:\n%s", start, venue, text)
			}
		}
		if shown := strings.Contains(text, "Admin key"); shown != (start == "first") {
			t.Errorf("the %s start shows the admin key: %t", start, shown)
		}
	}
}

// readUntil reads what a command says up to a line with the given words, and goes on reading so that the command can go on too.
func readUntil(t *testing.T, r io.Reader, words string) string {
	t.Helper()
	var text strings.Builder
	chunk := make([]byte, 256)
	for !strings.Contains(text.String(), words) {
		n, err := r.Read(chunk)
		text.Write(chunk[:n])
		if err != nil {
			t.Fatalf("it ended with %v after saying:\n%s", err, text.String())
		}
	}
	go func() { _, _ = io.Copy(io.Discard, r) }()
	return text.String()
}
