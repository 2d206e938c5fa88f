package deploy

import (
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"vacancy/internal/telemetry"
	"vacancy/test/proc"
)

const rulesDir = "../../deploy/prometheus"

// rule is one of a file of rules: an alert, or a record.
type rule struct {
	Alert, Record, Expr, For string
	Labels, Annotations      map[string]string
}

func rules(t *testing.T, file string) (all []rule) {
	t.Helper()
	var document struct{ Groups []struct{ Rules []rule } }
	must(t, yaml.Unmarshal([]byte(read(t, "deploy/prometheus/"+file)), &document))
	for _, g := range document.Groups {
		all = append(all, g.Rules...)
	}
	if len(all) == 0 {
		t.Fatalf("%s has no rules", file)
	}
	return all
}

func promtool(t *testing.T, args ...string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "promtool", args...)
	cmd.Dir = rulesDir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("promtool %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

func TestRulesAreValid(t *testing.T) {
	t.Parallel()
	promtool(t, "check", "rules", "recording.yml", "alerts.yml")
	promtool(t, "check", "config", "prometheus.yml")
}

// Each alert fires where it should, and stays silent at a near miss.
func TestRules(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(rulesDir + "/tests/*.yml")
	must(t, err)
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			promtool(t, "test", "rules", "tests/"+filepath.Base(file))
		})
	}
}

// Each alert has both kinds of tests, a severity, and what tells people what to do.
func TestEveryAlertIsTestedAndExplained(t *testing.T) {
	t.Parallel()
	fires, silent := testedAlerts(t)
	sections := sections(t)
	for _, r := range rules(t, "alerts.yml") {
		if !fires[r.Alert] || !silent[r.Alert] {
			t.Errorf("%s: a test in which it fires: %v; in which it is silent: %v", r.Alert, fires[r.Alert], silent[r.Alert])
		}
		if s := r.Labels["severity"]; s != "critical" && s != "warning" {
			t.Errorf("%s has the severity %q", r.Alert, s)
		}
		if r.Annotations["summary"] == "" || r.Annotations["runbook"] != "docs/runbook.md#"+strings.ToLower(r.Alert) {
			t.Errorf("%s has the annotations %v", r.Alert, r.Annotations)
		}
		if sections[r.Alert] == "" {
			t.Errorf("%s has no section in the runbook", r.Alert)
		}
	}
}

// testedAlerts are those that a test expects to fire, and not to.
func testedAlerts(t *testing.T) (fires, silent map[string]bool) {
	t.Helper()
	fires, silent = make(map[string]bool), make(map[string]bool)
	files, err := filepath.Glob(rulesDir + "/tests/*.yml")
	must(t, err)
	for _, file := range files {
		var document struct {
			Tests []struct {
				Alerts []struct {
					Name     string `yaml:"alertname"`
					Expected []any  `yaml:"exp_alerts"`
				} `yaml:"alert_rule_test"`
			}
		}
		must(t, yaml.Unmarshal([]byte(read(t, "deploy/prometheus/tests/"+filepath.Base(file))), &document))
		for _, test := range document.Tests {
			for _, a := range test.Alerts {
				if len(a.Expected) > 0 {
					fires[a.Name] = true
				} else {
					silent[a.Name] = true
				}
			}
		}
	}
	return fires, silent
}

// Rules speak of metrics and records that there are.
func TestRulesUseKnownFigures(t *testing.T) {
	t.Parallel()
	known := knownFigures(t)
	for _, file := range []string{"recording.yml", "alerts.yml"} {
		for _, r := range rules(t, file) {
			for _, name := range unknownFigures(known, r.Expr) {
				t.Errorf("%s%s looks at %s, which there is not", r.Alert, r.Record, name)
			}
		}
	}
	if len(unknownFigures(known, "rate(vacancy_htpp_request_seconds_count[5m]) > vacancy:no_record")) != 2 {
		t.Error("a name that is wrong is not noticed")
	}
}

