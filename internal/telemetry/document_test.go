package telemetry_test

import (
	"bytes"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"vacancy/internal/telemetry"
)

func TestDocumentIsTheCommittedOne(t *testing.T) {
	t.Parallel()
	committed, err := os.ReadFile("../../docs/metrics.md")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(committed, telemetry.Document()) {
		t.Error("docs/metrics.md is not what the code says; run 'make generate' and commit it")
	}
}

// Names are those of Prometheus' conventions: a counter ends with _total, and nothing else does; units are base units.
func TestNames(t *testing.T) {
	t.Parallel()
	form := regexp.MustCompile(`^vacancy(_[a-z][a-z0-9]*)+$`)
	seen := map[string]bool{}
	for _, d := range telemetry.Definitions() {
		if !form.MatchString(d.Name) || seen[d.Name] || strings.HasSuffix(d.Name, "_total") != (d.Kind == "counter") {
			t.Errorf("the %s %s has a wrong name, or one that is there already", d.Kind, d.Name)
		}
		seen[d.Name] = true
		if regexp.MustCompile(`milliseconds|minutes|_ms\b|kilobytes|_mb\b|percent`).MatchString(d.Name) {
			t.Errorf("%s is in no base unit", d.Name)
		}
		if len(d.Help) < 20 || !strings.HasSuffix(d.Help, ".") {
			t.Errorf("%s says too little: %q", d.Name, d.Help)
		}
		for _, l := range d.Labels {
			if l.Values == "" {
				t.Errorf("%s: nothing is said of the label %s", d.Name, l.Name)
			}
		}
		if d.Kind == "histogram" && (!slices.IsSorted(d.Buckets.Bounds) || d.Buckets.Reason == "") {
			t.Errorf("%s: the buckets %v have no order, or no reason", d.Name, d.Buckets.Bounds)
		}
	}
	// The bounds of the objectives are bounds of buckets, so that the rules' shares are exact.
	for name, bound := range map[string]float64{"vacancy_live_delivery_age_seconds": 1, "vacancy_http_request_seconds": .2} {
		i := slices.IndexFunc(telemetry.Definitions(), func(d telemetry.Definition) bool { return d.Name == name })
		if i < 0 || !slices.Contains(telemetry.Definitions()[i].Buckets.Bounds, bound) {
			t.Errorf("%s has no bucket that ends at %v", name, bound)
		}
	}
}

// Whatever is served is documented: a metric that goes round the definitions is found here.
func TestEverythingServedIsDocumented(t *testing.T) {
	t.Parallel()
	one := telemetry.New()
	one.HTTP.Request("/", 200, 1)
	documented := map[string]bool{}
	for _, d := range telemetry.Definitions() {
		documented[d.Name] = true
	}
	for line := range strings.SplitSeq(page(one), "\n") {
		if name, ok := strings.CutPrefix(line, "# TYPE vacancy_"); ok {
			if name, _, _ = strings.Cut("vacancy_"+name, " "); !documented[name] {
				t.Errorf("%s is in no documentation", name)
			}
		}
	}
}
