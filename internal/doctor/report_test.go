package doctor

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"vacancy/internal/doctor/facts"
)

// blind is a collector that adds something and could not look at the rest.
type blind struct{}

func (blind) Collect(_ context.Context, into *facts.Facts) error {
	into.SQLite = &facts.SQLite{Path: "v.db", Exists: true, FreeBytes: -1, Fault: "it is\x1b[2J torn"}
	return errors.New("the database v.db cannot\nbe looked at")
}

func TestReport(t *testing.T) {
	t.Parallel()
	r := Examine(t.Context(), *soundSettings(), blind{})
	if r.Clean() || r.Problems != 1 || r.Findings[0].Level != Problem || r.Findings[0].Check != "sqlite_file" {
		t.Errorf("it finds %+v", r)
	}
	text := r.String()
	for _, part := range []string{
		"problem  sqlite_file: v.db: it cannot be used: it is [2J torn\n", "to do: ", "see docs/sqlite.md#a-damaged-file",
		"unseen   the database v.db cannot be looked at\n", "1 problem, 0 warnings, ",
	} {
		if !strings.Contains(text, part) {
			t.Errorf("it lacks %q:\n%s", part, text)
		}
	}
	if encoded, err := json.Marshal(Judge(soundSQLite())); err != nil || !strings.Contains(string(encoded), `"unseen":[]`) ||
		!strings.Contains(string(encoded), `"check":"sqlite_file","level":"ok","subject":"vacancy.db"`) {
		t.Errorf("as JSON it is %s, error %v", encoded, err)
	}
	if count := strings.Count(text, "\n"); count < len(r.Findings) {
		t.Errorf("%d lines are of %d findings", count, len(r.Findings))
	}
}
