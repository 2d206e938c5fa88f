package cli

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"path/filepath"
	"slices"
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
	for _, command := range []string{"serve", "apply", "verify", "doctor", "bench", "openapi", "version"} {
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

// The demo has a database of its own, so that an owner's venues do not stand beside it; one that is named is used.
func TestDemoHasItsOwnDatabase(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"serve", "--demo"}, "sqlite:vacancy-demo.db"},
		{[]string{"serve"}, config.Default().Database},
		{[]string{"serve", "--demo", "--database", config.Default().Database}, config.Default().Database},
		{[]string{"serve", "--demo", "--database=sqlite:other.db"}, "sqlite:other.db"},
	} {
		var parsed commands
		parser, err := kong.New(&parsed, kong.BindTo(t.Context(), (*context.Context)(nil)), kong.Bind(Streams{}))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := parser.Parse(c.args); err != nil || parsed.Serve.Database != c.want {
			t.Errorf("%q: %v, %s; want %s", c.args, err, parsed.Serve.Database, c.want)
		}
	}
}

// A server that is told to stop while it sets up the demo stops, and that is no failure.
func TestStopWhileTheDemoIsSetUp(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithCancel(t.Context())
	said, out := io.Pipe()
	ended := make(chan int, 1)
	var problems bytes.Buffer
	go func() {
		ended <- Run(ctx, []string{
			"serve", "--demo", "--listen", "127.0.0.1:0", "--database", "sqlite:" + filepath.Join(t.TempDir(), "demo.db"),
		}, Streams{In: strings.NewReader(""), Out: out, Err: &problems})
		_ = out.Close()
	}()
	text := readUntil(t, said, "Vacancy is open at")
	stop()
	if code := <-ended; code != exitOK || strings.Contains(problems.String(), "vacancy: ") {
		t.Errorf("it ends with %d, and said\n%s%s", code, text, problems.String())
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

// A first admin key is not lost when the server cannot start: the port is busy, and the next start makes and shows one. Where nobody sees
// it, none is made.
func TestAdminKeyIsShownWhenItIsStored(t *testing.T) {
	t.Parallel()
	database := "sqlite:" + filepath.Join(t.TempDir(), "v.db")
	busy, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = busy.Close() }()
	serve := func(terminal bool, address string) (code int, out, problems string) {
		ctx, stop := context.WithCancel(t.Context())
		said, w := io.Pipe()
		ended := make(chan int, 1)
		var log bytes.Buffer
		go func() {
			ended <- Run(ctx, []string{"serve", "--listen", address, "--database", database, "--log-format", "text"},
				Streams{In: strings.NewReader(""), Out: w, Err: &log, Terminal: terminal})
			_ = w.Close()
		}()
		var text strings.Builder
		for lines := bufio.NewScanner(said); lines.Scan(); {
			text.WriteString(lines.Text() + "\n")
			if strings.Contains(lines.Text(), "API reference") {
				stop()
			}
		}
		stop()
		return <-ended, text.String(), log.String()
	}
	const shown, missing = "Admin key", "there is no admin key"
	for _, step := range []struct {
		name, address    string
		terminal         bool
		code             int
		shows, complains bool
	}{
		{"a busy port", busy.Addr().String(), true, exitFailed, false, false},
		{"no terminal", "127.0.0.1:0", false, exitOK, false, true},
		{"a terminal", "127.0.0.1:0", true, exitOK, true, false},
		{"again", "127.0.0.1:0", true, exitOK, false, false},
		{"no terminal, but a key", "127.0.0.1:0", false, exitOK, false, false},
	} {
		code, out, problems := serve(step.terminal, step.address)
		if code != step.code || strings.Contains(out+problems, shown) != step.shows || strings.Contains(problems, missing) != step.complains {
			t.Errorf("%s: ends with %d, and said\n%s%s", step.name, code, out, problems)
		}
	}
}

// What a server says with a log of JSON is JSON, line by line; durations have their unit.
func TestJSONLogIsAllThatIsSaid(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithCancel(t.Context())
	var out bytes.Buffer
	log, w := io.Pipe()
	ended := make(chan int, 1)
	go func() {
		ended <- Run(ctx, []string{
			"serve", "--demo", "--listen", "127.0.0.1:0", "--database", "sqlite:" + filepath.Join(t.TempDir(), "v.db"), "--log-format", "json",
		}, Streams{In: strings.NewReader(""), Out: &out, Err: w})
		_ = w.Close()
	}()
	var messages []string
	for lines := bufio.NewScanner(log); lines.Scan(); {
		var line struct {
			Msg, Version, Database, Took string
			ShutdownTimeout              string `json:"shutdown_timeout"`
		}
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			t.Fatalf("%v: %s", err, lines.Bytes())
		}
		messages = append(messages, line.Msg)
		switch {
		case strings.HasPrefix(line.Msg, "API reference"):
			stop()
		case line.Msg == "started" && (line.Version == "" || !strings.HasPrefix(line.Database, "sqlite:")),
			line.Msg == "stopping" && line.ShutdownTimeout != "15s",
			line.Msg == "stopped" && !strings.HasSuffix(line.Took, "s"):
			t.Errorf("it says %s", lines.Bytes())
		}
	}
	stop()
	if code := <-ended; code != exitOK || out.Len() > 0 {
		t.Errorf("it ends with %d, and printed %q", code, out.String())
	}
	for _, want := range []string{"started", "stopping", "stopped"} {
		if !slices.Contains(messages, want) {
			t.Errorf("the log lacks %q: %q", want, messages)
		}
	}
}
