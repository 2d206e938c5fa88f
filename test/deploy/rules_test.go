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
