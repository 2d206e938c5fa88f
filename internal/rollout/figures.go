package rollout

import (
	"io"
	"maps"
	"math"
	"slices"
	"strings"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

// Figures are what a node has counted since it started, or within a time if one reading is taken from a later one.
type Figures struct {
	// Started is when the process began, in Unix seconds.
	Started float64
	// Answers and Errors are counts by what was asked; an error is a 5xx. The node's own probe is among them.
	Answers, Errors map[string]float64
	// Writes and Reads are the times of answers, Updates those from a commit to a reader.
	Writes, Reads, Updates Histogram
	// Readers is how many live connections there are.
	Readers float64
}

// Histogram is a count by upper bound, cumulative, in seconds.
type Histogram map[float64]float64

// probeKind is the node's own probe among the kinds of answers: it books, as customers do.
const probeKind = "the node's own probe"

// parseFigures reads the text of /metrics. A build that does not count something has 0 there.
func parseFigures(r io.Reader) (Figures, error) {
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(r)
	if err != nil {
		return Figures{}, err
	}
	f := newFigures()
	for _, m := range families["process_start_time_seconds"].GetMetric() {
		f.Started = m.GetGauge().GetValue()
	}
	for _, m := range families["vacancy_live_readers"].GetMetric() {
		f.Readers = m.GetGauge().GetValue()
	}
	for _, m := range families["vacancy_live_delivery_age_seconds"].GetMetric() {
		f.Updates.count(m.GetHistogram())
	}
	for _, m := range families["vacancy_http_request_seconds"].GetMetric() {
		f.request(label(m, "route"), label(m, "status"), m.GetHistogram())
	}
	for _, m := range families["vacancy_probe_rounds_total"].GetMetric() {
		f.Answers[probeKind] += m.GetCounter().GetValue()
		if label(m, "result") != "ok" {
			f.Errors[probeKind] += m.GetCounter().GetValue()
		}
	}
	return f, nil
}

func newFigures() Figures {
	return Figures{
		Answers: make(map[string]float64), Errors: make(map[string]float64),
		Writes: make(Histogram), Reads: make(Histogram), Updates: make(Histogram),
	}
}

func label(m *dto.Metric, name string) string {
	for _, pair := range m.GetLabel() {
		if pair.GetName() == name {
			return pair.GetValue()
		}
	}
	return ""
}

// request counts the answers of a route with a status.
func (f Figures) request(route, status string, h *dto.Histogram) {
	f.Answers[route] += float64(h.GetSampleCount())
	if strings.HasPrefix(status, "5") {
		f.Errors[route] += float64(h.GetSampleCount())
	}
	switch {
	case isWrite(route):
		f.Writes.count(h)
	case strings.HasPrefix(route, "GET /v1/") && route != "GET /v1/live":
		f.Reads.count(h)
	}
}

// isWrite tells whether a kind of answer rests on a commit.
func isWrite(kind string) bool {
	method, path, _ := strings.Cut(kind, " ")
	return kind == probeKind || strings.HasPrefix(path, "/v1/") && method != "GET" && method != "HEAD" && method != "OPTIONS"
}

func (h Histogram) count(from *dto.Histogram) {
	for _, bucket := range from.GetBucket() {
		if !math.IsInf(bucket.GetUpperBound(), 1) {
			h[bucket.GetUpperBound()] += float64(bucket.GetCumulativeCount())
		}
	}
	h[math.Inf(1)] += float64(from.GetSampleCount())
}

// since is what was counted after an earlier reading of the same process.
func (f Figures) since(before Figures) Figures {
	return Figures{
		Started: f.Started, Readers: f.Readers,
		Answers: minus(f.Answers, before.Answers), Errors: minus(f.Errors, before.Errors),
		Writes: minus(f.Writes, before.Writes), Reads: minus(f.Reads, before.Reads), Updates: minus(f.Updates, before.Updates),
	}
}

// add is the sum over nodes.
func (f Figures) add(other Figures) Figures {
	sum := f.since(newFigures())
	sum.Readers += other.Readers
	for _, pair := range []struct{ to, from map[string]float64 }{{sum.Answers, other.Answers}, {sum.Errors, other.Errors}} {
		for key, n := range pair.from {
			pair.to[key] += n
		}
	}
	for _, pair := range []struct{ to, from Histogram }{
		{sum.Writes, other.Writes}, {sum.Reads, other.Reads}, {sum.Updates, other.Updates},
	} {
		for bound, n := range pair.from {
			pair.to[bound] += n
		}
	}
	return sum
}

func minus[K comparable, M ~map[K]float64](a, b M) M {
	difference := maps.Clone(a)
	for key, n := range b {
		difference[key] -= n
	}
	return difference
}

// total is how many values there are.
func (h Histogram) total() float64 { return h[math.Inf(1)] }

// p99 is the bound below which 99 of 100 values lie; 0 if there are none.
func (h Histogram) p99() float64 {
	bounds := slices.Sorted(maps.Keys(h))
	for _, bound := range bounds {
		if h.total() > 0 && h[bound] >= 0.99*h.total() {
			return bound
		}
	}
	return 0
}

// writes is how many answers rested on a commit, and failed how many of all answers are errors.
func (f Figures) writes() (n float64) {
	for kind, count := range f.Answers {
		if isWrite(kind) {
			n += count
		}
	}
	return n
}

func (f Figures) answers() float64 { return sum(f.Answers) }
func (f Figures) failed() float64  { return sum(f.Errors) }

func sum(counts map[string]float64) (total float64) {
	for _, n := range counts {
		total += n
	}
	return total
}
