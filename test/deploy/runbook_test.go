package deploy

import (
	"context"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"vacancy/internal/failover"
	"vacancy/internal/store/postgres"
	"vacancy/internal/store/postgres/postgrestest"
	"vacancy/test/proc"
)

const runbook = "docs/runbook.md"

// sections are the runbook's, by their titles.
func sections(t *testing.T) map[string]string {
	t.Helper()
	all := make(map[string]string)
	for _, part := range strings.Split(read(t, runbook), "\n## ")[1:] {
		title, body, _ := strings.Cut(part, "\n")
		body, _, _ = strings.Cut(body, "\n# ")
		if all[title] != "" {
			t.Errorf("the runbook has two sections %q", title)
		}
		all[title] = body
	}
	return all
}

// Each section says what the alert means, who is hurt, how to find out more, and what helps, in this order.
func TestSections(t *testing.T) {
	t.Parallel()
	for title, body := range sections(t) {
		at := -1
		for _, part := range []string{"**Meaning.** ", "**Impact.** ", "**Diagnosis.** ", "**Mitigation.** "} {
			next := strings.Index(body, part)
			if next <= at {
				t.Errorf("%s: %s is missing, or out of order", title, part)
			}
			at = next
		}
	}
}

// Each link within the runbook leads to a section of it.
func TestLinksOfTheRunbook(t *testing.T) {
	t.Parallel()
	text := read(t, runbook)
	var anchors []string
	for _, heading := range regexp.MustCompile(`(?m)^#+ (.+)$`).FindAllStringSubmatch(text, -1) {
		anchors = append(anchors, strings.ReplaceAll(strings.ToLower(heading[1]), " ", "-"))
	}
	links := regexp.MustCompile(`\]\(#([^)]+)\)`).FindAllStringSubmatch(text, -1)
	for _, link := range links {
		if !slices.Contains(anchors, link[1]) {
			t.Errorf("the runbook has no section %q", link[1])
		}
	}
	if len(links) < 10 {
		t.Errorf("only %d links were found", len(links))
	}
}

// Each condition that the code raises an alert for has a section under its key.
func TestEveryKeyIsExplained(t *testing.T) {
	t.Parallel()
	sections := sections(t)
	keys := alertKeys(t)
	for _, key := range keys {
		if sections[key] == "" {
			t.Errorf("the alert %s has no section in the runbook", key)
		}
	}
	if !slices.Contains(keys, "probe_failing") || !slices.Contains(keys, "dominant_client") {
		t.Errorf("the keys that were found are %q", keys)
	}
}

var keyMentioned = regexp.MustCompile(`"key":"([a-z_]+)"|runbook\.md#([a-z_]+)|` + "`(database_[a-z]+_[a-z_]+)`")

// Each key that other pages speak of is one.
func TestKeysOfOtherPages(t *testing.T) {
	t.Parallel()
	explained := make(map[string]bool)
	for title := range sections(t) {
		explained[strings.ToLower(title)] = true // as links have them
	}
	found := 0
	for _, page := range []string{"docs/alerts.md", "docs/failover.md", "docs/operations.md"} {
		for _, key := range keyMentioned.FindAllStringSubmatch(read(t, page), -1) {
			found++
			if key := strings.Join(key[1:], ""); !explained[key] {
				t.Errorf("%s speaks of %s, which has no section in the runbook", page, key)
			}
		}
	}
	if found < 8 {
		t.Errorf("only %d keys were found", found)
	}
}

// A block of code begins on a line of its own: after other text it is shown as a part of that, and cannot be copied.
func TestBlocksBeginLines(t *testing.T) {
	t.Parallel()
	for n, line := range strings.Split(read(t, runbook), "\n") {
		if strings.Index(line, "```") > 0 {
			t.Errorf("line %d of the runbook has a block of code after other text: %s", n+1, line)
		}
	}
	if opened := strings.Count(read(t, runbook), "```"); opened < 100 || opened%2 != 0 {
		t.Errorf("the runbook has %d fences", opened)
	}
}

var keyForm = regexp.MustCompile(`^[a-z]+(_[a-z]+)+$`)

