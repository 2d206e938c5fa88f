package doctor

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"vacancy/internal/doctor/facts"
	"vacancy/internal/failover"
)

// row is a fixture of one fault: what is changed of a sound installation, and what the check says then.
type row struct {
	name  string
	fault func(*facts.Facts)
	// want is the level of the worst finding; empty: the check says nothing.
	want Level
	// subject and says are of a finding of that level.
	subject, says string
}

// table runs a check on a sound installation, of which it must not complain, and on each fixture.
func table(t *testing.T, check string, sound func() *facts.Facts, rows ...row) {
	t.Helper()
	i := slices.IndexFunc(Checks(), func(c Check) bool { return c.Name == check })
	if i < 0 {
		t.Fatalf("there is no check %q", check)
	}
	run := Checks()[i].Run
	for _, f := range run(sound()) {
		if f.Level != OK {
			t.Errorf("of a sound installation it says: %s: %s", f.Level, f.Text)
		}
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			known := sound()
			row.fault(known)
			judge(t, row, run(known))
		})
	}
}

func judge(t *testing.T, row row, findings []Finding) {
	t.Helper()
	worst, told := Level(""), row.want == ""
	for _, f := range findings {
		if worst == "" || f.Level.rank() > worst.rank() {
			worst = f.Level
		}
		if f.Level == row.want && strings.Contains(f.Text, row.says) && (row.subject == "" || f.Subject == row.subject) {
			told = true
		}
		if f.Level.rank() >= Warning.rank() && f.Do == "" {
			t.Errorf("it does not say what to do: %s", f.Text)
		}
		checkLink(t, f.Link)
	}
	if worst != row.want || !told {
		t.Errorf("it finds %q, and the worst is %q; want %q of %q that says %q", findings, worst, row.want, row.subject, row.says)
	}
}

var headings = regexp.MustCompile(`(?m)^#+ (.+)$`)

// checkLink looks for the section of the documentation that a finding leads to.
func checkLink(t *testing.T, link string) {
	t.Helper()
	page, section, _ := strings.Cut(link, "#")
	text, err := os.ReadFile(filepath.Join("..", "..", page))
	if err != nil {
		t.Error(err)
		return
	}
	if section == "" {
		return
	}
	for _, heading := range headings.FindAllStringSubmatch(string(text), -1) {
		if anchor(heading[1]) == section {
			return
		}
	}
	t.Errorf("%s has no section %q", page, section)
}

// anchor is how a heading is linked to.
func anchor(heading string) string {
	kept := regexp.MustCompile(`[^\w\- ]`).ReplaceAllString(strings.ToLower(heading), "")
	return strings.ReplaceAll(kept, " ", "-")
}

// now is the machine's clock in all fixtures.
var now = time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)

// serverURL is where the server that runs is asked.
const serverURL = "http://127.0.0.1:9090/metrics"

// identity is that of a database in the last of some terms.
func identity(ids ...string) failover.Identity {
	return failover.Identity{
		Installation: "shop", Term: int64(len(ids)), ID: ids[len(ids)-1], IDs: ids,
		Place: failover.Place{System: "7", Timeline: "00000001", Table: "16400"},
	}
}

// sound is a primary with one synchronous standby, and all as it should be.
func sound() *facts.Facts {
	f := soundSettings()
	f.Schema = &facts.Schema{Version: 8, Known: 8}
	f.Postgres = &facts.Postgres{
		User: "vacancy",
		StateFile: facts.StateFile{Path: "state.json", Exists: true, Memory: failover.Memory{
			Identity: identity("one"), Beats: beats(10), Saved: now.Add(-5 * time.Second),
		}},
		HeartbeatInterval: 5 * time.Second, LiveFor: 17 * time.Second,
		Hosts: []facts.Host{soundPrimary(), soundStandby("b", "10.0.0.2")},
	}
	return f
}

func beats(count int64) map[string]failover.Beat {
	return map[string]failover.Beat{"node": {Count: count, Seen: now.Add(-2 * time.Second)}}
}

