package telemetry

import "github.com/prometheus/client_golang/prometheus"

// Postgres counts how transactions take their venues' rows on PostgreSQL.
type Postgres struct {
	taken *prometheus.CounterVec
	lost  prometheus.Counter
}

func newPostgres(registry *prometheus.Registry) Postgres {
	p := Postgres{
		taken: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "vacancy_postgres_transactions_total", Help: "Transactions by how they took their venues' rows.",
		}, []string{"locking"}),
		lost: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "vacancy_postgres_lost_races_total", Help: "Optimistic transactions that began anew since a venue had moved on.",
		}),
	}
	registry.MustRegister(p.taken, p.lost)
	return p
}

// Taken counts a transaction that took its venues' rows in the given way.
func (p Postgres) Taken(way string) { p.taken.WithLabelValues(way).Inc() }

// Lost counts a transaction that had to begin anew.
func (p Postgres) Lost() { p.lost.Inc() }
