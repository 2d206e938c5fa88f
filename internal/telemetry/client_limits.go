package telemetry

import "github.com/prometheus/client_golang/prometheus"

// Limits counts what limits by client refuse, and whom they cannot tell apart.
type Limits struct {
	refused      *prometheus.CounterVec
	unidentified *prometheus.CounterVec
}

func newLimits(registry *prometheus.Registry) Limits {
	l := Limits{
		refused: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "vacancy_limit_refused_total", Help: "Requests, connections and the like that were refused, by the limit that was reached.",
		}, []string{"limit"}),
		unidentified: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "vacancy_limit_unidentified_total",
			Help: "Requests that no limit by client holds, since their address stands for many people, by reason. See docs/limits.md.",
		}, []string{"reason"}),
	}
	registry.MustRegister(l.refused, l.unidentified)
	return l
}

// Refused counts something that was over a limit.
func (l Limits) Refused(limit string) { l.refused.WithLabelValues(limit).Inc() }

// Unidentified counts a request of nobody in particular.
func (l Limits) Unidentified(reason string) { l.unidentified.WithLabelValues(reason).Inc() }

// Connections has the open connections of the node shown, and how many there may be.
func (t *Telemetry) Connections(open func() int, most int) {
	t.registry.MustRegister(
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "vacancy_connections", Help: "Open connections of clients and proxies."},
			func() float64 { return float64(open()) }),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "vacancy_connections_max", Help: "How many there may be; more are refused."},
			func() float64 { return float64(most) }),
	)
}

// LimitTable is what limits by client know at the moment.
type LimitTable struct {
	Entries, MaxEntries, FullShards int
	OverLimit                       map[string]int // by limit
	UnidentifiedPeers               map[string]int // by reason
	DominantShare                   float64
}

// LimitTable has what limits by client know shown. It is read at each scrape.
func (t *Telemetry) LimitTable(read func() LimitTable) {
	t.registry.MustRegister(&limitTableCollector{
		read: read,
		entries: prometheus.NewDesc("vacancy_limit_table_entries",
			"Lines of the table of clients; an IPv6 client has three.", nil, nil),
		maxEntries: prometheus.NewDesc("vacancy_limit_table_entries_max", "How many there may be.", nil, nil),
		fullShards: prometheus.NewDesc("vacancy_limit_table_full_shards",
			"Parts of the table, of 64, in which new clients share one line since the others must stay.", nil, nil),
		over: prometheus.NewDesc("vacancy_limit_clients_over",
			"Lines of the table whose next request, booking and so on is refused, by limit.", []string{"limit"}, nil),
		unidentified: prometheus.NewDesc("vacancy_limit_unidentified_peers",
			"Addresses that no limit by client held in the last ten minutes, by reason; 1,000 at most. See docs/limits.md.",
			[]string{"reason"}, nil),
		dominant: prometheus.NewDesc("vacancy_limit_dominant_client_share",
			"Share of one client in the requests of the last minute, if it is more than half of many; else 0.", nil, nil),
	})
}

type limitTableCollector struct {
	read                                                          func() LimitTable
	entries, maxEntries, fullShards, over, unidentified, dominant *prometheus.Desc
}

func (c *limitTableCollector) Describe(descs chan<- *prometheus.Desc) {
	prometheus.DescribeByCollect(c, descs)
}

func (c *limitTableCollector) Collect(metrics chan<- prometheus.Metric) {
	gauge := func(d *prometheus.Desc, value float64, labels ...string) {
		metrics <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value, labels...)
	}
	table := c.read()
	gauge(c.entries, float64(table.Entries))
	gauge(c.maxEntries, float64(table.MaxEntries))
	gauge(c.fullShards, float64(table.FullShards))
	gauge(c.dominant, table.DominantShare)
	for limit, n := range table.OverLimit {
		gauge(c.over, float64(n), limit)
	}
	for reason, n := range table.UnidentifiedPeers {
		gauge(c.unidentified, float64(n), reason)
	}
}
