package alert

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
)

// command runs a command of the operator's for each alert.
type command struct {
	line string
	from Source
}

// Command is a notifier that runs a line by the shell for each alert, with the alert as a line of JSON on its standard input, and its main
// parts in ALERT_KEY, ALERT_SUBJECT, ALERT_STATUS, ALERT_SEVERITY and ALERT_TEXT. Exit code 0 is success. A run that takes too long is
// ended, with what it has started. The server's own environment holds secrets: the command gets the part of it that every program needs.
func Command(line string, from Source) Notifier { return &command{line: line, from: from} }

func (*command) Name() string { return "command" }

// inherited are the environment variables that a command gets.
var inherited = []string{"PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "LC_ALL", "TZ", "TMPDIR", "SSL_CERT_FILE", "SSL_CERT_DIR"}

func (c *command) Notify(ctx context.Context, a Alert) error {
	body, err := encode(a, c.from)
	if err != nil {
		return RefusedError{err}
	}
	cmd := exec.CommandContext(ctx, "/bin/sh", "-c", c.line) //nolint:gosec // it is the operator's own line
	cmd.Stdin = bytes.NewReader(body)
	cmd.Env = append(environment(),
		"ALERT_KEY="+a.Key, "ALERT_SUBJECT="+a.Subject, "ALERT_STATUS="+a.status(), "ALERT_SEVERITY="+string(a.Severity), "ALERT_TEXT="+a.Text)
	output := &tail{}
	cmd.Stdout, cmd.Stderr = output, output
	endWithChildren(cmd)
	cmd.WaitDelay = outputTimeout
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			err = ctx.Err()
		}
		return fmt.Errorf("the command failed: %w: %s", err, output)
	}
	return nil
}

func environment() []string {
	return slices.DeleteFunc(os.Environ(), func(assignment string) bool {
		name, _, _ := strings.Cut(assignment, "=")
		return !slices.Contains(inherited, name)
	})
}

// tail keeps the end of what is written to it: errors stand there.
type tail struct{ kept []byte }

func (t *tail) Write(p []byte) (int, error) {
	t.kept = append(t.kept, p...)
	t.kept = t.kept[max(0, len(t.kept)-maxOutputBytes):]
	return len(p), nil
}

func (t *tail) String() string { return sentence(strings.ToValidUTF8(string(t.kept), "")) }