// Counters that rules look for an increase of are there from the start, as 0. One that began with its first event would show Prometheus a
// series that has always been 1, which is no increase: the first failure of its kind would be no alert.
func TestCountersOfRulesAreThereFromTheStart(t *testing.T) {
	t.Parallel()
	server := proc.Launch(t, "sqlite:"+filepath.Join(t.TempDir(), "v.db"), "--probe-interval", "1h")
	page := metricsOf(t, server.URL) + newEventFigures().page() // that server has no bus
	found := 0
	for _, file := range []string{"recording.yml", "alerts.yml"} {
		for _, r := range rules(t, file) {
			for _, c := range increases(r.Expr) {
				found++
				if !c.in(page) {
					t.Errorf("%s%s looks for an increase of %s{%s}, which a new server does not have", r.Alert, r.Record, c.name, c.matchers)
				}
			}
		}
	}
	if found < 20 {
		t.Errorf("only %d increases were found", found)
	}
	// The control: what no server has is missed, and so is one of several.
	for _, expr := range []string{
		`increase(vacancy_http_problems_total{code="no_such_code"}[10m]) > 0`,
		`increase(vacancy_alert_notifications_total{outcome=~"failed|lost"}[15m]) > 0`,
		`increase(vacancy_outbox_left_out_total{reason="no_such_reason"}[15m]) > 0`,
	} {
		if increases(expr)[0].in(page) {
			t.Errorf("%s is said to be of something that is there", expr)
		}
	}
}

// counter is what a rule looks for an increase of.
type counter struct{ name, matchers string }

var (
	increaseOf = regexp.MustCompile(`\b(?:increase|rate)\((vacancy_[a-z_]+)(?:\{([^}]*(?:\{[a-z]+\}[^}]*)*)\})?\[`)
	matcher    = regexp.MustCompile(`([a-z_]+)=~?"([^"]*)"`)
)

func increases(expr string) (all []counter) {
	for _, found := range increaseOf.FindAllStringSubmatch(expr, -1) {
		all = append(all, counter{found[1], found[2]})
	}
	return all
}

// in tells whether a page of metrics has the counter, with each of the values that its matchers name.
func (c counter) in(page string) bool {
	series := [][]string{{}} // what must be in one line, for each combination of values
	for _, m := range matcher.FindAllStringSubmatch(c.matchers, -1) {
		var next [][]string
		for _, s := range series {
			for value := range strings.SplitSeq(m[2], "|") {
				next = append(next, append(slices.Clone(s), m[1]+`="`+value+`"`))
			}
		}
		series = next
	}
	for _, labels := range series {
		if !slices.ContainsFunc(strings.Split(page, "\n"), func(line string) bool {
			return strings.HasPrefix(line, c.name) && !slices.ContainsFunc(labels, func(label string) bool {
				return !regexp.MustCompile(label).MatchString(line)
			})
		}) {
			return false
		}
	}
	return true
}

var figureName = regexp.MustCompile(`\bvacancy[_:][a-z0-9_:]+`)

// unknownFigures are those that an expression speaks of and that are not known.
func unknownFigures(known []string, expr string) (unknown []string) {
	for _, name := range figureName.FindAllString(expr, -1) {
		if !slices.Contains(known, name) {
			unknown = append(unknown, name)
		}
	}
	return unknown
}

// knownFigures are the series of the server, and those that rules record.
func knownFigures(t *testing.T) (names []string) {
	t.Helper()
	for _, d := range telemetry.Definitions() {
		if d.Kind != "histogram" {
			names = append(names, d.Name)
			continue
		}
		for _, part := range []string{"_bucket", "_count", "_sum"} {
			names = append(names, d.Name+part)
		}
	}
	for _, r := range rules(t, "recording.yml") {
		names = append(names, r.Record)
	}
	return names
}