func soundHost(name, address string) facts.Host {
	return facts.Host{
		Observation: failover.Observation{
			Host: name + ":5432", Identity: identity("one"), Place: identity("one").Place, Beats: beats(10), Now: now, Up: time.Hour,
			Started: now.Add(-time.Hour),
		},
		SkewError: time.Millisecond, Version: "15.3", Fsync: "on", FullPageWrites: "on", SynchronousCommit: "on", MaxConnections: 97,
		Addresses: []string{address},
	}
}

func soundPrimary() facts.Host {
	h := soundHost("a", "10.0.0.1")
	h.State, h.Synchronous, h.SynchronousStandbyNames = failover.Writable, true, "FIRST 1 (b)"
	h.Followers = []facts.Follower{follower("b", "10.0.0.2", "sync")}
	h.Nodes = []facts.Node{{ID: "node", Level: 1, Seen: now.Add(-2 * time.Second)}}
	return h
}

func soundStandby(name, address string) facts.Host {
	h := soundHost(name, address)
	h.State, h.Place.Timeline, h.Up = failover.Standby, "", 2*time.Hour
	h.Started = now.Add(-2 * time.Hour)
	h.SynchronousStandbyNames = "FIRST 1 (a)"
	h.Receiver = &facts.Receiver{Shown: true, Name: name, Status: "streaming", SenderHost: "10.0.0.1", SenderPort: 5432}
	return h
}

func follower(name, address, state string) facts.Follower {
	return facts.Follower{Shown: true, Name: name, Address: address, State: "streaming", SyncState: state, Replays: true}
}

// soundSQLite is a file of which nothing is wrong.
func soundSQLite() *facts.Facts {
	f := soundSettings()
	f.Schema = &facts.Schema{Version: 7, Known: 7}
	f.SQLite = &facts.SQLite{
		Path: "vacancy.db", Exists: true, Names: 1, Mode: 0o600, FileBytes: 10 << 20, LogBytes: 1 << 20, FreeBytes: 10 << 30,
		FileSystem: "ext4", JournalMode: "wal",
	}
	return f
}

func soundSettings() *facts.Facts {
	has := true
	return &facts.Facts{
		Now: now, Level: 1,
		Settings: facts.Settings{
			Listen: "127.0.0.1:8080", AdminListen: "127.0.0.1:9090", PublicURL: "https://book.example.com",
			TrustedProxies: []string{"127.0.0.0/8", "::1/128"}, Limits: true, AlertCommand: true, Probe: true,
			ChangesRetention: 168 * time.Hour, RequireStandby: true, Connections: 16, MaxReaders: 15_000,
		},
		Server:      &facts.Server{URL: serverURL, Ready: true, Writable: true, Term: 1},
		Machine:     facts.Machine{Connections: 18_000, DescriptorLimit: 20_000},
		Certificate: &facts.Certificate{File: "chain.pem", NotAfter: now.AddDate(0, 3, 0), Covers: true},
		HasKey:      &has,
	}
}

// Of sound installations nothing is said but that they are.
func TestSound(t *testing.T) {
	t.Parallel()
	for name, known := range map[string]*facts.Facts{"PostgreSQL": sound(), "SQLite": soundSQLite()} {
		if r := Judge(known); !r.Clean() || r.Notes > 0 || len(r.Findings) < 10 {
			t.Errorf("%s: %s", name, r)
		}
	}
	if r := Judge(&facts.Facts{}); len(r.Findings) == 0 {
		t.Error("nothing is said where nothing is known")
	}
}

// Each check has a table of its own faults, in the file that is named as its own is, and a place in the documentation.
func TestEveryCheckHasItsTable(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("check_*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	tables := make(map[string]bool)
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(strings.Replace(file, "_test.go", ".go", 1)); err != nil {
			t.Errorf("%s is of no check: %v", file, err)
		}
		for _, match := range regexp.MustCompile(`table\(t, "([a-z_]+)"`).FindAllStringSubmatch(string(text), -1) {
			tables[match[1]] = true
		}
	}
	for _, check := range Checks() {
		if !tables[check.Name] {
			t.Errorf("the check %s has no table", check.Name)
		}
	}
	page, err := os.ReadFile("../../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, check := range Checks() {
		if !strings.Contains(string(page), "`"+check.Name+"`") {
			t.Errorf("docs/operations.md does not name the check %s", check.Name)
		}
	}
	if len(Checks()) < 30 {
		t.Errorf("there are %d checks", len(Checks()))
	}
}
