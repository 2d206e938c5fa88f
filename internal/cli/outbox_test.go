package cli

import (
	"path/filepath"
	"strings"
	"testing"

	"vacancy/internal/store/sqlite"
)

// The commands print how it is, and say what is wrong in a sentence.
func TestOutboxCommands(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "v.db")
	s, err := sqlite.Open(t.Context(), sqlite.Config{Path: file})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	for _, test := range []struct {
		args, says string
		code       int
	}{
		{"status", "outbox: open, as from the beginning", exitOK},
		{"pause --reason maintenance", ": maintenance", exitOK},
		{"status", "outbox: paused since", exitOK},
		{"resume", "outbox: open since", exitOK},
		{"resume --database sqlite:" + file + ".not", "no such file", exitFailed},
		{"resume --database postgres://vacancy@127.0.0.1:1/vacancy", "no database is in charge", exitFailed},
		{"resume --database mysql://a/b", "--database", exitFailed},
	} {
		args := append([]string{"outbox"}, strings.Fields(test.args)...)
		if !strings.Contains(test.args, "--database") {
			args = append(args, "--database", "sqlite:"+file)
		}
		var out, problems strings.Builder
		code := Run(t.Context(), args, Streams{In: strings.NewReader(""), Out: &out, Err: &problems})
		if said := out.String() + problems.String(); code != test.code || !strings.Contains(said, test.says) {
			t.Errorf("%q ends with %d and says %q, want %d and %q", args, code, said, test.code, test.says)
		}
	}
}