// alertKeys are the keys of alerts in the code: constants whose name has "alert" in it, and texts that are raised as they are.
func alertKeys(t *testing.T) (keys []string) {
	t.Helper()
	note := func(e ast.Expr) {
		if lit, ok := e.(*ast.BasicLit); ok && lit.Kind == token.STRING {
			if text, err := strconv.Unquote(lit.Value); err == nil && keyForm.MatchString(text) && !slices.Contains(keys, text) {
				keys = append(keys, text)
			}
		}
	}
	must(t, filepath.WalkDir("../../internal", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.ValueSpec:
				for i, name := range n.Names {
					if strings.Contains(strings.ToLower(name.Name), "alert") && i < len(n.Values) {
						note(n.Values[i])
					}
				}
			case *ast.CallExpr:
				if method, ok := n.Fun.(*ast.SelectorExpr); ok && len(n.Args) == 2 &&
					(method.Sel.Name == "Critical" || method.Sel.Name == "Warning") {
					note(n.Args[0])
				}
			}
			return true
		})
		return nil
	}))
	return keys
}

// The commands of the runbook work: each is run against a real server, as the runbook says, and says something.
func TestCommandsOfTheRunbook(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	must(t, os.Symlink(proc.Program(t), filepath.Join(dir, "vacancy")))
	for kind, database := range map[string]string{
		"sqlite":   "sqlite:" + filepath.Join(dir, "v.db"),
		"postgres": postgrestest.Start(t).URL(), // psql knows no search_path in a URL
	} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			flags := []string{"--probe-interval", "1s"}
			if kind == "postgres" { // with a broker that is away
				flags = append(flags, "--bus", "nats://"+freeAddress(t))
			}
			server := proc.Launch(t, database, flags...)
			commands := commandsFor(t, kind)
			if len(commands) < 15 {
				t.Errorf("only %d commands were found", len(commands))
			}
			for _, command := range commands {
				out, err := runCommand(t, dir, server.URL, database, command)
				if err != nil || strings.TrimSpace(out) == "" {
					t.Errorf("%s\nends with %v, and says %q", command, err, out)
				}
			}
			// The control: what is misspelt fails.
			if _, err := runCommand(t, dir, server.URL, database, `curl -fsS "$VACANCY/metrcis" | grep '^vacancy_ready'`); err == nil {
				t.Error("a command that cannot work is said to work")
			}
		})
	}
}

var commandBlock = regexp.MustCompile("(?s)```sh *([a-z]*)\n(.*?)```")

// commandsFor are the blocks of commands that the runbook has for servers on a kind of database, each once.
func commandsFor(t *testing.T, kind string) (commands []string) {
	t.Helper()
	for _, block := range commandBlock.FindAllStringSubmatch(read(t, runbook), -1) {
		if (block[1] == "" || block[1] == kind) && !slices.Contains(commands, block[2]) {
			commands = append(commands, block[2])
		}
	}
	return commands
}

// brokerCommand is a command of RabbitMQ's, what it does, and the columns that it is to show.
var brokerCommand = regexp.MustCompile(`(?m)^(rabbitmqctl|rabbitmq-diagnostics) ([a-z_]+)((?: [a-z_]+)*)$`)

// The commands that the runbook has for the machine of RabbitMQ are known to RabbitMQ's own tools, with their columns. They are not run:
// a node of a test has none of what these tools find a node by.
func TestCommandsForRabbitMQ(t *testing.T) {
	t.Parallel()
	columns := make(map[[2]string][]string) // of each tool and command
	for _, block := range commandBlock.FindAllStringSubmatch(read(t, runbook), -1) {
		switch block[1] {
		case "rabbitmq":
			found := brokerCommand.FindAllStringSubmatch(block[2], -1)
			if len(found) != strings.Count(block[2], "\n") {
				t.Errorf("this has lines that are no command of RabbitMQ's:\n%s", block[2])
			}
			for _, c := range found {
				command := [2]string{c[1], c[2]}
				columns[command] = append(columns[command], strings.Fields(c[3])...)
			}
		case "", "sqlite", "postgres": // these are run, by another test
		default:
			t.Errorf("commands for %s are looked at by no test:\n%s", block[1], block[2])
		}
	}
	if len(columns) < 4 {
		t.Errorf("only %d commands were found", len(columns))
	}
	control := [2]string{"rabbitmqctl", "list_queues"}
	columns[control] = append(columns[control], "no_such_column")
	for command, names := range columns {
		help := rabbitMQHelp(t, command[0], command[1])
		for _, name := range names {
			if known := regexp.MustCompile(`\b` + name + `\b`).MatchString(help); known == (name == "no_such_column") {
				t.Errorf("%s: that it knows %s is %v", command, name, known)
			}
		}
	}
}

