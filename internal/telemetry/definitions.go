package telemetry

import (
	"slices"
	"strings"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"
)

// Every metric is made by definitions, so that docs/metrics.md can tell of all of them, with the words that /metrics has.

// definitions register metrics, and remember what each is.
type definitions struct {
	registry *prometheus.Registry
	all      []Definition
}

// Definition says what a metric is.
type Definition struct {
	// Section is the chapter of the documentation that it belongs to.
	Section    string
	Name, Kind string
	// Help says what it means.
	Help   string
	Labels []Label
	// Buckets are those of a histogram.
	Buckets Buckets
}

// Label is one of a metric's labels, and what its values are.
type Label struct{ Name, Values string }

// Unit is what a metric is counted in.
func (d Definition) Unit() string {
	name := strings.TrimSuffix(d.Name, "_total")
	for _, unit := range []string{"seconds", "bytes"} {
		if strings.HasSuffix(name, "_"+unit) {
			return unit
		}
	}
	return "count"
}

// section defines the metrics of one chapter.
type section struct {
	*definitions
	title string
}

func (d *definitions) section(title string) section { return section{d, title} }

// define registers a metric.
func (s section) define(c prometheus.Collector, d Definition) {
	s.registry.MustRegister(c)
	d.Section = s.title
	s.all = append(s.all, d)
}

func (s section) counter(name, help string) prometheus.Counter {
	return s.counters(name, help).WithLabelValues()
}

func (s section) counters(name, help string, labels ...Label) *prometheus.CounterVec {
	c := prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, names(labels))
	s.define(c, Definition{Name: name, Kind: "counter", Help: help, Labels: labels})
	return c
}

// fromZero has counters there from the start, as 0, for each combination of the values of their labels. One that began with its first event
// would show Prometheus a series that has always been 1, which is no increase: neither a rule nor a graph would see that event.
func fromZero(c *prometheus.CounterVec, values ...[]string) *prometheus.CounterVec {
	combinations := [][]string{nil}
	for _, of := range values {
		var longer [][]string
		for _, begun := range combinations {
			for _, value := range of {
				longer = append(longer, append(slices.Clone(begun), value))
			}
		}
		combinations = longer
	}
	for _, combination := range combinations {
		c.WithLabelValues(combination...)
	}
	return c
}

// listed is how the documentation lists values.
func listed(values []string) string { return "`" + strings.Join(values, "`, `") + "`" }

func (s section) gauge(name, help string) prometheus.Gauge {
	return s.gauges(name, help).WithLabelValues()
}

func (s section) gauges(name, help string, labels ...Label) *prometheus.GaugeVec {
	c := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: name, Help: help}, names(labels))
	s.define(c, Definition{Name: name, Kind: "gauge", Help: help, Labels: labels})
	return c
}

func (s section) histogram(name, help string, buckets Buckets) prometheus.Observer {
	return s.histograms(name, help, buckets).WithLabelValues()
}

func (s section) histograms(name, help string, buckets Buckets, labels ...Label) *prometheus.HistogramVec {
	c := prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: name, Help: help, Buckets: buckets.Bounds}, names(labels))
	s.define(c, Definition{Name: name, Kind: "histogram", Help: help, Labels: labels, Buckets: buckets})
	return c
}

// readings are gauges that are read together when somebody scrapes. Before they are told of what to read they are not shown.
type readings struct {
	descs map[string]*prometheus.Desc
	read  atomic.Pointer[func(show)]
}

// show gives a gauge, by its name, the value that it has at the moment.
type show func(name string, value float64, labels ...string)

// readings defines gauges of which the name, the help text and the labels are given.
func (s section) readings(gauges ...Definition) *readings {
	r := &readings{descs: make(map[string]*prometheus.Desc, len(gauges))}
	s.registry.MustRegister(r)
	for _, g := range gauges {
		r.descs[g.Name] = prometheus.NewDesc(g.Name, g.Help, names(g.Labels), nil)
		g.Section, g.Kind = s.title, "gauge"
		s.all = append(s.all, g)
	}
	return r
}

// from has them read by a function, which must be quick and may be called from any goroutine.
func (r *readings) from(read func(show)) { r.read.Store(&read) }

// Describe implements [prometheus.Collector]. It describes nothing, since what is shown is not known yet: what is collected is checked.
func (*readings) Describe(chan<- *prometheus.Desc) {}

// Collect implements [prometheus.Collector].
func (r *readings) Collect(metrics chan<- prometheus.Metric) {
	if read := r.read.Load(); read != nil {
		(*read)(func(name string, value float64, labels ...string) {
			metrics <- prometheus.MustNewConstMetric(r.descs[name], prometheus.GaugeValue, value, labels...)
		})
	}
}

// reading is one such gauge, without labels.
type reading struct {
	name string
	*readings
}

func (s section) reading(name, help string) *reading {
	return &reading{name, s.readings(Definition{Name: name, Help: help})}
}

func (r *reading) from(read func() float64) {
	r.readings.from(func(show show) { show(r.name, read()) })
}

func names(labels []Label) []string {
	all := make([]string, len(labels))
	for i, l := range labels {
		all[i] = l.Name
	}
	return all
}

func oneIf(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}
