package cli

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"vacancy/internal/doctor"
)

// noServer has the doctor ask no server: what listens at the default port of this machine is none of the test's.
var noServer = []string{"--listen", "127.0.0.1:0"}

// The doctor looks while the server runs, and afterwards; what it finds decides how it ends.
func TestDoctor(t *testing.T) {
	t.Parallel()
	database, path, stop := demo(t)
	sound := append([]string{"doctor", "--database", database, "--alert-command", "true", "--max-readers", "100"}, noServer...)
	code, out, problems := run(t, sound...)
	if code == exitUnchecked || !strings.Contains(out, "ok       sqlite_file: "+path+": it is a database") {
		t.Errorf("while the server runs, it ends with %d: %s%s", code, out, problems)
	}
	stop()
	code, out, problems = run(t, append(sound, "--json")...)
	var report doctor.Report
	if err := json.Unmarshal([]byte(out), &report); err != nil || len(report.Unseen) > 0 {
		t.Fatalf("afterwards, it says %s%s", out, problems)
	}
	if slices.ContainsFunc(report.Findings, func(f doctor.Finding) bool { return f.Check == "running_server" }) {
		t.Errorf("it has asked a server that is none of this test's: %s", out)
	}
	if want := map[bool]int{true: exitOK, false: exitFailed}[report.Clean()]; code != want {
		t.Errorf("of %d problems and %d warnings, it ends with %d", report.Problems, report.Warnings, code)
	}
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	code, out, problems = run(t, sound...)
	if code != exitFailed || !strings.Contains(out, "rights on it (0640)") || !strings.Contains(out, "chmod 600") {
		t.Errorf("of a file that others can read, it ends with %d: %s%s", code, out, problems)
	}
}

// Without a verdict on the database it ends with another code, and says what it has found nevertheless.
func TestDoctorCannotLook(t *testing.T) {
	t.Parallel()
	missing := "sqlite:" + filepath.Join(t.TempDir(), "none.db")
	code, out, problems := run(t, append([]string{"doctor", "--database", missing, "--limits", "off"}, noServer...)...)
	if code != exitUnchecked || !strings.HasPrefix(problems, "vacancy: not checked: the database") || !strings.Contains(out, "--limits=off") {
		t.Errorf("of a missing file, it ends with %d: %s%s", code, out, problems)
	}
	for _, args := range [][]string{
		{"--database", "mysql://somewhere"},
		{"--database", missing, "--tls-cert", "chain.pem"},
		{"--database", "postgres://vacancy:not-to-be-seen@[/vacancy"},
	} {
		code, out, problems := run(t, append([]string{"doctor"}, args...)...)
		if code != exitUnchecked || !strings.HasPrefix(problems, "vacancy: ") || strings.Contains(problems+out, "not-to-be-seen") {
			t.Errorf("of %q, it ends with %d: %s%s", args, code, out, problems)
		}
	}
	if code, out, _ := run(t, "doctor", "--help"); code != exitOK || !strings.Contains(out, "with 2 if") {
		t.Errorf("its help ends with %d: %s", code, out)
	}
}