// rabbitMQHelp is what a tool of RabbitMQ says of a command that it knows. The tools in PATH are for root and one user alone.
func rabbitMQHelp(t *testing.T, tool, command string) string {
	t.Helper()
	tools, err := filepath.Glob("/usr/lib/rabbitmq/lib/rabbitmq_server-*/sbin/" + tool)
	must(t, err)
	if len(tools) == 0 {
		t.Fatalf("%s is not installed", tool)
	}
	cmd := exec.CommandContext(t.Context(), tools[len(tools)-1], "help", command)
	cmd.Env = append(os.Environ(), "HOME="+t.TempDir())
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Errorf("%s knows no %s: %v", tool, command, err)
	}
	return string(out)
}

var (
	aboutStatus = regexp.MustCompile(`(?m)\b[Tt]he status (?:says|shows)\b[^.\n]*`)
	quoted      = regexp.MustCompile(`"([^"]+)"`)
)

// missingWords are the words that a text quotes from the output of `vacancy failover status`, and that it does not have. n is how many are
// quoted.
func missingWords(text, output string) (missing []string, n int) {
	for _, sentence := range aboutStatus.FindAllString(text, -1) {
		for _, word := range quoted.FindAllStringSubmatch(sentence, -1) {
			if n++; !strings.Contains(output, word[1]) {
				missing = append(missing, word[1])
			}
		}
	}
	return missing, n
}

// What the runbook quotes from the status is in it.
func TestWordsOfTheStatus(t *testing.T) {
	t.Parallel()
	at := failover.Place{System: "7", Timeline: "00000001"}
	open := failover.Identity{Installation: "shop", Term: 1, ID: "t1", IDs: []string{"t1"}, Place: at}
	closed := open
	closed.ClosedBy = "bookings have gone on"
	var output strings.Builder
	for _, h := range []postgres.HostStatus{
		{Host: "a", State: failover.Writable, Identity: open, Place: at, Home: true},
		{Host: "b", State: failover.Standby, Identity: open, Place: at},
		{Host: "c", State: failover.Writable, Identity: closed, Place: at, Home: true},
		{Host: "d", State: failover.Unreachable, Reason: "no answer"},
	} {
		output.WriteString(h.String())
	}
	if missing, n := missingWords(read(t, runbook), output.String()); len(missing) > 0 || n < 5 {
		t.Errorf("of %d words that the runbook quotes from the status, these are not in it: %q:\n%s", n, missing, &output)
	}
	const control = `Is it fit? The status says "in charge" or "fit" of it.`
	if missing, n := missingWords(control, output.String()); n != 2 || !slices.Equal(missing, []string{"fit"}) {
		t.Errorf("the control has %d words, and %q are missing", n, missing)
	}
}

var queryBlock = regexp.MustCompile("(?s)```promql\n(.*?)```")

// runbookQueries are those that the runbook has for Prometheus, each once.
func runbookQueries(t *testing.T) (queries []string) {
	t.Helper()
	for _, block := range queryBlock.FindAllStringSubmatch(read(t, runbook), -1) {
		if !slices.Contains(queries, block[1]) {
			queries = append(queries, block[1])
		}
	}
	if len(queries) < 4 {
		t.Errorf("only %d queries were found", len(queries))
	}
	return queries
}

func runCommand(t *testing.T, dir, url, database, command string) (string, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "bash", "-euo", "pipefail", "-c", command)
	cmd.Env = append(os.Environ(), "PATH="+dir+":"+os.Getenv("PATH"), "VACANCY="+url, "VACANCY_DATABASE="+database)
	out, err := cmd.CombinedOutput()
	return string(out), err
}
