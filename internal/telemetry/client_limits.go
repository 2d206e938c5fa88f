package telemetry

import (
	"slices"

	"github.com/prometheus/client_golang/prometheus"
)

// Limits counts what limits by client refuse, and whom they cannot tell apart.
type Limits struct {
	refused             *prometheus.CounterVec
	unidentified        *prometheus.CounterVec
	table, openAndLimit *readings
}

func newLimits(d *definitions) Limits {
	s := d.section("Limits")
	of := []string{"requests", "bookings", "failed_authentication", "key_lookups", "connections", "live_connections", "watched_days"}
	ofNode := []string{"node_connections", "descriptors"}
	why := []string{"untrusted_peer", "untrusted_hop", "no_header", "bad_header"}
	reasons := Label{"reason", listed(why)}
	return Limits{
		refused: fromZero(s.counters("vacancy_limit_refused_total",
			"Requests, connections and the like that were refused. See [limits](limits.md).",
			Label{"limit", "the limit that was reached: " + listed(of) + "; of the whole node: " + listed(ofNode)}), slices.Concat(of, ofNode)),
		unidentified: fromZero(s.counters("vacancy_limit_unidentified_total",
			"Requests that no limit by client holds, since their address stands for many people.", reasons), why),
		table: s.readings(
			Definition{Name: "vacancy_limit_table_entries", Help: "Lines of the table of clients; an IPv6 client has three."},
			Definition{Name: "vacancy_limit_table_entries_max", Help: "How many lines there may be."},
			Definition{
				Name: "vacancy_limit_table_full_shards",
				Help: "Parts of the table, of 64, in which new clients share one line since the others must stay.",
			},
			Definition{
				Name: "vacancy_limit_clients_over", Help: "Lines of the table whose next request, booking and so on is refused.",
				Labels: []Label{{"limit", "as of `vacancy_limit_refused_total`"}},
			},
			Definition{
				Name:   "vacancy_limit_unidentified_peers",
				Help:   "Addresses that no limit by client held in the last ten minutes; 1,000 at most.",
				Labels: []Label{reasons},
			},
			Definition{
				Name: "vacancy_limit_dominant_client_share",
				Help: "Share of one client in the requests of the last minute, if it is more than half of many; else 0.",
			}),
		openAndLimit: s.readings(
			Definition{Name: "vacancy_connections", Help: "Open connections of clients and proxies."},
			Definition{Name: "vacancy_connections_max", Help: "How many there may be; more are refused with 503."}),
	}
}

// Refused counts something that was over a limit.
func (l Limits) Refused(limit string) { l.refused.WithLabelValues(limit).Inc() }

// Unidentified counts a request of nobody in particular.
func (l Limits) Unidentified(reason string) { l.unidentified.WithLabelValues(reason).Inc() }

// Connections has the open connections of the node shown, and how many there may be.
func (l Limits) Connections(open func() int, most int) {
	l.openAndLimit.from(func(show show) {
		show("vacancy_connections", float64(open()))
		show("vacancy_connections_max", float64(most))
	})
}

// LimitTable is what limits by client know at the moment.
type LimitTable struct {
	Entries, MaxEntries, FullShards int
	OverLimit                       map[string]int // by limit
	UnidentifiedPeers               map[string]int // by reason
	DominantShare                   float64
}

// Table has what limits by client know shown. It is read at each scrape, once.
func (l Limits) Table(read func() LimitTable) {
	l.table.from(func(show show) {
		table := read()
		show("vacancy_limit_table_entries", float64(table.Entries))
		show("vacancy_limit_table_entries_max", float64(table.MaxEntries))
		show("vacancy_limit_table_full_shards", float64(table.FullShards))
		show("vacancy_limit_dominant_client_share", table.DominantShare)
		for limit, n := range table.OverLimit {
			show("vacancy_limit_clients_over", float64(n), limit)
		}
		for reason, n := range table.UnidentifiedPeers {
			show("vacancy_limit_unidentified_peers", float64(n), reason)
		}
	})
}
